//! The whole of an environment in one piece, written once for every stream and poll.

use std::collections::BTreeMap;

use bytes::{BufMut, Bytes, BytesMut};

const HEAD: &[u8] = b"event: put\ndata: {\"path\":\"/\",\"data\":";
const TAIL: &[u8] = b"}\n\n";

/// The first event of `/all`, and parts of it.
pub(crate) struct Put {
    pub(crate) frame: Bytes,
    /// `{"flags":{…},"segments":{…}}`.
    pub(crate) payload: Bytes,
    /// What `flags` is there.
    pub(crate) flags: Bytes,
}

/// The whole, out of what was written once.
pub(crate) fn put(flags: &BTreeMap<String, Bytes>, segments: &BTreeMap<String, Bytes>) -> Put {
    let length = |(key, json): (&String, &Bytes)| key.len() + json.len() + 4;
    let length: usize = flags.iter().map(length).sum::<usize>() + segments.iter().map(length).sum::<usize>();
    let mut frame = BytesMut::with_capacity(HEAD.len() + length + 32 + TAIL.len());
    frame.put(HEAD);
    frame.put(&b"{\"flags\":"[..]);
    let flags_start = frame.len();
    frame.put_u8(b'{');
    members(&mut frame, flags);
    frame.put_u8(b'}');
    let flags_end = frame.len();
    frame.put(&b",\"segments\":{"[..]);
    members(&mut frame, segments);
    frame.put(&b"}}"[..]);
    frame.put(TAIL);
    let frame = frame.freeze();
    let payload = frame.slice(HEAD.len()..frame.len() - TAIL.len());
    let flags = frame.slice(flags_start..flags_end);
    Put { frame, payload, flags }
}

fn members(body: &mut BytesMut, items: &BTreeMap<String, Bytes>) {
    for (at, (key, json)) in items.iter().enumerate() {
        if at > 0 {
            body.put_u8(b',');
        }
        put_string(body, key);
        body.put_u8(b':');
        body.put(json.clone());
    }
}

/// Our own keys need no escaping: they are letters, digits, `.`, `_` and `-`. An upstream's may.
fn put_string(body: &mut BytesMut, text: &str) {
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')) {
        body.put_u8(b'"');
        body.put(text.as_bytes());
        body.put_u8(b'"');
    } else {
        body.put(serde_json::Value::from(text).to_string().as_bytes());
    }
}
