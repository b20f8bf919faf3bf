//! Decides what of an event batch is kept: facts for the comparisons under way, and counts.

use std::collections::{BTreeMap, HashMap};

use kernel::{FlagKey, MetricKey, Timestamp};

use crate::fact::{Fact, UnitId, What};
use crate::model::{Arm, Comparison};
use delivery::event::{EventBatch, key_of};

/// Everything a batch leaves behind. Sorted, so that two batches lock the same rows in the same order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gathered {
    /// The facts of each comparison that the batch touches, by the comparison's id.
    pub facts: BTreeMap<String, Vec<Fact>>,
    /// How often each metric's event came, whoever sent it.
    pub outcomes: BTreeMap<MetricKey, i64>,
    /// Evaluations by what they gave.
    pub evaluations: BTreeMap<Given, i64>,
}

/// What an evaluation gave.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Given {
    /// Of which flag.
    pub flag: FlagKey,
    /// The index of the variation; `None` for the default in the code.
    pub variation: Option<u32>,
    /// The variant that came with it, of a flag by Unleash's rules.
    pub variant: Option<String>,
}

/// What is listened for in an environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listening {
    /// The project's metrics by event.
    pub metrics: HashMap<String, Vec<MetricKey>>,
    /// The comparisons under way.
    pub comparisons: Vec<Comparison>,
}

/// Sorts out a batch.
pub fn gather(batch: &EventBatch<'_>, listening: &Listening) -> Gathered {
    let mut gathered = Gathered::default();
    for outcome in &batch.outcomes {
        for metric in listening.metrics.get(outcome.event_key.as_ref()).into_iter().flatten() {
            *gathered.outcomes.entry(metric.clone()).or_default() += 1;
        }
    }
    for tally in &batch.tallies {
        for metric in listening.metrics.get(tally.event_key.as_ref()).into_iter().flatten() {
            let sum = gathered.outcomes.entry(metric.clone()).or_default();
            *sum = sum.saturating_add(i64::try_from(tally.n).unwrap_or(i64::MAX));
        }
    }
    for count in &batch.counts {
        if let Ok(flag) = FlagKey::new(count.flag.as_ref()) {
            let n = i64::try_from(count.n).unwrap_or(i64::MAX);
            let given =
                Given { flag, variation: count.variation, variant: count.variant.as_deref().map(str::to_owned) };
            let sum = gathered.evaluations.entry(given).or_default();
            *sum = sum.saturating_add(n);
        }
    }
    for comparison in &listening.comparisons {
        let facts = facts(batch, comparison);
        if !facts.is_empty() {
            gathered.facts.insert(comparison.id.clone(), facts);
        }
    }
    gathered
}

/// One fact per unit and arm (its first exposure), and one per unit and metric (its last bad outcome: whether *any* came
/// after the first exposure is the same question as whether the last did).
fn facts(batch: &EventBatch<'_>, comparison: &Comparison) -> Vec<Fact> {
    let kind = comparison.arms.context_kind.as_str();
    let unit = |contexts| {
        let unit = UnitId::of(&comparison.id, key_of(contexts, kind)?);
        unit.is_sampled(comparison.halvings).then_some(unit)
    };
    let mut exposed: BTreeMap<(UnitId, Arm), (Timestamp, i64)> = BTreeMap::new();
    for exposure in batch.exposures.iter().filter(|exposure| exposure.flag == comparison.flag.as_str()) {
        let arm = comparison.arms.arm(exposure.variation).filter(|_| exposure.in_experiment);
        let Some(arm) = arm.filter(|_| exposure.version >= comparison.since_version) else { continue };
        let Some(unit) = unit(&exposure.contexts) else { continue };
        let this = (exposure.at, exposure.version);
        exposed.entry((unit, arm)).and_modify(|first| *first = (*first).min(this)).or_insert(this);
    }
    let mut bad: BTreeMap<(UnitId, u8), Timestamp> = BTreeMap::new();
    for outcome in &batch.outcomes {
        for (metric, of) in (0..).zip(&comparison.arms.metrics) {
            if of.event_key == outcome.event_key
                && let Some(unit) = unit(&outcome.contexts)
            {
                let last = bad.entry((unit, metric)).or_insert(outcome.at);
                *last = (*last).max(outcome.at);
            }
        }
    }
    let exposed =
        exposed.into_iter().map(|((unit, arm), (at, version))| Fact { unit, at, what: What::Exposed { arm, version } });
    let bad = bad.into_iter().map(|((unit, metric), at)| Fact { unit, at, what: What::Bad { metric } });
    exposed.chain(bad).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{comparison, contexts, metric_key};
    use delivery::event::{Count, Exposure, Outcome};

    fn exposure(user: &'static str, variation: u32, millis: i64) -> Exposure<'static> {
        Exposure {
            flag: "checkout".into(),
            variation,
            version: 10,
            contexts: contexts(user),
            at: Timestamp::from_millis(millis),
            in_experiment: true,
        }
    }

    fn outcome(user: &'static str, event: &'static str, millis: i64) -> Outcome<'static> {
        Outcome { event_key: event.into(), contexts: contexts(user), at: Timestamp::from_millis(millis) }
    }

    fn facts_of(batch: &EventBatch<'_>) -> Vec<Fact> {
        let listening = Listening { comparisons: vec![comparison()], ..Listening::default() };
        gather(batch, &listening).facts.remove("rel_1").unwrap_or_default()
    }

    #[test]
    fn keeps_the_first_exposure_and_the_last_outcome_of_a_unit() {
        let batch = EventBatch {
            exposures: vec![exposure("ann", 1, 30), exposure("ann", 1, 20), exposure("ann", 1, 40)],
            outcomes: vec![outcome("ann", "payment-failed", 25), outcome("ann", "payment-failed", 22)],
            ..EventBatch::default()
        };
        let unit = UnitId::of("rel_1", "ann");
        let exposed = What::Exposed { arm: Arm::Treatment, version: 10 };
        assert_eq!(
            facts_of(&batch),
            [
                Fact { unit, at: Timestamp::from_millis(20), what: exposed },
                Fact { unit, at: Timestamp::from_millis(25), what: What::Bad { metric: 0 } },
            ]
        );
    }

    #[test]
    fn exposures_that_prove_nothing_are_left_out() {
        let good = || exposure("ann", 0, 20);
        let organisation = vec![("organization".into(), "acme".into())];
        let cases = [
            ("another flag", Exposure { flag: "search".into(), ..good() }),
            ("a variation that is in neither arm", Exposure { variation: 2, ..good() }),
            ("targeted by hand", Exposure { in_experiment: false, ..good() }),
            ("an SDK that does not know the release yet", Exposure { version: 9, ..good() }),
            ("no context of the kind that is randomised", Exposure { contexts: organisation, ..good() }),
        ];
        for (why, exposure) in cases {
            let batch = EventBatch { exposures: vec![exposure], ..EventBatch::default() };
            assert_eq!(facts_of(&batch), [], "{why}");
        }
        let batch = EventBatch { exposures: vec![good()], ..EventBatch::default() };
        assert_eq!(facts_of(&batch).len(), 1);
    }

    #[test]
    fn counts_every_outcome_of_a_metric_and_every_evaluation() {
        let listening = Listening {
            metrics: HashMap::from([("payment-failed".to_owned(), vec![metric_key("failed-payments")])]),
            comparisons: Vec::new(),
        };
        let count = |flag: &'static str, variation, n| Count { flag: flag.into(), variation, variant: None, n };
        let batch = EventBatch {
            outcomes: vec![outcome("a", "payment-failed", 1), outcome("b", "payment-failed", 1), outcome("c", "x", 1)],
            counts: vec![count("checkout", Some(0), 3), count("checkout", Some(0), 4), count("no key!", None, 1)],
            ..EventBatch::default()
        };
        let gathered = gather(&batch, &listening);
        assert_eq!(gathered.outcomes, BTreeMap::from([(metric_key("failed-payments"), 2)]));
        let checkout = FlagKey::new("checkout").unwrap();
        let given = Given { flag: checkout, variation: Some(0), variant: None };
        assert_eq!(gathered.evaluations, BTreeMap::from([(given, 7)]));
    }
}
