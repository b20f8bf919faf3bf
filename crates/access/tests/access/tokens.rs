//! Tokens, and what is stored of all secrets.

use std::time::Duration;

use access::{Error, Role, TokenKind, mint};
use db::{Sql, params, sql};
use kernel::{ActorKind, Clock};

use crate::world::{DAY, FIRST_PAGE, PASSWORD, World, email, name, secret_of};

fn wish(kind: TokenKind, role: Role) -> mint::Wish {
    mint::Wish { name: name("deploys"), kind, role, expires_at: None }
}

#[tokio::test]
async fn a_token_acts_until_it_expires_or_is_revoked() {
    db::testing::each(|db| async move {
        let world = World::new(db).await;
        let ada = world.ada().await;
        let expires_at = Some(world.clock.now().plus(DAY));
        let wish = mint::Wish { expires_at, ..wish(TokenKind::Service, Role::Writer) };
        let short = world.access.mint(&ada.caller, &ada.credential, wish.clone()).await.unwrap();
        let long = mint::Wish { expires_at: None, ..wish };
        let long = world.access.mint(&ada.caller, &ada.credential, long).await.unwrap();
        assert!(short.secret.reveal().starts_with("sft_"));
        let (caller, _) = world.access.by_token(short.secret.reveal()).await.unwrap().unwrap();
        assert_eq!((caller.actor.kind, caller.role, &caller.person_id), (ActorKind::Token, Role::Writer, &None));
        assert_eq!(caller.actor.name, "deploys");

        world.clock.advance(DAY);
        assert!(world.access.by_token(short.secret.reveal()).await.unwrap().is_none());
        assert!(world.access.by_token(long.secret.reveal()).await.unwrap().is_some());
        world.access.revoke(&ada.caller, &long.token.id).await.unwrap();
        assert!(world.access.by_token(long.secret.reveal()).await.unwrap().is_none());
        assert!(world.access.by_token("sft_guess").await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_personal_token_acts_as_its_owner_and_may_end_itself() {
    db::testing::each(|db| async move {
        let world = World::new(db).await;
        let ada = world.ada().await;
        let minted = world.access.mint(&ada.caller, &ada.credential, wish(TokenKind::Personal, Role::Writer)).await;
        let minted = minted.unwrap();
        let (caller, _) = world.access.by_token(minted.secret.reveal()).await.unwrap().unwrap();
        assert_eq!(caller.actor, ada.caller.actor, "the log names the person, not their tool");
        assert_eq!((caller.role, &caller.person_id), (Role::Writer, &ada.caller.person_id));
        world.access.revoke(&caller, &minted.token.id).await.unwrap();
        assert!(world.access.by_token(minted.secret.reveal()).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn people_see_and_end_their_own_tokens_and_admins_all() {
    db::testing::each(|db| async move {
        let world = World::new(db).await;
        let ada = world.ada().await;
        let bob = world.guest(&ada, "bob", Role::Writer).await;
        let adas = wish(TokenKind::Personal, Role::Admin);
        let adas = world.access.mint(&ada.caller, &ada.credential, adas).await.unwrap().token;
        world.clock.advance(Duration::from_secs(1));
        let bobs = wish(TokenKind::Personal, Role::Writer);
        let bobs = world.access.mint(&bob.caller, &bob.credential, bobs).await.unwrap().token;

        let seen = world.access.tokens(&ada.caller, &FIRST_PAGE).await.unwrap().items;
        assert_eq!(seen, [bobs.clone(), adas.clone()]);
        assert_eq!(world.access.tokens(&bob.caller, &FIRST_PAGE).await.unwrap().items, std::slice::from_ref(&bobs));
        assert!(matches!(world.access.revoke(&bob.caller, &adas.id).await, Err(Error::NoSuchToken)));
        world.access.revoke(&bob.caller, &bobs.id).await.unwrap();
        let ended = world.access.tokens(&bob.caller, &FIRST_PAGE).await.unwrap().items;
        assert_eq!(ended[0].revoked_at, Some(world.clock.now()));
    })
    .await;
}

#[tokio::test]
async fn the_last_use_is_remembered_to_the_hour() {
    db::testing::each(|db| async move {
        let world = World::new(db).await;
        let ada = world.ada().await;
        let minted = wish(TokenKind::Personal, Role::Reader);
        let minted = world.access.mint(&ada.caller, &ada.credential, minted).await.unwrap();
        let first = world.clock.now();
        let mut remembered = Vec::new();
        for _ in 0..3 {
            world.access.by_token(minted.secret.reveal()).await.unwrap().unwrap();
            remembered.push(world.access.tokens(&ada.caller, &FIRST_PAGE).await.unwrap().items[0].last_used_at);
            world.clock.advance(Duration::from_mins(30));
        }
        assert_eq!(remembered, [first, first, first.plus(Duration::from_hours(1))].map(Some));
    })
    .await;
}

#[tokio::test]
async fn no_secret_is_stored_in_clear() {
    const TABLES: [Sql; 5] = [
        sql!("SELECT * FROM person"),
        sql!("SELECT * FROM session"),
        sql!("SELECT * FROM token"),
        sql!("SELECT * FROM invitation"),
        sql!("SELECT * FROM setup"),
    ];
    db::testing::each(|db| async move {
        let world = World::new(db).await;
        let mut secrets = vec![PASSWORD.to_owned(), world.setup_secret().await];
        let before_use = format!("{:?}", world.db.many(TABLES[4].bind(params![])).await.unwrap());
        let ada = world.visit(
            world
                .access
                .set_up(&secrets[1], email("ada"), name("Ada"), crate::world::password(PASSWORD))
                .await
                .unwrap(),
        );
        let ada = ada.await;
        let invited = world.access.invite(&ada.caller, email("bob"), name("Bob"), Role::Reader).await.unwrap();
        let minted = wish(TokenKind::Service, Role::Reader);
        let minted = world.access.mint(&ada.caller, &ada.credential, minted).await.unwrap();
        secrets.extend([ada.secret, secret_of(&invited.link), minted.secret.reveal().to_owned()]);

        let mut stored = before_use;
        for table in TABLES {
            let rows = world.db.many(table.bind(params![])).await.unwrap();
            assert!(!rows.is_empty(), "{}", table.text());
            stored.extend([format!("{rows:?}")]);
        }
        assert!(stored.contains("$argon2id$"), "{stored}");
        for secret in &secrets {
            assert!(!stored.contains(secret.trim_start_matches("sft_")), "{secret} is in {stored}");
        }
    })
    .await;
}
