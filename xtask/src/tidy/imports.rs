//! The import rule: each crate uses only what stands before it in the house.

use super::Violation;
use super::house::House;
use crate::metadata::{Dependency, Package};

const RULE: &str = "imports";

/// The house from left to right; a crate may import from floors further left, and within its own where the floor says so.
const FLOORS: &[Floor] = &[
    Floor { crates: &["kernel"], inside: Inside::Nothing },
    Floor { crates: &["evaluation", "statistics", "calendar"], inside: Inside::Nothing },
    Floor { crates: &["db", "rest", "runtime"], inside: Inside::Earlier },
    Floor { crates: &["delivery"], inside: Inside::Nothing },
    Floor {
        crates: &["access", "flags", "metrics", "releases", "oncall", "gamedays", "insights"],
        inside: Inside::Earlier,
    },
    Floor { crates: &["protocol-*", "edge", "channels", "console"], inside: Inside::Nothing },
    Floor { crates: &["server", "fuzz"], inside: Inside::Nothing },
    Floor { crates: &["testkit"], inside: Inside::Nothing },
];

struct Floor {
    crates: &'static [&'static str],
    inside: Inside,
}

#[derive(PartialEq, Eq)]
enum Inside {
    /// Neighbours on this floor do not know each other.
    Nothing,
    /// A neighbour further left may be used.
    Earlier,
}

const KERNEL: usize = 0;
const ENGINES: usize = 1;
const TOOLKITS: usize = 2;
/// Used by tests, benches and the demo alone.
const TESTKIT: &str = "testkit";
/// What would bring a clock, a socket or a disk into a pure function.
const IMPURE: &[&str] =
    &["axum", "deadpool-postgres", "hyper", "reqwest", "rusqlite", "tokio", "tokio-postgres", "tokio-util", "tracing"];

pub(super) fn check(house: &House) -> Vec<Violation> {
    let ours: Vec<_> = house.packages.iter().map(|package| package.name.as_str()).collect();
    house.packages.iter().flat_map(|package| check_package(package, &ours)).collect()
}

fn check_package(package: &Package, ours: &[&str]) -> Vec<Violation> {
    let violation = |what| Violation { rule: RULE, place: package.name.clone(), what };
    let own: Vec<_> = package.dependencies.iter().filter(|it| ours.contains(&it.name.as_str())).collect();
    if !package.folder().starts_with("crates/") {
        // Task runner, demo and conformance hosts judge the product from outside, as a user would.
        let inside =
            own.iter().filter(|it| place_of(&it.name).is_some() && !["kernel", TESTKIT].contains(&it.name.as_str()));
        return inside
            .map(|it| violation(format!("stands outside the house and may not import `{}`", it.name)))
            .collect();
    }
    let Some(place) = place_of(&package.name) else {
        return vec![violation("has no place in the order of the house (xtask/src/tidy/imports.rs)".to_owned())];
    };
    let mut violations: Vec<_> =
        own.iter().filter_map(|dependency| objection(&package.name, place, dependency)).map(violation).collect();
    if place.floor == KERNEL || place.floor == ENGINES {
        let impure = package.dependencies.iter().filter(|it| it.kind.is_none() && IMPURE.contains(&it.name.as_str()));
        violations.extend(impure.map(|it| violation(format!("is pure and may not use `{}`", it.name))));
    }
    violations
}

/// A position in [`FLOORS`].
#[derive(Clone, Copy)]
struct Place {
    floor: usize,
    door: usize,
}

fn place_of(name: &str) -> Option<Place> {
    let matches = |pattern: &&str| match pattern.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => *pattern == name,
    };
    FLOORS.iter().enumerate().find_map(|(floor, it)| Some(Place { floor, door: it.crates.iter().position(matches)? }))
}

/// Why `name` may not have this dependency.
fn objection(name: &str, place: Place, dependency: &Dependency) -> Option<String> {
    let for_tests = dependency.kind.as_deref() == Some("dev");
    let wanted = &dependency.name;
    if for_tests && wanted == name {
        // A crate's own tests turn on its `testing` feature.
        return None;
    }
    if wanted == TESTKIT {
        return (!for_tests).then(|| "may use `testkit` in tests only".to_owned());
    }
    let target = place_of(wanted)?;
    if place.floor == ENGINES && target.floor != KERNEL {
        return Some(format!("is an engine and may import `kernel` alone, not `{wanted}`"));
    }
    if place.floor == TOOLKITS && target.floor == ENGINES {
        return Some(format!("is a toolkit and may not know the engine `{wanted}`"));
    }
    let earlier =
        target.floor == place.floor && FLOORS[place.floor].inside == Inside::Earlier && target.door < place.door;
    let further_left = target.floor < place.floor;
    (!further_left && !earlier).then(|| format!("may not import `{wanted}`, which does not stand before `{name}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objects(name: &str, wanted: &str, kind: Option<&str>) -> bool {
        let dependency = Dependency { name: wanted.to_owned(), kind: kind.map(str::to_owned) };
        objection(name, place_of(name).unwrap(), &dependency).is_some()
    }

    #[test]
    fn imports_run_to_the_left_only() {
        let allowed = [
            ("evaluation", "kernel"),
            ("runtime", "db"),
            ("access", "rest"),
            ("flags", "evaluation"),
            ("delivery", "evaluation"),
            ("flags", "delivery"),
            ("oncall", "calendar"),
            ("oncall", "releases"),
            ("channels", "oncall"),
            ("protocol-ofrep", "flags"),
            ("server", "console"),
            ("testkit", "server"),
        ];
        for (name, wanted) in allowed {
            assert!(!objects(name, wanted, None), "{name} may import {wanted}");
        }
        let refused = [
            ("kernel", "db"),
            ("evaluation", "statistics"),
            ("statistics", "db"),
            ("db", "runtime"),
            ("db", "evaluation"),
            ("db", "delivery"),
            ("flags", "metrics"),
            ("releases", "oncall"),
            ("oncall", "channels"),
            ("protocol-ofrep", "protocol-launchdarkly"),
            ("channels", "server"),
        ];
        for (name, wanted) in refused {
            assert!(objects(name, wanted, None), "{name} may not import {wanted}");
        }
    }

    #[test]
    fn the_testkit_is_for_tests() {
        assert!(!objects("flags", "testkit", Some("dev")));
        assert!(!objects("db", "db", Some("dev")));
        assert!(objects("server", "testkit", None));
        assert!(objects("flags", "metrics", Some("dev")), "a test may not turn the house around either");
    }

    #[test]
    fn every_crate_needs_a_place() {
        assert!(place_of("helpers").is_none());
        assert!(place_of("protocol-unleash").is_some());
    }
}
