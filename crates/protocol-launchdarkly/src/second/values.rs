//! What a page or an app is told: values for one context.
//!
//! A state names the environment, the place in the log and a digest of the values: whoever comes back with the same values,
//! on whichever node and however much has changed for others, is sent nothing.

use bytes::Bytes;
use delivery::EnvironmentSnapshot;

use super::Basis;
use super::wire::{CHANGES, FULL, Form, NONE, Writer};
use crate::client::{Difference, Now, Tongue};
use crate::evaluated::Evaluated;

/// The kind of object: a flag as it came out.
const KIND: &str = "flag-eval";

/// The body of a client's poll.
pub(crate) fn poll(Basis(basis): &Basis, now: &Now<'_, '_>) -> Bytes {
    first(basis, now, Form::Poll)
}

/// Transfers of values: whole, or what has become different.
pub(crate) struct SecondGeneration {
    /// What the client says it has, until the first word.
    basis: Basis,
}

impl SecondGeneration {
    /// For a client that says it has this.
    pub(crate) fn since(basis: Basis) -> Self {
        Self { basis }
    }
}

impl Tongue for SecondGeneration {
    fn first(&mut self, now: &Now<'_, '_>) -> Bytes {
        first(&std::mem::take(&mut self.basis).0, now, Form::Stream)
    }

    fn next(&mut self, now: &Now<'_, '_>, difference: &Difference<'_, '_>) -> Option<Bytes> {
        match difference {
            Difference::Nothing => None,
            Difference::Unnamed => Some(whole(now, "cant-catchup", Form::Stream)),
            Difference::Flags { gone, changed } => {
                let mut writer = Writer::new(Form::Stream);
                writer.intent(payload(now.snapshot), CHANGES, "update");
                for key in gone {
                    writer.delete(KIND, key, version(now.snapshot));
                }
                put(&mut writer, now, changed.iter().copied());
                Some(finish(writer, now))
            }
        }
    }
}

/// Nothing to a client that has these values, everything to others.
fn first(basis: &str, now: &Now<'_, '_>, form: Form) -> Bytes {
    if basis.is_empty() {
        return whole(now, "payload-missing", form);
    }
    match basis.split(':').collect::<Vec<_>>()[..] {
        [environment, _, values] if environment == now.snapshot.client_side_id() => {
            if values != digest(now) {
                return whole(now, "stale", form);
            }
            let mut writer = Writer::new(form);
            writer.intent(payload(now.snapshot), NONE, "up-to-date");
            writer.finish()
        }
        // Another environment's, another server's, or nothing that we ever said.
        _ => whole(now, "cant-catchup", form),
    }
}

fn whole(now: &Now<'_, '_>, reason: &'static str, form: Form) -> Bytes {
    let mut writer = Writer::new(form);
    writer.intent(payload(now.snapshot), FULL, reason);
    put(&mut writer, now, now.flags.iter());
    finish(writer, now)
}

fn put<'a, 's: 'a>(writer: &mut Writer, now: &Now<'_, '_>, flags: impl Iterator<Item = &'a Evaluated<'s>>) {
    for flag in flags {
        // The version stands beside the object, not in it.
        writer.put(KIND, flag.key, version(now.snapshot), &Evaluated { version: None, ..flag.clone() });
    }
}

fn finish(mut writer: Writer, now: &Now<'_, '_>) -> Bytes {
    let (environment, seq) = payload(now.snapshot);
    writer.transferred(&format!("{environment}:{seq}:{}", digest(now)), seq);
    writer.finish()
}

fn digest(now: &Now<'_, '_>) -> String {
    format!("{:016x}", now.told.digest())
}

fn payload(snapshot: &EnvironmentSnapshot) -> (&str, i64) {
    (snapshot.client_side_id(), snapshot.compiled_seq().0)
}

/// The log counts from 1.
fn version(snapshot: &EnvironmentSnapshot) -> u64 {
    snapshot.compiled_seq().0.unsigned_abs()
}

#[cfg(test)]
mod tests {
    use delivery::{Environment, Place};
    use evaluation::{Audience, Context, Kind, Payload};
    use kernel::{EnvironmentKey, ProjectKey, Revision};
    use serde_json::{Value, json};

    use super::*;
    use crate::client::Told;
    use crate::evaluated;

    /// One flag for pages, which serves `value`, changed at `seq`.
    fn snapshot(seq: i64, value: &Value) -> EnvironmentSnapshot {
        let flag = json!({"key": "banner", "version": seq, "on": true, "fallthrough": {"variation": 0}, "variations": [value],
            "clientSideAvailability": {"usingEnvironmentId": true, "usingMobileKey": true}});
        let payload = Payload::from_json(&json!({"flags": {"banner": flag}}).to_string()).unwrap();
        let mut environment = Environment::at(Revision(1));
        for data in payload.flags {
            environment.put_flag(Revision(seq), data, flag.to_string().as_bytes());
        }
        environment.set_client_side_id("0123".to_owned());
        let place = Place {
            project: ProjectKey::new("shop").unwrap(),
            environment: EnvironmentKey::new("production").unwrap(),
        };
        environment.snapshot(place)
    }

    fn polled(basis: &str, snapshot: &EnvironmentSnapshot) -> Vec<Value> {
        let (ada, nowhere) = (Context::new(Kind::User, "ada").unwrap(), delivery::Memberships::default());
        let flags = evaluated::all(snapshot, Audience::Browser, (&ada, &nowhere), false);
        let now = Now { snapshot, flags: &flags, told: &Told::all(&flags) };
        let body: Value = serde_json::from_slice(&poll(&Basis(basis.to_owned()), &now)).unwrap();
        body["events"].as_array().unwrap().clone()
    }

    #[test]
    fn a_client_is_sent_everything_once_and_then_nothing_until_its_values_differ() {
        let before = snapshot(7, &json!("blue"));
        let events = polled("", &before);
        let payload = json!({"id": "0123", "target": 7, "intentCode": "xfer-full", "reason": "payload-missing"});
        assert_eq!(events[0], json!({"event": "server-intent", "data": {"payloads": [payload]}}));
        let object = json!({"value": "blue", "variation": 0, "flagVersion": 7});
        let put = json!({"version": 7, "kind": "flag-eval", "key": "banner", "object": object});
        assert_eq!(events[1], json!({"event": "put-object", "data": put}));
        assert_eq!((&events[2]["event"], &events[2]["data"]["version"]), (&json!("payload-transferred"), &json!(7)));

        let state = events[2]["data"]["state"].as_str().unwrap();
        let code = |events: &[Value]| events[0]["data"]["payloads"][0]["intentCode"].as_str().unwrap().to_owned();
        let same = polled(state, &snapshot(9, &json!("blue")));
        assert_eq!((same.len(), code(&same)), (1, "none".to_owned()), "a change that this context does not notice");
        let other = polled(state, &snapshot(9, &json!("red")));
        assert_eq!((other.len(), code(&other)), (3, "xfer-full".to_owned()));
        for unknown in ["0123", "other:7:0", "0123:7", "::::", "%"] {
            assert_eq!(polled(unknown, &before)[0]["data"]["payloads"][0]["reason"], "cant-catchup", "{unknown}");
        }
    }
}
