//! Big segments on both databases: members moved and uploaded, all or nothing, and told to those who keep a copy.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

use delivery::Sought;
use futures_util::{StreamExt, stream};
use kernel::{Clock, Timestamp};
use runtime::Reconciler;
use serde_json::json;
use tokio::sync::mpsc;

use super::*;
use crate::feed::{self, Position};
use crate::model::{ContextHash, MemberList};
use crate::reconcile::{GRACE, Sweeping};
use crate::service::{Listed, MembersUpdate, Membership};
use crate::store::changes::ChangeFilter;
use crate::store::members;
use crate::testing::{House, TestFlags, house};

fn keys(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| (*key).to_owned()).collect()
}

/// So many keys, one a line.
fn numbered(count: u32) -> String {
    (0..count).fold(String::new(), |lines, at| lines + &format!("key-{at}\n"))
}

fn include(add: &[&str]) -> MembersUpdate {
    MembersUpdate { included: Listed { add: keys(add), remove: vec![] }, excluded: Listed::default() }
}

fn file(text: impl Into<Bytes>) -> impl Stream<Item = Result<Bytes, Infallible>> + Unpin {
    let text: Bytes = text.into();
    let pieces: Vec<_> =
        (0..text.len()).step_by(40_000).map(|at| Ok(text.slice(at..text.len().min(at + 40_000)))).collect();
    stream::iter(pieces)
}

async fn upload(flags: &TestFlags, place: &SegmentPlace, text: impl Into<Bytes>) -> Result<Generation, Error> {
    flags.upload_members(Actor::system(), place, None, file(text)).await
}

/// Who is on which list, and the counts.
async fn lists(flags: &Flags, place: &SegmentPlace, asked: &[&str]) -> (Vec<Option<MemberList>>, u64, u64) {
    let mut lists = vec![];
    for key in asked {
        lists.push(flags.membership(place, Some(key)).await.unwrap().list);
    }
    let Membership { generation, .. } = flags.membership(place, None).await.unwrap();
    (lists, generation.included, generation.excluded)
}

async fn settle(flags: &TestFlags, now: Timestamp) {
    let sweeping: Arc<dyn Reconciler> = Arc::new(Sweeping::new(Flags::clone(flags)));
    runtime::settle(flags.db(), now, &[sweeping]).await.unwrap();
}

#[tokio::test]
async fn many_are_looked_up_at_once_each_in_its_own_list() {
    db::testing::each(|db| async move {
        let House { flags, .. } = house(db).await;
        let mut generations = vec![];
        for name in ["beta", "gold"] {
            let place = flags.big_segment(name).await;
            let names: Vec<_> = (0..50).map(|at| format!("{name}-{at}")).collect();
            let included = Listed { add: names[..30].to_vec(), remove: vec![] };
            let excluded = Listed { add: names[30..].to_vec(), remove: vec![] };
            let generation = flags.update_members(&place, &MembersUpdate { included, excluded }).await.unwrap();
            generations.push((generation.number, names));
        }
        let hash = |name: &String| ContextHash::of(name);
        let (_, all): (Vec<_>, Vec<_>) = generations.iter().cloned().unzip();
        let sought: Vec<_> = generations
            .iter()
            .flat_map(|(generation, _)| {
                all.iter().flatten().map(|name| Sought { generation: *generation, hash: hash(name) })
            })
            .collect();
        let found: BTreeMap<_, _> = members::look_up(flags.db(), &sought).await.unwrap().into_iter().collect();
        let expected = generations.iter().flat_map(|(generation, names)| {
            names.iter().enumerate().map(|(at, name)| {
                let list = if at < 30 { MemberList::Included } else { MemberList::Excluded };
                (Sought { generation: *generation, hash: hash(name) }, list)
            })
        });
        assert_eq!(found, expected.collect());
    })
    .await;
}

#[tokio::test]
async fn members_are_moved_and_counted_exactly_and_twice_is_once() {
    use MemberList::{Excluded, Included};
    db::testing::each(|db| async move {
        let House { flags, .. } = house(db).await;
        let beta = flags.big_segment("beta").await;
        let all = ["ada", "bob", "cem"];
        assert_eq!(lists(&flags, &beta, &all).await, (vec![None, None, None], 0, 0));

        let update = MembersUpdate {
            included: Listed { add: keys(&["ada", "bob"]), remove: vec![] },
            excluded: Listed { add: keys(&["cem"]), remove: vec![] },
        };
        for _ in 0..2 {
            flags.update_members(&beta, &update).await.unwrap();
            let expected = (vec![Some(Included), Some(Included), Some(Excluded)], 2, 1);
            assert_eq!(lists(&flags, &beta, &all).await, expected);
        }

        // Onto the other list; off the list that it is on; off a list that it is not on.
        let update = MembersUpdate {
            included: Listed { add: vec![], remove: keys(&["bob", "cem", "dan"]) },
            excluded: Listed { add: keys(&["ada"]), remove: vec![] },
        };
        for _ in 0..2 {
            flags.update_members(&beta, &update).await.unwrap();
            let expected = (vec![Some(Excluded), None, Some(Excluded)], 0, 2);
            assert_eq!(lists(&flags, &beta, &all).await, expected);
        }
    })
    .await;
}

#[tokio::test]
async fn a_segment_says_at_its_creation_whether_it_is_big() {
    db::testing::each(|db| async move {
        let House { flags, production, .. } = house(db).await;
        let beta = flags.big_segment("beta").await;
        flags.segment("staff", json!({"name": "Staff"})).await;
        let staff = SegmentPlace { segment: kernel::SegmentKey::new("staff").unwrap(), ..beta.clone() };
        assert!(matches!(flags.update_members(&staff, &include(&["ada"])).await, Err(Error::NotBig)));
        assert!(matches!(upload(&flags, &staff, "ada\n").await, Err(Error::NotBig)));

        let members = json!([{"kind": "updateMembers", "list": "included", "add": ["ada"]}]);
        let foreign = json!([{"kind": "replaceMembers", "generation": 77, "included": 1, "excluded": 0}]);
        let create = |body| json!([{"kind": "createSegment", "segment": body}]);
        let table = [
            ("beta", members, "members-elsewhere"),
            ("beta", foreign.clone(), "generation-unknown"),
            ("staff", foreign, "not-big"),
            ("new", create(json!({"name": "N", "unbounded": true, "included": {"user": ["a"]}})), "members-elsewhere"),
            ("new", create(json!({"name": "N", "unboundedContextKind": "device"})), "only-big"),
            ("new", create(json!({"name": "N", "generation": 1})), "only-big"),
        ];
        for (segment, instructions, code) in table {
            let refused = match flags.tell(production.segment(segment), instructions).await {
                Err(Error::Instruction(error)) => error.reason.code(),
                Err(Error::Invalid(invalid)) => invalid.reason.code(),
                other => panic!("{other:?}"),
            };
            assert_eq!(refused, code, "{segment}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_segment_that_is_created_anew_has_none_of_its_former_members() {
    db::testing::each(|db| async move {
        let House { flags, production, .. } = house(db).await;
        let beta = flags.big_segment("beta").await;
        flags.update_members(&beta, &include(&["ada"])).await.unwrap();
        let delete = flags.tell(production.segment("beta"), json!([{"kind": "deleteSegment"}])).await.unwrap();
        assert!(matches!(flags.membership(&beta, None).await, Err(Error::NotFound("segment"))));

        flags.undo(delete.seq(), Actor::system(), crate::model::Cause::default(), db::Batch::new()).await.unwrap();
        assert_eq!(lists(&flags, &beta, &["ada"]).await, (vec![Some(MemberList::Included)], 1, 0));

        flags.tell(production.segment("beta"), json!([{"kind": "deleteSegment"}])).await.unwrap();
        flags.big_segment("beta").await;
        assert_eq!(lists(&flags, &beta, &["ada"]).await, (vec![None], 0, 0));
    })
    .await;
}

#[tokio::test]
async fn an_upload_replaces_all_members_in_one_change() {
    use MemberList::{Excluded, Included};
    db::testing::each(|db| async move {
        let House { flags, follower, production, clock } = house(db.clone()).await;
        let beta = flags.big_segment("beta").await;
        flags.update_members(&beta, &include(&["ada"])).await.unwrap();
        let old = flags.membership(&beta, None).await.unwrap().generation;

        let text = "key,list\nbob,\ncem,excluded\nbob,included\n";
        let live = upload(&flags, &beta, text).await.unwrap();
        assert_eq!((live.state, live.keys, live.staged), (GenerationState::Live, 3, 2));
        assert_eq!((live.bytes, live.included, live.excluded), (text.len() as u64, 1, 1));
        assert!(live.number > old.number);
        let expected = (vec![None, Some(Included), Some(Excluded)], 1, 1);
        assert_eq!(lists(&flags, &beta, &["ada", "bob", "cem"]).await, expected);

        follower.refresh().await.unwrap();
        let payload = String::from_utf8(production.snapshot(&follower).payload().to_vec()).unwrap();
        assert!(payload.contains(&format!("\"generation\":{}", live.number)), "{payload}");
        let last =
            flags.changes(&ChangeFilter::default(), &kernel::PageRequest { after: None, limit: 1 }).await.unwrap();
        assert_eq!(last.items[0].sentences, ["Replace all members by an upload of 1 and 1 that are excluded"]);
        assert!(!last.items[0].undoable);

        // The old list stays for those who still evaluate by it, and is deleted then.
        settle(&flags, clock.now()).await;
        assert!(members::any(&db, old.number).await.unwrap());
        settle(&flags, clock.now().plus(GRACE * 2)).await;
        assert!(!members::any(&db, old.number).await.unwrap());
        assert!(members::any(&db, live.number).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_file_that_is_wrong_anywhere_changes_nothing() {
    db::testing::each(|db| async move {
        let House { flags, .. } = house(db).await;
        let beta = flags.big_segment("beta").await;
        flags.update_members(&beta, &include(&["ada"])).await.unwrap();
        let many = numbered(10_000);
        for (text, problem) in [
            (format!("{many}{many} x\n"), "line 20001: the key begins or ends with a blank"),
            (format!("key,list\n{many}key-7,excluded\n"), "lines 9 and 10002 put the same key on different lists"),
        ] {
            let refused = upload(&flags, &beta, text).await.unwrap_err();
            assert_eq!(refused.to_string(), problem);
            let shown = &flags.uploads(&beta).await.unwrap()[0];
            assert_eq!((shown.state, shown.problem.as_deref()), (GenerationState::Failed, Some(problem)));
            assert_eq!(lists(&flags, &beta, &["ada", "key-1"]).await, (vec![Some(MemberList::Included), None], 1, 0));
        }
    })
    .await;
}

/// A file that comes as the test sends it.
fn slow_file() -> (mpsc::Sender<Bytes>, impl Stream<Item = Result<Bytes, Infallible>> + Unpin) {
    let (sender, receiver) = mpsc::channel::<Bytes>(1);
    let pieces = stream::unfold(receiver, |mut receiver| async {
        let piece = receiver.recv().await?;
        Some((Ok(piece), receiver))
    });
    (sender, pieces.boxed())
}

#[tokio::test]
async fn a_second_upload_is_refused_until_the_first_is_cancelled() {
    db::testing::each(|db| async move {
        let House { flags, .. } = house(db).await;
        let beta = flags.big_segment("beta").await;
        let (sender, pieces) = slow_file();
        let first = flags.upload_members(Actor::system(), &beta, Some(12), pieces);
        let second = async {
            sender.send("ada\n".into()).await.unwrap();
            sender.send("bob\n".into()).await.unwrap();
            let refused = upload(&flags, &beta, "cem\n").await.unwrap_err();
            assert!(matches!(refused, Error::Upload(UploadError::UnderWay)), "{refused}");
            let running = flags.uploads(&beta).await.unwrap().remove(0);
            assert_eq!((running.state, running.bytes_total), (GenerationState::Receiving, Some(12)));
            let cancelled = flags.cancel_upload(&beta, &running.id).await.unwrap();
            assert_eq!(cancelled.state, GenerationState::Cancelled);
            drop(sender);
        };
        let (first, ()) = tokio::join!(first, second);
        assert!(matches!(first, Err(Error::Upload(UploadError::Stopped))), "{first:?}");
        assert_eq!(upload(&flags, &beta, "cem\n").await.unwrap().state, GenerationState::Live);
    })
    .await;
}

#[tokio::test]
async fn an_upload_that_lost_its_node_is_given_up_and_swept() {
    db::testing::each(|db| async move {
        let House { flags, clock, .. } = house(db.clone()).await;
        let beta = flags.big_segment("beta").await;
        flags.update_members(&beta, &include(&["ada"])).await.unwrap();
        let (sender, pieces) = slow_file();
        {
            let mut uploading = std::pin::pin!(flags.upload_members(Actor::system(), &beta, None, pieces));
            tokio::select! {
                outcome = &mut uploading => panic!("{outcome:?}"),
                () = async { for _ in 0..3 { sender.send("bob\n".into()).await.unwrap() } } => {}
            }
        }
        let lost = flags.uploads(&beta).await.unwrap().remove(0);
        db.commit(members::fill(lost.number, MemberList::Included, &[ContextHash::of("bob")]).into()).await.unwrap();
        settle(&flags, clock.now()).await;
        assert_eq!(flags.upload(&beta, &lost.id).await.unwrap().state, GenerationState::Receiving);

        settle(&flags, clock.now().plus(STALE * 2)).await;
        assert_eq!(flags.upload(&beta, &lost.id).await.unwrap().state, GenerationState::Failed);
        settle(&flags, clock.now().plus(STALE * 2 + GRACE * 2)).await;
        assert!(!members::any(&db, lost.number).await.unwrap());
        assert_eq!(lists(&flags, &beta, &["ada", "bob"]).await, (vec![Some(MemberList::Included), None], 1, 0));
    })
    .await;
}

#[tokio::test]
async fn a_complete_upload_is_served_by_whoever_lives_on() {
    db::testing::each(|db| async move {
        let House { flags, clock, .. } = house(db).await;
        let beta = flags.big_segment("beta").await;
        // As if the node had died between the last chunk and the change.
        let mirrored = Flags::clone(&flags).mirrored();
        let staged = mirrored.upload_members(Actor::system(), &beta, None, file("ada\n")).await.unwrap();
        assert_eq!(staged.state, GenerationState::Staged);
        assert_eq!(lists(&flags, &beta, &["ada"]).await, (vec![None], 0, 0));
        settle(&flags, clock.now()).await;
        assert_eq!(lists(&flags, &beta, &["ada"]).await, (vec![Some(MemberList::Included)], 1, 0));
        // Once is enough.
        assert_eq!(flags.serve_upload(&staged).await.unwrap().state, GenerationState::Live);
    })
    .await;
}

/// Follows the feed from `from`; what it tells by reference and hash, and where it ends.
async fn follow(flags: &Flags, mut from: Position) -> (BTreeMap<(String, ContextHash), Option<MemberList>>, Position) {
    let mut told = BTreeMap::new();
    while let Some(step) = feed::next(flags.db(), None, from).await.unwrap() {
        assert_eq!(step.from, from);
        assert_ne!(step.to, from);
        let reference = step.generation.reference();
        told.extend(step.members.iter().map(|member| ((reference.clone(), member.hash), member.list)));
        from = step.to;
    }
    assert_eq!(from, feed::head(flags.db(), None).await.unwrap());
    (told, from)
}

#[tokio::test]
async fn the_feed_tells_everything_and_then_what_changed() {
    use MemberList::{Excluded, Included};
    db::testing::each(|db| async move {
        let House { flags, .. } = house(db).await;
        let (beta, gold) = (flags.big_segment("beta").await, flags.big_segment("gold").await);
        let many = numbered(12_000);
        let beta_now = upload(&flags, &beta, many).await.unwrap();
        flags.update_members(&gold, &include(&["ada", "bob"])).await.unwrap();
        let gold_now = flags.membership(&gold, None).await.unwrap().generation;

        let (told, seen) = follow(&flags, Position::default()).await;
        assert_eq!(told.len(), 12_002);
        assert!(told.values().all(|list| *list == Some(Included)));

        let update = MembersUpdate {
            included: Listed { add: vec![], remove: keys(&["ada"]) },
            excluded: Listed { add: keys(&["cem"]), remove: vec![] },
        };
        flags.update_members(&gold, &update).await.unwrap();
        flags.update_members(&beta, &include(&["dan"])).await.unwrap();
        // Changes nothing, and readers pass it.
        flags.update_members(&beta, &include(&["dan"])).await.unwrap();
        let at = |list: &Generation, key: &str| (list.reference(), ContextHash::of(key));
        let expected = BTreeMap::from([
            (at(&gold_now, "ada"), None),
            (at(&gold_now, "cem"), Some(Excluded)),
            (at(&beta_now, "dan"), Some(Included)),
        ]);
        assert_eq!(follow(&flags, seen).await.0, expected);
    })
    .await;
}

#[tokio::test]
async fn the_evaluator_looks_members_up() {
    db::testing::each(|db| async move {
        let House { flags, follower, production, .. } = house(db).await;
        let beta = flags.big_segment("beta").await;
        flags.create("a", json!({})).await;
        let clause = json!({"attribute": "", "op": "segmentMatch", "values": ["beta"]});
        let rule = json!({"id": "r", "clauses": [clause], "variation": 0});
        flags
            .configure(
                "a",
                json!([{"kind": "turnFlagOn"}, {"kind": "setFallthrough", "variation": 1},
            {"kind": "addRule", "rule": rule}]),
            )
            .await;
        flags.update_members(&beta, &include(&["ada"])).await.unwrap();
        for (key, value) in [("ada", true), ("bob", false)] {
            let context = evaluation::Context::new(evaluation::Kind::User, key).unwrap();
            let place = (&production.project, &production.environment);
            let explained = flags.explain(&follower, place, &context, None).await.unwrap();
            assert_eq!(explained[0].value, value, "{key}");
            assert_eq!(explained[0].reason["bigSegmentsStatus"], "HEALTHY", "{key}");
        }
    })
    .await;
}
