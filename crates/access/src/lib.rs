//! Who may come in, and what they may do.

pub mod amend;
pub mod api;
pub mod mint;
pub mod model;
pub mod password;
pub mod policy;
pub mod secret;
pub mod throttle;

pub use model::{Caller, Credential, Email, Name, Person, Role, Token, TokenKind};
pub use policy::{Need, Rule, Table};
pub use secret::Secret;
