//! Unleash's features: compiled and evaluated without a panic, and the same whether they came whole or one by one.

use evaluation::Context as User;
use evaluation::unleash::model::ClientFeatures;
use evaluation::unleash::{Context, Event, Features, Moment};
use serde_json::{Map, Value, json};

/// The bytes as a client payload, evaluated for its member `context`, which the frontend API would be asked for.
pub fn check(bytes: &[u8]) {
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
    let user = User::from_json(r#"{"kind":"user","key":"ada","ip":"10.0.0.1","tags":["a"]}"#).expect("a context");
    for name in features.names() {
        features.evaluate_for(name, &user, Moment::default());
    }
}

fn outcomes(features: &Features, context: &Context) -> Vec<String> {
    let one = |name: &str| {
        let outcome = features.evaluate(name, context, Moment::default()).expect("it is listed");
        format!("{name}: {} {:?}", outcome.is_on(), outcome.variant.map(|variant| (variant.name(), variant.payload())))
    };
    let mut all: Vec<_> = features.names().map(one).collect();
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
