//! The product: what `steadfast` does on each of its commands.
//!
//! - [`config`]: the command line. [`serve`]: opens, composes, listens, ends.
//! - [`edge`]: the same beside the app, without a database.
//! - [`app`]: the services of all capabilities, composed once.
//! - [`router`]: the one list of what can be asked of us, with the table of who may. [`reconcilers`]: the one list of what we do
//!   unasked.
//! - [`listen`]: connections. [`events`]: the console's stream. [`health`]: for load balancers and people who wonder.
//! - [`evaluate`]: offline answers. [`mod@import`]: what other systems know, brought into a running server.

pub mod app;
pub mod config;
pub mod edge;
pub mod evaluate;
pub mod events;
pub mod health;
pub mod import;
pub mod listen;
pub mod reconcilers;
pub mod router;
pub mod serve;
