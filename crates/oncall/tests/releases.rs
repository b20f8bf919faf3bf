//! What releases announce becomes incidents: quiet when already healed, urgent when not, over when well.
#![allow(clippy::unwrap_used, reason = "a test may fail by it")]

mod house;

use house::{at, caller, house, level, sentences};
use kernel::PageRequest;
use oncall::model::{EventKind, IncidentState, Urgency};
use oncall::store::incidents::Filter;

async fn only_incident(house: &house::House) -> kernel::IncidentId {
    let page = PageRequest { after: None, limit: 10 };
    let mut found = house.oncall.incidents(&Filter::default(), &page).await.unwrap().items;
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0).id
}

#[tokio::test]
async fn what_the_guard_took_back_is_told_once_quietly_and_closes_when_the_metric_is_well() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        house.add_webhook(&house.ada, "https://hooks.example.com/x").await;
        let change = house.turn_on("checkout-v2").await.seq().0;
        house.announce(1, "release.regressed", change, Some(change + 1)).await;
        let id = only_incident(&house).await;
        assert_eq!(house.send_all().await, ["e-mail to ada@example.com"], "the first contact method alone");
        house.advance(86_400);
        house.settle().await;
        assert_eq!(house.send_all().await.len(), 0, "low urgency does not escalate");
        let before = house.incident(&id).await;
        assert_eq!((before.incident.urgency, before.incident.state), (Urgency::Low, IncidentState::Mitigated));
        assert_eq!(before.incident.spans.to_detect_ms, Some(4_000));
        assert_eq!(before.suspects[0].change.seq.0, change);

        house.announce(2, "release.recovered", change, Some(change + 1)).await;
        let after = house.incident(&id).await;
        assert_eq!(after.incident.state, IncidentState::Resolved);
        assert_eq!(after.incident.spans.to_recover_ms, Some(86_404_000));
        let last = sentences(&after);
        assert_eq!(last.last(), Some(&"Resolved: the metric is well again and nobody has to act."), "{last:#?}");
    })
    .await;
}

#[tokio::test]
async fn what_does_not_recover_turns_urgent_and_is_paged_from_level_1_and_recovery_closes_it_once_acknowledged() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        house.add_email(&house.bob).await;
        house.levels(vec![level(vec![at(&house.bob)], 300), level(vec![at(&house.ada)], 300)], 0).await;
        let change = house.turn_on("checkout-v2").await.seq().0;
        house.announce(1, "release.regressed", change, Some(change + 1)).await;
        let id = only_incident(&house).await;
        assert_eq!(house.send_all().await, ["e-mail to bob@example.com"]);
        house.oncall.acknowledge(&caller(&house.bob), &id).await.unwrap();

        house.advance(120);
        house.announce(2, "release.notRecovered", change, Some(change + 1)).await;
        let raised = house.incident(&id).await.incident;
        assert_eq!((raised.urgency, raised.state), (Urgency::High, IncidentState::Triggered));
        assert_eq!(house.send_all().await, ["e-mail to bob@example.com"]);
        house.advance(300);
        house.settle().await;
        assert_eq!(house.send_all().await, ["e-mail to ada@example.com"]);

        house.advance(60);
        house.announce(3, "release.recovered", change, Some(change + 1)).await;
        house.advance(3_600);
        house.settle().await;
        assert_eq!(house.send_all().await.len(), 0, "a metric that is well wakes nobody");
        assert_eq!(house.incident(&id).await.incident.state, IncidentState::Triggered, "somebody must still see it");
        let answer = house.oncall.acknowledge(&caller(&house.ada), &id).await.unwrap();
        assert_eq!(answer.incident.state, IncidentState::Resolved);
    })
    .await;
}

#[tokio::test]
async fn what_was_not_taken_back_is_urgent_and_tells_the_change_with_its_history() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        let change = house.turn_on("checkout-v2").await.seq().0;
        house.advance(60);
        house.announce(1, "release.regressed", change, None).await;
        let detail = house.incident(&only_incident(&house).await).await;
        assert_eq!(detail.incident.urgency, Urgency::High);
        let kinds: Vec<EventKind> = detail.timeline.iter().map(|event| event.kind).collect();
        assert_eq!(&kinds[..3], &[EventKind::Change, EventKind::Verdict, EventKind::Opened], "{detail:#?}");
        assert_eq!(detail.timeline[0].change, Some(change));
        let text = house.text_of_the_page().await;
        assert!(text.contains(&format!("Caused by change {change} by Bob")), "{text}");
        assert!(text.contains("#undo"), "{text}");
    })
    .await;
}

#[tokio::test]
async fn an_announcement_that_is_heard_twice_counts_once_and_news_without_an_incident_wakes_nobody() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        let change = house.turn_on("checkout-v2").await.seq().0;
        house.announce(1, "release.held", change, None).await;
        house.announce(2, "release.completed", change, None).await;
        house.announce(3, "release.recovered", change, None).await;
        assert_eq!(house.claim().await.len(), 0);
        house.announce(4, "release.regressed", change, None).await;
        house.announce(4, "release.regressed", change, None).await;
        let id = only_incident(&house).await;
        assert_eq!(house.incident(&id).await.alerts[0].count, 1);
        assert_eq!(house.send_all().await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_announcement_that_makes_no_sense_does_not_hold_up_the_others() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        house.announce(1, "release.exploded", 1, None).await;
        let change = house.turn_on("checkout-v2").await.seq().0;
        house.announce(2, "release.regressed", change, None).await;
        only_incident(&house).await;
    })
    .await;
}
