//! What the register holds of one SDK of one environment, at one moment.

use std::sync::Arc;

use kernel::Timestamp;

use super::sighting::{Family, Sighting, Transports};
use crate::{KeyKind, Place};

/// The words by which SDKs are told apart; each is short and of few letters. What is empty was not said.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SdkWords {
    /// By which sort of key it came.
    pub key: KeyKind,
    /// By which protocol.
    pub family: Family,
    /// Its name.
    pub name: Box<str>,
    /// Its version.
    pub version: Box<str>,
    /// What is built on it.
    pub wrapper: Box<str>,
    /// The application's own id.
    pub application: Box<str>,
    /// The application's version.
    pub application_version: Box<str>,
}

impl SdkWords {
    /// What this sighting, by this sort of key, says.
    pub(super) fn of(key: KeyKind, sighting: &Sighting<'_>) -> Self {
        let [name, version, wrapper, application, application_version] = words(sighting).map(Box::from);
        Self { key, family: sighting.family, name, version, wrapper, application, application_version }
    }

    /// All that came by this sort of key and were one too many to be told apart.
    pub fn others(key: KeyKind) -> Self {
        Self::of(key, &Sighting { family: Family::Others, ..Sighting::default() })
    }

    /// How it stands to what a sighting by the same sort of key says, in the order of the register; nothing is copied.
    pub(super) fn compare(&self, sighting: &Sighting<'_>) -> std::cmp::Ordering {
        let own = [&self.name, &self.version, &self.wrapper, &self.application, &self.application_version];
        (self.family, own.map(|word| &**word)).cmp(&(sighting.family, words(sighting)))
    }
}

fn words<'a>(sighting: &Sighting<'a>) -> [&'a str; 5] {
    let Sighting { name, version, wrapper, application, application_version, .. } = *sighting;
    [name, version, wrapper, application, application_version]
}

/// How many instances of an SDK were heard from lately or hold a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Instances {
    /// These, by the hashes of their ids, ascending: an instance that two nodes have seen counts once.
    Listed(Vec<u64>),
    /// So many, too many to be listed.
    Counted(u32),
}

impl Instances {
    /// How many.
    pub fn count(&self) -> u32 {
        match self {
            Self::Listed(hashes) => u32::try_from(hashes.len()).unwrap_or(u32::MAX),
            Self::Counted(count) => *count,
        }
    }
}

/// One SDK of one environment as this process has seen it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SdkReport {
    /// Where.
    pub place: Place,
    /// Which SDK.
    pub sdk: Arc<SdkWords>,
    /// What it runs on, as it last said; empty when it never did.
    pub platform: Box<str>,
    /// What it did so far.
    pub transports: Transports,
    /// How many streams are open now.
    pub streams: u32,
    /// How many processes there are, as far as they say who they are.
    pub instances: Instances,
    /// When it was first seen by this process.
    pub first_seen: Timestamp,
    /// When it was last seen; now, if a stream is open.
    pub last_seen: Timestamp,
}
