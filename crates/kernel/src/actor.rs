//! Who did it: people, tokens, guards and the system itself are all just actors.

use serde::{Deserialize, Serialize};

/// The author of a change, a decision or an acknowledgement, as the log remembers it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Actor {
    /// What sort of author.
    pub kind: ActorKind,
    /// Its id, such as `per_…` or `rel_…`; empty for the system.
    pub id: String,
    /// Its name at the time, for people who read the log years later.
    pub name: String,
}

/// The sorts of author.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ActorKind {
    /// A person, in a browser or by a token of their own.
    Person,
    /// A program with a service token.
    Token,
    /// A release that walks its pipeline, or its guard that takes it back.
    Release,
    /// A link in a page, used by whoever holds it.
    Page,
    /// Steadfast itself: set-up, clean-up, clocks.
    System,
}

impl Actor {
    /// Steadfast itself.
    pub fn system() -> Self {
        Self { kind: ActorKind::System, id: String::new(), name: "Steadfast".to_owned() }
    }
}
