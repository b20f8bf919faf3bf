//! What the errors of this capability are over HTTP.

use rest::Problem;

use crate::Error;
use crate::reason::{InstructionError, Invalid, Reason};
use crate::service::UploadError;

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
            Error::NotBig => {
                Self::conflict("not-big", detail).hint("whether a segment is big is said when it is created")
            }
            Error::Upload(refused) => upload(&refused, detail),
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

/// The instruction of an upload, sent by anybody else.
pub(super) fn uploads_only(index: usize) -> Problem {
    let problem = Problem::bad_request("members-elsewhere", "replaceMembers is what an upload does");
    problem.field(format!("/instructions/{index}")).hint("upload the members by POST …/segments/{segment}/uploads")
}

fn upload(refused: &UploadError, detail: String) -> Problem {
    match refused {
        UploadError::UnderWay => Problem::conflict("upload-under-way", detail).hint("wait until it ends, or cancel it"),
        UploadError::Busy => Problem::unavailable("too-many-uploads", detail),
        UploadError::Line(_) => Problem::bad_request("invalid-line", detail)
            .hint("correct the file and upload it whole: nothing was changed"),
        UploadError::Contradiction(_) => Problem::bad_request("contradiction", detail)
            .hint("leave one of the lines out and upload the file whole: nothing was changed"),
        UploadError::TooMany => Problem::too_large("too-many-keys", detail).hint("divide them among several segments"),
        UploadError::Interrupted(_) => Problem::bad_request("body-interrupted", detail).hint("upload the file again"),
        UploadError::Stopped => Problem::conflict("upload-stopped", detail),
        UploadError::Disk(source) => Problem::internal(source),
    }
}

fn refuse(reason: &Reason, detail: String) -> Problem {
    let (code, hint) = (reason.code(), reason.hint());
    let problem = match reason {
        Reason::NoSuchThing(_) => Problem::not_found(code, detail),
        Reason::AlreadyThere(_) | Reason::StillNeeded(_) | Reason::VariationInUse(_) | Reason::NotBig => {
            Problem::conflict(code, detail)
        }
        _ => Problem::bad_request(code, detail),
    };
    problem.hint(hint)
}
