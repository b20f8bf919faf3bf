//! Documents name files that exist.

use std::path::Path;

use super::Violation;
use super::house::{File, House};
use crate::places;

/// The top-level names by which a word in backticks is taken for a path of this repository.
const TOP: &[&str] = &["crates", "web", "e2e", "conformance", "xtask", "docs", "demo", ".ci", ".cargo"];

pub(super) fn check(house: &House) -> Vec<Violation> {
    let documents = house.files.iter().filter(|file| file.is("md") && is_ours(&file.path));
    documents.flat_map(|document| missing(document, &|path| places::at(path).exists())).collect()
}

fn is_ours(path: &str) -> bool {
    !path.contains('/') || path.starts_with("docs/")
}

fn missing(document: &File, exists: &dyn Fn(&str) -> bool) -> Vec<Violation> {
    let folder = Path::new(&document.path).parent().unwrap_or(Path::new(""));
    let named = prose(&document.text).flat_map(|line| {
        let linked = links(line).map(|link| folder.join(link).to_string_lossy().into_owned());
        quoted(line).filter_map(|word| repository_path(word, exists)).chain(linked).collect::<Vec<_>>()
    });
    let missing = named.filter(|path| !exists(path));
    let violation = |path| Violation {
        rule: "documents",
        place: document.path.clone(),
        what: format!("names `{path}`, which does not exist"),
    };
    missing.map(violation).collect()
}

/// The lines outside fenced blocks.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut fenced = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    })
}

/// The words in backticks.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// The targets of links that lead into the repository.
fn links(line: &str) -> impl Iterator<Item = &str> {
    let targets = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let inside = targets.filter(|target| !target.contains(':') && !target.starts_with('#'));
    inside.map(|target| target.split('#').next().unwrap_or(target))
}

/// The path that a quoted word names, if it looks like one: `crates/…`, or `flags/src/…` for a crate or console folder.
fn repository_path(word: &str, exists: &dyn Fn(&str) -> bool) -> Option<String> {
    let placeholder = |character: char| character.is_whitespace() || "<>{}*…$?=\\".contains(character);
    if !word.contains('/') || word.contains(placeholder) || word.contains("::") {
        return None;
    }
    // `path:12` points at a line.
    let word = word.split(':').next()?.trim_end_matches('/');
    let (first, rest) = word.split_once('/').unwrap_or((word, ""));
    if TOP.contains(&first) {
        return (!rest.starts_with("dist") && !rest.starts_with("node_modules")).then(|| word.to_owned());
    }
    let in_crate = (rest == "src" || rest.starts_with("src/")) && exists(&format!("crates/{first}"));
    in_crate.then(|| format!("crates/{word}"))
}

#[cfg(test)]
mod tests {
    use super::super::house::file;
    use super::*;

    fn named(text: &str) -> Vec<String> {
        let known = ["crates/flags", "docs/api.md", "xtask"];
        let missing = missing(&file("docs/guide.md", text), &|path| known.contains(&path));
        missing.into_iter().map(|it| it.what.split('`').nth(1).unwrap().to_owned()).collect()
    }

    #[test]
    fn paths_in_backticks_must_exist() {
        assert_eq!(named("See `crates/flags/src/gone.rs:12` and `crates/flags/`."), ["crates/flags/src/gone.rs"]);
        assert_eq!(named("`flags/src/gone.rs`, `flags/src`"), ["crates/flags/src/gone.rs", "crates/flags/src"]);
        assert_eq!(named("[the API](api.md#paging), [more](more.md), [far](https://example.org/x)"), ["docs/more.md"]);
    }

    #[test]
    fn routes_placeholders_and_blocks_are_no_paths() {
        assert_eq!(named("`/sdk/latest-all`, `crates/<capability>/src/store.rs`, `application/json`"), [""; 0]);
        assert_eq!(named("```\n`crates/gone`\n```\n`web/dist`"), [""; 0]);
    }
}
