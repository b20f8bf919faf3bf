//! Who may come in, and what they may do: people, roles, sessions, tokens, and the table of needs before every route.
//!
//! - [`model`]: people, roles, tokens, and the [`Caller`] of a request. [`secret`], [`password`]: what proves them.
//! - [`policy`]: [`Need`], [`Rule`], [`Table`]: each capability exports its `RULES`, the server concatenates them.
//! - [`amend`], [`mint`], [`throttle`]: the decisions, pure.
//! - [`store`], [`service`]: what is stored, and what people do here.
//! - [`api`]: [`routes`], and the [`Gate`] that the server puts before all routes.

pub mod amend;
pub mod api;
pub mod mint;
pub mod model;
pub mod password;
pub mod policy;
pub mod secret;
pub mod service;
pub mod store;
pub mod throttle;

pub use api::gate::{Gate, SESSION_COOKIE};
pub use api::{RULES, routes};
pub use model::{Caller, Credential, Email, Name, Person, Role, Token, TokenKind};
pub use policy::{Need, Rule, Table};
pub use secret::Secret;
pub use service::{Access, Arrival, Error, Welcome};
pub use store::MIGRATIONS;
