//! What is served, in words.

use super::{listed, quoted};
use crate::model::{Flag, Rollout, RolloutKind, Serve};

/// `“on”`, or `1 % “on” and 99 % “off”, by user`.
pub fn serve(serve: &Serve, flag: Option<&Flag>) -> String {
    let label = |index: usize| match flag {
        Some(flag) => quoted(&flag.label(index)),
        None => format!("variation {index}"),
    };
    match serve {
        Serve::Variation(index) => label(*index),
        Serve::Rollout(rollout) => shares(rollout, label),
    }
}

fn shares(rollout: &Rollout, label: impl Fn(usize) -> String) -> String {
    let shares: Vec<String> = rollout
        .variations
        .iter()
        .map(|share| format!("{} {}", percent(share.weight), label(share.variation)))
        .collect();
    let by = match &rollout.bucket_by {
        Some(attribute) => format!("{} of {}", attribute, rollout.context_kind),
        None => rollout.context_kind.to_string(),
    };
    let compared = if rollout.kind == RolloutKind::Experiment { ", compared with each other" } else { "" };
    format!("{}, by {by}{compared}", listed(&shares))
}

/// A weight as people say it: `1 %`, `12.5 %`, `0.001 %`.
pub fn percent(weight: u32) -> String {
    let whole = weight / 1_000;
    let rest = weight % 1_000;
    if rest == 0 {
        return format!("{whole} %");
    }
    let digits = format!("{rest:03}");
    format!("{whole}.{} %", digits.trim_end_matches('0'))
}
