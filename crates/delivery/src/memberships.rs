//! What one context is a member of, read once before an evaluation, which then answers from memory.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use evaluation::{BigSegments, BigSegmentsStatus, Context, Membership, Snapshot};
use sha2::{Digest, Sha256};

/// An evaluation does not wait longer: it goes on with what it has, and says so.
const PATIENCE: Duration = Duration::from_millis(500);

/// A context key as members are stored and looked up: the SHA-256 of its UTF-8 text (`launchdarkly.md` §1.8).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContextHash(pub [u8; ContextHash::LENGTH]);

impl ContextHash {
    /// How many bytes it has.
    pub const LENGTH: usize = 32;

    /// The hash of a context's key.
    pub fn of(key: &str) -> Self {
        Self(Sha256::digest(key.as_bytes()).into())
    }

    /// As SDKs write it: base64 with its padding.
    pub fn to_base64(self) -> String {
        STANDARD.encode(self.0)
    }

    /// Reads what [`to_base64`](Self::to_base64) wrote.
    pub fn from_base64(text: &str) -> Option<Self> {
        STANDARD.decode(text).ok()?.try_into().ok().map(Self)
    }
}

impl fmt::Debug for ContextHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_base64())
    }
}

/// The generation of a big segment in which a context's key is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sought {
    /// The segment's list of members: its number is unique among all segments.
    pub generation: i64,
    /// The key.
    pub hash: ContextHash,
}

/// Where the members of big segments are known.
#[async_trait]
pub trait MembershipStore: Send + Sync + 'static {
    /// Which of these are listed: `true` for who is in, `false` for who is out whatever the rules say.
    async fn look_up(&self, sought: &[Sought]) -> Result<Vec<(Sought, bool)>, LookUpError>;
}

/// Why members cannot be looked up.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LookUpError {
    /// They are not known here: reasons say `NOT_CONFIGURED`.
    #[error("members of big segments are not known here")]
    NotConfigured,
    /// They cannot be read now: reasons say `STORE_ERROR`.
    #[error("members of big segments cannot be read")]
    Failed(#[source] Arc<dyn std::error::Error + Send + Sync>),
}

/// No store: only the rules of big segments count.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoMembers;

#[async_trait]
impl MembershipStore for NoMembers {
    async fn look_up(&self, _: &[Sought]) -> Result<Vec<(Sought, bool)>, LookUpError> {
        Err(LookUpError::NotConfigured)
    }
}

/// What one context is a member of. Costs nothing where there are no big segments.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memberships {
    /// Reference of a segment → in, out, or neither; sorted.
    known: Vec<(Box<str>, Option<bool>)>,
    /// What is wrong with the store: then nothing is known.
    wrong: Option<BigSegmentsStatus>,
}

impl Memberships {
    /// Reads, at once, in which of the snapshot's big segments the context is listed. A store that fails or takes long is
    /// no error: evaluations go by the segments' rules, and their reasons say so.
    pub async fn read(store: &dyn MembershipStore, snapshot: &Snapshot, context: &Context) -> Self {
        let asked = snapshot.big_segments().iter().filter_map(|segment| {
            let hash = ContextHash::of(context.key(&segment.kind)?);
            Some((&segment.reference, Sought { generation: segment.generation, hash }))
        });
        let (references, sought): (Vec<_>, Vec<_>) = asked.unzip();
        if sought.is_empty() {
            return Self::default();
        }
        let failed = |wrong| Self { known: vec![], wrong: Some(wrong) };
        let found = match tokio::time::timeout(PATIENCE, store.look_up(&sought)).await {
            Ok(Ok(found)) => found,
            Ok(Err(LookUpError::NotConfigured)) => return failed(BigSegmentsStatus::NotConfigured),
            Ok(Err(LookUpError::Failed(_))) | Err(_) => return failed(BigSegmentsStatus::StoreError),
        };
        let member = |wanted| found.iter().find(|(sought, _)| *sought == wanted).map(|(_, member)| *member);
        let pairs = references.into_iter().zip(sought);
        let mut known: Vec<_> = pairs.map(|(reference, wanted)| (reference.clone(), member(wanted))).collect();
        known.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        Self { known, wrong: None }
    }
}

impl Memberships {
    /// Whether the store could not be read: a later look may come to something else.
    pub fn is_passing(&self) -> bool {
        self.wrong == Some(BigSegmentsStatus::StoreError)
    }
}

impl BigSegments for Memberships {
    fn look_up(&self, _context_key: &str, segment: &str) -> Membership {
        let place = self.known.binary_search_by(|(reference, _)| (**reference).cmp(segment));
        match (self.wrong, place) {
            (Some(status), _) => Membership { member: None, status },
            (None, Ok(at)) => Membership { member: self.known[at].1, status: BigSegmentsStatus::Healthy },
            // Read for another snapshot than the one that is evaluated.
            (None, Err(_)) => Membership { member: None, status: BigSegmentsStatus::NotConfigured },
        }
    }
}

#[cfg(test)]
mod tests {
    use evaluation::Payload;
    use serde_json::{Value, json};

    use super::*;

    /// Knows one member, or does not answer as it should.
    enum Store {
        Of(Sought, bool),
        Away,
        Silent,
    }

    #[async_trait]
    impl MembershipStore for Store {
        async fn look_up(&self, sought: &[Sought]) -> Result<Vec<(Sought, bool)>, LookUpError> {
            match self {
                Self::Of(one, member) => Ok(sought.contains(one).then_some((*one, *member)).into_iter().collect()),
                Self::Away => Err(LookUpError::Failed(Arc::from(Box::from("gone")))),
                Self::Silent => std::future::pending().await,
            }
        }
    }

    fn snapshot() -> Snapshot {
        let clause = json!({"contextKind": "user", "attribute": "", "op": "segmentMatch", "values": ["beta"]});
        let insider = json!({"contextKind": "user", "attribute": "plan", "op": "in", "values": ["gold"]});
        let payload = json!({
            "flags": {"f": {"key": "f", "on": true, "variations": [true, false], "fallthrough": {"variation": 1},
                "rules": [{"id": "r", "variation": 0, "clauses": [clause]}]}},
            "segments": {"beta": {"key": "beta", "unbounded": true, "generation": 7,
                "rules": [{"id": "s", "clauses": [insider]}]}},
        });
        Snapshot::compile(&Payload::from_json(&payload.to_string()).unwrap())
    }

    async fn evaluate(store: impl MembershipStore, context: Value) -> Value {
        let (snapshot, context) = (snapshot(), Context::from_value(context).unwrap());
        let memberships = Memberships::read(&store, &snapshot, &context).await;
        let evaluation = snapshot.evaluate("f", &context, &memberships);
        json!([evaluation.value, serde_json::to_value(evaluation.reason).unwrap()["bigSegmentsStatus"]])
    }

    #[tokio::test(start_paused = true)]
    async fn members_are_in_excluded_ones_out_and_rules_decide_the_rest() {
        let of = |key, member| Store::Of(Sought { generation: 7, hash: ContextHash::of(key) }, member);
        let ada = json!({"kind": "user", "key": "ada"});
        let gold = json!({"kind": "user", "key": "ada", "plan": "gold"});
        let table = [
            (of("ada", true), &ada, json!([true, "HEALTHY"])),
            (of("bob", true), &ada, json!([false, "HEALTHY"])),
            (of("bob", true), &gold, json!([true, "HEALTHY"])),
            (of("ada", false), &gold, json!([false, "HEALTHY"])),
            (Store::Away, &ada, json!([false, "STORE_ERROR"])),
            (Store::Away, &gold, json!([true, "STORE_ERROR"])),
            (Store::Silent, &gold, json!([true, "STORE_ERROR"])),
        ];
        for (store, context, expected) in table {
            assert_eq!(evaluate(store, context.clone()).await, expected);
        }
    }

    #[tokio::test]
    async fn nothing_is_looked_up_for_a_context_without_the_kind() {
        let device = json!({"kind": "device", "key": "phone"});
        assert_eq!(evaluate(Store::Away, device).await, json!([false, null]));
    }

    #[tokio::test]
    async fn who_knows_no_members_says_so() {
        let ada = json!({"kind": "user", "key": "ada"});
        assert_eq!(evaluate(NoMembers, ada).await, json!([false, "NOT_CONFIGURED"]));
    }

    #[test]
    fn keys_are_hashed_as_sdks_look_them_up() {
        // The vector of LaunchDarkly's public test harness.
        let hash = ContextHash::of("user-key");
        assert_eq!(hash.to_base64(), "CEXjZY7cHJG/ydFy7q4+YEFwVrG3/pkJwA4FAjrbfx0=");
        assert_eq!(ContextHash::from_base64(&hash.to_base64()), Some(hash));
        assert_eq!(ContextHash::from_base64("AAAA"), None);
    }
}
