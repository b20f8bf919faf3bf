//! Which families of SDKs evaluate a flag themselves, and why others do not: those are answered from here.

use evaluation::unleash::translate;
use kernel::{FlagKey, Revision};
use serde::Serialize;
use utoipa::ToSchema;

use crate::emit;
use crate::model::{Bucketing, Configuration, Flag};

/// SDKs that speak one protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum FamilyName {
    /// LaunchDarkly's server SDKs.
    LaunchDarkly,
    /// Unleash's backend SDKs.
    Unleash,
}

/// Whether a family evaluates a flag itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Family {
    /// Which.
    pub family: FamilyName,
    /// Whether its SDKs are told of the flag and evaluate it themselves.
    pub local: bool,
    /// Why not, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// What each family does with a flag in one environment. What it would read otherwise it is not told.
pub fn families(key: &FlagKey, flag: &Flag, configuration: &Configuration) -> Vec<Family> {
    let here = |family| Family { family, local: true, why: None };
    let away = |family, why: String| Family { family, local: false, why: Some(why) };
    let unleash = FamilyName::Unleash;
    match flag.bucketing {
        Bucketing::Unleash => vec![
            away(
                FamilyName::LaunchDarkly,
                "LaunchDarkly's server SDKs are not told of this flag: it is evaluated by Unleash's rules. All other SDKs \
                 are served as ever."
                    .to_owned(),
            ),
            here(unleash),
        ],
        Bucketing::LaunchDarkly => {
            let data = emit::flag(key.as_str(), Revision(0), flag, configuration);
            let in_unleash = match translate(&data) {
                Ok(_) => here(unleash),
                Err(why) => away(
                    unleash,
                    format!("Unleash's backend SDKs are not told of this flag: {why}. Its frontend API evaluates it here."),
                ),
            };
            vec![here(FamilyName::LaunchDarkly), in_unleash]
        }
    }
}
