//! The SDKs of an environment as all nodes see them: what each of them tells, and what it comes to. Pure.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use delivery::Place;
use delivery::sdks::{Instances, SdkReport, SdkWords, Transport, Transports};
use kernel::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// Who an SDK is, and when it was seen, by any node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SdkHistory {
    /// Its words.
    pub sdk: SdkWords,
    /// What it runs on; empty when it never said.
    pub platform: String,
    /// What it did so far.
    pub transports: Transports,
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// When it was last seen.
    pub last_seen: Timestamp,
}

/// What one node has of an SDK now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presence {
    /// The id of the SDK's row.
    pub sdk: String,
    /// Which node.
    pub node: String,
    /// How many streams are open there.
    pub streams: u32,
    /// Which processes were heard from there.
    pub instances: Instances,
}

/// An SDK of an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SeenSdk {
    /// By which sort of key it comes.
    pub key: delivery::KeyKind,
    /// By which protocol.
    pub family: delivery::sdks::Family,
    /// Its name, such as `NodeJSClient`; null when it does not say. Providers of OFREP name their HTTP client.
    pub name: Option<String>,
    /// Its version, such as `9.13.7`.
    pub version: Option<String>,
    /// What is built on it, such as `react-client-sdk/3.9.0`.
    pub wrapper: Option<String>,
    /// The application's own id, as its SDK was told.
    pub application: Option<String>,
    /// The application's version.
    pub application_version: Option<String>,
    /// What it runs on, such as `Node, Linux 6.12 x64`.
    pub platform: Option<String>,
    /// What it does: holds streams, asks, sends events.
    pub transports: Vec<Transport>,
    /// How many streams are open now, on all nodes.
    pub streams: u32,
    /// How many processes hold a stream or were heard from lately, as far as they say who they are; null when
    /// none does.
    pub instances: Option<u32>,
    /// When it was first seen, of what is remembered.
    #[schema(value_type = String, format = DateTime)]
    pub first_seen: Timestamp,
    /// When it was last seen, to ten seconds; now, while a stream is open.
    #[schema(value_type = String, format = DateTime)]
    pub last_seen: Timestamp,
}

/// What all nodes have of the SDKs, the last seen first.
pub fn merge(histories: Vec<(String, SdkHistory)>, presences: Vec<Presence>, now: Timestamp) -> Vec<SeenSdk> {
    let mut by_sdk: HashMap<String, Vec<Presence>> = HashMap::new();
    for presence in presences {
        by_sdk.entry(presence.sdk.clone()).or_default().push(presence);
    }
    let mut merged: Vec<SeenSdk> =
        histories.into_iter().map(|(id, history)| one(history, &by_sdk.remove(&id).unwrap_or_default(), now)).collect();
    merged.sort_by_key(|sdk| (std::cmp::Reverse(sdk.last_seen), sdk.streams == 0));
    merged
}

fn one(history: SdkHistory, presences: &[Presence], now: Timestamp) -> SeenSdk {
    let SdkHistory { sdk, platform, transports, first_seen, last_seen } = history;
    let said = |word: &str| (!word.is_empty()).then(|| word.to_owned());
    let streams = presences.iter().map(|presence| presence.streams).sum();
    let instances = count(presences);
    SeenSdk {
        key: sdk.key,
        family: sdk.family,
        name: said(&sdk.name),
        version: said(&sdk.version),
        wrapper: said(&sdk.wrapper),
        application: said(&sdk.application),
        application_version: said(&sdk.application_version),
        platform: said(&platform),
        transports: transports.list(),
        streams,
        instances: (instances > 0).then_some(instances),
        first_seen,
        last_seen: if streams > 0 { now } else { last_seen },
    }
}

/// Those that are listed count once; a node that has too many to list them has others than the rest.
fn count(presences: &[Presence]) -> u32 {
    let mut listed: HashSet<u64> = HashSet::new();
    let mut counted = 0_u32;
    for presence in presences {
        match &presence.instances {
            Instances::Listed(hashes) => listed.extend(hashes),
            Instances::Counted(count) => counted = counted.saturating_add(*count),
        }
    }
    counted.saturating_add(u32::try_from(listed.len()).unwrap_or(u32::MAX))
}

/// What this node has written down of one SDK.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    platform: Box<str>,
    transports: Transports,
    streams: u32,
    instances: Instances,
    last_seen: Timestamp,
}

impl From<&SdkReport> for Written {
    fn from(report: &SdkReport) -> Self {
        Self {
            platform: report.platform.clone(),
            transports: report.transports,
            streams: report.streams,
            instances: report.instances.clone(),
            last_seen: report.last_seen,
        }
    }
}

/// An SDK of an environment.
pub type At = (Place, Arc<SdkWords>);

/// What is to be done about one SDK.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Write {
    /// Nothing: what is written is as good.
    Nothing,
    /// Only when it was last seen: nobody need be told.
    LastSeen,
    /// It is there anew, or another number of streams or processes: the console is to hear of it.
    Moved,
}

/// Not at each request: a row that is written all the time costs more than it says.
const SELDOM: Duration = Duration::from_secs(10);
/// While a stream is open everybody knows that the SDK is there; this only keeps its row from being forgotten.
const RARELY: Duration = Duration::from_mins(10);

/// Whether what is reported is to be written over what is written.
pub fn decide(written: Option<&Written>, report: &SdkReport) -> Write {
    let Some(written) = written else { return Write::Moved };
    let now = Written::from(report);
    if (Written { last_seen: written.last_seen, ..now.clone() }) != *written {
        return Write::Moved;
    }
    let pause = if report.streams > 0 { RARELY } else { SELDOM };
    if now.last_seen.since(written.last_seen) >= pause { Write::LastSeen } else { Write::Nothing }
}

#[cfg(test)]
mod tests {
    use delivery::KeyKind;
    use delivery::sdks::Family;

    use super::*;
    use crate::testing::place;

    const NOW: Timestamp = Timestamp::from_secs(1_000);

    fn words() -> SdkWords {
        SdkWords { name: "NodeJSClient".into(), version: "9.13.7".into(), ..SdkWords::others(KeyKind::Sdk) }
    }

    fn report() -> SdkReport {
        SdkReport {
            place: place(),
            sdk: Arc::new(SdkWords { family: Family::LaunchDarkly, ..words() }),
            platform: "".into(),
            transports: Transports::default().with(Transport::Poll),
            streams: 0,
            instances: Instances::Listed(vec![1]),
            first_seen: NOW,
            last_seen: NOW,
        }
    }

    #[test]
    fn only_what_people_would_notice_is_told_and_the_rest_is_written_now_and_then() {
        let base = report();
        let written = Written::from(&base);
        let later = |seconds| SdkReport { last_seen: NOW.plus(Duration::from_secs(seconds)), ..base.clone() };
        let streaming = SdkReport { streams: 1, ..later(60) };
        for (written, report, expected) in [
            (None, base.clone(), Write::Moved),
            (Some(&written), base.clone(), Write::Nothing),
            (Some(&written), later(9), Write::Nothing),
            (Some(&written), later(10), Write::LastSeen),
            (Some(&written), streaming.clone(), Write::Moved),
            (Some(&written), SdkReport { instances: Instances::Listed(vec![1, 2]), ..later(1) }, Write::Moved),
            (Some(&written), SdkReport { platform: "Node".into(), ..base.clone() }, Write::Moved),
        ] {
            assert_eq!(decide(written, &report), expected, "{report:?}");
        }
        let open = Written::from(&streaming);
        assert_eq!(decide(Some(&open), &SdkReport { streams: 1, ..later(600) }), Write::Nothing);
        assert_eq!(decide(Some(&open), &SdkReport { streams: 1, ..later(660) }), Write::LastSeen);
    }

    #[test]
    fn what_the_nodes_have_is_added_up_and_an_instance_counts_once() {
        let history = |seen: u64| SdkHistory {
            sdk: words(),
            platform: String::new(),
            transports: Transports::default().with(Transport::Stream),
            first_seen: Timestamp::EPOCH,
            last_seen: Timestamp::EPOCH.plus(Duration::from_secs(seen)),
        };
        let presence = |sdk: &str, node: &str, streams, instances| Presence {
            sdk: sdk.to_owned(),
            node: node.to_owned(),
            streams,
            instances,
        };
        let merged = merge(
            vec![("b".into(), history(900)), ("a".into(), history(10)), ("c".into(), history(5))],
            vec![
                presence("a", "n1", 2, Instances::Listed(vec![1, 2])),
                presence("a", "n2", 1, Instances::Listed(vec![2, 3])),
                presence("c", "n1", 0, Instances::Counted(70)),
                presence("gone", "n1", 9, Instances::Counted(9)),
            ],
            NOW,
        );
        let told: Vec<_> = merged.iter().map(|sdk| (sdk.streams, sdk.instances, sdk.last_seen == NOW)).collect();
        assert_eq!(told, [(3, Some(3), true), (0, None, false), (0, Some(70), false)]);
    }
}
