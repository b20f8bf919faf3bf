//! Unleash's features: compiled and evaluated without a panic, and the same whether they came whole, one by one, or by an import.
//!
//! - `metrics`: what its SDKs measured.

mod metrics;

use evaluation::Context as User;
use evaluation::unleash::model::ClientFeatures;
use evaluation::unleash::{Context, Event, Features, Moment};
use flags::emit;
use flags::import::{Existing, plan_features, unleash};
use kernel::Revision;
use serde_json::{Map, Value, json};

use crate::front::place;
use crate::imported::Imported;

/// The bytes as metrics; and as a client payload, evaluated for its member `context`, which the frontend API would be asked for.
pub fn check(bytes: &[u8]) {
    metrics::check(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(whole) = ClientFeatures::from_json(text) else { return };
    let members = match serde_json::from_str::<Map<String, Value>>(text).map(|mut members| members.remove("context")) {
        Ok(Some(Value::Object(members))) => members,
        _ => Map::new(),
    };
    let context = Context::from_members(members);
    let features = Features::compile(&whole);
    let expected = outcomes(&features, &context);
    let written = json!({"version": 2, "features": whole.features, "segments": whole.segments});
    let read = ClientFeatures::from_json(&written.to_string()).expect("what is written can be read");
    assert_eq!(outcomes(&Features::compile(&read), &context), expected, "an SDK reads what was sent here");
    assert_eq!(
        outcomes(&Features::compile(&one_by_one(&whole)), &context),
        expected,
        "differences add up to the whole"
    );
    imported(text, &features, &context);
    let user = User::from_json(r#"{"kind":"user","key":"ada","ip":"10.0.0.1","tags":["a"]}"#).expect("a context");
    for name in features.names() {
        features.evaluate_for(name, &user, Moment::default());
    }
}

/// What an import takes comes to the same as it did; what it refuses is left out, with all that needs it.
fn imported(text: &str, was: &Features, context: &Context) {
    let Ok(read) = unleash::Features::read(text, None) else { return };
    let plan = plan_features(&place(), &read, false, &Existing::default());
    let features = Imported::of(plan).flags.into_iter().map(|(key, flag, configuration)| {
        emit::feature(("shop", key.as_str()), Revision(1), &flag, &configuration).feature
    });
    let taken = ClientFeatures { features: features.collect(), ..ClientFeatures::default() };
    let is = Features::compile(&taken);
    for name in is.names() {
        assert_eq!(outcome(&is, name, context), outcome(was, name, context), "it was taken otherwise");
    }
}

fn outcome(features: &Features, name: &str, context: &Context) -> String {
    let outcome = features.evaluate(name, context, Moment::default()).expect("it is listed");
    format!("{name}: {} {:?}", outcome.is_on(), outcome.variant.map(|variant| (variant.name(), variant.payload())))
}

fn outcomes(features: &Features, context: &Context) -> Vec<String> {
    let mut all: Vec<_> = features.names().map(|name| outcome(features, name, context)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The same features as an SDK has them that was sent each as a difference.
fn one_by_one(whole: &ClientFeatures) -> ClientFeatures {
    let mut built = ClientFeatures::default();
    for segment in &whole.segments {
        built.apply(Event::SegmentUpdated { event_id: 1, segment: segment.clone() });
    }
    for feature in &whole.features {
        built.apply(Event::FeatureUpdated { event_id: 2, feature: feature.clone() });
    }
    built
}
