//! What a batch of SDK events says, in our words: borrowed from the parsed request, gone after it.

use std::borrow::Cow;

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use crate::KeyKind;
use crate::sdks::Sighting;

/// One delivery of events from one SDK.
#[derive(Clone, Debug, Default)]
pub struct EventBatch<'a> {
    /// The sender's id of this delivery: retries reuse it, and are counted once. Without one every delivery is new.
    pub payload_id: Option<Cow<'a, str>>,
    /// Evaluations that the SDK reported one by one, because a release or somebody tracks the flag.
    pub exposures: Vec<Exposure<'a>>,
    /// What users did or suffered.
    pub outcomes: Vec<Outcome<'a>>,
    /// Evaluations that the SDK added up.
    pub counts: Vec<Count<'a>>,
    /// What happened, added up by who saw it, without to whom.
    pub tallies: Vec<Tally<'a>>,
    /// Who sent it, where `original` does not say: an edge tells it upstream.
    pub sdk: Option<Sighting<'a>>,
    /// The delivery as it came, where some upstream reads it: for an edge, which hands it on. A node passes it over.
    pub original: Option<Original<'a>>,
}

/// A delivery exactly as an SDK sent it.
#[derive(Clone, Debug)]
pub struct Original<'a> {
    /// In whose words it is.
    pub words: Words,
    /// By which sort of key it came; with its words it says where upstream takes it.
    pub kind: KeyKind,
    /// The body as sent, perhaps packed by gzip.
    pub body: &'a [u8],
    /// Names in lower case and values of those headers that say how to read the body and who sent it.
    pub headers: Vec<(&'static str, &'a str)>,
}

impl<'a> Original<'a> {
    /// The delivery with those headers that matter for its words; `header` gives one by its name.
    pub fn new(
        (words, kind): (Words, KeyKind),
        body: &'a [u8],
        header: impl Fn(&'static str) -> Option<&'a str>,
    ) -> Self {
        let said = words.headers().iter().filter_map(|name| Some((*name, header(name)?)));
        Self { words, kind, body, headers: said.collect() }
    }
}

/// In whose words a delivery is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Words {
    /// LaunchDarkly's events (`launchdarkly.md` §1.7), which every upstream reads.
    #[default]
    LaunchDarkly,
    /// Unleash's `client/metrics` (`oss-flags.md` §4.1, 4.3), which a Steadfast reads.
    Unleash,
    /// Unleash's `client/metrics/bulk`, of many applications at once.
    UnleashBulk,
}

impl Words {
    /// The headers that are handed on; all others are between two neighbours.
    fn headers(self) -> &'static [&'static str] {
        match self {
            Self::LaunchDarkly => &LAUNCHDARKLY,
            Self::Unleash | Self::UnleashBulk => &UNLEASH,
        }
    }
}

const LAUNCHDARKLY: [&str; 9] = [
    "content-type",
    "content-encoding",
    "user-agent",
    "x-launchdarkly-user-agent",
    "x-launchdarkly-event-schema",
    "x-launchdarkly-instance-id",
    "x-launchdarkly-tags",
    "x-launchdarkly-unsummarized",
    "x-launchdarkly-wrapper",
];

/// Who sent it is a part of what a delivery is known by.
const UNLEASH: [&str; 6] =
    ["content-type", "user-agent", "unleash-appname", "unleash-connection-id", "unleash-instanceid", "unleash-sdk"];

/// The keys of a context by kind; a context of one kind has one entry.
pub type ContextKeys<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// A context was served a variation.
#[derive(Clone, Debug)]
pub struct Exposure<'a> {
    /// The flag.
    pub flag: Cow<'a, str>,
    /// The index of the variation.
    pub variation: u32,
    /// The flag's version in the SDK: the position in the change log of the flag's last change it knew of.
    pub version: i64,
    /// Who was served.
    pub contexts: ContextKeys<'a>,
    /// When, by the SDK's clock.
    pub at: Timestamp,
    /// Whether the variation was dealt by a tracked rollout (`reason.inExperiment`), not by a target or a rule.
    pub in_experiment: bool,
}

/// A context did or suffered something (a `custom` event).
#[derive(Clone, Debug)]
pub struct Outcome<'a> {
    /// What: `payment-failed`.
    pub event_key: Cow<'a, str>,
    /// Who.
    pub contexts: ContextKeys<'a>,
    /// When, by the SDK's clock.
    pub at: Timestamp,
}

/// Something happened so many times; to whom was not said, so it counts for metrics and in no comparison.
#[derive(Clone, Debug)]
pub struct Tally<'a> {
    /// What: `payment-failed`.
    pub event_key: Cow<'a, str>,
    /// How many times.
    pub n: u64,
}

/// So many evaluations of a flag gave one variation. Leave out flags that the SDK did not know.
#[derive(Clone, Debug)]
pub struct Count<'a> {
    /// The flag.
    pub flag: Cow<'a, str>,
    /// The index of the variation; `None` when the default in the code was returned.
    pub variation: Option<u32>,
    /// Which variant of a flag by Unleash's rules came with it, by name, where one did.
    pub variant: Option<Cow<'a, str>>,
    /// How many.
    pub n: u64,
}

/// The key of the context's part of that kind.
pub fn key_of<'c>(contexts: &'c ContextKeys<'_>, kind: &str) -> Option<&'c str> {
    contexts.iter().find(|(of, _)| of == kind).map(|(_, key)| key.as_ref())
}
