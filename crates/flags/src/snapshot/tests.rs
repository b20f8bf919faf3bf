//! The snapshot follows the log, and outlives the database.

use std::time::Duration;

use delivery::{EnvironmentSnapshot, KeyLookup};
use serde_json::{Value, json};

use super::*;
use crate::model::{KeyKind, Subject};
use crate::testing::{House, Place, house};

fn payload(snapshot: &EnvironmentSnapshot) -> Value {
    serde_json::from_slice(snapshot.payload()).unwrap()
}

fn said(snapshot: &EnvironmentSnapshot, since: kernel::Revision) -> Vec<String> {
    let updates = snapshot.updates_since(since).unwrap();
    updates.iter().map(|update| String::from_utf8(update.frame().to_vec()).unwrap()).collect()
}

#[tokio::test]
async fn a_change_reaches_the_snapshot_as_a_patch_and_a_deletion_as_a_delete() {
    db::testing::each(|db| async move {
        let House { flags, follower, production, .. } = house(db).await;
        flags.create("a", json!({})).await;
        follower.refresh().await.unwrap();
        let before = production.snapshot(&follower);
        let mut changes = production.subscribe(&follower);
        changes.mark_unchanged();

        let on = flags.configure("a", json!([{"kind": "turnFlagOn"}])).await;
        follower.refresh().await.unwrap();
        assert!(changes.has_changed().unwrap());
        let after = production.snapshot(&follower);
        assert_eq!(after.seq, on.seq());
        assert_eq!(payload(&after)["flags"]["a"]["on"], true);
        assert_eq!(payload(&after)["flags"]["a"]["version"], on.seq().0);
        assert_ne!(before.etag(), after.etag());
        let ada = evaluation::Context::new(evaluation::Kind::User, "ada").unwrap();
        let served = |snapshot: &EnvironmentSnapshot| {
            snapshot.compiled().evaluate("a", &ada, &evaluation::NoBigSegments).value.cloned()
        };
        assert_eq!((served(&before), served(&after)), (Some(json!(false)), Some(json!(true))));
        let frames = said(&after, before.seq);
        assert_eq!(frames.len(), 1);
        let data = frames[0].strip_prefix("event: patch\ndata: ").unwrap().strip_suffix("\n\n").unwrap();
        let data: Value = serde_json::from_str(data).unwrap();
        assert_eq!(data["path"], "/flags/a");
        assert_eq!(data["data"], payload(&after)["flags"]["a"]);

        let gone = flags.amend("a", json!([{"kind": "deleteFlag"}])).await;
        follower.refresh().await.unwrap();
        let without = production.snapshot(&follower);
        assert_eq!(payload(&without)["flags"], json!({}));
        let version = gone.seq();
        let delete = format!("event: delete\ndata: {{\"path\":\"/flags/a\",\"version\":{version}}}\n\n");
        assert_eq!(said(&without, after.seq), [delete]);

        let back = flags.create("a", json!({})).await;
        assert!(back.seq() > gone.seq(), "versions grow over deletion and re-creation");
        follower.refresh().await.unwrap();
        let again = production.snapshot(&follower);
        assert_eq!(payload(&again)["flags"]["a"]["on"], false, "it starts anew");
    })
    .await;
}

#[tokio::test]
async fn a_node_that_starts_late_shows_what_one_that_followed_shows() {
    db::testing::each(|db| async move {
        let House { flags, follower, production, .. } = house(db.clone()).await;
        follower.refresh().await.unwrap();
        flags.segment("staff", json!({"name": "Staff", "included": {"user": ["ada"]}})).await;
        flags.create("a", json!({"tags": ["x"]})).await;
        flags.create("b", json!({})).await;
        let rule = json!({"clauses": [{"op": "segmentMatch", "values": ["staff"]}], "variation": 0});
        flags.configure("a", json!([{"kind": "turnFlagOn"}, {"kind": "addRule", "rule": rule}])).await;
        flags.configure("b", json!([{"kind": "addPrerequisite", "key": "a", "variation": 0}])).await;
        flags.amend("a", json!([{"kind": "updateVariation", "variation": 0, "name": "yes"}])).await;
        flags.create("gone", json!({})).await;
        flags.configure("gone", json!([{"kind": "turnFlagOn"}])).await;
        flags.amend("gone", json!([{"kind": "deleteFlag"}])).await;
        flags.amend("gone", json!([{"kind": "restoreFlag"}])).await;
        follower.refresh().await.unwrap();

        let late = Follower::new(db, flags.clock());
        late.refresh().await.unwrap();
        let (followed, loaded) = (production.snapshot(&follower), production.snapshot(&late));
        assert_eq!(payload(&followed), payload(&loaded));
        assert_eq!((followed.seq, followed.etag()), (loaded.seq, loaded.etag()));
        assert_eq!(payload(&loaded)["flags"]["gone"]["on"], true, "a restored flag does what it did");
        let since = |seq| loaded.updates_since(seq).map(<[_]>::len);
        assert_eq!(since(loaded.seq), Some(0));
        assert_eq!(since(kernel::Revision(1)), Some(4), "a client of before the restart is told what it has missed");
        assert_eq!(since(kernel::Revision(loaded.seq.0 + 1)), None, "nobody was ever there: send the whole");
    })
    .await;
}

#[tokio::test]
async fn the_payload_is_what_the_engine_reads_and_evaluates() {
    db::testing::each(|db| async move {
        let House { flags, follower, production, .. } = house(db).await;
        flags.create("a", json!({})).await;
        flags.segment("staff", json!({"name": "Staff", "included": {"user": ["ada"]}})).await;
        let rule = json!({"clauses": [{"op": "segmentMatch", "values": ["staff"]}], "variation": 0});
        let rest = json!({"kind": "setFallthrough", "variation": 1});
        flags.configure("a", json!([{"kind": "turnFlagOn"}, {"kind": "addRule", "rule": rule}, rest])).await;
        follower.refresh().await.unwrap();
        let snapshot = production.snapshot(&follower);
        let text = std::str::from_utf8(snapshot.payload()).unwrap();
        let read = evaluation::Payload::from_json(text).unwrap();
        assert_eq!((read.flags.len(), read.segments.len(), read.unreadable.len()), (1, 1, 0));
        let recompiled = evaluation::Snapshot::compile(&read);
        for (key, expected) in [("ada", true), ("bob", false)] {
            let context = evaluation::Context::new(evaluation::Kind::User, key).unwrap();
            for engine in [snapshot.compiled(), &recompiled] {
                let value = engine.evaluate("a", &context, &evaluation::NoBigSegments).value;
                assert_eq!(value, Some(&json!(expected)), "{key}");
            }
        }
        let frame = std::str::from_utf8(snapshot.put_frame()).unwrap();
        let data = frame.strip_prefix("event: put\ndata: ").unwrap().strip_suffix("\n\n").unwrap();
        let data: Value = serde_json::from_str(data).unwrap();
        assert_eq!((&data["path"], &data["data"]), (&json!("/"), &payload(&snapshot)));
    })
    .await;
}

#[tokio::test]
async fn a_rotated_key_opens_until_it_expires_and_a_revoked_one_is_told_from_an_unknown_one() {
    db::testing::each(|db| async move {
        let House { flags, follower, production, clock, .. } = house(db).await;
        assert!(matches!(follower.snapshots().by_key("sdk-any").await, KeyLookup::NotReady), "nothing is known yet");
        follower.refresh().await.unwrap();
        let old = production.key(&flags, KeyKind::Sdk).await;
        let opened = |lookup| match lookup {
            KeyLookup::Active(kind, snapshot) => (kind, snapshot.place.environment.to_string()),
            other => panic!("{other:?}"),
        };
        let expected = (KeyKind::Sdk, "production".to_owned());
        assert_eq!(opened(follower.snapshots().by_key(&old.value).await), expected);
        assert!(matches!(follower.snapshots().by_key("sdk-any").await, KeyLookup::Unknown));

        let until = clock.advance(Duration::from_hours(1));
        let until = until.plus(Duration::from_hours(1));
        let new = production.rotate(&flags, KeyKind::Sdk, Some(until)).await;
        assert!(
            matches!(follower.snapshots().by_key(&new.value).await, KeyLookup::NotReady),
            "stored, and not yet followed"
        );
        follower.refresh().await.unwrap();
        assert_eq!(opened(follower.snapshots().by_key(&new.value).await), expected);
        assert_eq!(opened(follower.snapshots().by_key(&old.value).await), expected, "it still holds");
        clock.set(until);
        assert!(matches!(follower.snapshots().by_key(&old.value).await, KeyLookup::Ended));
        assert_eq!(opened(follower.snapshots().by_key(&new.value).await), expected);

        let mut changes = production.subscribe(&follower);
        changes.mark_unchanged();
        production.revoke(&flags, &new.id).await;
        follower.refresh().await.unwrap();
        assert!(changes.has_changed().unwrap(), "its streams are woken");
        assert!(matches!(follower.snapshots().by_key(&new.value).await, KeyLookup::Ended));
    })
    .await;
}

#[tokio::test]
async fn who_evaluates_is_woken_when_the_engine_has_the_change_and_when_keys_or_settings_move() {
    db::testing::each(|db| async move {
        let House { flags, follower, production, .. } = house(db.clone()).await;
        follower.refresh().await.unwrap();
        let Place { project, environment } = production.clone();
        let place = delivery::Place { project, environment };
        let mut evaluable = follower.snapshots().subscribe_evaluable(&place).unwrap();
        let created = flags.create("a", json!({})).await.seq();
        follower.refresh().await.unwrap();
        assert_eq!(*evaluable.borrow_and_update(), created);
        let shown = production.snapshot(&follower);
        assert_eq!((shown.seq, shown.compiled_seq()), (created, created));
        assert!(shown.compiled().flag("a").is_some());

        assert!(!shown.secure_mode());
        let subject = Subject::Environment(place.project.clone(), place.environment.clone());
        flags.tell(subject, json!([{"kind": "updateDetails", "secureMode": true}])).await.unwrap();
        follower.refresh().await.unwrap();
        assert!(evaluable.has_changed().unwrap(), "streams look whether they still may");
        evaluable.mark_unchanged();
        let secure = production.snapshot(&follower);
        assert!(secure.secure_mode());
        assert_eq!(secure.seq, created, "nothing that SDKs are sent has changed");

        let old = production.key(&flags, KeyKind::Sdk).await;
        assert_eq!(follower.snapshots().sdk_keys(&place), std::slice::from_ref(&old.value));
        let new = production.rotate(&flags, KeyKind::Sdk, None).await;
        production.revoke(&flags, &old.id).await;
        follower.refresh().await.unwrap();
        assert!(evaluable.has_changed().unwrap());
        assert_eq!(follower.snapshots().sdk_keys(&place), [new.value]);
        let anew = Follower::new(db, flags.clock());
        anew.refresh().await.unwrap();
        assert!(production.snapshot(&anew).secure_mode(), "as it is stored");
    })
    .await;
}

#[tokio::test]
async fn with_the_database_gone_sdks_keep_the_last_snapshot_and_unknown_keys_are_not_refused() {
    db::testing::each(|db| async move {
        let House { flags, follower, production, .. } = house(db.clone()).await;
        flags.create("a", json!({})).await;
        follower.refresh().await.unwrap();
        let key = production.key(&flags, KeyKind::Sdk).await;
        for table in [crate::testing::BREAK_LOG, crate::testing::BREAK_KEYS] {
            db.commit(table.bind(vec![]).into()).await.unwrap();
        }
        assert!(follower.refresh().await.is_err());
        match follower.snapshots().by_key(&key.value).await {
            KeyLookup::Active(_, snapshot) => assert_eq!(payload(&snapshot)["flags"]["a"]["key"], "a"),
            other => panic!("{other:?}"),
        }
        assert!(matches!(follower.snapshots().by_key("sdk-any").await, KeyLookup::NotReady));
    })
    .await;
}

#[tokio::test]
async fn a_poke_is_enough_to_follow() {
    db::testing::each(|db| async move {
        let House { flags, follower, production, .. } = house(db).await;
        follower.refresh().await.unwrap();
        let tasks = Tasks::new();
        follower.follow(&tasks);
        let mut changes = production.subscribe(&follower);
        let created = flags.create("a", json!({})).await;
        let wait = changes.wait_for(|snapshot| snapshot.seq >= created.seq());
        let reached = tokio::time::timeout(Duration::from_secs(5), wait).await;
        assert!(reached.expect("a poke is followed long before the period ends").is_ok());
        assert!(tasks.shutdown(Duration::from_secs(5)).await);
    })
    .await;
}

#[tokio::test]
async fn concurrent_changes_leave_no_gap_in_the_log_and_the_same_order_in_the_snapshot() {
    db::testing::each(|db| async move {
        let House { flags, follower, production, .. } = house(db.clone()).await;
        for at in 0..64 {
            flags.create(&format!("flag-{at}"), json!({})).await;
        }
        follower.refresh().await.unwrap();
        let before = production.snapshot(&follower).seq;
        let work = (0..64).map(|at| {
            let flags = flags.clone();
            async move { flags.configure(&format!("flag-{at}"), json!([{"kind": "turnFlagOn"}])).await.seq().0 }
        });
        let mut seqs = futures_util::future::join_all(work).await;
        seqs.sort_unstable();
        assert_eq!(seqs, (before.0 + 1..=before.0 + 64).collect::<Vec<_>>());

        let log = changes::since(&db, before, 1_000).await.unwrap();
        let log: Vec<_> = log.into_iter().map(|entry| (entry.seq, entry.subject)).collect();
        follower.refresh().await.unwrap();
        let snapshot = production.snapshot(&follower);
        let shown = snapshot.updates_since(before).unwrap().iter().map(|update| {
            let (key, place) = (kernel::FlagKey::new(&update.key).unwrap(), snapshot.place.clone());
            (update.seq, Subject::Configuration(place.project, place.environment, key))
        });
        assert_eq!(shown.collect::<Vec<_>>(), log);
        assert!(payload(&snapshot)["flags"].as_object().unwrap().values().all(|flag| flag["on"] == true));
    })
    .await;
}
