//! People who are invited, amended and locked out.

use access::amend::Wish;
use access::{Error, Role, TokenKind, mint};

use crate::world::{DAY, FIRST_PAGE, PASSWORD, World, email, name, password, secret_of};

#[tokio::test]
async fn the_invited_come_in_by_a_link_that_works_once() {
    db::testing::each(|db| async move {
        let world = World::new(db).await;
        let ada = world.ada().await;
        let bob = world.access.invite(&ada.caller, email("bob"), name("Bob"), Role::Writer).await.unwrap();
        assert!(bob.person.invited);
        assert!(bob.link.starts_with("http://steadfast.test/invitation?token="), "{}", bob.link);
        assert!(matches!(world.log_in("bob", PASSWORD).await, Err(Error::WrongCredentials)));
        let twice = world.access.invite(&ada.caller, email("bob"), name("Bob"), Role::Writer).await;
        assert!(matches!(twice, Err(Error::EmailTaken)), "{twice:?}");

        let secret = secret_of(&bob.link);
        let visitor = world.visit(world.access.accept(&secret, password(PASSWORD)).await.unwrap()).await;
        assert_eq!(visitor.caller.role, Role::Writer);
        let again = world.access.accept(&secret, password(PASSWORD)).await;
        assert!(matches!(again, Err(Error::UnknownLink)), "{again:?}");
        world.log_in("bob", PASSWORD).await.unwrap();
        let people = world.access.people(&FIRST_PAGE).await.unwrap().items;
        let seen: Vec<_> = people.iter().map(|person| (person.email.as_str(), person.invited)).collect();
        assert_eq!(seen, [("ada@example.com", false), ("bob@example.com", false)]);
    })
    .await;
}

#[tokio::test]
async fn a_new_link_replaces_the_old_and_the_old_password() {
    db::testing::each(|db| async move {
        let world = World::new(db).await;
        let ada = world.ada().await;
        let bob = world.guest(&ada, "bob", Role::Reader).await;
        let id = bob.caller.person_id.clone().unwrap();
        let first = world.access.invite_again(&ada.caller, &id).await.unwrap();
        let second = world.access.invite_again(&ada.caller, &id).await.unwrap();
        let accept = |link: &str| {
            let (access, secret) = (&world.access, secret_of(link));
            async move { access.accept(&secret, password("four random words")).await }
        };
        assert!(matches!(accept(&first.link).await, Err(Error::UnknownLink)));
        assert!(world.access.by_session(&bob.secret).await.unwrap().is_some(), "a link alone changes nothing");
        accept(&second.link).await.unwrap();
        assert!(world.access.by_session(&bob.secret).await.unwrap().is_none());
        assert!(matches!(world.log_in("bob", PASSWORD).await, Err(Error::WrongCredentials)));

        let late = world.access.invite_again(&ada.caller, &id).await.unwrap();
        world.clock.advance(7 * DAY);
        assert!(matches!(accept(&late.link).await, Err(Error::UnknownLink)));
    })
    .await;
}

#[tokio::test]
async fn who_is_locked_out_loses_sessions_tokens_and_links_at_once() {
    db::testing::each(|db| async move {
        let world = World::new(db).await;
        let ada = world.ada().await;
        let bob = world.guest(&ada, "bob", Role::Writer).await;
        let id = bob.caller.person_id.clone().unwrap();
        let wish = mint::Wish { name: name("cli"), kind: TokenKind::Personal, role: Role::Writer, expires_at: None };
        let token = world.access.mint(&bob.caller, &bob.credential, wish).await.unwrap().secret;
        let link = world.access.invite_again(&ada.caller, &id).await.unwrap().link;
        assert!(world.access.by_token(token.reveal()).await.unwrap().is_some());

        let disabled = |disabled| Wish { disabled: Some(disabled), ..Wish::default() };
        let gone = world.access.amend(&ada.caller, &id, disabled(true)).await.unwrap();
        assert_eq!(gone.disabled_at, Some(kernel::Clock::now(&*world.clock)));
        assert!(world.access.by_session(&bob.secret).await.unwrap().is_none());
        assert!(world.access.by_token(token.reveal()).await.unwrap().is_none());
        assert!(matches!(world.log_in("bob", PASSWORD).await, Err(Error::WrongCredentials)));
        assert!(matches!(world.access.accept(&secret_of(&link), password(PASSWORD)).await, Err(Error::UnknownLink)));
        assert!(matches!(world.access.invite_again(&ada.caller, &id).await, Err(Error::Disabled)));

        world.access.amend(&ada.caller, &id, disabled(false)).await.unwrap();
        world.log_in("bob", PASSWORD).await.unwrap();
        assert!(world.access.by_token(token.reveal()).await.unwrap().is_none(), "a revoked token stays so");
    })
    .await;
}

#[tokio::test]
async fn a_new_role_counts_from_the_next_request() {
    db::testing::each(|db| async move {
        let world = World::new(db).await;
        let ada = world.ada().await;
        let bob = world.guest(&ada, "bob", Role::Admin).await;
        let wish = mint::Wish { name: name("cli"), kind: TokenKind::Personal, role: Role::Writer, expires_at: None };
        let token = world.access.mint(&bob.caller, &bob.credential, wish).await.unwrap().secret;
        let id = bob.caller.person_id.clone().unwrap();
        let demote = Wish { role: Some(Role::Reader), ..Wish::default() };
        world.access.amend(&ada.caller, &id, demote).await.unwrap();
        let (session, _) = world.access.by_session(&bob.secret).await.unwrap().unwrap();
        let (token, _) = world.access.by_token(token.reveal()).await.unwrap().unwrap();
        assert_eq!((session.role, token.role), (Role::Reader, Role::Reader));
    })
    .await;
}

#[tokio::test]
async fn the_last_admin_cannot_be_demoted_or_locked_out() {
    db::testing::each(|db| async move {
        let world = World::new(db).await;
        let ada = world.ada().await;
        let id = ada.caller.person_id.clone().unwrap();
        world.access.invite(&ada.caller, email("bob"), name("Bob"), Role::Admin).await.unwrap();
        let demote = Wish { role: Some(Role::Writer), ..Wish::default() };
        let disable = Wish { disabled: Some(true), ..Wish::default() };
        for wish in [demote, disable] {
            let refused = world.access.amend(&ada.caller, &id, wish).await;
            assert!(matches!(refused, Err(Error::LastAdmin(_))), "{refused:?}");
        }
        let unknown = kernel::PersonId::from_stored("per_x");
        let refused = world.access.amend(&ada.caller, &unknown, Wish::default()).await;
        assert!(matches!(refused, Err(Error::NoSuchPerson)), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn of_two_admins_who_demote_each_other_at_once_one_stays() {
    db::testing::each(|db| async move {
        let world = World::new(db).await;
        let ada = world.ada().await;
        let bob = world.guest(&ada, "bob", Role::Admin).await;
        let (bobs, adas) = (bob.caller.person_id.clone().unwrap(), ada.caller.person_id.clone().unwrap());
        let become_a = |role| Wish { role: Some(role), ..Wish::default() };
        for _ in 0..20 {
            let (by_ada, by_bob) = tokio::join!(
                world.access.amend(&ada.caller, &bobs, become_a(Role::Reader)),
                world.access.amend(&bob.caller, &adas, become_a(Role::Reader)),
            );
            assert!(by_ada.is_ok() != by_bob.is_ok(), "{by_ada:?} {by_bob:?}");
            let demoted = if by_ada.is_ok() { &bobs } else { &adas };
            let lost = by_ada.and(by_bob).unwrap_err();
            assert!(matches!(lost, Error::LastAdmin(_)), "{lost:?}");
            world.access.amend(&ada.caller, demoted, become_a(Role::Admin)).await.unwrap();
        }
    })
    .await;
}
