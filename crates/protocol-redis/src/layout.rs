//! The layout, exactly (`launchdarkly.md` §1.8): what SDKs read, and what only who fills it does. Pure.

use std::str::FromStr;

use flags::model::{ContextHash, Generation, Member, MemberList};
use kernel::{Revision, Timestamp};
use redis::Pipeline;

/// What LaunchDarkly's SDKs assume.
const USUAL_PREFIX: &str = "launchdarkly";

/// Which Redis, and the prefix of all its keys: `redis://host:6379`, `redis://host:6379,prefix`.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    pub(crate) url: String,
    pub(crate) prefix: String,
}

/// The text names no Redis.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// The URL cannot be read.
    #[error("the URL is none of Redis: write redis://host:6379 or rediss://user:password@host:6379/0")]
    Url,
    /// Nothing after the comma.
    #[error("the prefix after the comma is empty")]
    Prefix,
}

impl FromStr for Address {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let (url, prefix) = text.rsplit_once(',').unwrap_or((text, USUAL_PREFIX));
        if prefix.is_empty() {
            return Err(BadAddress::Prefix);
        }
        redis::Client::open(url).map_err(|_| BadAddress::Url)?;
        Ok(Self { url: url.to_owned(), prefix: prefix.to_owned() })
    }
}

/// Without the URL, which may hold a password.
impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Redis under {}", self.prefix)
    }
}

/// The names of the keys.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    prefix: String,
}

impl Layout {
    pub(crate) fn new(prefix: &str) -> Self {
        Self { prefix: prefix.to_owned() }
    }

    fn included(&self, hash: ContextHash) -> String {
        format!("{}:big_segment_include:{}", self.prefix, hash.to_base64())
    }

    fn excluded(&self, hash: ContextHash) -> String {
        format!("{}:big_segment_exclude:{}", self.prefix, hash.to_base64())
    }

    /// When everything was there last: SDKs call older ones stale after two minutes.
    pub(crate) fn synchronized_on(&self) -> String {
        format!("{}:big_segments_synchronized_on", self.prefix)
    }

    /// Up to which place in the order of membership changes each filled generation is.
    pub(crate) fn cursor(&self) -> String {
        format!("{}:big_segments_cursor", self.prefix)
    }

    /// Who writes: nothing is written by anybody else from then on.
    pub(crate) fn lock(&self) -> String {
        format!("{}:big_segments_lock", self.prefix)
    }

    /// Generation → how far it is filled, or emptied.
    pub(crate) fn progress(&self) -> String {
        format!("{}:big_segments_progress", self.prefix)
    }

    /// Everything that SDKs read of members.
    pub(crate) fn members(&self) -> String {
        format!("{}:big_segment_*", escaped(&self.prefix))
    }

    /// Makes SDKs see these members where they are now.
    pub(crate) fn put(&self, pipe: &mut Pipeline, generation: &Generation, members: &[Member]) {
        let reference = generation.reference();
        for Member { hash, list } in members {
            let (on, off) = match list {
                Some(MemberList::Included) => ("SADD", "SREM"),
                Some(MemberList::Excluded) => ("SREM", "SADD"),
                None => ("SREM", "SREM"),
            };
            pipe.cmd(on).arg(self.included(*hash)).arg(&reference).ignore();
            pipe.cmd(off).arg(self.excluded(*hash)).arg(&reference).ignore();
        }
    }

    /// Makes SDKs see nothing of these members in a generation that is served no more.
    pub(crate) fn remove(&self, pipe: &mut Pipeline, generation: &Generation, members: &[Member]) {
        let gone: Vec<_> = members.iter().map(|member| Member { list: None, ..*member }).collect();
        self.put(pipe, generation, &gone);
    }

    pub(crate) fn advance(&self, pipe: &mut Pipeline, to: Revision) {
        pipe.cmd("SET").arg(self.cursor()).arg(to.0).ignore();
    }

    pub(crate) fn note(&self, pipe: &mut Pipeline, generation: i64, progress: Progress) {
        pipe.cmd("HSET").arg(self.progress()).arg(generation).arg(progress.to_string()).ignore();
    }

    pub(crate) fn forget(&self, pipe: &mut Pipeline, generation: i64) {
        pipe.cmd("HDEL").arg(self.progress()).arg(generation).ignore();
    }

    pub(crate) fn stamp(&self, pipe: &mut Pipeline, now: Timestamp) {
        pipe.cmd("SET").arg(self.synchronized_on()).arg(now.as_micros() / 1_000).ignore();
    }
}

/// How far a generation's members have been copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// All of them are there.
    Filled,
    /// Those up to this hash are there.
    Filling(ContextHash),
    /// Those up to this hash are gone.
    Emptying(ContextHash),
}

impl std::fmt::Display for Progress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Filled => f.write_str("filled"),
            Self::Filling(hash) => write!(f, "filling {}", hash.to_base64()),
            Self::Emptying(hash) => write!(f, "emptying {}", hash.to_base64()),
        }
    }
}

impl Progress {
    /// `None` for what nobody here wrote.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let hash = |text| ContextHash::from_base64(text);
        match text.split_once(' ') {
            None => (text == "filled").then_some(Self::Filled),
            Some(("filling", text)) => hash(text).map(Self::Filling),
            Some(("emptying", text)) => hash(text).map(Self::Emptying),
            Some(_) => None,
        }
    }
}

/// A prefix as Redis' patterns read it.
fn escaped(prefix: &str) -> String {
    let special = |character| matches!(character, '*' | '?' | '[' | ']' | '\\');
    prefix.chars().flat_map(|character| special(character).then_some('\\').into_iter().chain([character])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_url_and_perhaps_a_prefix() {
        let address = |text: &str| text.parse::<Address>().map(|address| (address.url, address.prefix));
        let pair = |url: &str, prefix: &str| Ok((url.to_owned(), prefix.to_owned()));
        assert_eq!(address("redis://cache:6379"), pair("redis://cache:6379", "launchdarkly"));
        assert_eq!(address("redis://cache:6379/2,shop"), pair("redis://cache:6379/2", "shop"));
        assert_eq!(address("redis://cache:6379,"), Err(BadAddress::Prefix));
        assert_eq!(address("http://cache"), Err(BadAddress::Url));
        let secret: Address = "redis://:secret@cache,shop".parse().unwrap();
        assert_eq!(format!("{secret:?}"), "Redis under shop");
    }

    #[test]
    fn progress_comes_back_from_its_text() {
        let hash = ContextHash::of("ada");
        for progress in [Progress::Filled, Progress::Filling(hash), Progress::Emptying(hash)] {
            assert_eq!(Progress::read(&progress.to_string()), Some(progress));
        }
        assert_eq!(Progress::read("done"), None);
    }

    #[test]
    fn patterns_take_a_prefix_literally() {
        assert_eq!(Layout::new("a*[b]").members(), r"a\*\[b\]:big_segment_*");
    }
}
