//! The whole server: who may do what, what is refused, what happens when something else fails.
//!
//! In process where nothing else is asked ([`house`]), else the real binary (`testkit::Steadfast`) against real counterparts.
#![allow(clippy::unwrap_used)] // helpers of tests are tests

mod access;
mod bad_input;
mod client;
mod database;
mod edge;
mod house;
mod import;
mod kill;
mod launchdarkly;
mod live;
mod mail;
mod nodes;
mod ofrep;
mod openapi;
#[path = "../../benches/kill/ordeal/mod.rs"]
mod ordeal;
mod proxy;
mod relay;
mod sdks;
mod second;
mod streams;
mod unleash;
mod unleash_import;
mod wire;
