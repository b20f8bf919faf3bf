//! The links in a page: they show, acknowledge and undo, in the name of the person whom the page was for.
#![allow(clippy::unwrap_used, reason = "a test may fail by it")]

mod house;

use access::{Role, amend};
use flags::instruction::Instruction;
use house::{caller, house, sentences};
use kernel::{ActorKind, Revision};
use oncall::Error;
use oncall::model::IncidentState;
use releases::{Command, ReleaseState};

#[tokio::test]
async fn a_link_shows_without_acting_and_acknowledges_in_the_name_of_its_person() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        let id = house.open().await;
        let code = house.take_code().await;
        for _ in 0..2 {
            let view = house.oncall.link(&code).await.unwrap();
            assert_eq!((view.person.as_str(), view.state), ("Ada", IncidentState::Triggered));
            assert!(view.can_acknowledge && !view.can_undo, "{view:?}");
        }
        let answer = house.oncall.acknowledge_by_link(&code).await.unwrap();
        let by = answer.incident.acknowledgement.unwrap().by;
        assert_eq!((by.kind, by.name.as_str()), (ActorKind::Page, "Ada"));
        assert_eq!(house.oncall.acknowledge_by_link(&code).await.unwrap().outcome, "already");
        assert!(matches!(house.oncall.undo_by_link(&code).await, Err(Error::NothingToUndo)));
        assert_eq!(house.incident(&id).await.incident.state, IncidentState::Acknowledged);
    })
    .await;
}

#[tokio::test]
async fn a_link_that_nobody_was_given_or_that_is_a_day_old_does_nothing() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        house.open().await;
        let code = house.take_code().await;
        assert!(matches!(house.oncall.link("0123456789abcdef").await, Err(Error::UnknownLink)));
        house.advance(86_400);
        assert!(matches!(house.oncall.link(&code).await, Err(Error::ExpiredLink)));
        assert!(matches!(house.oncall.acknowledge_by_link(&code).await, Err(Error::ExpiredLink)));
    })
    .await;
}

#[tokio::test]
async fn the_undo_takes_the_change_back_once_and_the_incident_is_mitigated() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        let change = house.turn_on("checkout-v2").await.seq();
        house.blame(change).await;
        let code = house.take_code().await;
        assert!(house.oncall.link(&code).await.unwrap().can_undo);
        house.advance(30);
        let answer = house.oncall.undo_by_link(&code).await.unwrap();
        assert_eq!((answer.outcome, answer.incident.state), ("done", IncidentState::Mitigated));
        assert_eq!(answer.incident.spans.to_mitigate_ms, Some(30_000));
        let undone = answer.incident.undone.unwrap();
        let record = house.flags.change_at(Revision(undone.change)).await.unwrap().summary;
        assert_eq!((record.cause.undo_of, record.actor.name.as_str()), (Some(change), "Ada"));
        assert_eq!(record.cause.incident_id.as_ref(), Some(&answer.incident.id));

        let again = house.oncall.undo_by_link(&code).await.unwrap();
        assert_eq!(again.outcome, "already");
        assert!(again.sentence.starts_with("Already taken back by Ada at "), "{}", again.sentence);
        let detail = house.incident(&answer.incident.id).await;
        let told: Vec<_> = detail.timeline.iter().filter(|event| event.change == Some(undone.change)).collect();
        assert_eq!(told.len(), 1, "{detail:#?}");
    })
    .await;
}

#[tokio::test]
async fn two_who_undo_at_once_take_it_back_once() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        let change = house.turn_on("checkout-v2").await.seq();
        let id = house.blame(change).await;
        let (ada, bob) = (caller(&house.ada), caller(&house.bob));
        let (one, other) = (Box::pin(house.oncall.undo(&ada, &id)), Box::pin(house.oncall.undo(&bob, &id)));
        let (one, other) = tokio::join!(one, other);
        let (one, other) = (one.unwrap(), other.unwrap());
        let mut outcomes = [one.outcome, other.outcome];
        outcomes.sort_unstable();
        assert_eq!(outcomes, ["already", "done"]);
        assert_eq!(one.incident.undone.map(|undone| undone.change), other.incident.undone.map(|undone| undone.change));
    })
    .await;
}

#[tokio::test]
async fn what_somebody_did_since_is_not_undone_over_their_head() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        let change = house.turn_on("checkout-v2").await.seq();
        house.blame(change).await;
        let code = house.take_code().await;
        let newer = house.flip("checkout-v2", Instruction::OFF, &house.bob.actor()).await;
        let error = house.oncall.undo_by_link(&code).await.unwrap_err();
        let overtaken = matches!(error, Error::Flags(flags::Error::Overtaken { by, .. }) if by == newer.seq());
        assert!(overtaken, "{error:?}");
    })
    .await;
}

#[tokio::test]
async fn the_role_is_asked_when_the_link_is_used() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        let change = house.turn_on("checkout-v2").await.seq();
        house.blame(change).await;
        let code = house.take_code().await;
        house::person(&house.db, "Ida", Role::Admin).await;
        let ada = caller(&house.ada);
        let amend = |wish| house.access.amend(&ada, &house.ada.id, wish);
        amend(amend::Wish { role: Some(Role::Reader), ..amend::Wish::default() }).await.unwrap();
        assert!(!house.oncall.link(&code).await.unwrap().can_undo);
        assert!(matches!(house.oncall.undo_by_link(&code).await, Err(Error::RoleTooLow { needed: Role::Writer })));
        amend(amend::Wish { disabled: Some(true), ..amend::Wish::default() }).await.unwrap();
        assert!(matches!(house.oncall.acknowledge_by_link(&code).await, Err(Error::Locked)));
    })
    .await;
}

#[tokio::test]
async fn what_was_taken_back_in_the_flags_history_shows_on_the_incident() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        let change = house.turn_on("checkout-v2").await.seq();
        house.blame(change).await;
        let code = house.take_code().await;
        let undo = house.flags.undo(change, house.bob.actor(), flags::model::Cause::default(), db::Batch::new());
        let undo = undo.await.unwrap().seq();
        house.settle().await;
        let detail = house.incident(&house.oncall.link(&code).await.unwrap().incident).await;
        assert_eq!(
            (detail.incident.state, detail.incident.undone.as_ref().unwrap().change),
            (IncidentState::Mitigated, undo.0)
        );
        let told = format!("Change {change} was taken back by Bob with change {undo}.");
        assert!(sentences(&detail).contains(&told.as_str()), "{detail:#?}");
        house.advance(86_399);
        house.settle().await;
        assert_eq!(house.send_all().await.len(), 0, "Bob has it in hand");
    })
    .await;
}

#[tokio::test]
async fn the_undo_of_what_a_release_did_takes_the_whole_release_back() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        let (release, _) = house.release("checkout-v2").await;
        house.releases.direct(&caller(&house.bob), &release, Command::Skip, "").await.unwrap();
        let change = house.newest_change().await;
        house.announce_of(release.as_str(), 1, "release.regressed", change.seq.0, None).await;
        let code = house.take_code().await;
        let answer = house.oncall.undo_by_link(&code).await.unwrap();
        assert_eq!((answer.outcome, answer.incident.state), ("done", IncidentState::Mitigated));
        assert_eq!(house.releases.release(&release).await.unwrap().state, ReleaseState::RolledBack);
        let undo = house.newest_change().await;
        assert_eq!(answer.incident.undone.unwrap().change, undo.seq.0);
        assert_eq!(undo.cause.incident_id, Some(answer.incident.id));
        let again = house.oncall.undo_by_link(&code).await.unwrap();
        assert!(again.sentence.starts_with("Already taken back by Ada at "), "{}", again.sentence);
    })
    .await;
}

#[tokio::test]
async fn a_release_that_somebody_takes_back_elsewhere_shows_on_the_incident() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        let (release, change) = house.release("checkout-v2").await;
        house.announce_of(release.as_str(), 1, "release.regressed", change.0, None).await;
        let code = house.take_code().await;
        house.releases.direct(&caller(&house.bob), &release, Command::RollBack, "It hurts.").await.unwrap();
        let answer = house.oncall.undo_by_link(&code).await.unwrap();
        assert_eq!(answer.outcome, "already");
        assert!(answer.sentence.starts_with("Already taken back by Bob at "), "{}", answer.sentence);
        house.settle().await;
        assert_eq!(answer.incident.acknowledgement.unwrap().by.name, "Bob");
    })
    .await;
}
