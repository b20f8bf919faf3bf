//! Who would notice: how the shares of everyone else change between two configurations.

use serde::Serialize;
use utoipa::ToSchema;

use crate::model::{Configuration, Flag};

/// How a change moves contexts that no target and no rule catches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reach {
    /// The share of each variation before and after.
    pub shares: Vec<Share>,
    /// The share of contexts that get another variation than before, at least; thousandths of a percent.
    pub moved: u32,
}

/// What one variation's share was and will be, in thousandths of a percent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Share {
    /// The variation's index; absent for the SDKs' own default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variation: Option<usize>,
    /// What people call it.
    pub name: String,
    /// Its share before.
    pub before: u32,
    /// Its share after.
    pub after: u32,
}

/// Compares what everyone else gets.
pub fn reach(flag: &Flag, before: &Configuration, after: &Configuration) -> Reach {
    let options = (0..flag.variations.len()).map(Some).chain([None]);
    let shares: Vec<Share> = options
        .map(|variation| Share {
            variation,
            name: variation.map_or_else(|| "the SDKs' own default".to_owned(), |index| flag.label(index)),
            before: share(before, variation),
            after: share(after, variation),
        })
        .filter(|share| share.before > 0 || share.after > 0)
        .collect();
    let moved = shares.iter().map(|share| share.before.saturating_sub(share.after)).sum();
    Reach { shares, moved }
}

/// The share of this variation among contexts that no target and no rule catches; `None` is the SDKs' own default.
pub fn share(configuration: &Configuration, variation: Option<usize>) -> u32 {
    if !configuration.on {
        return if configuration.off_variation == variation { crate::model::WHOLE } else { 0 };
    }
    let weights = configuration.fallthrough.weights().into_iter();
    weights.filter(|(index, _)| Some(*index) == variation).map(|(_, weight)| weight).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{from_value, json};

    #[test]
    fn turning_a_rollout_on_moves_exactly_its_share() {
        let flag = Flag::boolean("A");
        let off = Configuration::initial(&flag);
        let mut on = off.clone();
        on.on = true;
        on.fallthrough = from_value(json!({"rollout": {"variations": [
            {"variation": 0, "weight": 1_000}, {"variation": 1, "weight": 99_000}]}}))
        .unwrap();
        let reach = reach(&flag, &off, &on);
        let said: Vec<_> = reach.shares.iter().map(|share| (share.name.as_str(), share.before, share.after)).collect();
        assert_eq!(said, [("on", 0, 1_000), ("off", 100_000, 99_000)]);
        assert_eq!(reach.moved, 1_000);
    }

    #[test]
    fn no_off_variation_is_a_share_of_its_own() {
        let flag = Flag::boolean("A");
        let before = Configuration::initial(&flag);
        let after = Configuration { off_variation: None, ..before.clone() };
        let reach = reach(&flag, &before, &after);
        assert_eq!(reach.shares.last().unwrap().variation, None);
        assert_eq!(reach.moved, 100_000);
    }
}
