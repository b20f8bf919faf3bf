//! What is taken from Unleash, and what is not.

use delivery::Place;
use kernel::{EnvironmentKey, FlagKey, ProjectKey};
use serde_json::{Value, json};

use super::*;
use crate::import::tests::imported::kept;
use crate::import::{Existing, Outcome, Plan, plan_features};
use crate::model::{Bucketing, Configuration, Flag};

fn place() -> Place {
    Place { project: ProjectKey::new("shop").unwrap(), environment: EnvironmentKey::new("production").unwrap() }
}

fn planned(state: &Value, existing: &Existing, replace: bool) -> Plan {
    let features = Features::read(&state.to_string(), None).unwrap();
    plan_features(&place(), &features, replace, existing)
}

fn anew(state: &Value) -> (Plan, Existing) {
    let plan = planned(state, &Existing::default(), false);
    let here = kept(Existing::default(), plan.changes.clone());
    (plan, here)
}

fn made<'e>(here: &'e Existing, name: &str) -> (&'e Flag, &'e Configuration) {
    let key = FlagKey::new(name).unwrap();
    (&here.flags[&key].body, &here.configurations[&key][0].body)
}

fn said(plan: &Plan) -> Vec<(&str, &str)> {
    plan.report.flags.iter().map(|item| (item.key.as_str(), item.why.as_deref().unwrap_or("taken"))).collect()
}

#[allow(clippy::needless_pass_by_value)] // json!(…) reads best in its place
fn features(features: Value) -> Value {
    json!({"version": 2, "features": features})
}

#[test]
fn segments_become_part_of_the_strategies_that_name_them() {
    let (plan, here) = anew(&json!({"version": 2, "segments": [
        {"id": 3, "name": "nordics", "constraints": [{"contextName": "country", "operator": "IN", "values": ["no"]}]}],
        "features": [
            {"name": "ui", "enabled": true, "strategies": [{"name": "default", "segments": [3]}]},
            {"name": "lost", "enabled": true, "strategies": [{"name": "default", "segments": [4]}]}]}));
    let untold = "a strategy names the segment 4, whose constraints are not given";
    assert_eq!(said(&plan), [("lost", untold), ("ui", "taken")]);
    assert_eq!(plan.report.flags[1].notes, ["the constraints of the segment “nordics” are now the strategy's own"]);
    let (flag, configuration) = made(&here, "ui");
    assert_eq!(configuration.strategies[0].constraints[0].values, ["no"]);
    assert!(flag.client_side_availability.using_environment_id && flag.bucketing == Bucketing::Unleash);
}

fn export() -> Value {
    json!({
        "features": [
            {"name": "ui", "type": "kill-switch", "description": "New", "project": "p", "impressionData": true},
            {"name": "old", "type": "release", "archived": true}],
        "featureStrategies": [
            {"featureName": "ui", "environment": "production", "strategyName": "flexibleRollout", "sortOrder": 2,
                "parameters": {"rollout": "25", "stickiness": "default", "groupId": "ui"}, "constraints": [], "segments": []},
            {"featureName": "ui", "environment": "production", "name": "userWithId", "sortOrder": 1,
                "parameters": {"userIds": "ada"}, "disabled": true},
            {"featureName": "ui", "environment": "development", "name": "default", "parameters": {}},
        ],
        "featureEnvironments": [
            {"featureName": "ui", "name": "ui", "environment": "production", "enabled": true, "variants": [
                {"name": "blue", "weight": 1000, "weightType": "fix", "stickiness": "default", "overrides": []}]},
            {"featureName": "ui", "environment": "development", "enabled": false},
        ],
        "featureTags": [{"featureName": "ui", "tagType": "simple", "tagValue": "web"},
            {"featureName": "ui", "tagType": "team", "tagValue": "a"}],
        "segments": [], "dependencies": [],
    })
}

#[test]
fn an_export_is_read_by_environment() {
    let read = Features::read(&export().to_string(), Some("production")).unwrap();
    let plan = plan_features(&place(), &read, false, &Existing::default());
    assert_eq!(said(&plan), [("old", "it is archived there"), ("ui", "taken")]);
    let here = kept(Existing::default(), plan.changes);
    let (flag, configuration) = made(&here, "ui");
    assert_eq!(
        (flag.description.as_str(), flag.temporary, flag.tags.join(" ")),
        ("New", false, "web team:a".to_owned())
    );
    let names: Vec<_> = configuration.strategies.iter().map(|one| (one.name.as_str(), one.disabled)).collect();
    assert_eq!(names, [("userWithId", true), ("flexibleRollout", false)]);
    assert_eq!(configuration.variants[0].weight_type, crate::model::WeightType::Fix);
    assert!(configuration.on && configuration.track_events);
}

#[test]
fn what_is_neither_shape_or_names_no_environment_is_refused() {
    let ambiguous = Features::read(&export().to_string(), None).unwrap_err();
    let named = "the export holds the environments development, production: say which one is meant";
    assert_eq!(ambiguous.to_string(), named);
    assert!(Features::read(&export().to_string(), Some("staging")).is_err());
    for text in ["", "[1]", "{}", r#"{"features": 1}"#, r#"{"featureStrategies": 1}"#, "<html>"] {
        assert!(matches!(Features::read(text, None), Err(InvalidState::Shape(_))), "{text}");
    }
}

#[test]
fn whoever_depends_on_what_is_refused_is_refused_too() {
    let (plan, _) = anew(&features(json!([
        {"name": "child", "enabled": true, "strategies": [], "dependencies": [{"feature": "bad"}]},
        {"name": "bad", "enabled": true, "strategies": [{"name": "default", "constraints": [
            {"contextName": "a", "operator": "REGEX", "value": "(?=a)"}]}]},
        {"name": "é", "enabled": true, "strategies": []},
        {"name": "good", "enabled": true, "strategies": [], "dependencies": [{"feature": "parent"}]},
        {"name": "parent", "enabled": true, "strategies": [{"name": "moonPhase"}]},
        {"name": "orphan", "enabled": true, "strategies": [], "dependencies": [{"feature": "nobody"}]},
        {"name": "grandchild", "enabled": true, "strategies": [], "dependencies": [{"feature": "good"}]},
        {"name": "circle", "enabled": true, "strategies": [], "dependencies": [{"feature": "circle"}]},
        {"name": "broken", "enabled": "perhaps"},
    ])));
    let said: std::collections::BTreeMap<_, _> = said(&plan).into_iter().collect();
    assert_eq!(said["child"], "it needs the flag 'bad', which is refused");
    assert_eq!(said["orphan"], "it needs the flag 'nobody', which is not in the payload");
    assert_eq!(said["circle"], "what it needs leads in a circle");
    assert!(said["grandchild"].contains("depends on none itself"), "{}", said["grandchild"]);
    assert!(said["é"].starts_with("its key cannot be one here"), "{}", said["é"]);
    assert!(said["broken"].starts_with("it cannot be read"), "{}", said["broken"]);
    assert_eq!((said["good"], said["parent"]), ("taken", "taken"));
    let order: Vec<_> = plan.changes.iter().map(|one| one.subject.key()).collect();
    assert_eq!(order, ["parent", "parent", "good", "good"], "parents first");
}

#[test]
fn what_is_no_address_is_taken_over_among_those_that_are() {
    let state = features(json!([{"name": "ui", "enabled": true, "strategies": [
        {"name": "remoteAddress", "parameters": {"IPs": "192.168.0.1, 192.invalid"}},
        {"name": "default", "constraints": [
            {"contextName": "remoteAddress", "operator": "IN_CIDR", "values": ["10.0.0.0/8", "10.invalid"]}]}]}]));
    let (plan, here) = anew(&state);
    assert_eq!(said(&plan), [("ui", "taken")]);
    let lets_nobody_in = |text: &str| format!("“{text}” is no address, and lets nobody in, as it did there");
    assert_eq!(plan.report.flags[0].notes, ["10.invalid", "192.invalid"].map(lets_nobody_in));
    let (_, configuration) = made(&here, "ui");
    assert_eq!(configuration.strategies[1].constraints[0].values, ["10.0.0.0/8", "10.invalid"]);
    let again = planned(&state, &here, false);
    assert_eq!((again.report.counts.unchanged, again.changes.len()), (1, 0), "{:?}", again.report);
}

#[test]
fn what_is_here_stays_unless_it_shall_be_replaced() {
    let state = features(json!([{"name": "ui", "enabled": true, "description": "Theirs", "strategies": []}]));
    let (_, mut here) = anew(&state);
    let key = FlagKey::new("ui").unwrap();
    let flag = here.flags.get_mut(&key).unwrap();
    // Somebody has given it words, and hidden it from browsers: Unleash says nothing of that.
    (flag.body.description, flag.body.client_side_availability.using_environment_id) = ("Ours".to_owned(), false);
    let again = planned(&state, &here, false);
    assert_eq!((again.report.counts.unchanged, again.changes.len()), (1, 0), "{:?}", again.report);

    let other = features(json!([{"name": "ui", "enabled": true, "strategies": [{"name": "default"}]}]));
    let refused = planned(&other, &here, false);
    let why = "there is already one of this key, and it differs in its strategies; only a replacing import changes it";
    assert_eq!(said(&refused), [("ui", why)]);
    let replaced = planned(&other, &here, true);
    assert_eq!(replaced.report.flags[0].outcome, Outcome::Changed);
    let here = kept(here, replaced.changes);
    let (flag, configuration) = made(&here, "ui");
    assert_eq!((flag.description.as_str(), configuration.strategies.len()), ("Ours", 1));
}

#[test]
fn a_flag_keeps_the_rules_that_it_was_made_with() {
    let state = features(json!([{"name": "ui", "enabled": true, "strategies": []}]));
    let (_, mut here) = anew(&state);
    here.flags.get_mut(&FlagKey::new("ui").unwrap()).unwrap().body = Flag::boolean("ui");
    let why = "there is already one of this key that is evaluated by LaunchDarkly's rules: delete it first";
    assert_eq!(said(&planned(&state, &here, true)), [("ui", why)]);
}

#[test]
fn whoever_is_looked_at_here_may_not_come_to_look_at_others() {
    let child = json!({"name": "child", "enabled": true, "strategies": [], "dependencies": [{"feature": "parent"}]});
    let parent = json!({"name": "parent", "enabled": true, "strategies": []});
    let (_, here) = anew(&features(json!([child, parent])));
    let deeper = features(json!([
        {"name": "parent", "enabled": true, "strategies": [], "dependencies": [{"feature": "top"}]},
        {"name": "top", "enabled": true, "strategies": []}]));
    let plan = planned(&deeper, &here, true);
    assert!(said(&plan)[0].1.contains("child names it"), "{:?}", said(&plan));
}
