//! Changes on both databases: whole or not at all, one order, nobody's judgement overtaken.

use futures_util::future::join_all;
use kernel::{Actor, EnvironmentKey, FlagKey, ProjectKey, Revision};
use serde_json::{Value, json};

use super::*;
use crate::model::{Cause, ChangeRecord, KeyId, State, Subject};
use crate::store::{self, changes, flags, places};
use crate::testing::{House, Place, TestFlags, house};

mod unleash;

/// The code of a refusal.
fn code(result: Result<ChangeRecord, Error>) -> &'static str {
    match result {
        Ok(_) => "done",
        Err(Error::Instruction(error)) => error.reason.code(),
        Err(Error::Invalid(invalid)) => invalid.reason.code(),
        Err(Error::NotFound(_)) => "not-found",
        Err(Error::Stale { .. }) => "stale",
        Err(other) => panic!("{other:?}"),
    }
}

async fn configuration(flags: &Flags, place: &Place, flag: &str) -> ConfiguredFlag {
    let key = FlagKey::new(flag).unwrap();
    flags.configuration(&place.project, &place.environment, &key).await.unwrap().1
}

#[tokio::test]
async fn every_statement_is_understood_by_both_databases() {
    db::testing::each(|db| async move {
        db::migrate(&db, &[crate::MIGRATIONS]).await.unwrap();
        db::testing::prepare_all(&db, store::STATEMENTS).await;
    })
    .await;
}

#[tokio::test]
async fn a_change_is_written_with_its_version_its_log_entry_and_its_company() {
    db::testing::each(|db| async move {
        let House { flags, production, .. } = house(db.clone()).await;
        flags.create("a", json!({})).await;
        let on = serde_json::from_value(json!([{"kind": "turnFlagOn"}])).unwrap();
        let cause = Cause { release_id: Some(kernel::ReleaseId::from_stored("rel_1")), ..Cause::default() };
        let change = Change::new(Actor::system(), production.configuration("a"), on)
            .comment("first step")
            .cause(cause.clone())
            .expected(Some(Revision(0)))
            .with(db::sequence::advance("release").into());
        let made = flags.change(change).await.unwrap();
        let now = configuration(&flags, &production, "a").await;
        assert_eq!((now.version, now.sdk_version), (made.seq(), made.seq()));
        assert_eq!(State::Configuration(now.configuration), made.after);
        assert_eq!((&made.summary.cause, &*made.summary.comment), (&cause, "first step"));
        assert_eq!(db::sequence::current(&db, "release").await.unwrap(), 1);
        assert_eq!(flags.change_at(made.seq()).await.unwrap(), made);
        let log = changes::since(&db, Revision(made.seq().0 - 1), 10).await.unwrap();
        assert_eq!((log.len(), &log[0].after), (1, &made.after));
    })
    .await;
}

#[tokio::test]
async fn when_the_company_is_refused_nothing_is_written() {
    db::testing::each(|db| async move {
        let House { flags, production, .. } = house(db.clone()).await;
        flags.create("a", json!({})).await;
        let before = db::sequence::current(&db, "change").await.unwrap();
        let on = serde_json::from_value(json!([{"kind": "turnFlagOn"}])).unwrap();
        let no_key = KeyId::from_stored("key_no");
        let guard = places::revoke_key(&production.project, &production.environment, &no_key, flags.now());
        let change = Change::new(Actor::system(), production.configuration("a"), on).with(guard.into());
        assert!(matches!(flags.change(change).await, Err(Error::Guard(places::KEY))));
        assert_eq!(db::sequence::current(&db, "change").await.unwrap(), before);
        assert!(!configuration(&flags, &production, "a").await.configuration.on);
    })
    .await;
}

#[tokio::test]
async fn changes_of_one_flag_without_an_expected_version_all_come_through() {
    db::testing::each(|db| async move {
        let House { flags, production, .. } = house(db).await;
        flags.create("a", json!({})).await;
        let work = (0..16).map(|at| {
            let flags = flags.clone();
            async move {
                let clause = json!({"attribute": "x", "op": "in", "values": [at]});
                let rule = json!({"clauses": [clause], "variation": 0});
                flags.configure("a", json!([{"kind": "addRule", "rule": rule}])).await.seq()
            }
        });
        let mut seqs = join_all(work).await;
        seqs.sort_unstable();
        assert!(seqs.windows(2).all(|pair| pair[0].0 + 1 == pair[1].0), "{seqs:?}");
        let now = configuration(&flags, &production, "a").await;
        assert_eq!(now.configuration.rules.len(), 16);
        assert_eq!(now.version, seqs[15]);
    })
    .await;
}

#[tokio::test]
async fn with_an_expected_version_one_of_many_comes_through() {
    db::testing::each(|db| async move {
        let House { flags, production, .. } = house(db).await;
        flags.create("a", json!({})).await;
        let work = (0..8).map(|_| {
            let on = serde_json::from_value(json!([{"kind": "turnFlagOn"}])).unwrap();
            let change = Change::new(Actor::system(), production.configuration("a"), on).expected(Some(Revision(0)));
            flags.change(change)
        });
        let mut codes: Vec<_> = join_all(work).await.into_iter().map(code).collect();
        codes.sort_unstable();
        assert_eq!(codes, ["done", "stale", "stale", "stale", "stale", "stale", "stale", "stale"]);
    })
    .await;
}

/// Runs two changes at once, and tells their codes in order.
async fn race(flags: &TestFlags, one: (Subject, Value), other: (Subject, Value)) -> [&'static str; 2] {
    let (one, other) = tokio::join!(flags.tell(one.0, one.1), flags.tell(other.0, other.1));
    let mut codes = [code(one), code(other)];
    codes.sort_unstable();
    codes
}

#[tokio::test]
async fn two_prerequisites_that_close_a_circle_together_do_not_both_come_through() {
    db::testing::each(|db| async move {
        let House { flags, production, .. } = house(db).await;
        for round in 0..8 {
            let (a, b) = (format!("a{round}"), format!("b{round}"));
            flags.create(&a, json!({})).await;
            flags.create(&b, json!({})).await;
            let need = |key: &str| json!([{"kind": "addPrerequisite", "key": key, "variation": 0}]);
            let codes =
                race(&flags, (production.configuration(&a), need(&b)), (production.configuration(&b), need(&a)));
            assert_eq!(codes.await, ["done", "prerequisite-cycle"]);
        }
    })
    .await;
}

#[tokio::test]
async fn what_somebody_begins_to_need_cannot_be_taken_away_at_the_same_time() {
    db::testing::each(|db| async move {
        let House { flags, production, .. } = house(db).await;
        let value = |id: &str| json!({"id": id, "name": id, "value": id});
        for round in 0..8 {
            let key = format!("a{round}");
            let variations = json!([value("x"), value("y"), value("z")]);
            flags.create(&key, json!({"kind": "string", "variations": variations})).await;
            let codes = race(
                &flags,
                (production.configuration(&key), json!([{"kind": "setFallthrough", "variation": 2}])),
                (production.flag(&key), json!([{"kind": "removeVariation", "variation": 2}])),
            );
            let codes = codes.await;
            assert!([["done", "variation-in-use"], ["done", "variation-unknown"]].contains(&codes), "{codes:?}");

            let segment = format!("s{round}");
            flags.segment(&segment, json!({"name": "S"})).await;
            let rule = json!({"clauses": [{"op": "segmentMatch", "values": [segment]}], "variation": 0});
            let codes = race(
                &flags,
                (production.configuration(&key), json!([{"kind": "addRule", "rule": rule}])),
                (production.segment(&segment), json!([{"kind": "deleteSegment"}])),
            );
            let codes = codes.await;
            assert!([["done", "segment-unknown"], ["done", "still-needed"]].contains(&codes), "{codes:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_flag_that_comes_back_must_find_what_it_needs() {
    db::testing::each(|db| async move {
        let House { flags, production, .. } = house(db).await;
        flags.create("base", json!({})).await;
        flags.create("a", json!({})).await;
        flags.configure("a", json!([{"kind": "addPrerequisite", "key": "base", "variation": 0}])).await;
        assert_eq!(code(flags.tell(production.flag("base"), json!([{"kind": "deleteFlag"}])).await), "still-needed");
        flags.amend("a", json!([{"kind": "deleteFlag"}])).await;
        assert_eq!(code(flags.tell(production.configuration("a"), json!([{"kind": "turnFlagOn"}])).await), "not-found");
        flags.amend("base", json!([{"kind": "deleteFlag"}])).await;
        assert_eq!(code(flags.tell(production.flag("a"), json!([{"kind": "restoreFlag"}])).await), "flag-unknown");
        flags.amend("base", json!([{"kind": "restoreFlag"}])).await;
        flags.amend("a", json!([{"kind": "restoreFlag"}])).await;
        assert_eq!(configuration(&flags, &production, "a").await.configuration.prerequisites.len(), 1);
        let codes = flags.tell(production.flag("base"), json!([{"kind": "deleteFlag"}])).await;
        assert_eq!(code(codes), "still-needed", "its links are back too");
    })
    .await;
}

#[tokio::test]
async fn a_flag_that_takes_a_deleted_ones_key_starts_anew() {
    db::testing::each(|db| async move {
        let House { flags, production, .. } = house(db).await;
        flags.create("a", json!({})).await;
        let on = flags.configure("a", json!([{"kind": "turnFlagOn"}])).await;
        flags.amend("a", json!([{"kind": "deleteFlag"}])).await;
        let anew = flags.create("a", json!({})).await;
        let now = configuration(&flags, &production, "a").await;
        assert_eq!((now.version, now.configuration.on), (Revision(0), false));
        assert!(now.sdk_version == anew.seq() && anew.seq() > on.seq());
        let undo = flags.undo(on.seq(), Actor::system(), Cause::default(), db::Batch::new()).await;
        assert!(matches!(undo, Err(Error::NoWayBack(_))), "the old life's configuration is gone: {undo:?}");
    })
    .await;
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    db::testing::each(|db| async move {
        let House { flags, production, .. } = house(db).await;
        let on = || json!([{"kind": "turnFlagOn"}]);
        let nowhere = ProjectKey::new("nowhere").unwrap();
        let away = EnvironmentKey::new("away").unwrap();
        flags.create("a", json!({})).await;
        let a = FlagKey::new("a").unwrap();
        let subjects = [
            production.configuration("no"),
            Subject::Configuration(production.project.clone(), away, a.clone()),
            Subject::Configuration(nowhere.clone(), production.environment.clone(), a.clone()),
            Subject::Flag(nowhere, a),
            production.flag("no"),
            production.segment("no"),
        ];
        for subject in subjects {
            let shown = format!("{subject:?}");
            assert_eq!(code(flags.tell(subject, on()).await), "not-found", "{shown}");
        }
        assert_eq!(
            code(flags.undo(Revision(999), Actor::system(), Cause::default(), db::Batch::new()).await),
            "not-found"
        );
    })
    .await;
}

#[tokio::test]
async fn an_undo_brings_its_cause_and_its_company_and_only_takes_back_what_is_still_there() {
    db::testing::each(|db| async move {
        let House { flags, production, .. } = house(db.clone()).await;
        flags.create("a", json!({})).await;
        let on = flags.configure("a", json!([{"kind": "turnFlagOn"}])).await;
        let same = flags.configure("a", json!([{"kind": "turnFlagOn"}])).await;
        let undo = |seq| flags.undo(seq, Actor::system(), Cause::default(), db::Batch::new());
        assert!(matches!(undo(same.seq()).await, Err(Error::NoWayBack(_))));
        let other = flags.configure("a", json!([{"kind": "setTracking", "trackEvents": true}])).await;
        match undo(on.seq()).await {
            Err(Error::Overtaken { by, overlaps: true, .. }) => assert_eq!(by, same.seq()),
            unexpected => panic!("{unexpected:?}"),
        }
        let incident = Cause { incident_id: Some(kernel::IncidentId::from_stored("inc_1")), ..Cause::default() };
        let company = db::sequence::advance("incident");
        let undone = flags.undo(other.seq(), Actor::system(), incident, company.into()).await.unwrap();
        assert_eq!(undone.summary.cause.undo_of, Some(other.seq()));
        assert_eq!(undone.summary.cause.incident_id.as_ref().unwrap().as_str(), "inc_1");
        assert_eq!(Some(&undone.after), other.before.as_ref());
        assert_eq!(db::sequence::current(&db, "incident").await.unwrap(), 1);
        assert!(!configuration(&flags, &production, "a").await.configuration.track_events);
    })
    .await;
}

#[tokio::test]
async fn the_first_start_seeds_one_project_however_many_nodes_start() {
    db::testing::each(|db| async move {
        db::migrate(&db, &[crate::MIGRATIONS]).await.unwrap();
        let clock = std::sync::Arc::new(testkit::ManualClock::at(kernel::Timestamp::from_secs(1)));
        let flags = Flags::new(db, clock, std::sync::Arc::new(kernel::SystemRng));
        for outcome in join_all((0..4).map(|_| flags.seed())).await {
            outcome.unwrap();
        }
        let projects = flags.projects().await.unwrap();
        assert_eq!(projects.len(), 1);
        let key = &projects[0].key;
        let environments = flags.environments(key).await.unwrap();
        let named: Vec<_> = environments.iter().map(|one| (one.key.as_str(), one.body.production)).collect();
        assert_eq!(named, [("production", true), ("test", false)]);
        for environment in &environments {
            assert_eq!(flags.keys(key, &environment.key).await.unwrap().len(), 3);
        }
    })
    .await;
}

#[tokio::test]
async fn lists_are_paged_by_key() {
    db::testing::each(|db| async move {
        let House { flags, production, .. } = house(db).await;
        for key in ["b", "a", "c"] {
            flags.create(key, json!({"tags": ["x_y"]})).await;
        }
        let mut page = kernel::PageRequest { after: None, limit: 2 };
        let filter = flags::FlagFilter { search: None, tag: Some("X_Y".to_owned()) };
        let first = flags.flags(&production.project, None, &filter, &page).await.unwrap();
        let keys =
            |page: &kernel::Page<FlagView>| page.items.iter().map(|flag| flag.key.to_string()).collect::<Vec<_>>();
        assert_eq!((keys(&first), first.next.as_deref()), (vec!["a".to_owned(), "b".to_owned()], Some("b")));
        page.after = first.next;
        let last = flags.flags(&production.project, None, &filter, &page).await.unwrap();
        assert_eq!((keys(&last), last.next), (vec!["c".to_owned()], None));
        let other = flags::FlagFilter { search: None, tag: Some("xay".to_owned()) };
        assert_eq!(keys(&flags.flags(&production.project, None, &other, &page).await.unwrap()).len(), 0);
    })
    .await;
}
