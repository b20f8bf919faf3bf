//! Set-up, login, sessions and passwords.

use std::time::Duration;

use access::Error;
use access::password::Password;

use crate::world::{DAY, PASSWORD, World, email, name, password};

#[tokio::test]
async fn the_first_admin_comes_by_a_link_that_works_once() {
    db::testing::each(|db| async move {
        let world = World::new(db).await;
        assert!(world.access.setup_needed().await.unwrap());
        let replaced = world.setup_secret().await;
        let link = world.access.setup_link().await.unwrap().unwrap();
        assert!(link.starts_with("http://steadfast.test/setup?token="), "{link}");
        let secret = crate::world::secret_of(&link);
        let set_up = |secret: String| {
            let access = world.access.clone();
            async move { access.set_up(&secret, email("ada"), name("Ada"), password(PASSWORD)).await }
        };
        assert!(matches!(set_up("guess".to_owned()).await, Err(Error::UnknownLink)));
        assert!(matches!(set_up(replaced).await, Err(Error::UnknownLink)));
        let ada = world.visit(set_up(secret.clone()).await.unwrap()).await;
        assert_eq!((ada.caller.role, ada.caller.actor.name.as_str()), (access::Role::Admin, "Ada"));
        assert!(matches!(set_up(secret).await, Err(Error::AlreadySetUp)));
        assert_eq!(world.access.setup_link().await.unwrap(), None);
        assert!(!world.access.setup_needed().await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_set_up_link_ends_after_a_week() {
    db::testing::each(|db| async move {
        let world = World::new(db).await;
        let secret = world.setup_secret().await;
        world.clock.advance(7 * DAY);
        let late = world.access.set_up(&secret, email("ada"), name("Ada"), password(PASSWORD)).await;
        assert!(matches!(late, Err(Error::UnknownLink)), "{late:?}");
    })
    .await;
}

#[tokio::test]
async fn of_two_set_ups_at_once_one_wins() {
    db::testing::each(|db| async move {
        let world = World::new(db).await;
        let secret = world.setup_secret().await;
        let (ada, bob) = tokio::join!(
            world.access.set_up(&secret, email("ada"), name("Ada"), password(PASSWORD)),
            world.access.set_up(&secret, email("bob"), name("Bob"), password(PASSWORD)),
        );
        assert!(ada.is_ok() != bob.is_ok(), "{ada:?} {bob:?}");
        let lost = ada.and(bob).unwrap_err();
        assert!(matches!(lost, Error::AlreadySetUp), "{lost:?}");
        assert_eq!(world.access.people(&crate::world::FIRST_PAGE).await.unwrap().items.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn only_the_right_password_opens_and_tries_are_counted() {
    db::testing::each(|db| async move {
        let world = World::new(db).await;
        world.ada().await;
        world.log_in("ada", PASSWORD).await.unwrap();
        assert!(matches!(world.log_in("nobody", PASSWORD).await, Err(Error::WrongCredentials)));
        for _ in 0..5 {
            assert!(matches!(world.log_in("ada", "wrong").await, Err(Error::WrongCredentials)));
        }
        assert!(matches!(world.log_in("ada", PASSWORD).await, Err(Error::TooMany(_))));
        world.clock.advance(Duration::from_secs(12));
        world.log_in("ada", PASSWORD).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_session_lives_while_it_is_used_and_thirty_days_more() {
    db::testing::each(|db| async move {
        let world = World::new(db).await;
        let ada = world.ada().await;
        for _ in 0..3 {
            world.clock.advance(20 * DAY);
            assert!(world.access.by_session(&ada.secret).await.unwrap().is_some());
        }
        world.clock.advance(30 * DAY);
        assert!(world.access.by_session(&ada.secret).await.unwrap().is_none());
        assert!(world.access.by_session("guess").await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn who_logs_out_is_out_there_alone() {
    db::testing::each(|db| async move {
        let world = World::new(db).await;
        let here = world.ada().await;
        let there = world.visit(world.log_in("ada", PASSWORD).await.unwrap()).await;
        world.access.log_out(&here.credential).await.unwrap();
        assert!(world.access.by_session(&here.secret).await.unwrap().is_none());
        assert!(world.access.by_session(&there.secret).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions() {
    db::testing::each(|db| async move {
        let world = World::new(db).await;
        let here = world.ada().await;
        let there = world.visit(world.log_in("ada", PASSWORD).await.unwrap()).await;
        let change = |current: &str| {
            let (access, here, current) = (&world.access, &here, Password::new(current));
            async move {
                access.change_password(&here.caller, &here.credential, current, password("four random words")).await
            }
        };
        assert!(matches!(change("wrong").await, Err(Error::WrongPassword)));
        change(PASSWORD).await.unwrap();
        assert!(world.access.by_session(&here.secret).await.unwrap().is_some());
        assert!(world.access.by_session(&there.secret).await.unwrap().is_none());
        assert!(matches!(world.log_in("ada", PASSWORD).await, Err(Error::WrongCredentials)));
        world.log_in("ada", "four random words").await.unwrap();
    })
    .await;
}
