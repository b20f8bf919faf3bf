//! The rules that no compiler checks: who may import whom, what may stand in which file, how long a file may be.
//!
//! Also a test, so that a plain `cargo test` holds them. A rule lives in the file of its name; each looks at a
//! [`House`] and returns what breaks it.

mod docs;
mod files;
mod house;
mod imports;
mod licences;
mod rooms;
mod statements;

use std::fmt;

use anyhow::{Result, bail};

use house::House;

/// Places that break a rule with good reason. The list may only shrink: an entry that excuses nothing fails the check.
const EXCEPTIONS: &[Exception] = &[];

struct Exception {
    rule: &'static str,
    /// The [`Violation::place`] that is excused.
    place: &'static str,
    reason: &'static str,
}

#[derive(Debug, PartialEq, Eq)]
struct Violation {
    rule: &'static str,
    /// A file, or a crate.
    place: String,
    what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {} [{}]", self.place, self.what, self.rule)
    }
}

/// Fails with everything that breaks a rule.
pub(crate) fn run() -> Result<String> {
    let violations = check()?;
    if !violations.is_empty() {
        bail!("the house is not tidy:\n{}", list(&violations));
    }
    Ok("imports, rooms, statements, files, documents and licences are in order".to_owned())
}

fn check() -> Result<Vec<Violation>> {
    let house = House::read()?;
    let mut violations = Vec::new();
    violations.extend(imports::check(&house));
    violations.extend(rooms::check(&house));
    violations.extend(statements::check(&house));
    violations.extend(files::check(&house));
    violations.extend(docs::check(&house));
    violations.extend(licences::check(&house)?);
    Ok(excuse(violations, EXCEPTIONS))
}

fn excuse(violations: Vec<Violation>, exceptions: &[Exception]) -> Vec<Violation> {
    let excuses = |exception: &Exception, it: &Violation| exception.rule == it.rule && exception.place == it.place;
    let idle = exceptions.iter().filter(|exception| !violations.iter().any(|it| excuses(exception, it)));
    let idle = idle.map(|exception| Violation {
        rule: exception.rule,
        place: exception.place.to_owned(),
        what: format!("is excused ({}) but breaks nothing: remove the exception", exception.reason),
    });
    let idle: Vec<_> = idle.collect();
    let unexcused = violations.into_iter().filter(|it| !exceptions.iter().any(|exception| excuses(exception, it)));
    unexcused.chain(idle).collect()
}

fn list(violations: &[Violation]) -> String {
    violations.iter().map(|violation| format!("  {violation}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_house_is_tidy() {
        let violations = check().unwrap();
        assert!(violations.is_empty(), "\n{}", list(&violations));
    }

    #[test]
    fn an_exception_excuses_one_place_and_fails_once_it_is_idle() {
        let violation = || Violation { rule: "length", place: "a.rs".to_owned(), what: "is long".to_owned() };
        let exception = |place| [Exception { rule: "length", place, reason: "a table" }];
        assert_eq!(excuse(vec![violation()], &exception("a.rs")), []);
        let left = excuse(vec![violation()], &exception("b.rs"));
        assert_eq!(left.iter().map(|it| it.place.as_str()).collect::<Vec<_>>(), ["a.rs", "b.rs"]);
    }
}
