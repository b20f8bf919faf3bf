//! Every SQL statement is in its store's list, so that the tests prepare it on both databases.

use super::Violation;
use super::house::{File, House};

pub(super) fn check(house: &House) -> Vec<Violation> {
    house.rust().filter(|file| file.krate().is_some() && !file.is_test()).flat_map(unlisted).collect()
}

/// The constants of type `Sql` that no list of the file names.
fn unlisted(file: &File) -> Vec<Violation> {
    let listed = lists(file);
    let constants = file.code().filter_map(|line| {
        let (name, rest) =
            line.trim_start().trim_start_matches("pub(crate) ").strip_prefix("const ")?.split_once(':')?;
        rest.trim_start().starts_with("Sql =").then_some(name)
    });
    let missing = constants.filter(|name| !listed.contains(name));
    let violation = |name: &str| Violation {
        rule: "statements",
        place: file.path.clone(),
        what: format!("the statement `{name}` is in no list of this file, so no test prepares it on both databases"),
    };
    missing.map(violation).collect()
}

/// The words from a type `[Sql` to the end of what is assigned.
fn lists(file: &File) -> Vec<&str> {
    let lists = file.text.split("[Sql").skip(1).filter_map(|rest| rest.split("];").next());
    lists.flat_map(|list| list.split(|character: char| !character.is_alphanumeric() && character != '_')).collect()
}

#[cfg(test)]
mod tests {
    use super::super::house::file;
    use super::*;

    #[test]
    fn a_statement_outside_the_list_is_found() {
        let text =
            "const GET: Sql = sql!(\"a\");\nconst PUT: Sql = sql!(\"b\");\npub const ALL: &[Sql] =\n    &[GET];\n";
        let missing = unlisted(&file("crates/flags/src/store.rs", text));
        assert_eq!(missing.len(), 1);
        assert!(missing[0].what.contains("`PUT`"));
    }
}
