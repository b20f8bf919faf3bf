//! Escalations on a clock moved by hand, on both databases.
#![allow(clippy::unwrap_used, reason = "a test may fail by it")]

mod house;

use house::{House, at, caller, house, level, sentences};
use kernel::{Clock, IncidentId, words};
use oncall::model::{IncidentState, PageState, Severity, Target, Urgency};
use oncall::service::AlertAction;

#[tokio::test]
async fn what_nobody_acknowledges_reaches_level_2_after_its_delay_and_an_acknowledgement_ends_it() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        house.add_email(&house.bob).await;
        house.levels(vec![level(vec![at(&house.bob)], 300), level(vec![at(&house.ada)], 300)], 1).await;
        let id = house.open().await;
        assert_eq!(house.send_all().await, ["e-mail to bob@example.com"], "in the batch of the alert");
        house.advance(299);
        house.settle().await;
        assert_eq!(house.send_all().await.len(), 0);
        house.advance(1);
        house.settle().await;
        assert_eq!(house.send_all().await, ["e-mail to ada@example.com"]);
        house.advance(300);
        house.settle().await;
        assert_eq!(house.send_all().await, ["e-mail to bob@example.com"], "the second round");

        let answer = house.oncall.acknowledge(&caller(&house.bob), &id).await.unwrap();
        assert_eq!((answer.outcome, answer.incident.state), ("done", IncidentState::Acknowledged));
        house.advance(86_400);
        house.settle().await;
        assert_eq!(house.send_all().await.len(), 0);
        let detail = house.incident(&id).await;
        assert_eq!((detail.incident.spans.to_acknowledge_ms, detail.pages.len()), (Some(600_000), 3));
        assert!(sentences(&detail).contains(&"Bob acknowledged; nobody else is paged."), "{detail:#?}");
    })
    .await;
}

#[tokio::test]
async fn an_empty_level_falls_through_and_when_all_are_empty_the_catch_all_is_paged_again_and_again() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        // Bob has no contact method.
        house.levels(vec![level(vec![], 300), level(vec![at(&house.bob)], 300)], 5).await;
        let id = house.open().await;
        assert_eq!(house.send_all().await, ["e-mail to ada@example.com"]);
        for _ in 0..3 {
            house.advance(15 * 60);
            house.settle().await;
            assert_eq!(house.send_all().await, ["e-mail to ada@example.com"]);
        }
        let detail = house.incident(&id).await;
        let told = sentences(&detail);
        for sentence in [
            "Level 1 had nobody to page: the level has no targets.",
            "Level 2 had nobody to page: Bob has no contact method.",
            "Paging the catch-all: Ada by e-mail to ada@example.com.",
        ] {
            assert!(told.contains(&sentence), "{sentence} is missing in {told:#?}");
        }
    })
    .await;
}

#[tokio::test]
async fn who_is_on_call_is_asked_when_the_step_comes_not_when_the_incident_opens() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        house.add_email(&house.bob).await;
        let primary = Target::Schedule { schedule: "primary".parse().unwrap() };
        house.levels(vec![level(vec![primary.clone()], 300), level(vec![primary], 300)], 0).await;
        house.open().await;
        assert_eq!(house.send_all().await, ["e-mail to ada@example.com"]);
        let wish = oncall::service::OverrideRequest {
            person: house.bob.id.clone(),
            replaces: None,
            from: house.turn().now,
            to: house.turn().now.plus(std::time::Duration::from_hours(1)),
        };
        house.oncall.add_override(&caller(&house.ada), &"primary".parse().unwrap(), wish).await.unwrap();
        house.advance(300);
        house.settle().await;
        assert_eq!(house.send_all().await, ["e-mail to bob@example.com"]);
    })
    .await;
}

#[tokio::test]
async fn two_who_acknowledge_at_once_see_who_was_first() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        let id = house.open().await;
        let (ada, bob) = (caller(&house.ada), caller(&house.bob));
        let one = Box::pin(house.oncall.acknowledge(&ada, &id));
        let (one, other) = tokio::join!(one, Box::pin(house.oncall.acknowledge(&bob, &id)));
        let (one, other) = (one.unwrap(), other.unwrap());
        let (first, second) = if one.outcome == "done" { (one, other) } else { (other, one) };
        assert_eq!((first.outcome, second.outcome), ("done", "already"));
        let by = first.incident.acknowledgement.unwrap().by;
        assert_eq!(second.incident.acknowledgement.unwrap().by, by);
        let told = words::instant(house.clock.now());
        assert_eq!(first.sentence, format!("{} acknowledged at {told}.", by.name), "to the second");
        assert_eq!(second.sentence, format!("{} acknowledged already at {told}.", by.name));
        let told = house.incident(&id).await;
        let said = sentences(&told).iter().filter(|sentence| sentence.contains("acknowledged")).count();
        assert_eq!(said, 1);
    })
    .await;
}

#[tokio::test]
async fn an_acknowledgement_calls_off_what_still_waits_and_says_why() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        house.add_webhook(&house.ada, "https://hooks.example.com/x").await;
        let id = house.open().await;
        let waiting = house.incident(&id).await.pages;
        assert_eq!(waiting.iter().map(|page| page.state).collect::<Vec<_>>(), [PageState::Queued; 2]);
        house.oncall.acknowledge(&caller(&house.bob), &id).await.unwrap();
        assert_eq!(house.send_all().await.len(), 0);
        for page in house.incident(&id).await.pages {
            let why = page.last_error.unwrap();
            assert_eq!((page.state, why.as_str()), (PageState::Cancelled, "Bob acknowledged before it was sent"));
        }
        assert_eq!(house.claim().await.len(), 0, "nothing is left in the outbox");
    })
    .await;
}

#[tokio::test]
async fn alerts_with_one_key_make_one_incident_even_when_they_come_at_once() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        let alert = || Box::pin(house.alert("disk", Severity::Error, AlertAction::Trigger));
        let (a, b, c) = tokio::join!(alert(), alert(), alert());
        let mut outcomes = [a.outcome, b.outcome, c.outcome];
        outcomes.sort_unstable();
        assert_eq!(outcomes, ["attached", "attached", "opened"]);
        assert!(a.incident == b.incident && b.incident == c.incident);
        let id = a.incident.unwrap();
        assert_eq!(house.incident(&id).await.alerts[0].count, 3);
        assert_eq!(house.send_all().await, ["e-mail to ada@example.com"]);
        let over = house.alert("disk", Severity::Error, AlertAction::Resolve).await;
        assert_eq!((over.outcome, over.incident.as_ref()), ("resolved", Some(&id)));
        assert_eq!(house.incident(&id).await.incident.state, IncidentState::Resolved);
        assert_eq!(house.alert("disk", Severity::Error, AlertAction::Resolve).await.outcome, "nothingOpen");
        let again = house.alert("disk", Severity::Error, AlertAction::Trigger).await;
        assert_eq!(again.outcome, "opened");
        assert_eq!(number(&house, &again.incident.unwrap()).await, number(&house, &id).await + 1);
    })
    .await;
}

#[tokio::test]
async fn a_warning_is_told_once_and_an_error_with_the_same_key_makes_it_urgent() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        house.add_webhook(&house.ada, "https://hooks.example.com/x").await;
        let id = house.alert("disk", Severity::Warning, AlertAction::Trigger).await.incident.unwrap();
        assert_eq!(house.send_all().await, ["e-mail to ada@example.com"]);
        house.advance(86_400);
        house.settle().await;
        assert_eq!(house.send_all().await.len(), 0);
        house.alert("disk", Severity::Critical, AlertAction::Trigger).await;
        assert_eq!(house.incident(&id).await.incident.urgency, Urgency::High);
        assert_eq!(house.send_all().await, ["e-mail to ada@example.com", "webhook to hooks.example.com"]);
    })
    .await;
}

async fn number(house: &House, id: &IncidentId) -> i64 {
    house.incident(id).await.incident.number
}
