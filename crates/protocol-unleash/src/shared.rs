//! What backend SDKs are sent, written once of a snapshot and shared by all who stand at the same place: ten thousand streams
//! that are told the whole hold one copy of it.

use bytes::{BufMut, Bytes, BytesMut};
use delivery::EnvironmentSnapshot;
use kernel::Revision;
use serde_json::json;

use crate::query::Wanted;
use crate::translate::{self, Lack};

/// What an event of the stream is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Occasion {
    /// The first on a connection.
    Connected,
    /// Every other.
    Updated,
}

impl Occasion {
    fn name(self) -> &'static str {
        match self {
            Self::Connected => "unleash-connected",
            Self::Updated => "unleash-updated",
        }
    }
}

/// The frame that brings a stream up to date that knows everything up to `seen`; `None` when there is nothing new.
pub(crate) fn frame(snapshot: &EnvironmentSnapshot, seen: Option<Revision>, occasion: Occasion) -> Option<Bytes> {
    let name = occasion.name();
    match translate::lack(snapshot, seen) {
        Lack::Nothing => None,
        Lack::Everything => {
            Some(snapshot.remember(name, || write(name, snapshot, |body| translate::hydration(body, snapshot))))
        }
        Lack::Updates(seen, updates) => Some(snapshot.remember_one((name, seen.to_string()), || {
            write(name, snapshot, |body| translate::updates(body, snapshot, updates))
        })),
    }
}

/// What a poll is answered that knows everything up to `seen`: the data of the frame that a stream would be sent.
pub(crate) fn delta(snapshot: &EnvironmentSnapshot, seen: Option<Revision>) -> Option<Bytes> {
    let occasion = Occasion::Connected;
    let frame = frame(snapshot, seen, occasion)?;
    Some(frame.slice(head(occasion.name(), snapshot).len()..frame.len() - TAIL.len()))
}

/// The body of `/api/client/features` for all who want the same; `tag` is its entity tag, without quotes.
pub(crate) fn features(snapshot: &EnvironmentSnapshot, wanted: &Wanted, tag: &str) -> Bytes {
    const NAME: &str = "unleash, features";
    let word = wanted.word();
    let make = || {
        let query = json!({"environment": snapshot.place.environment.as_str(), "inlineSegmentConstraints": true});
        let meta = json!({"revisionId": snapshot.seq.0, "etag": format!("\"{tag}\""), "queryHash": word});
        let mut body = BytesMut::from(&b"{\"version\":2,\"features\":"[..]);
        translate::features(&mut body, snapshot, wanted);
        body.put_slice(format!(",\"segments\":[],\"query\":{query},\"meta\":{meta}}}").as_bytes());
        body.freeze()
    };
    if *wanted == Wanted::default() {
        snapshot.remember(NAME, make)
    } else {
        snapshot.remember_one((NAME, word.clone()), make)
    }
}

const TAIL: &[u8] = b"\n\n";

fn head(name: &str, snapshot: &EnvironmentSnapshot) -> String {
    format!("event: {name}\nid: {}\ndata: ", snapshot.seq)
}

fn write(name: &str, snapshot: &EnvironmentSnapshot, data: impl FnOnce(&mut BytesMut)) -> Bytes {
    let mut frame = BytesMut::from(head(name, snapshot).as_bytes());
    data(&mut frame);
    frame.put_slice(TAIL);
    frame.freeze()
}
