//! Releases from their first step to their end, on both databases, on a clock that is moved by hand.

#![allow(clippy::unwrap_used)] // helpers of tests are tests

mod house;

use std::time::Duration;

use flags::model::Serve;
use house::{House, Traffic};
use kernel::Timestamp;
use releases::model::{Action, HoldReason};
use releases::{Command, Error, ReleaseState};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);

/// 100 requests a second: of `treated` percent the treatment's `bad` in a hundred fail, of the others `base` in a thousand.
fn traffic(bad: u32) -> Traffic {
    Traffic { requests: 100, base_per_thousand: 5, bad_percent: bad }
}

#[tokio::test]
async fn every_statement_is_understood_by_both_databases() {
    db::testing::each(|db| async move {
        let house = House::open(db).await;
        db::testing::prepare_all(&house.db, releases::schema::ALL).await;
    })
    .await;
}

#[tokio::test]
async fn a_good_release_walks_to_everyone() {
    db::testing::each(|db| async move {
        let house = House::open(db).await;
        let release = house.start().await;
        assert_eq!(release.plan.notes, ["The step Internal was left out: there is no segment internal here."]);
        let mut shares = vec![house.share().await];
        while house.release(&release.id).await.state.is_open() && house.now() < release.created_at.plus(10 * MINUTE) {
            house.second(traffic(0)).await;
            let share = house.share().await;
            if shares.last() != Some(&share) {
                shares.push(share);
            }
        }
        assert_eq!(shares, [Some(1_000), Some(10_000), Some(50_000), None]);
        let release = house.release(&release.id).await;
        assert_eq!(release.state, ReleaseState::Completed);
        let (_, flag) = house.configured().await;
        assert_eq!((flag.configuration.on, flag.configuration.fallthrough), (true, Serve::Variation(0)));
        let actions = house.actions(&release.id).await;
        assert_eq!(actions, [Action::Start, Action::Advance, Action::Advance, Action::Complete]);
        let told = house.announcements().await;
        assert_eq!(told.iter().map(|told| told["kind"].as_str().unwrap()).collect::<Vec<_>>(), ["release.completed"]);
        for decision in house.decisions(&release.id).await {
            assert!(decision.change_seq.is_some(), "{decision:?}");
            assert_eq!(decision.action != Action::Start, decision.evidence.is_some(), "{decision:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_bad_release_is_taken_back_at_one_percent_and_told_with_its_changes() {
    db::testing::each(|db| async move {
        let house = House::open(db).await;
        let before = house.configured().await.1.configuration;
        let release = house.start().await;
        let cause = house.configured().await.1.version;
        let seconds = house.until_over(&release.id, traffic(50), 60).await;
        let after = house.release(&release.id).await;
        assert_eq!((after.state, after.progress.step), (ReleaseState::RolledBack, 0), "after {seconds} s");
        assert_eq!(house.configured().await.1.configuration, before, "everything is as it was");
        assert!(house.failed() <= 12, "{} failed", house.failed());
        let last = house.decisions(&release.id).await.pop().unwrap();
        assert_eq!((last.action, last.actor.kind), (Action::RollBack, kernel::ActorKind::Release));
        let said = last.sentence.as_str();
        assert!(
            said.starts_with("Rolled back: ") && said.contains(" units on checkout had payment-failed against "),
            "{said}"
        );
        assert!(said.ends_with(" passed 100."), "{said}");
        let told = house.announcements().await.pop().unwrap();
        assert_eq!(told["kind"], "release.regressed");
        assert_eq!(told["changeSeq"], cause.0);
        assert_eq!(told["undoneBy"], house.configured().await.1.version.0);
        assert_eq!((&told["metric"], &told["sentence"]), (&"payment-failed".into(), &said.into()));
        let first_bad: Timestamp = serde_json::from_value(told["firstBadAt"].clone()).unwrap();
        assert!(first_bad >= release.created_at && first_bad < after.ended_at.unwrap());
    })
    .await;
}

#[tokio::test]
async fn windows_that_close_before_a_step_belong_to_the_split_of_before() {
    db::testing::each(|db| async move {
        let house = House::open(db).await;
        let release = house.start().await;
        for second in 0..5 {
            house.send(&format!("before-{second}"), traffic(0)).await;
            house.clock.advance(SECOND);
            house.fold().await;
        }
        let skipped = house.direct(&release.id, Command::Skip).await.unwrap();
        assert_eq!(skipped.progress.step, 1);
        for _ in 0..20 {
            house.second(traffic(0)).await;
        }
        let after = house.release(&release.id).await;
        assert_eq!((after.state, after.progress.hold), (ReleaseState::Walking, None));
    })
    .await;
}

#[tokio::test]
async fn a_release_that_was_taken_back_recovers_or_is_told_to_be_still_bad() {
    for (bad_after, kind) in [(0, "release.recovered"), (40, "release.notRecovered")] {
        db::testing::each(|db| async move {
            let house = House::open(db).await;
            for _ in 0..30 {
                house.second(traffic(0)).await;
            }
            let release = house.start().await;
            house.until_over(&release.id, traffic(50), 60).await;
            for _ in 0..25 {
                // Whatever is wrong now hits everyone: nobody has the treatment any more.
                house.second(Traffic { base_per_thousand: 5 + bad_after * 10, ..traffic(0) }).await;
            }
            let told = house.announcements().await.pop().unwrap();
            assert_eq!(told["kind"], kind, "{told}");
            assert!(told["undoneBy"].is_i64() && told["changeSeq"].is_i64(), "{told}");
            let recovery = house.release(&release.id).await.progress.recovery.unwrap();
            assert_eq!((recovery.over, recovery.still_bad), (bad_after == 0, bad_after > 0));
        })
        .await;
    }
}

#[tokio::test]
async fn a_process_that_dies_between_any_two_turns_changes_nothing() {
    db::testing::each(|db| async move {
        let mut outcomes = Vec::new();
        let house = House::open(db).await;
        for restarts in [false, true] {
            let release = house.start().await;
            for second in 0..30 {
                house.send(&format!("{restarts}-{second}"), traffic(8)).await;
                house.clock.advance(SECOND);
                if restarts {
                    house.restart();
                }
                house.turn().await;
            }
            let seen: Vec<_> = house.decisions(&release.id).await.into_iter().map(|d| (d.action, d.step)).collect();
            let evidence = house.releases().evidence(&release.id).await.unwrap().guards.remove(0);
            outcomes.push((seen, evidence.series.len(), format!("{:.6}", evidence.evidence)));
            house.end(&release.id).await;
            house.reset_traffic();
        }
        assert_eq!(outcomes[0].0, outcomes[1].0);
        assert!(outcomes[0].1 > 10, "{outcomes:?}");
    })
    .await;
}

#[tokio::test]
async fn a_batch_that_is_replayed_or_late_changes_nothing_that_was_judged() {
    db::testing::each(|db| async move {
        let house = House::open(db).await;
        let release = house.start().await;
        for second in 0..20 {
            house.send(&format!("b{second}"), traffic(3)).await;
            house.clock.advance(SECOND);
            house.turn().await;
        }
        let judged = house.releases().evidence(&release.id).await.unwrap();
        house.resend().await;
        house.turn().await;
        assert_eq!(house.releases().evidence(&release.id).await.unwrap(), judged);
        house.clock.advance(SECOND);
        house.turn().await;
        assert_eq!(house.releases().evidence(&release.id).await.unwrap().guards[0].series, judged.guards[0].series);
    })
    .await;
}

#[tokio::test]
async fn a_flag_that_somebody_edits_holds_the_release_until_it_is_resumed() {
    db::testing::each(|db| async move {
        let house = House::open(db).await;
        let release = house.start().await;
        house.second(traffic(0)).await;
        let edited = house.edit(r#"{"kind": "setFallthrough", "variation": 1}"#).await;
        house.second(traffic(0)).await;
        let held = house.release(&release.id).await;
        assert_eq!(held.progress.hold.as_ref().unwrap().reason, HoldReason::EditedByHand);
        assert_eq!(house.configured().await.1.configuration.fallthrough, Serve::Variation(1), "nobody fights");
        let refused = house.direct(&release.id, Command::RollBack).await;
        assert!(matches!(refused, Err(Error::EditedByHand { by }) if by == edited), "{refused:?}");
        let resumed = house.direct(&release.id, Command::Resume).await.unwrap();
        assert_eq!((resumed.state, house.share().await), (ReleaseState::Walking, Some(1_000)));
        house.edit(r#"{"kind": "turnFlagOff"}"#).await;
        let aborted = house.direct(&release.id, Command::Abort).await.unwrap();
        assert_eq!(aborted.state, ReleaseState::Aborted);
        let (_, flag) = house.configured().await;
        assert!(
            !flag.configuration.on && matches!(flag.configuration.fallthrough, Serve::Rollout(_)),
            "left as edited"
        );
    })
    .await;
}

#[tokio::test]
async fn people_hold_skip_resume_and_roll_back_with_their_name_in_the_sentence() {
    db::testing::each(|db| async move {
        let house = House::open(db).await;
        let release = house.start().await;
        let again = house.try_start(None).await;
        assert!(matches!(again, Err(Error::AlreadyOpen)), "{again:?}");
        house.direct(&release.id, Command::Hold).await.unwrap();
        for _ in 0..30 {
            house.second(traffic(0)).await;
        }
        assert_eq!(house.share().await, Some(1_000), "held");
        house.direct(&release.id, Command::Skip).await.unwrap();
        assert_eq!(house.share().await, Some(10_000));
        for _ in 0..2 {
            house.direct(&release.id, Command::Skip).await.unwrap();
        }
        let done = house.release(&release.id).await;
        assert_eq!((done.state, house.share().await), (ReleaseState::Completed, None));
        let back = house.direct(&release.id, Command::RollBack).await.unwrap();
        assert_eq!(back.state, ReleaseState::RolledBack);
        assert!(!house.configured().await.1.configuration.on);
        let said: Vec<_> = house.decisions(&release.id).await.into_iter().map(|decision| decision.sentence).collect();
        let expected = [
            "Started by Ann: on for 1 %; everyone else keeps off: Try it.",
            "Held by Ann with 1 %: Because.",
            "Skipped to 10 % by Ann: Because.",
            "Skipped to 50 % by Ann: Because.",
            "Skipped to the end by Ann: everyone has on: Because.",
            "Rolled back by Ann from everyone: Because.",
        ];
        assert_eq!(said, expected);
    })
    .await;
}

#[tokio::test]
async fn a_release_that_is_held_is_still_taken_back_when_it_hurts() {
    db::testing::each(|db| async move {
        let house = House::open(db).await;
        let release = house.start().await;
        house.direct(&release.id, Command::Hold).await.unwrap();
        house.until_over(&release.id, traffic(50), 60).await;
        assert_eq!(house.release(&release.id).await.state, ReleaseState::RolledBack);
    })
    .await;
}

#[tokio::test]
async fn silence_neither_advances_nor_takes_back() {
    db::testing::each(|db| async move {
        let house = House::open(db).await;
        let release = house.start().await;
        for _ in 0..5 {
            house.second(traffic(0)).await;
        }
        for _ in 0..70 {
            house.second(Traffic { requests: 0, ..traffic(0) }).await;
        }
        assert_eq!((house.release(&release.id).await.state, house.share().await), (ReleaseState::Walking, Some(1_000)));
        let last = house.decisions(&release.id).await.pop().unwrap();
        assert_eq!(last.action, Action::Extend);
        assert!(last.sentence.contains("nothing was heard of either arm"), "{}", last.sentence);
        for _ in 0..15 {
            house.second(traffic(0)).await;
        }
        assert_eq!(house.share().await, Some(10_000), "it goes on by itself");
    })
    .await;
}

#[tokio::test]
async fn an_arm_that_loses_users_holds_the_release_with_the_likely_causes() {
    db::testing::each(|db| async move {
        let house = House::open(db).await;
        let release = house.start().await;
        house.direct(&release.id, Command::Skip).await.unwrap();
        house.direct(&release.id, Command::Skip).await.unwrap();
        house.lose_treatment_exposures(0.5);
        for _ in 0..15 {
            house.second(traffic(0)).await;
        }
        let hold = house.release(&release.id).await.progress.hold.unwrap();
        assert_eq!(hold.reason, HoldReason::SplitBroken);
        assert!(hold.sentence.contains("Likely causes: one arm crashes before"), "{}", hold.sentence);
        house.lose_treatment_exposures(0.0);
        house.direct(&release.id, Command::Resume).await.unwrap();
        for _ in 0..10 {
            house.second(traffic(0)).await;
        }
        assert_eq!(house.release(&release.id).await.state, ReleaseState::Walking);
    })
    .await;
}

#[tokio::test]
async fn internal_people_come_first_and_keep_it() {
    db::testing::each(|db| async move {
        let house = House::open(db).await;
        house.make_segment("internal").await;
        let release = house.start().await;
        let configuration = house.configured().await.1.configuration;
        assert_eq!(configuration.fallthrough, Serve::Variation(1));
        assert_eq!(configuration.rules[0].serve, Serve::Variation(0));
        assert!(release.plan.notes.is_empty());
        for _ in 0..9 {
            house.second(traffic(0)).await;
        }
        assert_eq!(house.release(&release.id).await.progress.step, 0);
        house.second(traffic(0)).await;
        let configuration = house.configured().await.1.configuration;
        assert_eq!((house.share().await, configuration.rules.len()), (Some(1_000), 1));
        let decision = house.decisions(&release.id).await.pop().unwrap();
        assert_eq!(decision.sentence, "Advanced to 1 % after 10 seconds with the segment internal.");
        assert_eq!(decision.verdict, None);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_released_is_refused_with_its_field() {
    db::testing::each(|db| async move {
        let house = House::open(db).await;
        let cases = [
            (r#"{"flag": "checkout", "treatment": 0, "guards": [{"metric": "nothing"}]}"#, "/guards/0/metric"),
            (r#"{"flag": "checkout", "treatment": 9, "guards": [{"metric": "payment-failed"}]}"#, "/treatment"),
        ];
        for (request, expected) in cases {
            match house.try_start(Some(request)).await {
                Err(Error::InvalidRelease(invalid)) => assert_eq!(invalid.field, expected),
                other => panic!("{other:?}"),
            }
        }
        let beside = |what: &str| {
            format!(r#"{{"flag": "checkout", "treatment": 0, {what}, "guards": [{{"metric": "payment-failed"}}]}}"#)
        };
        let path = "/api/projects/shop/environments/production/releases";
        let (status, problem) = house.http("POST", path, &beside(r#""pipeline": "fast""#)).await;
        assert_eq!((status, &problem["field"]), (400, &"/pipeline".into()), "{problem}");
        assert_eq!(problem["hint"], "one of short, standard, or create it first");
        let (status, problem) = house.http("POST", path, &beside(r#""service": "shpo""#)).await;
        assert_eq!((status, &problem["code"]), (400, &"unknown-service".into()), "{problem}");
        assert_eq!(problem["field"], "/service");
        let nowhere = r#"{"flag": "nothing", "treatment": 0, "guards": [{"metric": "payment-failed"}]}"#;
        assert!(matches!(house.try_start(Some(nowhere)).await, Err(Error::Flags(flags::Error::NotFound("flag")))));
        assert_eq!(
            house
                .releases()
                .releases(&releases::store::release::Filter::default(), &house::page(10))
                .await
                .unwrap()
                .items,
            []
        );
    })
    .await;
}

#[tokio::test]
async fn requests_are_answered_and_refused_over_http() {
    db::testing::each(|db| async move {
        let house = House::open(db).await;
        let place = "/api/projects/shop/environments/production";
        let standard = house.http("GET", "/api/projects/shop/pipelines/standard", "").await;
        assert_eq!((standard.0, standard.1["steps"][1]["audience"]["percentage"].as_f64()), (200, Some(1.0)));
        let pipelines = house.http("GET", "/api/projects/shop/pipelines", "").await.1;
        assert_eq!(pipelines["items"].as_array().unwrap().len(), 2);
        let one = r#"{"name": "One", "steps": [{"name": "1", "audience": {"percentage": 1}, "minimumSeconds": 1}]}"#;
        let (status, problem) = house.http("PUT", "/api/projects/shop/pipelines/standard", one).await;
        assert_eq!((status, &problem["field"]), (400, &"/steps/0/audience".into()));
        let whole = one.replace("\"percentage\": 1", "\"percentage\": 100");
        let (status, changed) = house.http("PUT", "/api/projects/shop/pipelines/standard", &whole).await;
        assert_eq!((status, &changed["version"]), (200, &1.into()));

        let (status, deployed) =
            house.http("POST", &format!("{place}/deployments"), r#"{"service": "shop", "version": "v2"}"#).await;
        assert_eq!(status, 201);
        let request = format!(
            r#"{{"flag": "checkout", "treatment": 0, "pipeline": "short", "deployment": {},
                 "guards": [{{"metric": "payment-failed", "tolerance": {{"ratio": 1.5}}, "onRegression": "hold"}}]}}"#,
            deployed["id"]
        );
        let (status, release) = house.http("POST", &format!("{place}/releases"), &request).await;
        assert_eq!((status, &release["state"]), (201, &"walking".into()), "{release}");
        let guard = &release["plan"]["guards"][0];
        assert_eq!((&guard["tolerance"]["absolute"], &guard["onRegression"]), (&0.002.into(), &"hold".into()));
        let (status, problem) = house.http("POST", &format!("{place}/releases"), &request).await;
        assert_eq!((status, &problem["code"]), (409, &"release-under-way".into()));
        for _ in 0..5 {
            house.second(traffic(0)).await;
        }
        let path = format!("/api/releases/{}", release["id"].as_str().unwrap());
        let evidence = house.http("GET", &format!("{path}/evidence"), "").await.1;
        let guard = &evidence["guards"][0];
        assert_eq!(guard["threshold"].as_f64().map(f64::round), Some(100.0));
        assert!(guard["series"][0]["control"]["n"].as_u64() > Some(80), "{evidence}");
        assert!(evidence["sentence"].as_str().unwrap().contains("payment-failed"), "{evidence}");
        let open = house.http("GET", "/api/releases?state=open", "").await.1;
        assert_eq!(open["items"][0]["id"], release["id"]);
        assert_eq!(
            house.http("GET", &format!("{place}/releases?state=completed"), "").await.1["items"],
            serde_json::json!([])
        );
        let (status, held) = house.http("POST", &format!("{path}/hold"), r#"{"comment": "Wait."}"#).await;
        assert_eq!((status, &held["progress"]["hold"]["sentence"]), (200, &"Held by Ann with 1 %: Wait.".into()));
        let (status, problem) = house.http("POST", &format!("{path}/hold"), "{}").await;
        assert_eq!((status, &problem["code"]), (409, &"not-now".into()));
        assert_eq!(house.http("POST", &format!("{path}/resume"), "").await.0, 200, "a comment is not needed");
        assert_eq!(house.http("POST", &format!("{path}/skip"), "{}").await.0, 200);
        assert_eq!(house.http("POST", &format!("{path}/roll-back"), "{}").await.1["state"], "rolledBack");
        assert_eq!(house.http("POST", &format!("{path}/abort"), "{}").await.0, 409);
        let decisions = house.http("GET", &format!("{path}/decisions?limit=2"), "").await.1;
        assert_eq!((&decisions["items"][1]["action"], &decisions["next"]), (&"hold".into(), &"2".into()));
        assert_eq!(house.http("GET", "/api/releases/rel_nothing", "").await.0, 404);
        assert_eq!(house.http("GET", &format!("{place}/deployments"), "").await.1["items"][0], deployed);
    })
    .await;
}

#[tokio::test]
async fn a_guard_that_only_holds_pages_and_leaves_the_rest_to_people() {
    db::testing::each(|db| async move {
        let house = House::open(db).await;
        let request = r#"{"flag": "checkout", "treatment": 0, "pipeline": "short",
            "guards": [{"metric": "payment-failed", "onRegression": "hold"}]}"#;
        let release = house.try_start(Some(request)).await.unwrap();
        for _ in 0..25 {
            house.second(traffic(50)).await;
        }
        let hold = house.release(&release.id).await.progress.hold.unwrap();
        assert_eq!(hold.reason, HoldReason::Regressed);
        assert_eq!(house.share().await, Some(1_000));
        let told = house.announcements().await.pop().unwrap();
        assert_eq!((&told["kind"], &told["undoneBy"]), (&"release.regressed".into(), &serde_json::Value::Null));
        let refused = house.direct(&release.id, Command::Resume).await;
        assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
        house.direct(&release.id, Command::RollBack).await.unwrap();
        assert!(!house.configured().await.1.configuration.on);
    })
    .await;
}

#[tokio::test]
async fn two_that_decide_at_once_never_both_win() {
    db::testing::each(|db| async move {
        let house = House::open(db).await;
        let release = house.start().await;
        let [to_hold, to_skip] = [Command::Hold, Command::Skip].map(|what| Box::pin(house.direct(&release.id, what)));
        let (held, skipped) = tokio::join!(to_hold, to_skip);
        assert!(skipped.is_ok() && (held.is_ok() || matches!(held, Err(Error::Refused(_)))), "{held:?} {skipped:?}");
        let decisions = house.decisions(&release.id).await;
        assert_eq!(decisions.iter().map(|decision| decision.n).collect::<Vec<_>>(), [1, 2, 3]);
        let after = house.release(&release.id).await;
        assert_eq!((after.version, after.progress.step), (3, 1));
    })
    .await;
}

#[tokio::test]
async fn a_node_that_lost_its_lease_decides_nothing() {
    db::testing::each(|db| async move {
        let house = House::open(db).await;
        let release = house.start().await;
        for second in 0..20 {
            house.send(&format!("b{second}"), traffic(60)).await;
            house.clock.advance(SECOND);
            house.fold().await;
        }
        let before = (house.configured().await.1, house.release(&release.id).await);
        assert!(house.walk_without_lease().await.is_err());
        assert_eq!((house.configured().await.1, house.release(&release.id).await), before);
        house.turn().await;
        assert_eq!(house.release(&release.id).await.state, ReleaseState::RolledBack);
    })
    .await;
}
