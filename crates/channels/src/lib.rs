//! How pages leave: what the outbox holds is handed to a mail server or a webhook, tried again until it is taken.
//!
//! - [`pages`]: the reconciler that claims, sends and reports back to `oncall`.
//! - [`email`]: SMTP. [`webhook`]: a POST, signed as Standard Webhooks are.
//! - [`http`]: the one client for calls to addresses that people typed; [`address`]: which addresses it refuses.

pub mod address;
pub mod email;
pub mod http;
pub mod pages;
pub mod webhook;

pub use email::{BadMail, Mail, MailConfig};
pub use http::{BadClient, CallError, Http, Reach};
pub use pages::Channels;
