//! Whether a flag may be, given what its environments and its dependants serve of it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Surroundings, limits, strategies};
use crate::model::{Flag, FlagKind, Variation};
use crate::reason::{Invalid, Reason};

pub(super) fn flag(flag: &Flag, around: &Surroundings) -> Result<(), Invalid> {
    limits::name("/name", &flag.name)?;
    limits::words("/description", &flag.description, limits::DESCRIPTION)?;
    limits::tags(&flag.tags)?;
    variations(flag)?;
    let count = flag.variations.len();
    let defaults = [("on", flag.defaults.on_variation), ("off", flag.defaults.off_variation)];
    for (which, index) in defaults {
        if index >= count {
            return Err(Invalid::at(format!("/defaults/{which}Variation"), Reason::VariationUnknown { index, count }));
        }
    }
    strategies::flag(flag)?;
    still_served(count, around)
}

fn variations(flag: &Flag) -> Result<(), Invalid> {
    if flag.variations.is_empty() {
        return Err(Invalid::at("/variations", Reason::Empty));
    }
    limits::count("/variations", "variations", flag.variations.len(), limits::VARIATIONS)?;
    let mut names = BTreeSet::new();
    for (at, variation) in flag.variations.iter().enumerate() {
        let field = format!("/variations/{at}");
        words(&field, variation)?;
        if !flag.kind.accepts(&variation.value) {
            return Err(Invalid::at(format!("{field}/value"), Reason::ValueType(flag.kind.as_str())));
        }
        if flag.variations[..at].iter().any(|other| other.id == variation.id) {
            return Err(Invalid::at(format!("{field}/id"), Reason::Twice(variation.id.clone())));
        }
        if !variation.name.is_empty() && !names.insert(&variation.name) {
            return Err(Invalid::at(format!("{field}/name"), Reason::Twice(variation.name.clone())));
        }
    }
    let both: BTreeSet<bool> = flag.variations.iter().filter_map(|variation| variation.value.as_bool()).collect();
    if flag.kind == FlagKind::Boolean && (flag.variations.len() != 2 || both.len() != 2) {
        return Err(Invalid::at("/variations", Reason::BooleanVariations));
    }
    Ok(())
}

fn words(field: &str, variation: &Variation) -> Result<(), Invalid> {
    limits::words(&format!("{field}/id"), &variation.id, limits::NAME)?;
    limits::words(&format!("{field}/name"), &variation.name, limits::NAME)?;
    limits::words(&format!("{field}/description"), &variation.description, limits::DESCRIPTION)?;
    if let Value::String(text) = &variation.value {
        limits::words(&format!("{field}/value"), text, 1 << 16)?;
    }
    Ok(())
}

/// Whoever serves a variation, or waits for it as a prerequisite, keeps it.
fn still_served(count: usize, around: &Surroundings) -> Result<(), Invalid> {
    let served = around
        .configurations
        .iter()
        .filter(|(_, configuration)| configuration.variations().iter().any(|index| *index >= count))
        .map(|(environment, _)| format!("environment {environment}"));
    let awaited = around
        .dependants
        .iter()
        .filter(|dependant| dependant.link.variation.is_some_and(|index| index >= count))
        .map(|dependant| format!("flag {} in {}", dependant.link.source, dependant.environment));
    let places: Vec<String> = served.chain(awaited).collect();
    if places.is_empty() {
        return Ok(());
    }
    Err(Invalid::at("/variations", Reason::VariationInUse(places.join(", "))))
}
