//! One item of an environment at its latest, as streams send it.

use bytes::{BufMut, Bytes, BytesMut};
use evaluation::Item;
use kernel::Revision;

/// A flag or segment as it was left by the change at `seq`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// The change's place in the order of all changes.
    pub seq: Revision,
    /// Flag or segment.
    pub item: Item,
    /// Its key.
    pub key: String,
    /// Its version, by which SDKs tell new from old; on an edge another number than `seq`.
    pub version: u64,
    /// What SDKs receive of it; `None` when it is gone.
    json: Option<Bytes>,
    frame: Bytes,
}

impl Update {
    /// Something is as `json` says now.
    pub(crate) fn patch(seq: Revision, (item, key): (Item, &str), version: u64, json: &[u8]) -> Self {
        let head = format!("event: patch\ndata: {{\"path\":{},\"data\":", path(item, key));
        let (frame, json) = frame(&head, json, "}\n\n");
        Self { seq, item, key: key.to_owned(), version, json: Some(json), frame }
    }

    /// Something is gone.
    pub(crate) fn delete(seq: Revision, (item, key): (Item, &str), version: u64) -> Self {
        let frame = format!("event: delete\ndata: {{\"path\":{},\"version\":{version}}}\n\n", path(item, key));
        Self { seq, item, key: key.to_owned(), version, json: None, frame: frame.into() }
    }

    /// The server-sent event of `/all` (`launchdarkly.md` §1.2), made once for all streams.
    pub fn frame(&self) -> &Bytes {
        &self.frame
    }

    /// Its JSON; `None` when it is gone.
    pub fn json(&self) -> Option<&Bytes> {
        self.json.as_ref()
    }

    pub(crate) fn is_of(&self, item: Item, key: &str) -> bool {
        self.item == item && self.key == key
    }
}

/// `"/flags/KEY"` or `"/segments/KEY"`, as a JSON string.
fn path(item: Item, key: &str) -> String {
    let folder = match item {
        Item::Flag => "flags",
        Item::Segment => "segments",
    };
    serde_json::Value::String(format!("/{folder}/{key}")).to_string()
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
