//! No page is lost and none is sent under two names: crashes, outages, contact methods that go away.
#![allow(clippy::unwrap_used, reason = "a test may fail by it")]

mod house;

use std::time::Duration;

use db::outbox;
use house::{at, caller, house, level, page_by, sentences};
use oncall::Delivery;
use oncall::model::{Contact, PageState, Severity};
use oncall::service::AlertAction;

fn mail_is_down(delivery: &Delivery) -> Result<(), &'static str> {
    match delivery.contact {
        Contact::Email { .. } => Err("connection refused"),
        Contact::Webhook { .. } => Ok(()),
    }
}

#[tokio::test]
async fn a_sender_that_dies_is_succeeded_by_one_that_sends_the_same_page_under_the_same_key() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        let id = house.open().await;
        let turn = house.turn();
        let mut keys = Vec::new();
        for _ in 0..3 {
            // Claimed and perhaps sent, and then the process dies before it can say so.
            let message = house.claim().await.pop().unwrap();
            let delivery = house.oncall.delivery(&turn, &message).await.unwrap().unwrap();
            keys.push((delivery.id.clone(), delivery.letter.text));
            assert_eq!(house.claim().await.len(), 0, "a claim holds for a while");
            house.advance(16);
        }
        keys.dedup();
        assert_eq!(keys.len(), 1, "{keys:?}");
        assert_eq!(house.send_all().await.len(), 1);
        assert_eq!(house.incident(&id).await.pages.len(), 1);
        house.advance(60);
        assert_eq!(house.claim().await.len(), 0);
    })
    .await;
}

#[tokio::test]
async fn with_the_mail_server_down_the_next_method_is_tried_and_the_mail_again_and_again() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        house.add_webhook(&house.ada, "https://hooks.example.com/x").await;
        let id = house.alert("disk", Severity::Warning, AlertAction::Trigger).await.incident.unwrap();
        assert_eq!(house.deliver(mail_is_down).await, ["e-mail to ada@example.com failed"]);
        assert_eq!(house.deliver(mail_is_down).await, ["webhook to hooks.example.com"]);
        for _ in 0..20 {
            house.advance(60);
            assert_eq!(house.deliver(mail_is_down).await, ["e-mail to ada@example.com failed"]);
        }
        let detail = house.incident(&id).await;
        let mail = page_by(&detail, "e-mail");
        assert_eq!(
            (mail.state, mail.attempts, mail.last_error.as_deref()),
            (PageState::Queued, 21, Some("connection refused"))
        );
        let told = sentences(&detail);
        let failure =
            "Ada could not be told by e-mail to ada@example.com: connection refused. It is tried again and again.";
        assert_eq!(told.iter().filter(|sentence| **sentence == failure).count(), 1, "{told:#?}");
        assert!(told.contains(&"Ada's next contact method is tried as well."), "{told:#?}");
        let methods = house.oncall.contact_methods(&caller(&house.ada), &house.ada.id).await.unwrap();
        assert_eq!(methods[0].last_error.as_deref(), Some("connection refused"));
        assert!(methods[1].proven_at.is_some());

        house.advance(60);
        assert_eq!(house.send_all().await, ["e-mail to ada@example.com"]);
        let told = house.incident(&id).await;
        assert!(sentences(&told).contains(&"Ada was told by e-mail to ada@example.com at attempt 22."), "{told:#?}");
    })
    .await;
}

#[tokio::test]
async fn a_level_that_could_not_be_told_at_all_does_not_hold_up_the_next() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        house.add_email(&house.bob).await;
        house.levels(vec![level(vec![at(&house.bob)], 3_600), level(vec![at(&house.ada)], 3_600)], 0).await;
        let id = house.open().await;
        assert_eq!(house.deliver(|_| Err("550 no such user")).await, ["e-mail to bob@example.com failed"]);
        assert_eq!(house.send_all().await, ["e-mail to ada@example.com"], "without waiting an hour");
        let detail = house.incident(&id).await;
        let why = "Nobody of level 1 could be told; the next level is not made to wait.";
        assert!(sentences(&detail).contains(&why), "{detail:#?}");
    })
    .await;
}

#[tokio::test]
async fn when_mail_is_back_each_person_gets_one_mail_and_not_one_for_each_round() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        house.levels(vec![level(vec![at(&house.ada)], 60)], 3).await;
        let id = house.open().await;
        for _ in 0..4 {
            house.deliver(mail_is_down).await;
            house.advance(60);
            house.settle().await;
        }
        assert_eq!(house.send_all().await, ["e-mail to ada@example.com"]);
        let pages = house.incident(&id).await.pages;
        let states: Vec<PageState> = pages.iter().map(|page| page.state).collect();
        assert_eq!(states.iter().filter(|state| **state == PageState::Sent).count(), 1, "{pages:#?}");
        assert!(states.len() >= 4, "{pages:#?}");
    })
    .await;
}

#[tokio::test]
async fn a_page_to_a_contact_method_that_is_gone_goes_to_the_next_one() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        let id = house.alert("disk", Severity::Warning, AlertAction::Trigger).await.incident.unwrap();
        house.add_webhook(&house.ada, "https://hooks.example.com/x").await;
        let ada = caller(&house.ada);
        let first = house.oncall.contact_methods(&ada, &house.ada.id).await.unwrap().remove(0);
        house.oncall.delete_contact_method(&ada, &house.ada.id, &first.id).await.unwrap();
        assert_eq!(house.send_all().await.len(), 0);
        assert_eq!(house.send_all().await, ["webhook to hooks.example.com"]);
        assert_eq!(page_by(&house.incident(&id).await, "a contact method that is gone").state, PageState::Cancelled);
    })
    .await;
}

#[tokio::test]
async fn an_acknowledgement_that_overtakes_a_page_under_way_lets_it_say_so() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        let id = house.open().await;
        let turn = house.turn();
        let message = house.claim().await.pop().unwrap();
        let delivery = house.oncall.delivery(&turn, &message).await.unwrap().unwrap();
        house.oncall.acknowledge(&caller(&house.bob), &id).await.unwrap();
        house.oncall.delivered(&turn, &message, &delivery).await.unwrap();
        let detail = house.incident(&id).await;
        let told = "Ada was told by e-mail to ada@example.com, too late to call it off.";
        assert!(sentences(&detail).contains(&told), "{detail:#?}");
        assert_eq!(detail.pages[0].state, PageState::Sent);
    })
    .await;
}

#[tokio::test]
async fn a_test_is_sent_once_and_shows_on_the_contact_method_whether_it_arrived() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        let ada = caller(&house.ada);
        let method = house.oncall.contact_methods(&ada, &house.ada.id).await.unwrap().remove(0);
        house.oncall.test_contact_method(&ada, &house.ada.id, &method.id).await.unwrap();
        assert_eq!(house.deliver(mail_is_down).await, ["e-mail to ada@example.com failed"]);
        house.advance(3_600);
        assert_eq!(house.claim().await.len(), 0, "a test is not repeated by itself");
        let after = house.oncall.contact_methods(&ada, &house.ada.id).await.unwrap().remove(0);
        assert_eq!(after.last_error.as_deref(), Some("connection refused"));
        house.oncall.test_contact_method(&ada, &house.ada.id, &method.id).await.unwrap();
        assert_eq!(house.send_all().await.len(), 1);
        let after = house.oncall.contact_methods(&ada, &house.ada.id).await.unwrap().remove(0);
        assert_eq!((after.last_error, after.proven_at), (None, Some(house.turn().now)));
    })
    .await;
}

#[tokio::test]
async fn a_sender_that_lost_its_lease_cannot_say_that_a_page_was_sent() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        let id = house.open().await;
        let turn = house.turn();
        let message = house.claim().await.pop().unwrap();
        let delivery = house.oncall.delivery(&turn, &message).await.unwrap().unwrap();
        let far = house.turn().now.plus(Duration::from_hours(2));
        db::lease::acquire(&house.db, "tests", "another node", far, Duration::from_hours(1)).await.unwrap().unwrap();
        assert!(house.oncall.delivered(&turn, &message, &delivery).await.is_err());
        assert_eq!(house.incident(&id).await.pages[0].state, PageState::Queued);
        assert!(outbox::next_due(&house.db, "page").await.unwrap().is_some());
    })
    .await;
}
