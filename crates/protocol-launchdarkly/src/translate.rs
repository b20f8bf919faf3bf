//! From LaunchDarkly's events to ours: pure, and lenient as `launchdarkly.md` §7.9 asks.
//!
//! One malformed event never costs the others; what cannot be read is counted, for the log.

use std::borrow::Cow;
use std::collections::HashMap;

use delivery::event::{ContextKeys, Count, EventBatch, Exposure, Outcome};
use kernel::Timestamp;
use serde_json::value::RawValue;

use crate::wire::{Context, Counter, Event, Feature};

/// What a body holds, and how many of its events could not be read.
#[derive(Debug, Default)]
pub(crate) struct Translated<'a> {
    pub(crate) batch: EventBatch<'a>,
    pub(crate) malformed: usize,
}

/// The body was not JSON at all, so a retry of the same bytes will not help.
#[derive(Debug, thiserror::Error)]
#[error("the body is neither an array of events nor an object")]
pub(crate) struct NotEvents(#[source] serde_json::Error);

/// Reads the body of an event post.
///
/// A lone object is what one SDK's retry of a diagnostic becomes (§1.7, a bug of js-core): read, and dropped.
pub(crate) fn events(body: &str) -> Result<Translated<'_>, NotEvents> {
    // In one pass when all can be read, as almost always; else one by one.
    if let Ok(events) = serde_json::from_str::<Vec<Event<'_>>>(body) {
        return Ok(translate(events.into_iter().map(Some)));
    }
    let Ok(events) = serde_json::from_str::<Vec<&RawValue>>(body) else {
        serde_json::from_str::<HashMap<Cow<'_, str>, &RawValue>>(body).map_err(NotEvents)?;
        return Ok(Translated::default());
    };
    Ok(translate(events.into_iter().map(|raw| serde_json::from_str(raw.get()).ok())))
}

fn translate<'a>(events: impl Iterator<Item = Option<Event<'a>>>) -> Translated<'a> {
    let mut translated = Translated::default();
    for event in events {
        let understood = event.and_then(|event| add(&mut translated.batch, event));
        translated.malformed += usize::from(understood.is_none());
    }
    translated
}

/// Adds one event; `None` when a member that its kind needs is missing or wrong. Kinds that nobody counts add nothing.
fn add<'a>(batch: &mut EventBatch<'a>, mut event: Event<'a>) -> Option<()> {
    match event.kind.as_ref() {
        "" => None,
        "feature" => {
            // Without a variation the default of the code was served: no arm, so no exposure.
            if let Some(variation) = event.variation {
                batch.exposures.push(Exposure {
                    contexts: context_keys(&mut event)?,
                    at: instant(event.creation_date)?,
                    flag: event.key?,
                    variation,
                    version: event.version.unwrap_or_default(),
                    in_experiment: event.reason.is_some_and(|reason| reason.in_experiment),
                });
            }
            Some(())
        }
        "custom" => {
            let contexts = context_keys(&mut event)?;
            batch.outcomes.push(Outcome { contexts, at: instant(event.creation_date)?, event_key: event.key? });
            Some(())
        }
        "summary" => {
            let features: HashMap<Cow<'a, str>, Feature> = serde_json::from_str(event.features?.get()).ok()?;
            batch.counts.extend(features.into_iter().flat_map(|(flag, feature)| counts(&flag, feature)));
            Some(())
        }
        _ => Some(()),
    }
}

fn counts<'a>(flag: &Cow<'a, str>, feature: Feature) -> Vec<Count<'a>> {
    let known = feature.counters.into_iter().filter(|counter| !counter.unknown);
    let count = |Counter { variation, count: n, .. }| Count { flag: flag.clone(), variation, variant: None, n };
    known.map(count).collect()
}

fn instant(millis: Option<f64>) -> Option<Timestamp> {
    let millis = millis.filter(|millis| millis.is_finite())?;
    #[allow(clippy::cast_possible_truncation)] // saturates, and no clock is near the limits
    Some(Timestamp::from_millis(millis as i64))
}

/// The keys by kind, of the inline context or of `contextKeys`.
fn context_keys<'a>(event: &mut Event<'a>) -> Option<ContextKeys<'a>> {
    if let Some(Context(keys)) = event.context.take() {
        return keys;
    }
    let keys: HashMap<Cow<'a, str>, Cow<'a, str>> = serde_json::from_str(event.context_keys?.get()).ok()?;
    Some(keys.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn keys(pairs: &ContextKeys<'_>) -> Vec<(String, String)> {
        let mut keys: Vec<_> = pairs.iter().map(|(kind, key)| (kind.to_string(), key.to_string())).collect();
        keys.sort();
        keys
    }

    /// What a Node SDK sent (`feasibility.md` §5.2), with an exposure in an experiment.
    const CAPTURED: &str = r#"[
        {"kind":"index","creationDate":1795397591718,"context":{"kind":"user","key":"user-1","country":"DE"}},
        {"kind":"feature","creationDate":1795397591718,"key":"checkout","version":3,"variation":0,"value":true,"default":false,
         "reason":{"kind":"FALLTHROUGH","inExperiment":true},"context":{"kind":"user","key":"user-1"}},
        {"kind":"custom","creationDate":1795397591721,"key":"failed","context":{"kind":"multi","user":{"key":"u"},"device":{"key":"d"}},
         "data":{"page":"/basket"},"metricValue":123.5},
        {"kind":"summary","startDate":1795397591718,"endDate":1795397591721,"features":{
          "checkout":{"default":false,"contextKinds":["user"],"counters":[{"variation":0,"version":3,"value":true,"count":2},{"value":false,"count":1}]},
          "no-such":{"default":"d","contextKinds":["user"],"counters":[{"value":"d","count":2,"unknown":true}]}}}]"#;

    #[test]
    fn a_captured_batch_becomes_exposures_outcomes_and_counts() {
        let Translated { batch, malformed } = events(CAPTURED).unwrap();
        assert_eq!(malformed, 0);
        let [exposure] = &batch.exposures[..] else { panic!("{batch:?}") };
        assert_eq!((exposure.flag.as_ref(), exposure.variation, exposure.version), ("checkout", 0, 3));
        assert!(exposure.in_experiment);
        assert_eq!(exposure.at, Timestamp::from_millis(1_795_397_591_718));
        assert_eq!(keys(&exposure.contexts), [("user".into(), "user-1".into())]);
        let [outcome] = &batch.outcomes[..] else { panic!("{batch:?}") };
        assert_eq!(keys(&outcome.contexts), [("device".into(), "d".into()), ("user".into(), "u".into())]);
        let mut counts: Vec<_> = batch.counts.iter().map(|c| (c.flag.as_ref(), c.variation, c.n)).collect();
        counts.sort_unstable();
        assert_eq!(counts, [("checkout", None, 1), ("checkout", Some(0), 2)]);
    }

    #[test]
    fn context_keys_and_users_of_old_are_read_too() {
        let body = r#"[{"kind":"custom","creationDate":1,"key":"a","contextKeys":{"user":"u"}},
            {"kind":"custom","creationDate":2,"key":"b","context":{"key":"old","custom":{}}}]"#;
        let Translated { batch, malformed } = events(body).unwrap();
        assert_eq!(malformed, 0);
        let all: Vec<_> = batch.outcomes.iter().flat_map(|outcome| keys(&outcome.contexts)).collect();
        assert_eq!(all, [("user".into(), "u".into()), ("user".into(), "old".into())]);
    }

    #[test]
    fn one_malformed_event_does_not_cost_the_others() {
        let body = r#"[1, {"kind":"feature"}, {"kind":7}, {"kind":"custom","creationDate":"soon","key":"x"}, {},
            {"kind":"feature","variation":0,"creationDate":1,"key":"f","context":{"kind":"user"}},
            {"kind":"click","creationDate":1}, {"kind":"custom","creationDate":3,"key":"ok","contextKeys":{"user":"u"}}]"#;
        let Translated { batch, malformed } = events(body).unwrap();
        assert_eq!((batch.outcomes.len(), batch.exposures.len(), malformed), (1, 0, 5));
    }

    #[test]
    fn a_lone_object_is_dropped_and_nonsense_is_refused() {
        assert!(events(r#"{"kind":"diagnostic"}"#).unwrap().batch.outcomes.is_empty());
        for nonsense in ["", "[", "7", "\"x\""] {
            assert!(events(nonsense).is_err(), "{nonsense}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(body in ".{0,200}") {
            let _ = events(&body);
        }

        #[test]
        fn no_json_like_text_makes_it_panic(body in r#"\[(\{"(kind|key|context|features|creationDate)":("[a-z]{0,7}"|[0-9.e-]{1,4}|\{\}|null)\},?){0,5}\]"#) {
            let _ = events(&body);
        }
    }
}
