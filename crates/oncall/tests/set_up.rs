//! What is there at the first start, what has to stay, and what is refused.
#![allow(clippy::unwrap_used, reason = "a test may fail by it")]

mod house;

use std::time::Duration;

use access::password::NewPassword;
use access::{Arrival, Email, Name, Role};
use house::{at, caller, house, level};
use kernel::{Clock, PageRequest, PolicyKey, ScheduleKey, SystemRng};
use oncall::Error;
use oncall::model::{CATCH_ALL, Target};
use oncall::service::{ContactMethodRequest, OverrideRequest, PolicyRequest, ScheduleRequest, ServicePatch};

fn all() -> PageRequest {
    PageRequest { after: None, limit: 100 }
}

#[tokio::test]
async fn the_first_start_makes_what_the_first_alert_needs_and_a_second_changes_nothing() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        house.levels(vec![level(vec![at(&house.bob)], 60)], 0).await;
        let again = oncall::welcome(&house.bob, Arrival::First, house.clock.now(), &SystemRng);
        house.db.commit(again.into_iter().collect()).await.unwrap();
        house.settle().await;
        let policies = house.oncall.policies(&all()).await.unwrap().items;
        let keys: Vec<&str> = policies.iter().map(|policy| policy.key.as_str()).collect();
        assert_eq!(keys, ["catch-all", "default"]);
        assert_eq!(policies[0].levels[0].targets, [at(&house.ada)]);
        assert_eq!(policies[1].levels[0].targets, [at(&house.bob)]);
        let now = house.oncall.on_call().await.unwrap();
        let primary = &now.schedules[0];
        assert_eq!((primary.schedule.as_str(), primary.people[0].name.as_str()), ("primary", "Ada"));
        assert_eq!(now.services[0].service.as_str(), "default");
        let methods = house.oncall.contact_methods(&caller(&house.ada), &house.ada.id).await.unwrap();
        assert_eq!(methods[0].contact.describe(), "e-mail to ada@example.com");
    })
    .await;
}

#[tokio::test]
async fn whoever_is_let_in_can_be_paged_from_that_moment_on() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        let token = |link: String| link.split_once("?token=").unwrap().1.to_owned();
        let password = || NewPassword::new("correct horse battery").unwrap();
        let ada = caller(&house.ada);
        let (email, name) = (Email::new("cleo@example.com").unwrap(), Name::new("Cleo").unwrap());
        let invited = house.access.invite(&ada, email, name, Role::Writer).await.unwrap();
        let cleo = house.access.accept(&token(invited.link), password()).await.unwrap().person.id;
        let again = house.access.invite_again(&ada, &cleo).await.unwrap();
        house.access.accept(&token(again.link), password()).await.unwrap();
        let methods = house.oncall.contact_methods(&ada, &cleo).await.unwrap();
        let told: Vec<String> = methods.iter().map(|method| method.contact.describe()).collect();
        assert_eq!(told, ["e-mail to cleo@example.com"]);
        let services = house.oncall.services(&all()).await.unwrap().items;
        assert_eq!(services.len(), 1, "an invitation sets nothing else up");
    })
    .await;
}

#[tokio::test]
async fn the_catch_all_cannot_be_deleted_nor_emptied_nor_cut_off() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        let (ada, bob) = (caller(&house.ada), caller(&house.bob));
        let catch_all = PolicyKey::new(CATCH_ALL).unwrap();
        let refused = house.oncall.delete_policy(&ada, &catch_all, None).await.unwrap_err();
        assert!(matches!(refused, Error::Needed { code: "catch-all-needed", .. }), "{refused:?}");
        let wish =
            |targets| PolicyRequest { name: "Catch-all".to_owned(), levels: vec![level(targets, 60)], repeat: 0 };
        for targets in [vec![], vec![Target::CatchAll {}]] {
            let refused = house.oncall.update_policy(&ada, &catch_all, wish(targets), None).await.unwrap_err();
            assert!(matches!(&refused, Error::Invalid(invalid) if invalid.code == "invalid-catch-all"), "{refused:?}");
        }
        let refused = house.oncall.update_policy(&bob, &catch_all, wish(vec![at(&house.bob)]), None).await.unwrap_err();
        assert!(matches!(refused, Error::RoleTooLow { needed: Role::Admin }), "{refused:?}");
        let method = house.oncall.contact_methods(&ada, &house.ada.id).await.unwrap().remove(0);
        let refused = house.oncall.delete_contact_method(&ada, &house.ada.id, &method.id).await.unwrap_err();
        assert!(matches!(refused, Error::Needed { code: "last-contact-method", .. }), "{refused:?}");
        let default = PolicyKey::new("default").unwrap();
        let refused = house.oncall.delete_policy(&ada, &default, None).await.unwrap_err();
        assert!(matches!(refused, Error::Needed { code: "policy-in-use", .. }), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn an_edit_on_what_has_changed_since_is_refused() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        let ada = caller(&house.ada);
        let key = house::service("default");
        let seen = house.oncall.service(&key).await.unwrap().version;
        let rename = |name: &str| ServicePatch { name: Some(name.to_owned()), ..ServicePatch::default() };
        let renamed = house.oncall.update_service(&ada, &key, rename("Shop"), Some(seen)).await.unwrap();
        assert_eq!((renamed.name.as_str(), renamed.version.0), ("Shop", seen.0 + 1));
        let stale = house.oncall.update_service(&ada, &key, rename("Store"), Some(seen)).await.unwrap_err();
        assert!(matches!(stale, Error::Changed("service")), "{stale:?}");
    })
    .await;
}

#[tokio::test]
async fn a_schedule_keeps_who_is_on_call_when_people_join_and_shows_handoffs_gaps_and_overrides() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        let ada = caller(&house.ada);
        let key = ScheduleKey::new("primary").unwrap();
        let mut layers = house.oncall.schedule(&key).await.unwrap().layers().to_vec();
        layers[0].rotation.participants = vec![house.bob.id.clone(), house.ada.id.clone()];
        house.advance(1);
        let wish = ScheduleRequest { name: "Primary".to_owned(), layers: layers.clone() };
        house.oncall.update_schedule(&ada, &key, wish, None).await.unwrap();
        let duty = house.oncall.on_call().await.unwrap().schedules.remove(0);
        assert_eq!((duty.people[0].name.as_str(), duty.next[0].name.as_str()), ("Ada", "Bob"));

        let now = house.turn().now;
        let (from, to) = (now.plus(Duration::from_hours(1)), now.plus(Duration::from_hours(2)));
        let wish = OverrideRequest { person: house.bob.id.clone(), replaces: None, from, to };
        let exception = house.oncall.add_override(&ada, &key, wish.clone()).await.unwrap();
        let shifts = house.oncall.shifts(&key, now, now.plus(Duration::from_hours(3))).await.unwrap();
        let told: Vec<(&str, &str)> =
            shifts.shifts.iter().map(|shift| (shift.people[0].name.as_str(), shift.reason)).collect();
        assert_eq!(told, [("Ada", "turn"), ("Bob", "overridden"), ("Ada", "turn")]);
        assert_eq!((shifts.gaps.len(), shifts.overrides.as_slice()), (0, std::slice::from_ref(&exception)));
        let twice = house.oncall.add_override(&ada, &key, wish).await.unwrap_err();
        assert!(matches!(&twice, Error::Invalid(invalid) if invalid.code == "invalid-override"), "{twice:?}");
        house.oncall.delete_override(&ada, &key, &exception.id).await.unwrap();
        let gone = house.oncall.delete_override(&ada, &key, &exception.id).await.unwrap_err();
        assert!(matches!(gone, Error::NotFound("override")), "{gone:?}");
    })
    .await;
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_its_place() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        let ada = caller(&house.ada);
        let place = |error: Error| match error {
            Error::Invalid(invalid) => (invalid.code, invalid.field),
            other => panic!("{other:?}"),
        };
        let wish = |target| PolicyRequest { name: "New".to_owned(), levels: vec![level(vec![target], 60)], repeat: 0 };
        let new = || PolicyKey::new("new").unwrap();
        let nobody = Target::Person { person: kernel::PersonId::from_stored("per_nobody") };
        let error = house.oncall.create_policy(&ada, new(), wish(nobody)).await.unwrap_err();
        assert_eq!(place(error), ("unknown-person", "/levels/0/targets/0".to_owned()));
        let nowhere = Target::Schedule { schedule: ScheduleKey::new("nowhere").unwrap() };
        let error = house.oncall.create_policy(&ada, new(), wish(nowhere)).await.unwrap_err();
        assert_eq!(place(error), ("unknown-schedule", "/levels/0/targets/0".to_owned()));
        let taken = PolicyKey::new("default").unwrap();
        let error = house.oncall.create_policy(&ada, taken, wish(Target::CatchAll {})).await.unwrap_err();
        assert!(matches!(error, Error::Taken("policy")), "{error:?}");

        let mut layers = house.oncall.schedule(&"primary".parse().unwrap()).await.unwrap().layers().to_vec();
        layers[0].rotation.turn.every = 0;
        let schedule = ScheduleRequest { name: "Night".to_owned(), layers };
        let error = house.oncall.create_schedule(&ada, "night".parse().unwrap(), schedule).await.unwrap_err();
        assert_eq!(place(error), ("invalid-schedule", "/layers/0/rotation/turn/every".to_owned()));

        let webhook = |secret: &str| ContactMethodRequest::Webhook {
            url: "https://hooks.example.com".to_owned(),
            secret: Some(secret.to_owned()),
        };
        let error = house.oncall.add_contact_method(&ada, &house.ada.id, webhook("whsec_c2hvcnQ=")).await.unwrap_err();
        assert_eq!(place(error), ("invalid-secret", "/secret".to_owned()));
        let others = house.oncall.contact_methods(&caller(&house.bob), &house.ada.id).await.unwrap_err();
        assert!(matches!(others, Error::RoleTooLow { needed: Role::Admin }), "{others:?}");
    })
    .await;
}
