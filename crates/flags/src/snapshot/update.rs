//! One step of an environment, as streams send it.

use bytes::{BufMut, Bytes, BytesMut};
use kernel::Revision;

/// One flag or segment that changed, or went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// The change's place in the log.
    pub seq: Revision,
    /// What changed: `/flags/KEY` or `/segments/KEY`.
    pub path: String,
    /// How.
    pub kind: UpdateKind,
    frame: Bytes,
}

/// How something changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UpdateKind {
    /// It is like this now: the JSON that SDKs receive.
    Patch(Bytes),
    /// It is gone, and this is the version of its going.
    Delete(Revision),
}

impl Update {
    /// Something is as `json` says now.
    pub(super) fn patch(seq: Revision, path: String, json: &[u8]) -> Self {
        let head = format!("event: patch\ndata: {{\"path\":\"{path}\",\"data\":");
        let (frame, json) = frame(&head, json, "}\n\n");
        Self { seq, path, kind: UpdateKind::Patch(json), frame }
    }

    /// Something is gone.
    pub(super) fn delete(seq: Revision, path: String) -> Self {
        let frame = format!("event: delete\ndata: {{\"path\":\"{path}\",\"version\":{seq}}}\n\n");
        Self { seq, path, kind: UpdateKind::Delete(seq), frame: frame.into() }
    }

    /// The server-sent event of `/all` (`launchdarkly.md` §1.2), made once for all streams.
    pub fn frame(&self) -> &Bytes {
        &self.frame
    }
}

/// `head`, `body` and `tail` in one piece, and the part of it that is the body, without a second copy.
fn frame(head: &str, body: &[u8], tail: &str) -> (Bytes, Bytes) {
    let mut whole = BytesMut::with_capacity(head.len() + body.len() + tail.len());
    whole.put(head.as_bytes());
    whole.put(body);
    whole.put(tail.as_bytes());
    let whole = whole.freeze();
    let body = whole.slice(head.len()..head.len() + body.len());
    (whole, body)
}
