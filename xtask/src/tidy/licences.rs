//! Every package that we build on comes from the registry, under a licence that deny.toml allows.

use std::fs;

use anyhow::{Context, Result};
use serde::Deserialize;
use spdx::{Expression, ParseMode};

use super::Violation;
use super::house::House;
use crate::metadata::{self, Package};
use crate::places;

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// The part of deny.toml that is read here; cargo-deny reads the same.
#[derive(Deserialize)]
struct Deny {
    licenses: Licenses,
}

#[derive(Deserialize)]
struct Licenses {
    allow: Vec<String>,
}

pub(super) fn check(_: &House) -> Result<Vec<Violation>> {
    let deny = fs::read_to_string(places::at("deny.toml")).context("deny.toml cannot be read")?;
    let deny: Deny = toml::from_str(&deny).context("deny.toml has an unexpected shape")?;
    let packages = metadata::with_dependencies()?.packages;
    Ok(packages.iter().filter_map(|package| objection(package, &deny.licenses.allow)).collect())
}

fn objection(package: &Package, allowed: &[String]) -> Option<Violation> {
    let what = match (&package.source, &package.license) {
        (Some(source), _) if source != REGISTRY => format!("comes from {source}, not from the registry"),
        (_, None) => "names no licence".to_owned(),
        (_, Some(licence)) => refusal(licence, allowed)?,
    };
    Some(Violation { rule: "licences", place: format!("{} {}", package.name, package.version), what })
}

/// Why a licence expression (SPDX 2.1, annex D; the old `MIT/Apache-2.0` too) is not granted by `allowed`.
fn refusal(licence: &str, allowed: &[String]) -> Option<String> {
    let expression = match Expression::parse_mode(licence, ParseMode::LAX) {
        Ok(expression) => expression,
        Err(error) => {
            return Some(format!("has the licence `{licence}`, which is no SPDX expression: {}", error.reason));
        }
    };
    let granted = expression.evaluate(|requirement| allowed.contains(&requirement.to_string()));
    (!granted).then(|| format!("has the licence `{licence}`, which deny.toml does not allow"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_is_granted_by_one_allowed_choice_and_needs_all_its_parts() {
        let allowed = ["MIT".to_owned(), "Unicode-3.0".to_owned()];
        for licence in ["MIT", "GPL-3.0-only OR MIT", "MIT/Apache-2.0", "(MIT OR Apache-2.0) AND Unicode-3.0"] {
            assert_eq!(refusal(licence, &allowed), None, "{licence}");
        }
        for licence in ["GPL-3.0-only", "MIT AND GPL-3.0-only", "my own"] {
            assert!(refusal(licence, &allowed).is_some(), "{licence}");
        }
    }
}
