//! What may stand in which file: HTTP in the rooms that speak it, SQL in the store, tests that all run.

use super::Violation;
use super::house::{File, House};

pub(super) fn check(house: &House) -> Vec<Violation> {
    let production = house.rust().filter(|file| file.krate().is_some() && !file.is_test());
    let mut violations: Vec<_> = production.flat_map(|file| [http(file), sql(file)]).flatten().collect();
    violations.extend(house.files.iter().filter_map(unfinished));
    violations
}

fn http(file: &File) -> Option<Violation> {
    let krate = file.krate()?;
    let speaks = ["rest", "console", "server", "testkit", "fuzz"].contains(&krate)
        || in_room(file, "api")
        || krate.starts_with("protocol-") && in_room(file, "routes");
    let line = file.code().find(|line| names(line, "axum"))?;
    (!speaks).then(|| Violation {
        rule: "http",
        place: file.path.clone(),
        what: format!("axum is for api.rs, a protocol's routes.rs, rest, console and server: `{}`", line.trim()),
    })
}

fn sql(file: &File) -> Option<Violation> {
    let stores = file.krate()? == "db" || in_room(file, "store") || in_room(file, "schema");
    let verbs = ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ", "CREATE TABLE "];
    let is_sql = |line: &&str| line.contains("sql!") || verbs.iter().any(|verb| line.contains(&format!("\"{verb}")));
    let line = file.code().find(is_sql)?;
    (!stores).then(|| Violation {
        rule: "sql",
        place: file.path.clone(),
        what: format!("SQL is for store.rs and db: `{}`", line.trim()),
    })
}

/// `<room>.rs`, or a file in a folder `<room>/`.
fn in_room(file: &File, room: &str) -> bool {
    file.name().strip_suffix(".rs") == Some(room) || file.path.split('/').any(|part| part == room)
}

/// Whether a path of this crate begins on the line; `utoipa_axum::` is another crate.
fn names(line: &str, krate: &str) -> bool {
    let path = format!("{krate}::");
    line.match_indices(&path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|character| character.is_alphanumeric() || character == '_' || character == ':')
    })
}

/// Work left for later, and tests that do not run. The words are put together here, lest this file names itself.
fn unfinished(file: &File) -> Option<Violation> {
    let mut words = Vec::new();
    if !file.is("md") {
        words.extend([
            concat!("TO", "DO"),
            concat!("FIX", "ME"),
            concat!("to", "do!("),
            concat!("unimple", "mented!("),
        ]);
    }
    if file.is("rs") {
        words.push(concat!("#[ig", "nore"));
    } else if file.is_test() {
        words.extend([".only(", ".skip(", ".fixme("]);
    }
    let (at, word) = file.text.lines().enumerate().find_map(|(at, line)| {
        let word = words.iter().find(|word| line.contains(**word))?;
        Some((at + 1, word))
    })?;
    let what = format!("line {at} says `{word}`: finish it, or remove it");
    Some(Violation { rule: "unfinished", place: file.path.clone(), what })
}

#[cfg(test)]
mod tests {
    use super::super::house::file;
    use super::*;

    #[test]
    fn axum_stays_in_its_rooms() {
        let text = "//! A room.\nuse axum::Router;\n";
        for path in ["crates/flags/src/service.rs", "crates/protocol-ofrep/src/wire.rs"] {
            assert!(http(&file(path, text)).is_some(), "{path}");
        }
        for path in
            ["crates/flags/src/api.rs", "crates/flags/src/api/segments.rs", "crates/protocol-ofrep/src/routes.rs"]
        {
            assert!(http(&file(path, text)).is_none(), "{path}");
        }
        assert!(http(&file("crates/flags/src/lib.rs", "use utoipa_axum::router::OpenApiRouter;")).is_none());
    }

    #[test]
    fn sql_stays_in_the_store_and_in_tests() {
        let text = "const GET: Sql = sql!(\"SELECT 1\");\n";
        assert!(sql(&file("crates/flags/src/service.rs", text)).is_some());
        assert!(sql(&file("crates/flags/src/store.rs", text)).is_none());
        let tested = format!("//! A room.\n#[cfg(test)]\nmod tests {{\n{text}}}\n");
        assert!(sql(&file("crates/flags/src/service.rs", &tested)).is_none());
        assert!(sql(&file("crates/flags/src/service.rs", "// sql!(\"SELECT 1\") is in the store\n")).is_none());
    }

    #[test]
    fn tests_that_do_not_run_are_found() {
        let skipping = "test.skip('later', () => {});";
        assert!(unfinished(&file("e2e/flags.spec.ts", skipping)).is_some());
        assert!(unfinished(&file("crates/flags/src/apply.rs", "items.iter().skip(1)")).is_none());
        let ignored = concat!("#[test]\n#[ig", "nore]\nfn a() {}");
        assert!(unfinished(&file("crates/flags/src/apply.rs", ignored)).is_some());
    }
}
