//! The nouns of on-call: who is woken for what, and what came of it.

mod config;
mod incident;
mod page;

pub use calendar::OverrideId;
pub use config::{
    CATCH_ALL, Contact, ContactMethod, DEFAULT, Level, Override, PRIMARY, Policy, Schedule, Service, Target,
};
pub use incident::{
    Acknowledgement, Alert, Cause, Entry, EventKind, Incident, IncidentState, PolicySnapshot, Progress, Severity,
    Standing, TimelineEvent, Times, Undone, Urgency,
};
pub use page::{Page, PageState, PlannedPage, Step};

kernel::id! {
    /// One way to reach a person.
    ContactMethodId = "con",
}

/// Why a value was refused: a stable code, the field as a JSON pointer, a sentence and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Invalid {
    /// The reason for programs.
    pub code: &'static str,
    /// Where: a JSON pointer into the body.
    pub field: String,
    /// The reason for people.
    pub detail: String,
    /// What would be right.
    pub hint: &'static str,
}

impl Invalid {
    pub(crate) fn new(
        code: &'static str,
        field: impl Into<String>,
        detail: impl Into<String>,
        hint: &'static str,
    ) -> Self {
        Self { code, field: field.into(), detail: detail.into(), hint }
    }
}

/// `text` has 1 to `max` characters that are not all blank.
pub(crate) fn check_text(field: &str, text: &str, max: usize) -> Result<(), Invalid> {
    let length = text.chars().count();
    if text.trim().is_empty() || length > max {
        let detail = format!("{} must have 1 to {max} characters, not {length}", field.trim_start_matches('/'));
        return Err(Invalid::new("invalid-text", field, detail, "say it in a short text that is not blank"));
    }
    Ok(())
}
