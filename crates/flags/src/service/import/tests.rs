//! Imports on both databases: one batch, one turn, the same again for nothing.

use evaluation::Payload;
use kernel::{Actor, EnvironmentKey, ProjectKey, Revision};
use serde_json::{Value, json};
use testkit::SeededRng;

use super::*;
use crate::import::tests::imported::alike;
use crate::import::tests::random;
use crate::testing::{House, house};

fn production() -> Place {
    Place { project: ProjectKey::new("shop").unwrap(), environment: EnvironmentKey::new("production").unwrap() }
}

fn import(payload: &Value) -> Import {
    Import { payload: Payload::from_json(&payload.to_string()).unwrap(), ..Import::default() }
}

#[allow(clippy::needless_pass_by_value)] // json!(…) reads best in its place
fn flag(more: Value) -> Value {
    let mut flag = json!({"version": 5, "on": true, "variations": [true, false], "fallthrough": {"variation": 0},
        "offVariation": 1, "salt": "s"});
    flag.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    flag
}

#[tokio::test]
async fn what_is_imported_reaches_sdks_and_the_same_again_changes_nothing() {
    db::testing::each(|db| async move {
        let House { flags, follower, production, .. } = house(db.clone()).await;
        let wanted = import(&random::payload(&SeededRng::new(7), 10));
        let report = flags.import(Actor::system(), &self::production(), wanted.clone()).await.unwrap();
        assert_eq!((report.counts.created, report.counts.refused), (15, 0), "{report:?}");
        follower.refresh().await.unwrap();
        let text = production.snapshot(&follower).payload().clone();
        let sent = Payload::from_json(std::str::from_utf8(&text).unwrap()).unwrap();
        alike(&wanted.payload, &sent, 200);
        let largest = i64::try_from(report.largest_version).unwrap();
        assert!(sent.flags.iter().all(|flag| i64::try_from(flag.version).unwrap() > largest));

        let before = db::sequence::current(&db, "change").await.unwrap();
        let again = flags.import(Actor::system(), &self::production(), wanted).await.unwrap();
        assert_eq!(again.sentence, "nothing to do, all 15 are here just like that");
        assert_eq!(db::sequence::current(&db, "change").await.unwrap(), before);
    })
    .await;
}

#[tokio::test]
async fn versions_go_on_above_the_largest_that_was_imported() {
    db::testing::each(|db| async move {
        let House { flags, .. } = house(db.clone()).await;
        let wanted = import(&json!({"flags": {"a": flag(json!({"version": 1_000_000})), "b": flag(json!({}))}}));
        flags.import(Actor::system(), &production(), wanted).await.unwrap();
        let stored = flags::of_project(&db, &production().project).await.unwrap();
        assert!(stored.iter().all(|flag| flag.version > Revision(1_000_000)), "{stored:?}");
        let made = flags.create("later", json!({})).await;
        assert!(made.seq() > Revision(1_000_000));
    })
    .await;
}

#[tokio::test]
async fn a_dry_run_writes_nothing_and_tells_the_same() {
    db::testing::each(|db| async move {
        let House { flags, .. } = house(db.clone()).await;
        let before = db::sequence::current(&db, "change").await.unwrap();
        let wanted = import(&json!({"flags": {"a": flag(json!({})), "no way": flag(json!({}))}}));
        let dry = Import { dry_run: true, ..wanted.clone() };
        let dry = flags.import(Actor::system(), &production(), dry).await.unwrap();
        assert_eq!(dry.sentence, "If imported: 1 created, 0 changed, 0 unchanged, 1 refused");
        assert_eq!(db::sequence::current(&db, "change").await.unwrap(), before);
        let done = flags.import(Actor::system(), &production(), wanted).await.unwrap();
        assert_eq!((dry.flags, dry.counts), (done.flags, done.counts));
    })
    .await;
}

#[tokio::test]
async fn of_two_imports_at_once_the_second_finds_all_done() {
    db::testing::each(|db| async move {
        let House { flags, .. } = house(db).await;
        let wanted = import(&random::payload(&SeededRng::new(3), 6));
        let place = production();
        let one = flags.import(Actor::system(), &place, wanted.clone());
        let other = flags.import(Actor::system(), &place, wanted);
        let (one, other) = tokio::join!(one, other);
        let mut created = [one.unwrap().counts.created, other.unwrap().counts.created];
        created.sort_unstable();
        assert_eq!(created, [0, 9]);
    })
    .await;
}

#[tokio::test]
async fn what_is_replaced_keeps_its_history_and_its_words_and_can_be_restored() {
    db::testing::each(|db| async move {
        let House { flags, production, .. } = house(db).await;
        flags.create("a", json!({"name": "Checkout", "tags": ["shop"]})).await;
        let first = flags.configure("a", json!([{"kind": "turnFlagOn"}])).await;
        let wanted = import(&json!({"flags": {"a": flag(json!({"on": false, "trackEvents": true}))}}));
        let refused = flags.import(Actor::system(), &self::production(), wanted.clone()).await.unwrap();
        assert_eq!(refused.counts.refused, 1);
        let replacing = Import { replace: true, ..wanted };
        let replaced = flags.import(Actor::system(), &self::production(), replacing).await.unwrap();
        assert_eq!(replaced.counts.changed, 1, "{replaced:?}");
        let key = kernel::FlagKey::new("a").unwrap();
        let (_, now) = flags.configuration(&production.project, &production.environment, &key).await.unwrap();
        assert!(!now.configuration.on && now.configuration.track_events);
        let flag = flags.flag(&production.project, &key).await.unwrap().flag;
        assert_eq!((&*flag.name, flag.tags.len()), ("Checkout", 1));

        let place = (production.project.clone(), production.environment.clone(), key.clone());
        flags.restore(Actor::system(), place, first.seq()).await.unwrap();
        let (_, now) = flags.configuration(&production.project, &production.environment, &key).await.unwrap();
        assert!(now.configuration.on && !now.configuration.track_events);
    })
    .await;
}

#[tokio::test]
async fn a_second_environment_takes_the_flags_that_the_first_has_brought() {
    db::testing::each(|db| async move {
        let House { flags, .. } = house(db).await;
        let with = |on: bool| import(&json!({"flags": {"a": flag(json!({"on": on, "salt": format!("salt-{on}")}))}}));
        flags.import(Actor::system(), &production(), with(true)).await.unwrap();
        let test = Place { environment: EnvironmentKey::new("test").unwrap(), ..production() };
        let second = flags.import(Actor::system(), &test, with(false)).await.unwrap();
        assert_eq!((second.counts.changed, second.counts.refused), (1, 0), "{second:?}");
        let key = kernel::FlagKey::new("a").unwrap();
        let view = flags.flag(&test.project, &key).await.unwrap();
        let on = |environment: &EnvironmentKey| view.environments[environment].configuration.on;
        assert!(on(&production().environment) && !on(&test.environment));
    })
    .await;
}

#[tokio::test]
async fn one_import_at_a_time_has_its_turn() {
    db::testing::each(|db| async move {
        let House { flags, .. } = house(db).await;
        let turn = flags.turn_to_import().unwrap();
        assert!(matches!(flags.turn_to_import(), Err(Error::ImportUnderWay)));
        drop(turn);
        assert!(flags.turn_to_import().is_ok());
    })
    .await;
}

/// What Unleash gives away of features.
#[allow(clippy::needless_pass_by_value)] // json!(…) reads best in its place
fn features(list: Value) -> UnleashImport {
    let features = Features::read(&json!({"version": 2, "features": list}).to_string(), None).unwrap();
    UnleashImport { features, ..UnleashImport::default() }
}

#[tokio::test]
async fn features_reach_unleashs_sdks_as_they_were_and_the_same_again_changes_nothing() {
    db::testing::each(|db| async move {
        let House { flags, follower, production, .. } = house(db.clone()).await;
        let wanted = features(json!([
            {"name": "child", "enabled": true, "project": "theirs", "dependencies": [{"feature": "parent"}],
                "strategies": [{"name": "flexibleRollout",
                    "parameters": {"rollout": "25", "stickiness": "userId", "groupId": "other"}}]},
            {"name": "parent", "enabled": true, "strategies": [{"name": "moonPhase"}],
                "variants": [{"name": "blue", "weight": 1000, "payload": {"type": "string", "value": "#00f"}}]},
            {"name": "not ours", "enabled": true, "strategies": []},
        ]));
        let report = flags.import_unleash(Actor::system(), &self::production(), wanted.clone()).await.unwrap();
        assert_eq!((report.counts.created, report.counts.refused), (2, 1), "{report:?}");
        follower.refresh().await.unwrap();
        let snapshot = production.snapshot(&follower);
        let told = snapshot.unleash().history().updates().iter().filter_map(|update| update.json());
        let told: Vec<Value> = told.map(|json| serde_json::from_slice(json).unwrap()).collect();
        let of = |name: &str| told.iter().find(|one| one["name"] == name).unwrap();
        assert_eq!(of("child")["strategies"][0]["parameters"]["groupId"], "other");
        assert_eq!(of("child")["dependencies"][0]["feature"], "parent");
        assert_eq!(of("child")["project"], "shop", "it lives here now");
        assert_eq!(of("parent")["variants"][0]["payload"]["value"], "#00f");

        let before = db::sequence::current(&db, "change").await.unwrap();
        let again = flags.import_unleash(Actor::system(), &self::production(), wanted).await.unwrap();
        assert_eq!((again.counts.unchanged, again.counts.refused), (2, 1), "{again:?}");
        assert_eq!(db::sequence::current(&db, "change").await.unwrap(), before);
    })
    .await;
}

#[tokio::test]
async fn of_two_imports_of_features_at_once_the_second_finds_all_done() {
    db::testing::each(|db| async move {
        let House { flags, .. } = house(db).await;
        let wanted = features(json!([{"name": "a", "enabled": true}, {"name": "b", "enabled": false}]));
        let place = production();
        let one = flags.import_unleash(Actor::system(), &place, wanted.clone());
        let other = flags.import_unleash(Actor::system(), &place, wanted);
        let (one, other) = tokio::join!(one, other);
        let mut created = [one.unwrap().counts.created, other.unwrap().counts.created];
        created.sort_unstable();
        assert_eq!(created, [0, 2]);
    })
    .await;
}

#[tokio::test]
async fn an_address_that_is_none_may_stay_and_come_back_but_nobody_enters_another() {
    db::testing::each(|db| async move {
        let House { flags, production, .. } = house(db).await;
        let ranges = |values: Value| {
            json!([{"name": "default", "constraints": [
                {"contextName": "remoteAddress", "operator": "IN_CIDR", "values": values}]}])
        };
        let imported = ranges(json!(["127.invalid", "10.0.0.0/8"]));
        let wanted = features(json!([{"name": "ui", "enabled": true, "strategies": imported}]));
        let report = flags.import_unleash(Actor::system(), &self::production(), wanted).await.unwrap();
        assert_eq!(report.counts.refused, 0, "{report:?}");
        let tell = async |instructions: Value| flags.tell(production.configuration("ui"), instructions).await;
        let replace = |values: Value| json!([{"kind": "replaceStrategies", "strategies": ranges(values)}]);

        tell(json!([{"kind": "turnFlagOff"}])).await.expect("it can be turned off as ever");
        tell(replace(json!(["127.invalid", "10.0.0.0/9"]))).await.expect("the rest can be edited around it");
        tell(replace(json!(["127.other"]))).await.expect_err("nobody enters another");
        let without = tell(replace(json!(["10.0.0.0/9"]))).await.unwrap();
        tell(replace(json!(["127.invalid"]))).await.expect_err("nobody enters it again");
        let back =
            flags.undo(without.seq(), Actor::system(), crate::model::Cause::default(), Batch::new()).await.unwrap();
        tell(replace(json!(["10.0.0.0/9"]))).await.unwrap();
        let key = kernel::FlagKey::new("ui").unwrap();
        let place = (production.project.clone(), production.environment.clone(), key);
        flags.restore(Actor::system(), place, back.seq()).await.expect("history comes back as it was");
        flags.amend("ui", json!([{"kind": "deleteFlag"}])).await;
        flags.amend("ui", json!([{"kind": "restoreFlag"}])).await;
    })
    .await;
}
