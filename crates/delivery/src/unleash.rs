//! What Unleash's SDKs receive of an environment: its features, and those flags that come to the same as a feature.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use evaluation::Item;
use evaluation::model::FlagData;
use evaluation::unleash::model::Feature;
use evaluation::unleash::{Inexact, translate};
use kernel::Revision;

use crate::environment::hash;
use crate::{History, Update};

/// The features of an environment, each at its latest.
#[derive(Clone, Debug, Default)]
pub struct Unleash {
    history: History,
    /// The sum of the hashes of all JSON: follows each change without reading the rest again.
    digest: u64,
    bytes: usize,
    left_out: Arc<BTreeMap<String, Inexact>>,
    /// What the variants are called of those features that have any.
    variants: Arc<BTreeMap<String, BTreeSet<String>>>,
}

/// The features of an environment as they arrive.
#[derive(Debug, Default)]
pub(crate) struct Emitted {
    shown: Unleash,
    /// Where each feature stands in the history, and what its JSON is if it is there.
    places: HashMap<String, (Revision, Option<Measure>)>,
}

/// How a text differs from others, and how long it is with what separates it from the next.
#[derive(Clone, Copy, Debug, Default)]
struct Measure {
    hash: u64,
    bytes: usize,
}

impl Unleash {
    /// The latest of each feature, in Unleash's JSON, and every remembered removal.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// About how many bytes the whole has, as it is sent.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Tells contents apart, and is the same for the same content on every node.
    pub fn digest(&self) -> u64 {
        self.digest
    }

    /// Whether somebody may get this variant of the feature, from it or from one of its strategies.
    pub fn has_variant(&self, feature: &str, variant: &str) -> bool {
        self.variants.get(feature).is_some_and(|variants| variants.contains(variant))
    }

    /// The flags of which Unleash's SDKs are not told, since they would read them otherwise, and why.
    pub fn left_out(&self) -> &BTreeMap<String, Inexact> {
        &self.left_out
    }
}

impl Emitted {
    /// What is to be shown now.
    pub(crate) fn shown(&self) -> Unleash {
        self.shown.clone()
    }

    /// A feature is like this since the change at `seq`.
    pub(crate) fn put(&mut self, seq: Revision, feature: &Feature) {
        let json = serde_json::to_vec(feature).expect("names and texts always serialise");
        self.record(Update::patch(seq, (Item::Flag, &feature.name), 0, &json));
        self.forget_reason(&feature.name);
        self.name_variants(feature);
    }

    /// A flag of LaunchDarkly's kind is like this since the change at `seq`.
    pub(crate) fn put_flag(&mut self, seq: Revision, flag: &FlagData) {
        match translate(flag) {
            Ok(feature) => self.put(seq, &feature),
            Err(why) => {
                self.remove(seq, &flag.key);
                Arc::make_mut(&mut self.shown.left_out).insert(flag.key.clone(), why);
            }
        }
    }

    /// Neither a feature nor a flag of this name is there since the change at `seq`. It is told although nobody here knew
    /// it: after a restart there are clients who did.
    pub(crate) fn remove(&mut self, seq: Revision, name: &str) {
        if self.places.get(name).is_none_or(|(_, measure)| measure.is_some()) {
            self.record(Update::delete(seq, (Item::Flag, name), 0));
        }
        self.forget_reason(name);
        self.forget_variants(name);
    }

    fn record(&mut self, update: Update) {
        let measured = update.json().map(|json| Measure { hash: hash(json), bytes: json.len() + 1 });
        let before = self.places.insert(update.key.clone(), (update.seq, measured));
        let gone = before.and_then(|(_, measure)| measure).unwrap_or_default();
        let come = measured.unwrap_or_default();
        self.shown.digest = self.shown.digest.wrapping_sub(gone.hash).wrapping_add(come.hash);
        self.shown.bytes = self.shown.bytes - gone.bytes + come.bytes;
        self.shown.history.record(update, before.map(|(seq, _)| seq));
    }

    fn name_variants(&mut self, feature: &Feature) {
        let of_strategies = feature.strategies.iter().flat_map(|strategy| &strategy.variants);
        let names: BTreeSet<_> =
            feature.variants.iter().chain(of_strategies).map(|variant| variant.name.clone()).collect();
        if names.is_empty() {
            self.forget_variants(&feature.name);
        } else if self.shown.variants.get(&feature.name) != Some(&names) {
            Arc::make_mut(&mut self.shown.variants).insert(feature.name.clone(), names);
        }
    }

    fn forget_variants(&mut self, name: &str) {
        if self.shown.variants.contains_key(name) {
            Arc::make_mut(&mut self.shown.variants).remove(name);
        }
    }

    fn forget_reason(&mut self, name: &str) {
        if self.shown.left_out.contains_key(name) {
            Arc::make_mut(&mut self.shown.left_out).remove(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flag(json: &str) -> FlagData {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn variants_are_known_as_long_as_somebody_may_get_them() {
        let feature = |json: &str| serde_json::from_str::<Feature>(json).unwrap();
        let has = |unleash: &Emitted| ["a", "b", "c"].map(|variant| unleash.shown().has_variant("f", variant));
        let mut unleash = Emitted::default();
        let strategy = r#""strategies": [{"name": "default", "variants": [{"name": "b"}]}]"#;
        unleash.put(Revision(1), &feature(&format!(r#"{{"name": "f", "variants": [{{"name": "a"}}], {strategy}}}"#)));
        assert_eq!(has(&unleash), [true, true, false]);
        unleash.put(Revision(2), &feature(r#"{"name": "f", "variants": [{"name": "c"}]}"#));
        assert_eq!(has(&unleash), [false, false, true]);
        unleash.remove(Revision(3), "f");
        assert_eq!(has(&unleash), [false; 3]);
    }

    #[test]
    fn a_flag_that_cannot_be_said_is_taken_away_and_named() {
        let plain = flag(r#"{"key": "f", "on": true, "variations": [true, false], "fallthrough": {"variation": 0}}"#);
        let text = flag(r#"{"key": "f", "on": true, "variations": ["a"], "fallthrough": {"variation": 0}}"#);
        let mut unleash = Emitted::default();
        let told = |unleash: &Emitted| {
            let unleash = unleash.shown();
            let last = unleash.history().updates().last().map(|update| (update.seq.0, update.json().is_some()));
            (last, unleash.left_out().get("f").map(ToString::to_string))
        };
        unleash.put_flag(Revision(1), &text);
        assert_eq!(told(&unleash), (Some((1, false)), Some("it is not boolean".to_owned())));
        unleash.put_flag(Revision(2), &plain);
        assert_eq!(told(&unleash), (Some((2, true)), None));
        unleash.put_flag(Revision(3), &text);
        assert_eq!(told(&unleash), (Some((3, false)), Some("it is not boolean".to_owned())));
        unleash.remove(Revision(4), "f");
        assert_eq!(told(&unleash), (Some((3, false)), None));
    }
}
