//! What the rules look at: the workspace's packages and every text file that people wrote.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::metadata::{self, Package};
use crate::places;

pub(super) struct House {
    pub(super) packages: Vec<Package>,
    pub(super) files: Vec<File>,
}

pub(super) struct File {
    /// From the root of the repository, with `/`.
    pub(super) path: String,
    pub(super) text: String,
}

/// Folders whose content nobody wrote or that belong to a tool.
const FOREIGN: &[&str] = &["target", "node_modules", "dist", ".git", ".cache", "test-results", "playwright-report"];
const READ: &[&str] = &["rs", "toml", "md", "ts", "tsx", "js", "mjs", "py", "css", "html", "sh"];

impl House {
    pub(super) fn read() -> Result<Self> {
        let mut files = Vec::new();
        collect(places::root(), &mut files)?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self { packages: metadata::workspace()?.packages, files })
    }

    pub(super) fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.is("rs"))
    }
}

fn collect(folder: &Path, files: &mut Vec<File>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_symlink() || FOREIGN.contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| READ.iter().any(|read| extension == *read)) {
            let text = fs::read_to_string(&path).with_context(|| format!("{} is no text", path.display()))?;
            let path = path.strip_prefix(places::root())?.to_string_lossy().into_owned();
            files.push(File { path, text });
        }
    }
    Ok(())
}

impl File {
    pub(super) fn is(&self, extension: &str) -> bool {
        self.path.rsplit_once('.').is_some_and(|(_, it)| it == extension)
    }

    pub(super) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// The crate of `crates/` that it belongs to.
    pub(super) fn krate(&self) -> Option<&str> {
        self.path.strip_prefix("crates/")?.split('/').next()
    }

    /// A file that holds nothing but tests or benches.
    pub(super) fn is_test(&self) -> bool {
        let folders = ["tests", "benches", "e2e", "conformance"];
        let name = self.name();
        self.path.split('/').any(|part| folders.contains(&part))
            || ["tests.rs", "testing.rs"].contains(&name)
            || name.contains(".test.")
            || name.contains(".spec.")
    }

    /// The lines of Rust before the unit tests.
    pub(super) fn production(&self) -> impl Iterator<Item = &str> {
        let lines: Vec<_> = self.text.lines().collect();
        let tests = lines.windows(2).position(|pair| pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod "));
        let end = tests.unwrap_or(lines.len());
        lines.into_iter().take(end)
    }

    /// Production lines that are no comment.
    pub(super) fn code(&self) -> impl Iterator<Item = &str> {
        self.production().filter(|line| !line.trim_start().starts_with("//"))
    }
}

#[cfg(test)]
pub(super) fn file(path: &str, text: &str) -> File {
    File { path: path.to_owned(), text: text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn production_ends_where_the_unit_tests_begin() {
        let text = "//! A room.\nuse a;\n// why\n#[cfg(test)]\nuse b;\n\n#[cfg(test)]\nmod tests {\n}\n";
        let file = file("crates/a/src/lib.rs", text);
        assert_eq!(file.production().count(), 6);
        assert_eq!(file.code().collect::<Vec<_>>(), ["use a;", "#[cfg(test)]", "use b;", ""]);
        assert_eq!(file.krate(), Some("a"));
    }
}
