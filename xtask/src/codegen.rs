//! Generated files: the OpenAPI document from the server's routes, the console's types from the document.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::places;
use crate::process::Program;
use crate::progress::{Line, Progress};
use crate::web;

const DOCUMENT: &str = "docs/openapi.json";
const TYPES: &str = "web/src/api/schema.gen.ts";

/// `cargo xtask codegen`.
pub(crate) fn write() -> Result<()> {
    let mut progress = Progress::new(4);
    web::ready(&mut progress)?;
    progress.step("steadfast", |line| build(line, &["--package", "server"]))?;
    progress.step("codegen", |line| {
        document(line, &places::at(DOCUMENT))?;
        types(line, &places::at(DOCUMENT), &places::at(TYPES))?;
        Ok(format!("{DOCUMENT}, {TYPES}"))
    })?;
    Ok(())
}

/// Fails unless both files are what [`write`] would write; needs the built binary.
pub(crate) fn check(line: &Line) -> Result<String> {
    let folder = places::target().join("xtask/codegen");
    fs::create_dir_all(&folder)?;
    let (fresh_document, fresh_types) = (folder.join("openapi.json"), folder.join("schema.gen.ts"));
    document(line, &fresh_document)?;
    compare(DOCUMENT, &fresh_document)?;
    types(line, &fresh_document, &fresh_types)?;
    compare(TYPES, &fresh_types)?;
    Ok(format!("{DOCUMENT} and {TYPES} are current"))
}

/// Builds programs in the dev profile.
pub(crate) fn build(line: &Line, selection: &[&str]) -> Result<String> {
    Program::cargo().arg("build").args(selection).watch(line)?.success()?;
    Ok("built in the dev profile".to_owned())
}

fn document(line: &Line, path: &Path) -> Result<()> {
    line.say("steadfast openapi");
    let mut document = Program::new(places::steadfast()).arg("openapi").read()?;
    if !document.ends_with('\n') {
        document.push('\n');
    }
    fs::write(path, document).with_context(|| format!("{} cannot be written", path.display()))
}

fn types(line: &Line, document: &Path, path: &Path) -> Result<()> {
    let tool = places::at("web/node_modules/.bin/openapi-typescript");
    if !tool.exists() {
        bail!("web/package.json does not list openapi-typescript, which writes {TYPES}");
    }
    Program::new(tool).arg(document).arg("--output").arg(path).dir(places::at("web")).watch(line)?.success()?;
    Ok(())
}

fn compare(committed: &str, fresh: &Path) -> Result<()> {
    let have = fs::read_to_string(places::at(committed)).with_context(|| format!("{committed} cannot be read"))?;
    let want = fs::read_to_string(fresh)?;
    match first_difference(&have, &want) {
        None => Ok(()),
        Some((line, have, want)) => bail!(
            "{committed} is not current: run `cargo xtask codegen` (line {line} is `{have}` and would be `{want}`)"
        ),
    }
}

fn first_difference<'a>(have: &'a str, want: &'a str) -> Option<(usize, &'a str, &'a str)> {
    let (mut a, mut b) = (have.lines(), want.lines());
    for number in 1.. {
        match (a.next(), b.next()) {
            (None, None) => break,
            (have, want) if have == want => {}
            (have, want) => return Some((number, have.unwrap_or_default().trim(), want.unwrap_or_default().trim())),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::first_difference;

    #[test]
    fn names_the_first_line_that_differs() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(first_difference("a\n b\n", "a\n c\n"), Some((2, "b", "c")));
        assert_eq!(first_difference("a\n", "a\nb\n"), Some((2, "", "b")));
    }
}
