//! Unleash's client specification, whole: what every SDK of theirs must answer.
//!
//! The cases come from the npm package `@unleash/client-specification` (Apache-2.0), which `cargo xtask test` provides.

#![allow(clippy::unwrap_used)] // helpers of tests

use std::path::{Path, PathBuf};

use evaluation::unleash::model::ClientFeatures;
use evaluation::unleash::{Context, Event, Features, Moment, Outcome};
use serde_json::{Value, json};

/// So many cases has version 6.1.0, which `conformance/package.json` asks for.
const CASES: usize = 279;

fn specifications() -> PathBuf {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../conformance/node_modules/@unleash/client-specification/specifications");
    let named = std::env::var_os("STEADFAST_UNLEASH_SPECIFICATION").map(PathBuf::from);
    let directory = named.unwrap_or(installed);
    assert!(
        directory.join("index.json").is_file(),
        "Unleash's client specification is not at {}: `npm ci` in conformance/ installs it (so does `cargo xtask test`), \
         or STEADFAST_UNLEASH_SPECIFICATION names the directory that has its index.json",
        directory.display()
    );
    directory
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The state of a file: features as they are, or as events that lead to them.
fn features(state: &Value) -> ClientFeatures {
    let Some(events) = state.get("events") else {
        return ClientFeatures::from_json(&state.to_string()).unwrap();
    };
    let events: Vec<Event> = serde_json::from_value(events.clone()).unwrap();
    let mut features = ClientFeatures::default();
    for event in events {
        features.apply(event);
    }
    features
}

fn context(json: &Value) -> Context {
    json.as_object().cloned().map(Context::from_members).unwrap_or_default()
}

/// A variant as SDKs tell it.
fn told(outcome: Option<Outcome<'_>>) -> Value {
    let on = outcome.is_some_and(|outcome| outcome.is_on());
    match outcome.and_then(|outcome| outcome.variant) {
        None => json!({"name": "disabled", "enabled": false, "feature_enabled": on}),
        Some(variant) => {
            let mut told = json!({"name": variant.name(), "enabled": true, "feature_enabled": on});
            if let Some(payload) = variant.payload() {
                told["payload"] = serde_json::to_value(payload).unwrap();
            }
            told
        }
    }
}

#[test]
fn every_case_of_the_client_specification_comes_out_as_it_says() {
    let directory = specifications();
    let files = read(&directory.join("index.json"));
    let (mut cases, mut wrong) = (0, Vec::new());
    for file in files.as_array().unwrap() {
        let file = read(&directory.join(file.as_str().unwrap()));
        let data = features(&file["state"]);
        assert_eq!(data.unreadable, [], "{}", file["name"]);
        let compiled = Features::compile(&data);
        for member in ["tests", "variantTests"] {
            for test in file[member].as_array().into_iter().flatten() {
                let outcome = compiled.evaluate(
                    test["toggleName"].as_str().unwrap(),
                    &context(&test["context"]),
                    Moment::default(),
                );
                let came = match member {
                    "tests" => json!(outcome.is_some_and(|outcome| outcome.is_on())),
                    _ => told(outcome),
                };
                cases += 1;
                if came != test["expectedResult"] {
                    wrong.push(format!("{}: {}: {came}", file["name"], test["description"]));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(cases, CASES);
}

#[test]
fn features_are_written_as_they_were_read() {
    let directory = specifications();
    for file in read(&directory.join("index.json")).as_array().unwrap() {
        let file = read(&directory.join(file.as_str().unwrap()));
        let data = features(&file["state"]);
        let written = json!({"features": data.features, "segments": data.segments});
        assert_eq!(ClientFeatures::from_json(&written.to_string()).unwrap(), data, "{}", file["name"]);
    }
}
