//! How a file begins, how long it may be, and that every crate takes the workspace's lints.

use super::Violation;
use super::house::{File, House};

const RUST_LINES: usize = 600;
const TEST_LINES: usize = 1_000;
const COMPONENT_LINES: usize = 200;
const SCRIPT_LINES: usize = 600;

pub(super) fn check(house: &House) -> Vec<Violation> {
    let mut violations: Vec<_> = house.files.iter().flat_map(|file| [opening(file), length(file)]).flatten().collect();
    violations.extend(house.files.iter().filter(|file| file.name() == "Cargo.toml").filter_map(lints));
    violations
}

fn opening(file: &File) -> Option<Violation> {
    let opens = !file.is("rs") || file.text.starts_with("//! ");
    (!opens).then(|| Violation {
        rule: "opening",
        place: file.path.clone(),
        what: "begins with `//!` and one sentence that says what it is for".to_owned(),
    })
}

fn length(file: &File) -> Option<Violation> {
    let (lines, limit) = match file.path.rsplit('.').next()? {
        _ if file.name().contains(".gen.") => return None,
        "rs" if file.is_test() => (file.text.lines().count(), TEST_LINES),
        "rs" => (file.production().count(), RUST_LINES),
        "tsx" if !file.is_test() => (file.text.lines().count(), COMPONENT_LINES),
        "ts" | "tsx" | "js" | "mjs" | "py" => (file.text.lines().count(), SCRIPT_LINES),
        _ => return None,
    };
    (lines > limit).then(|| Violation {
        rule: "length",
        place: file.path.clone(),
        what: format!("has {lines} lines, {limit} are allowed: give a part of it a name and a file"),
    })
}

fn lints(manifest: &File) -> Option<Violation> {
    let table: toml::Table = match manifest.text.parse() {
        Ok(table) => table,
        Err(error) => return Some(lint_violation(manifest, format!("is not TOML: {error}"))),
    };
    let inherits = table.get("lints").and_then(|lints| lints.get("workspace")).and_then(toml::Value::as_bool);
    let breaks = table.contains_key("package") && inherits != Some(true);
    breaks.then(|| lint_violation(manifest, "must inherit the lints: `[lints] workspace = true`".to_owned()))
}

fn lint_violation(manifest: &File, what: String) -> Violation {
    Violation { rule: "lints", place: manifest.path.clone(), what }
}

#[cfg(test)]
mod tests {
    use super::super::house::file;
    use super::*;

    #[test]
    fn a_file_opens_with_its_purpose() {
        assert!(opening(&file("crates/a/src/b.rs", "//! What b is.\n")).is_none());
        assert!(opening(&file("crates/a/src/b.rs", "use c;\n")).is_some());
        assert!(opening(&file("web/src/b.ts", "import c\n")).is_none());
    }

    #[test]
    fn only_production_lines_count_against_a_room() {
        let room = "//! A room.\n".repeat(RUST_LINES);
        assert!(length(&file("crates/a/src/b.rs", &room)).is_none());
        assert!(length(&file("crates/a/src/b.rs", &format!("{room}fn one_more() {{}}\n"))).is_some());
        let tested = format!("{room}#[cfg(test)]\nmod tests {{\n}}\n");
        assert!(length(&file("crates/a/src/b.rs", &tested)).is_none());
    }

    #[test]
    fn components_are_short_and_generated_files_are_free() {
        let long = "x\n".repeat(COMPONENT_LINES + 1);
        assert!(length(&file("web/src/flags/FlagPage.tsx", &long)).is_some());
        assert!(length(&file("web/src/flags/FlagPage.test.tsx", &long)).is_none());
        assert!(length(&file("web/src/api/schema.gen.ts", &long.repeat(9))).is_none());
    }

    #[test]
    fn a_crate_inherits_the_lints() {
        let crate_ = "[package]\nname = \"a\"\n";
        assert!(lints(&file("crates/a/Cargo.toml", crate_)).is_some());
        assert!(lints(&file("crates/a/Cargo.toml", &format!("{crate_}[lints]\nworkspace = true\n"))).is_none());
        assert!(lints(&file("Cargo.toml", "[workspace]\n")).is_none());
    }
}
