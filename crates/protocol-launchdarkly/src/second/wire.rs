//! The events of the second generation, exactly: the same ones in a stream and in a poll.

use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use delivery::{EnvironmentSnapshot, Update};
use evaluation::Item;
use serde::Serialize;
use serde_json::value::RawValue;

use super::transfer::{Transfer, state};

/// Everything follows, and replaces what the client has.
pub(super) const FULL: &str = "xfer-full";
/// What has changed follows.
pub(super) const CHANGES: &str = "xfer-changes";
/// Nothing follows: the client has everything.
pub(super) const NONE: &str = "none";

/// How events are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Server-sent events.
    Stream,
    /// `{"events": [{"event": NAME, "data": {…}}, …]}`.
    Poll,
}

/// Writes events one after another.
pub(super) struct Writer {
    form: Form,
    text: BytesMut,
    begun: bool,
}

#[derive(Serialize)]
struct Intent<'a> {
    payloads: [Payload<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Payload<'a> {
    id: &'a str,
    target: i64,
    intent_code: &'static str,
    reason: &'static str,
}

#[derive(Serialize)]
struct Put<'a, O: Serialize + ?Sized> {
    version: u64,
    kind: &'static str,
    key: &'a str,
    object: &'a O,
}

#[derive(Serialize)]
struct Delete<'a> {
    version: u64,
    kind: &'static str,
    key: &'a str,
}

/// Some SDKs require both members.
#[derive(Serialize)]
struct Transferred<'a> {
    state: &'a str,
    version: i64,
}

impl Writer {
    pub(super) fn new(form: Form) -> Self {
        let mut text = BytesMut::new();
        if form == Form::Poll {
            text.put(&b"{\"events\":["[..]);
        }
        Self { form, text, begun: false }
    }

    /// What will follow.
    pub(super) fn intent(&mut self, (id, target): (&str, i64), intent_code: &'static str, reason: &'static str) {
        self.event("server-intent", &Intent { payloads: [Payload { id, target, intent_code, reason }] });
    }

    /// An item is like this.
    pub(super) fn put(&mut self, kind: &'static str, key: &str, version: u64, object: &(impl Serialize + ?Sized)) {
        self.event("put-object", &Put { version, kind, key, object });
    }

    /// An item is gone.
    pub(super) fn delete(&mut self, kind: &'static str, key: &str, version: u64) {
        self.event("delete-object", &Delete { version, kind, key });
    }

    /// That was all: from here on the client has this state.
    pub(super) fn transferred(&mut self, state: &str, version: i64) {
        self.event("payload-transferred", &Transferred { state, version });
    }

    fn event(&mut self, name: &str, data: &impl Serialize) {
        match self.form {
            Form::Stream => self.text.put(format!("event: {name}\ndata: ").as_bytes()),
            Form::Poll => {
                let comma = if std::mem::replace(&mut self.begun, true) { "," } else { "" };
                self.text.put(format!("{comma}{{\"event\":\"{name}\",\"data\":").as_bytes());
            }
        }
        let written = serde_json::to_writer((&mut self.text).writer(), data);
        written.expect("writing to memory does not fail, and JSON values serialise");
        self.text.put(match self.form {
            Form::Stream => &b"\n\n"[..],
            Form::Poll => &b"}"[..],
        });
    }

    pub(super) fn finish(mut self) -> Bytes {
        if self.form == Form::Poll {
            self.text.put(&b"]}"[..]);
        }
        self.text.freeze()
    }
}

/// What a server SDK is to be sent. The whole is written once for each snapshot and form.
pub(super) fn write(transfer: &Transfer<'_>, snapshot: &EnvironmentSnapshot, form: Form) -> Bytes {
    let write = |code, reason, updates: &[Arc<Update>]| {
        let mut writer = Writer::new(form);
        writer.intent((snapshot.client_side_id(), snapshot.seq.0), code, reason);
        for update in updates.iter().filter(|update| code != FULL || update.json().is_some()) {
            item(&mut writer, update);
        }
        writer.transferred(&state(snapshot), snapshot.seq.0);
        writer.finish()
    };
    match transfer {
        Transfer::Nothing => {
            let mut writer = Writer::new(form);
            writer.intent((snapshot.client_side_id(), snapshot.seq.0), NONE, "up-to-date");
            writer.finish()
        }
        Transfer::Changes(updates) => write(CHANGES, "stale", updates),
        Transfer::Full(reason) => {
            let name = match (form, *reason) {
                (Form::Stream, "payload-missing") => "second generation, stream",
                (Form::Poll, "payload-missing") => "second generation, poll",
                _ => return write(FULL, reason, snapshot.updates()),
            };
            snapshot.remember(name, || write(FULL, reason, snapshot.updates()))
        }
    }
}

fn item(writer: &mut Writer, update: &Update) {
    let kind = match update.item {
        Item::Flag => "flag",
        Item::Segment => "segment",
    };
    match update.json() {
        Some(json) => {
            let object: Result<&RawValue, _> = serde_json::from_slice(json);
            writer.put(kind, &update.key, update.version, object.expect("what SDKs receive is JSON"));
        }
        None => writer.delete(kind, &update.key, update.version),
    }
}

#[cfg(test)]
mod tests {
    use delivery::{Environment, Place};
    use evaluation::model::FlagData;
    use kernel::{EnvironmentKey, ProjectKey, Revision};

    use super::super::transfer::transfer;
    use super::*;

    const FLAGS: i64 = 5_000;

    /// 5,000 flags of the size that flags with three rules have, the last of them changed once more.
    fn large() -> Environment {
        let mut environment = Environment::at(Revision(1));
        environment.set_client_side_id("0123456789abcdef01234567".to_owned());
        for seq in 1..=FLAGS {
            put(&mut environment, seq, seq);
        }
        put(&mut environment, FLAGS + 1, FLAGS);
        environment
    }

    fn put(environment: &mut Environment, seq: i64, at: i64) {
        let data = FlagData { key: format!("flag-{at}"), version: seq.unsigned_abs(), ..FlagData::default() };
        let json = format!("{{\"key\":\"flag-{at}\",\"version\":{seq},\"rules\":\"{}\"}}", "x".repeat(1_000));
        environment.put_flag(Revision(seq), data, json.as_bytes());
    }

    fn shown(environment: &mut Environment) -> EnvironmentSnapshot {
        let (project, environment_key) = (ProjectKey::new("shop").unwrap(), EnvironmentKey::new("production").unwrap());
        environment.snapshot(Place { project, environment: environment_key })
    }

    #[test]
    fn one_change_among_5000_flags_is_sent_in_less_than_2_kilobytes() {
        let snapshot = shown(&mut large());
        let basis = format!("0123456789abcdef01234567:{FLAGS}");
        for form in [Form::Poll, Form::Stream] {
            let sent = write(&transfer(&basis, &snapshot), &snapshot, form);
            assert!(sent.len() < 2_000, "{} bytes: {}", sent.len(), String::from_utf8_lossy(&sent));
        }
    }

    #[test]
    fn after_compaction_everything_is_sent_with_the_reason() {
        let mut environment = large();
        for seq in FLAGS + 2..FLAGS + 2 + 10_002 {
            environment.remove_flag(Revision(seq), &format!("gone-{seq}"), seq.unsigned_abs());
        }
        let snapshot = shown(&mut environment);
        let basis = format!("0123456789abcdef01234567:{FLAGS}");
        let sent = write(&transfer(&basis, &snapshot), &snapshot, Form::Poll);
        let sent: serde_json::Value = serde_json::from_slice(&sent).unwrap();
        let intent = &sent["events"][0]["data"]["payloads"][0];
        assert_eq!((&intent["intentCode"], &intent["reason"]), (&"xfer-full".into(), &"cant-catchup".into()));
        assert_eq!(
            sent["events"].as_array().unwrap().len(),
            usize::try_from(FLAGS).unwrap() + 2,
            "no deletion among them"
        );
    }
}
