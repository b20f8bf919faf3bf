//! Flags by Unleash's rules: what may be written, how it is taken back, and who is told.

use db::Dialect;
use db::testing::Fresh;
use evaluation::NoBigSegments;
use kernel::{FlagKey, Revision};
use serde_json::{Value, json};

use super::{Cause, code, configuration};
use crate::families::families;
use crate::model::Configuration;
use crate::testing::{House, house};

/// A rollout of 25 % among Norwegians.
fn norwegians() -> Value {
    json!([{"name": "flexibleRollout", "parameters": {"rollout": "25", "stickiness": "userId"},
        "constraints": [{"contextName": "country", "operator": "IN", "values": ["no"]}]}])
}

async fn create(house: &House, key: &str) {
    house.flags.create(key, json!({"bucketing": "unleash"})).await;
}

#[tokio::test]
async fn strategies_are_replaced_taken_back_and_restored() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        create(&house, "ui").await;
        let first =
            house.flags.configure("ui", json!([{"kind": "replaceStrategies", "strategies": norwegians()}])).await;
        assert_eq!(first.summary.sentences, ["Let in 25 % of everyone, drawn by userId where country is “no”"]);
        let second = house.flags.configure("ui", json!([{"kind": "replaceStrategies", "strategies": []}])).await;
        house.flags.undo(second.seq(), kernel::Actor::system(), Cause::default(), db::Batch::new()).await.unwrap();
        let strategies = |configured: Configuration| serde_json::to_value(configured.strategies).unwrap();
        let now = configuration(&house.flags, &house.production, "ui").await.configuration;
        assert_eq!(strategies(now)[0]["parameters"]["rollout"], "25");

        let place =
            (house.production.project.clone(), house.production.environment.clone(), FlagKey::new("ui").unwrap());
        house.flags.restore(kernel::Actor::system(), place, second.seq()).await.unwrap();
        let now = configuration(&house.flags, &house.production, "ui").await.configuration;
        assert_eq!(strategies(now), json!([]));
    })
    .await;
}

#[tokio::test]
async fn what_sdks_would_read_in_different_ways_is_refused() {
    let fresh = Fresh::new(Dialect::Sqlite).await;
    let house = house(fresh.open().await).await;
    create(&house, "ui").await;
    create(&house, "parent").await;
    house.flags.create("plain", json!({})).await;
    let strategies = |strategy: Value| json!({"kind": "replaceStrategies", "strategies": [strategy]});
    let constrained = |constraint: Value| strategies(json!({"name": "default", "constraints": [constraint]}));
    let variants = |variants: Value| json!({"kind": "replaceVariants", "variants": variants});
    let depends = |on: &str| json!({"kind": "replaceDependencies", "dependencies": [{"feature": on}]});
    let table = [
        (json!({"kind": "setFallthrough", "variation": 1}), "launch-darkly-only"),
        (json!({"kind": "addTargets", "variation": 0, "values": ["ada"]}), "launch-darkly-only"),
        (json!({"kind": "setOffVariation", "variation": null}), "launch-darkly-only"),
        (strategies(json!({"name": "flexibleRollout", "parameters": {"rollout": "101"}})), "strategy-parameter"),
        (strategies(json!({"name": "gradualRolloutUserId", "parameters": {"percentage": "5"}})), "strategy-parameter"),
        (strategies(json!({"name": "remoteAddress", "parameters": {"IPs": "10.0.0.0/8, here"}})), "strategy-parameter"),
        (constrained(json!({"contextName": "a", "operator": "REGEX", "value": "(?=a)"})), "constraint"),
        (constrained(json!({"contextName": "a", "operator": "IN_CIDR", "values": ["10.0.0.0/99"]})), "constraint"),
        (constrained(json!({"contextName": "a", "operator": "LATER", "value": "1"})), "constraint"),
        (constrained(json!({"contextName": "a", "operator": "STR_CONTAINS"})), "empty"),
        (
            constrained(json!({"contextName": "born", "operator": "DATE_AFTER", "value": "2026-01-01T00:00:00Z"})),
            "date-field",
        ),
        (variants(json!([{"name": "x", "weight": 0}])), "no-weight"),
        (variants(json!([{"name": "x", "weight": 1}, {"name": "x", "weight": 1}])), "duplicate"),
        (variants(json!([{"name": "x", "weight": 1, "payload": {"type": "json", "value": "{"}}])), "payload"),
        (
            strategies(json!({"name": "flexibleRollout", "parameters": {"rollout": "5", "stickiness": "userId"},
                "variants": [{"name": "x", "weight": 1, "stickiness": "sessionId"}]})),
            "stickiness",
        ),
        (depends("gone"), "flag-unknown"),
        (depends("plain"), "dependency-bucketing"),
        (depends("ui"), "dependency-depth"),
        (depends("parent"), "done"),
    ];
    for (instruction, expected) in table {
        let result = house.flags.tell(house.production.configuration("ui"), json!([instruction])).await;
        assert_eq!(code(result), expected, "{instruction}");
    }
    let deeper = house.flags.tell(house.production.configuration("parent"), json!([depends("plain")])).await;
    assert_eq!(code(deeper), "dependency-bucketing");
    create(&house, "grandparent").await;
    let deeper = house.flags.tell(house.production.configuration("parent"), json!([depends("grandparent")])).await;
    assert_eq!(code(deeper), "dependency-depth", "the parent of ui depends on none");
    let needed = house.flags.tell(house.production.flag("parent"), json!([{"kind": "deleteFlag"}])).await;
    assert_eq!(code(needed), "still-needed");
}

#[tokio::test]
async fn the_parts_of_one_are_not_for_the_other() {
    let fresh = Fresh::new(Dialect::Sqlite).await;
    let house = house(fresh.open().await).await;
    create(&house, "ui").await;
    house.flags.create("plain", json!({})).await;
    let tell = async |instruction: Value| {
        code(house.flags.tell(house.production.configuration("plain"), json!([instruction])).await)
    };
    assert_eq!(tell(json!({"kind": "replaceStrategies", "strategies": norwegians()})).await, "unleash-only");
    assert_eq!(tell(json!({"kind": "addPrerequisite", "key": "ui", "variation": 0})).await, "prerequisite-bucketing");
    let text = json!({"name": "T", "kind": "string", "bucketing": "unleash", "variations": [{"value": "a"}],
        "defaults": {"onVariation": 0, "offVariation": 0}});
    let created = house.flags.tell(house.production.flag("text"), json!([{"kind": "createFlag", "flag": text}])).await;
    assert_eq!(code(created), "unleash-boolean");
}

#[tokio::test]
async fn each_family_is_told_only_what_it_reads_as_it_is_meant() {
    let fresh = Fresh::new(Dialect::Sqlite).await;
    let house = house(fresh.open().await).await;
    create(&house, "ui").await;
    house.flags.create("plain", json!({})).await;
    house.flags.create("split", json!({})).await;
    let everybody = json!([{"kind": "turnFlagOn"}, {"kind": "replaceStrategies", "strategies": [
        {"name": "userWithId", "parameters": {"userIds": "ada"}}]}]);
    house.flags.configure("ui", everybody).await;
    let shares = json!([{"variation": 0, "weight": 1_000}, {"variation": 1, "weight": 99_000}]);
    let rollout = json!([{"kind": "turnFlagOn"}, {"kind": "setFallthrough", "rollout": {"variations": shares}}]);
    house.flags.configure("split", rollout).await;
    house.follower.refresh().await.unwrap();
    let snapshot = house.production.snapshot(&house.follower);

    let payload: Value = serde_json::from_slice(snapshot.payload()).unwrap();
    let told: Vec<_> = payload["flags"].as_object().unwrap().keys().collect();
    assert_eq!(told, ["plain", "split"], "LaunchDarkly's server SDKs");
    let shown = |update: &&std::sync::Arc<delivery::Update>| update.json().is_some();
    let mut told: Vec<_> = snapshot.unleash().history().updates().iter().filter(shown).map(|one| &*one.key).collect();
    told.sort_unstable();
    assert_eq!(told, ["plain", "ui"], "Unleash's SDKs");
    assert_eq!(snapshot.unleash().left_out().keys().collect::<Vec<_>>(), ["split"]);

    let context = |key: &str| evaluation::Context::from_value(json!({"kind": "user", "key": key})).unwrap();
    let value = |key: &str| snapshot.compiled().evaluate("ui", &context(key), &NoBigSegments).value.cloned();
    assert_eq!(
        (value("ada"), value("eve")),
        (Some(json!(true)), Some(json!(false))),
        "everybody else is answered from here"
    );

    let split = configuration(&house.flags, &house.production, "split").await.configuration;
    let key = FlagKey::new("split").unwrap();
    let flag = house.flags.flag(&house.production.project, &key).await.unwrap().flag;
    let said = serde_json::to_value(families(&key, &flag, &split)).unwrap();
    assert_eq!(said[0], json!({"family": "launchDarkly", "local": true}));
    assert_eq!(
        said[1]["why"],
        "Unleash's backend SDKs are not told of this flag: it has a percentage rollout, which Unleash would draw \
         differently. Its frontend API evaluates it here."
    );
}

#[tokio::test]
async fn a_key_that_changes_its_rules_in_another_life_leaves_nothing_behind() {
    let fresh = Fresh::new(Dialect::Sqlite).await;
    let house = house(fresh.open().await).await;
    create(&house, "ui").await;
    house.follower.refresh().await.unwrap();
    house.flags.amend("ui", json!([{"kind": "deleteFlag"}])).await;
    house.flags.create("ui", json!({})).await;
    house.follower.refresh().await.unwrap();
    let snapshot = house.production.snapshot(&house.follower);
    assert_eq!(snapshot.compiled().flags().len(), 1);
    house.flags.amend("ui", json!([{"kind": "deleteFlag"}])).await;
    create(&house, "ui").await;
    house.follower.refresh().await.unwrap();
    let snapshot = house.production.snapshot(&house.follower);
    assert_eq!(snapshot.compiled().flags().len(), 1);
    let since = snapshot.updates_since(Revision(0)).unwrap();
    assert!(since.iter().all(|update| update.json().is_none()), "LaunchDarkly's SDKs know it as gone");
}
