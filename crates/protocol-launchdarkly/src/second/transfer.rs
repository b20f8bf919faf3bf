//! What a client that has something is to be sent: nothing, what has changed, or everything.

use std::sync::Arc;

use delivery::{EnvironmentSnapshot, Update};
use kernel::Revision;

/// What to send, with LaunchDarkly's word for the reason.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Transfer<'s> {
    /// The client has everything.
    Nothing,
    /// What has changed since, oldest first.
    Changes(&'s [Arc<Update>]),
    /// Everything, because of this.
    Full(&'static str),
}

/// The state of a server SDK that knows everything: which environment, and up to where. It says the same on every node and
/// after a restart, since both are of the environment and not of the process.
pub(super) fn state(snapshot: &EnvironmentSnapshot) -> String {
    format!("{}:{}", snapshot.client_side_id(), snapshot.seq)
}

/// What brings a server SDK up to date that was last given `basis`; empty for one that has nothing.
pub(super) fn transfer<'s>(basis: &str, snapshot: &'s EnvironmentSnapshot) -> Transfer<'s> {
    if basis.is_empty() {
        return Transfer::Full("payload-missing");
    }
    let known = basis.rsplit_once(':').filter(|(environment, _)| *environment == snapshot.client_side_id());
    match known.and_then(|(_, seq)| seq.parse().ok()) {
        Some(seq) => since(Revision(seq), snapshot),
        // Another environment's, another server's, or nothing that we ever said.
        None => Transfer::Full("cant-catchup"),
    }
}

/// What brings a server SDK up to date that knows everything up to `seq`.
pub(super) fn since(seq: Revision, snapshot: &EnvironmentSnapshot) -> Transfer<'_> {
    match snapshot.updates_since(seq) {
        None => Transfer::Full("cant-catchup"),
        Some([]) => Transfer::Nothing,
        Some(updates)
            if updates.iter().map(|update| update.frame().len()).sum::<usize>() > snapshot.put_frame().len() =>
        {
            Transfer::Full("stale")
        }
        Some(updates) => Transfer::Changes(updates),
    }
}

#[cfg(test)]
mod tests {
    use delivery::{Environment, Place};
    use evaluation::model::FlagData;
    use kernel::{EnvironmentKey, ProjectKey};

    use super::*;

    /// Three flags at 1, 2 and 3; the second was deleted at 4.
    fn snapshot() -> EnvironmentSnapshot {
        let mut environment = Environment::at(Revision(1));
        for (at, key) in [(1, "a"), (2, "b"), (3, "c")] {
            let data = FlagData { key: key.to_owned(), ..FlagData::default() };
            environment.put_flag(Revision(at), data, format!("{{\"key\":\"{key}\",\"version\":{at}}}").as_bytes());
        }
        environment.remove_flag(Revision(4), "b", 4);
        environment.set_client_side_id("0123".to_owned());
        let place = Place {
            project: ProjectKey::new("shop").unwrap(),
            environment: EnvironmentKey::new("production").unwrap(),
        };
        environment.snapshot(place)
    }

    #[test]
    fn who_has_nothing_or_something_unknown_is_sent_everything() {
        let snapshot = snapshot();
        assert_eq!(transfer("", &snapshot), Transfer::Full("payload-missing"));
        for unknown in
            ["4", "0123", "0123:", "0123:x", "other:4", ":4", "0123:5", "0123:9223372036854775807", "((p:1:2))"]
        {
            assert_eq!(transfer(unknown, &snapshot), Transfer::Full("cant-catchup"), "{unknown}");
        }
    }

    #[test]
    fn who_has_a_place_in_the_order_of_changes_is_sent_what_came_after() {
        let snapshot = snapshot();
        assert_eq!(state(&snapshot), "0123:4");
        assert_eq!(transfer("0123:4", &snapshot), Transfer::Nothing);
        let Transfer::Changes(updates) = transfer("0123:3", &snapshot) else { panic!("one behind") };
        assert_eq!((updates.len(), &*updates[0].key, updates[0].json()), (1, "b", None));
    }
}
