//! Unleash's features beyond what the specification and Yggdrasil show: time, chance, LaunchDarkly contexts, allocation.

#![allow(clippy::unwrap_used)] // helpers of tests

use evaluation::unleash::model::{ClientFeatures, Constraint};
use evaluation::unleash::{Context, Features, Moment, Verdict};
use serde_json::{Value, json};

fn features(list: &Value) -> Features {
    let data = ClientFeatures::from_json(&json!({"version": 2, "features": list}).to_string()).unwrap();
    assert_eq!(data.unreadable, []);
    Features::compile(&data)
}

fn user(id: &str) -> Context {
    Context { user_id: Some(id.to_owned()), ..Context::default() }
}

#[test]
fn the_time_is_the_moments_unless_the_context_says_it() {
    let after = json!({"contextName": "currentTime", "operator": "DATE_AFTER", "value": "2026-01-01T00:00:00Z"});
    let features = features(&json!([{"name": "f", "enabled": true, "strategies": [
        {"name": "default", "constraints": [after]}]}]));
    let on = |context: &Context, now_ms| features.evaluate("f", context, Moment { now_ms, chance: 0 }).unwrap().is_on();
    let said = Context { current_time: Some("2025-12-31T00:00:00Z".to_owned()), ..Context::default() };
    assert!(on(&Context::default(), Some(1_767_225_600_001)));
    assert!(!on(&Context::default(), Some(1_767_225_600_000)));
    assert!(!on(&Context::default(), None));
    assert!(!on(&said, Some(1_767_225_600_001)));
}

#[test]
fn chance_lets_the_wanted_share_in() {
    let random = |name: &str, parameters: Value| json!({"name": name, "parameters": parameters});
    let strategies = [
        random("flexibleRollout", json!({"rollout": "30", "stickiness": "random", "groupId": "g"})),
        random("flexibleRollout", json!({"rollout": "30", "stickiness": "default", "groupId": "g"})),
        random("gradualRolloutRandom", json!({"percentage": "30"})),
    ];
    for strategy in strategies {
        let features = features(&json!([{"name": "f", "enabled": true, "strategies": [strategy]}]));
        let on = (0..10_000)
            .filter(|chance| {
                let moment = Moment { now_ms: None, chance: *chance };
                features.evaluate("f", &Context::default(), moment).unwrap().is_on()
            })
            .count();
        assert!((2_800..3_200).contains(&on), "{strategy}: {on}");
    }
}

#[test]
fn the_verdict_says_why() {
    let features = features(&json!([
        {"name": "off", "enabled": false, "strategies": []},
        {"name": "everybody", "enabled": true, "strategies": []},
        {"name": "second", "enabled": true, "strategies": [
            {"name": "userWithId", "parameters": {"userIds": "bob"}}, {"name": "default"}]},
        {"name": "nobody", "enabled": true, "strategies": [{"name": "default", "disabled": true}]},
        {"name": "child", "enabled": true, "strategies": [], "dependencies": [{"feature": "everybody"}, {"feature": "off"}]},
        {"name": "grandchild", "enabled": true, "strategies": [], "dependencies": [{"feature": "child"}]},
    ]));
    let table = [
        ("off", Verdict::Disabled),
        ("everybody", Verdict::Everybody),
        ("second", Verdict::Strategy(1)),
        ("nobody", Verdict::NoStrategy),
        ("child", Verdict::DependencyFailed(1)),
        ("grandchild", Verdict::DependencyFailed(0)),
    ];
    for (name, verdict) in table {
        assert_eq!(features.evaluate(name, &user("ada"), Moment::default()).unwrap().verdict, verdict, "{name}");
    }
    assert!(features.evaluate("gone", &user("ada"), Moment::default()).is_none());
}

#[test]
fn what_some_sdk_could_not_read_is_named() {
    let check =
        |json: Value| serde_json::from_value::<Constraint>(json).unwrap().check().map_err(|error| error.to_string());
    let good = json!({"contextName": "a", "operator": "IN_CIDR", "values": ["10.0.0.0/8", "::1"]});
    assert_eq!(check(good), Ok(()));
    let table = [
        (json!({"operator": "LATER", "value": "1"}), "there is no operator \"LATER\""),
        (json!({"operator": "NUM_GT"}), "the operator NUM_GT compares with `value`, which is missing"),
        (json!({"operator": "NUM_GT", "value": "ten"}), "\"ten\" is no number"),
        (json!({"operator": "DATE_AFTER", "value": "2022"}), "\"2022\" is no instant"),
        (json!({"operator": "SEMVER_EQ", "value": "v1.0.0"}), "\"v1.0.0\" is no semantic version"),
        (json!({"operator": "SEMVER_EQ", "value": "1.0"}), "\"1.0\" is no semantic version"),
        (json!({"operator": "REGEX", "value": "(?=a)"}), "\"(?=a)\" is no regular expression"),
        (json!({"operator": "IN_CIDR", "values": ["10.0.0.0/33"]}), "\"10.0.0.0/33\" is no address or range"),
    ];
    for (constraint, why) in table {
        let said = check(constraint).unwrap_err();
        assert!(said.starts_with(why), "{said}");
    }
}

#[test]
fn nothing_is_allocated_on_the_common_paths() {
    let constraint = |operator: &str, field: &str, value: Value| {
        let (values, value) = if value.is_array() { (value, Value::Null) } else { (json!([]), value) };
        json!({"contextName": field, "operator": operator, "values": values, "value": value})
    };
    let strategy = |constraints: Value| json!({"name": "default", "constraints": constraints});
    let rollout = json!({"name": "flexibleRollout", "parameters": {"rollout": "100", "stickiness": "default", "groupId": "g"},
        "variants": [{"name": "x", "weight": 500}, {"name": "y", "weight": 500}]});
    let all = json!([
        constraint("IN", "plan", json!(["gold", "free"])),
        constraint("STR_ENDS_WITH", "email", json!([".org"])),
        constraint("SEMVER_GT", "version", json!("2.0.0")),
        constraint("NUM_LT", "age", json!("40")),
        constraint("IN_CIDR", "remoteAddress", json!(["10.0.0.0/8"])),
        constraint("DATE_AFTER", "currentTime", json!("2020-01-01T00:00:00Z")),
    ]);
    let features = features(&json!([
        {"name": "constraints", "enabled": true, "strategies": [strategy(all)]},
        {"name": "rollout", "enabled": true, "strategies": [rollout], "dependencies": [{"feature": "constraints"}]},
    ]));
    let properties = [("plan", "gold"), ("email", "ada@math.org"), ("version", "2.10.0"), ("age", "36")];
    let context = Context {
        remote_address: Some("10.1.2.3".to_owned()),
        properties: properties.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        ..user("ada")
    };
    let moment = Moment { now_ms: Some(1_767_225_600_000), chance: 7 };
    let theirs =
        evaluation::Context::from_value(json!({"kind": "user", "key": "ada", "plan": "gold", "ip": "10.1.2.3",
        "email": "ada@math.org", "version": "2.10.0", "age": "36"}))
        .unwrap();
    for name in ["constraints", "rollout"] {
        let count = |work: &dyn Fn() -> bool| {
            let mut on = false;
            let count = allocation_counter::measure(|| on = work()).count_total;
            assert!(on, "{name}");
            count
        };
        assert_eq!(count(&|| features.evaluate(name, &context, moment).unwrap().is_on()), 0, "{name}");
        assert_eq!(count(&|| features.evaluate_for(name, &theirs, moment).unwrap().is_on()), 0, "{name}");
    }
}
