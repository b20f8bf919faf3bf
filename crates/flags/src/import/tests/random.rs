//! Random payloads with everything that LaunchDarkly sends, and random contexts that meet them.

use kernel::Rng;
use serde_json::{Map, Value, json};
use testkit::SeededRng;

const KINDS: [&str; 3] = ["user", "device", "org"];

fn below(rng: &SeededRng, most: usize) -> usize {
    usize::try_from(rng.next_u64() % most as u64).unwrap()
}

fn coin(rng: &SeededRng) -> bool {
    below(rng, 2) == 0
}

fn pick<'a, T>(rng: &SeededRng, from: &'a [T]) -> &'a T {
    &from[below(rng, from.len())]
}

/// A payload of so many flags and half as many segments.
pub(crate) fn payload(rng: &SeededRng, flags: usize) -> Value {
    let segments: Map<String, Value> = (0..flags / 2).map(|at| (format!("segment-{at}"), segment(rng, at))).collect();
    let flags = (0..flags).map(|at| (format!("flag-{at}"), flag(rng, at, segments.len()))).collect::<Map<_, _>>();
    json!({"flags": flags, "segments": segments})
}

fn flag(rng: &SeededRng, at: usize, segments: usize) -> Value {
    // The same type in every payload, so that one can take another's place.
    let variations = match at % 4 {
        0 => json!([true, false]),
        1 => json!(["red", "green", "blue"]),
        2 => json!([1, 2.5]),
        _ => json!([{"a": [1, null]}, null, "text", 7]),
    };
    let count = variations.as_array().unwrap().len();
    let prerequisites: Vec<Value> = (0..at.min(below(rng, 3)))
        .map(|nth| json!({"key": format!("flag-{}", (at - 1 - nth)), "variation": below(rng, 2)}))
        .collect();
    let rules: Vec<Value> = (0..below(rng, 4)).map(|nth| rule(rng, nth, count, segments)).collect();
    let (targets, context_targets) = targets(rng, count);
    let mut flag = json!({
        "key": format!("flag-{at}"), "version": below(rng, 1_000) + 1, "on": below(rng, 5) > 0,
        "prerequisites": prerequisites, "targets": targets, "contextTargets": context_targets, "rules": rules,
        "fallthrough": serve(rng, count), "offVariation": coin(rng).then(|| below(rng, count)),
        "variations": variations, "salt": format!("salt-{at}"), "trackEvents": coin(rng),
        "trackEventsFallthrough": coin(rng), "debugEventsUntilDate": coin(rng).then(|| below(rng, 2_000_000_000)),
    });
    let members = flag.as_object_mut().unwrap();
    if coin(rng) {
        members
            .insert("clientSideAvailability".into(), json!({"usingMobileKey": coin(rng), "usingEnvironmentId": true}));
    } else {
        members.insert("clientSide".into(), json!(coin(rng)));
    }
    if coin(rng) {
        members.insert("samplingRatio".into(), json!(below(rng, 10)));
        members.insert("excludeFromSummaries".into(), json!(coin(rng)));
        members.insert("migration".into(), json!({"checkRatio": below(rng, 10)}));
    }
    flag
}

fn segment(rng: &SeededRng, at: usize) -> Value {
    let keys = |kind: &str| (0..below(rng, 4)).map(|_| key(rng, kind)).collect::<Vec<_>>();
    let others =
        || json!([{"contextKind": "device", "values": keys("device")}, {"contextKind": "org", "values": keys("org")}]);
    let rules: Vec<Value> = (0..below(rng, 3))
        .map(|nth| {
            let mut rule = json!({"id": format!("{at}-{nth}"), "clauses": [clause(rng, at)]});
            let members = rule.as_object_mut().unwrap();
            if coin(rng) {
                members.insert("weight".into(), json!(below(rng, 100_001)));
                bucketing(rng, members, "rolloutContextKind");
            }
            rule
        })
        .collect();
    json!({"key": format!("segment-{at}"), "version": below(rng, 900) + 1, "included": keys("user"), "excluded": keys("user"),
        "includedContexts": others(), "excludedContexts": others(), "rules": rules, "salt": format!("salt-of-{at}")})
}

/// With a kind the attribute is a reference, without one a plain name.
fn bucketing(rng: &SeededRng, members: &mut Map<String, Value>, kind: &str) {
    match below(rng, 4) {
        0 => {}
        1 => drop(members.insert("bucketBy".into(), json!(pick(rng, &["email", "/odd~name", "plan"])))),
        2 => drop(members.insert(kind.into(), json!(pick(rng, &KINDS)))),
        _ => {
            members.insert(kind.into(), json!(pick(rng, &KINDS)));
            members.insert("bucketBy".into(), json!(pick(rng, &["email", "/address/city", "number"])));
        }
    }
}

fn serve(rng: &SeededRng, count: usize) -> Value {
    if coin(rng) {
        return json!({"variation": below(rng, count)});
    }
    let mut left = 100_000;
    let shares = |at: usize, left: &mut usize| {
        // What the last leaves belongs to it all the same.
        let weight = if at + 1 == count && coin(rng) { *left } else { below(rng, *left + 1) };
        *left -= weight;
        json!({"variation": at, "weight": weight, "untracked": below(rng, 4) == 0})
    };
    let variations: Vec<Value> = (0..count).map(|at| shares(at, &mut left)).collect();
    let mut rollout = json!({"variations": variations});
    let members = rollout.as_object_mut().unwrap();
    bucketing(rng, members, "contextKind");
    if coin(rng) {
        members.insert("kind".into(), json!(pick(rng, &["rollout", "experiment"])));
    }
    if coin(rng) {
        members.insert("seed".into(), json!(below(rng, 1_000) + 1));
    }
    json!({"rollout": rollout})
}

fn rule(rng: &SeededRng, nth: usize, count: usize, segments: usize) -> Value {
    let clauses: Vec<Value> = (0..=below(rng, 2)).map(|_| clause(rng, segments)).collect();
    let mut rule = json!({"id": format!("rule-id-{nth}"), "clauses": clauses, "trackEvents": coin(rng)});
    rule.as_object_mut().unwrap().extend(serve(rng, count).as_object().unwrap().clone());
    rule
}

fn clause(rng: &SeededRng, segments: usize) -> Value {
    let (attribute, op, values) = match below(rng, 12) {
        0 if segments > 0 => ("", "segmentMatch", json!([format!("segment-{}", below(rng, segments))])),
        1 => ("email", "endsWith", json!(["@a.example", "@b.example"])),
        2 => ("email", "startsWith", json!(["user-1"])),
        3 => ("email", "contains", json!(["2"])),
        4 => ("email", "matches", json!(["^user-[0-4]"])),
        5 => (
            "number",
            *pick(rng, &["lessThan", "lessThanOrEqual", "greaterThan", "greaterThanOrEqual"]),
            json!([4, 7.5]),
        ),
        6 => ("born", *pick(rng, &["before", "after"]), json!(["2020-06-01T00:00:00Z", 1_500_000_000_000_u64])),
        7 => ("app", *pick(rng, &["semVerEqual", "semVerLessThan", "semVerGreaterThan"]), json!(["2.0.0", "3.1"])),
        8 => ("kind", "in", json!([pick(rng, &KINDS)])),
        9 => ("/odd~name", "in", json!(["x", 1, true])),
        10 => ("tags", "in", json!(["red"])),
        _ => ("plan", "in", json!(["gold", 3])),
    };
    let mut clause = json!({"attribute": attribute, "op": op, "values": values, "negate": below(rng, 3) == 0});
    let kind = clause.as_object_mut().unwrap();
    if attribute == "/odd~name" {
        if coin(rng) {
            kind.insert("attribute".into(), json!("/address/city"));
            kind.insert("contextKind".into(), json!(pick(rng, &KINDS)));
        }
    } else if coin(rng) {
        kind.insert("contextKind".into(), json!(pick(rng, &KINDS)));
    }
    clause
}

/// Lists of users, and, half the time, of other kinds too, in any order and with placeholders for the users.
fn targets(rng: &SeededRng, count: usize) -> (Value, Value) {
    let list = |kind: &str, variation: usize| {
        let values: Vec<String> = (0..below(rng, 3)).map(|_| key(rng, kind)).collect();
        json!({"contextKind": kind, "values": values, "variation": variation})
    };
    let users: Vec<Value> = (0..count).map(|variation| list("user", variation)).collect();
    if coin(rng) {
        return (json!(users), json!([]));
    }
    let mut all: Vec<Value> = Vec::new();
    for variation in 0..count {
        all.push(json!({"contextKind": "user", "values": [], "variation": variation}));
        all.push(list("device", variation));
        all.push(list("org", variation));
    }
    for at in (1..all.len()).rev() {
        all.swap(at, below(rng, at + 1));
    }
    (json!(users), json!(all))
}

fn key(rng: &SeededRng, kind: &str) -> String {
    format!("{kind}-{}", below(rng, 10))
}

/// A context of one kind or of several, often one that some flag names.
pub(crate) fn context(rng: &SeededRng) -> Value {
    let kinds: Vec<&str> = KINDS.into_iter().filter(|_| coin(rng)).collect();
    match kinds.as_slice() {
        [] => part(rng, "other", true),
        [one] => part(rng, one, true),
        several => {
            let mut multi = json!({"kind": "multi"});
            let parts = several.iter().map(|kind| ((*kind).to_owned(), part(rng, kind, false)));
            multi.as_object_mut().unwrap().extend(parts);
            multi
        }
    }
}

fn part(rng: &SeededRng, kind: &str, alone: bool) -> Value {
    let key = if coin(rng) { key(rng, kind) } else { format!("{kind}-{}", rng.next_u64()) };
    let mut part = json!({"key": key});
    let members = part.as_object_mut().unwrap();
    if alone {
        members.insert("kind".into(), json!(kind));
    }
    let attributes = [
        ("email", json!(format!("user-{}@{}.example", below(rng, 10), pick(rng, &["a", "b", "c"])))),
        ("plan", pick(rng, &[json!("gold"), json!("free"), json!(3)]).clone()),
        ("number", pick(rng, &[json!(4), json!(7.5), json!(9), json!("9")]).clone()),
        ("born", pick(rng, &[json!("2019-01-01T00:00:00Z"), json!(1_600_000_000_000_u64), json!("never")]).clone()),
        ("app", pick(rng, &[json!("1.9"), json!("2.0.0"), json!("4.0.0-rc.1")]).clone()),
        ("address", json!({"city": pick(rng, &["x", "Rome"])})),
        ("/odd~name", pick(rng, &[json!("x"), json!(1), json!(false)]).clone()),
        ("tags", pick(rng, &[json!(["red", "blue"]), json!([]), json!("red")]).clone()),
    ];
    members.extend(attributes.into_iter().filter(|_| coin(rng)).map(|(name, value)| (name.to_owned(), value)));
    part
}
