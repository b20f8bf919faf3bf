//! What the errors of this capability are over HTTP.

use rest::Problem;

use crate::Error;
use crate::reason::{InstructionError, Invalid, Reason};

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        match error {
            Error::NotFound(thing) => Self::not_found("not-found", detail).field(thing),
            Error::Instruction(InstructionError { index, field, reason }) => {
                let place = if field.is_empty() { String::new() } else { format!("/{field}") };
                refuse(&reason, detail).field(format!("/instructions/{index}{place}"))
            }
            Error::Invalid(Invalid { field, reason }) if field.is_empty() => refuse(&reason, detail),
            Error::Invalid(Invalid { field, reason }) => refuse(&reason, detail).field(field),
            Error::Stale { current, .. } => Self::precondition_failed("stale-version", detail)
                .field("If-Match")
                .hint(format!("read version {current}, and decide again")),
            Error::Contended => Self::conflict("contended", detail).hint("try again in a moment"),
            Error::Guard(_) => Self::conflict("changed-meanwhile", detail).hint("read it again, then decide again"),
            Error::NoWayBack(_) => Self::conflict("no-way-back", detail).hint("make a new change instead"),
            Error::Overtaken { by, overlaps: true, .. } => {
                Self::conflict("overtaken", detail).hint(format!("look at change {by}, which touched the same part"))
            }
            Error::Overtaken { by, overlaps: false, .. } => Self::conflict("overtaken", detail)
                .hint(format!("change {by} touched another part: undo this one by a new change")),
            Error::OtherThing(_) => Self::bad_request("other-thing", detail)
                .field("/seq")
                .hint("take a change from the history of this flag in this environment"),
            Error::ImportUnderWay => Self::unavailable("import-under-way", detail).hint("try again when it is done"),
            Error::CommentTooLong(_) => Self::bad_request("too-long", detail).field("/comment"),
            Error::RoleTooLow(_) => Self::forbidden("role-too-low", detail).hint("ask an admin"),
            Error::Unavailable(source) => {
                tracing::warn!(%source, "the database is not available");
                Self::unavailable("database-unavailable", detail)
            }
            Error::Fault(source) => Self::internal(&*source),
        }
    }
}

/// What a refusal is on a route that creates a thing: its one instruction is ours, so a key that is taken is told as that
/// of the request.
pub(super) fn creation(error: Error) -> Problem {
    match error {
        Error::Instruction(InstructionError { reason: reason @ Reason::AlreadyThere(_), .. }) => {
            Error::Invalid(Invalid::at("/key", reason)).into()
        }
        other => other.into(),
    }
}

fn refuse(reason: &Reason, detail: String) -> Problem {
    let (code, hint) = (reason.code(), reason.hint());
    let problem = match reason {
        Reason::NoSuchThing(_) => Problem::not_found(code, detail),
        Reason::AlreadyThere(_) | Reason::StillNeeded(_) | Reason::VariationInUse(_) => Problem::conflict(code, detail),
        _ => Problem::bad_request(code, detail),
    };
    problem.hint(hint)
}
