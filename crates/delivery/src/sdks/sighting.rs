//! What one request says of the SDK that sent it. Headers are untrusted: what is not of the expected form is not said.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Longer names, versions and ids are not believed. LaunchDarkly's tags have at most 64 characters (`launchdarkly.md` §1.1).
const MOST_CHARACTERS: usize = 64;
/// Instances are told apart by a UUID, or by a host and a few words.
const MOST_INSTANCE_CHARACTERS: usize = 200;

/// By which protocol an SDK is served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SdkFamily)]
pub enum Family {
    /// LaunchDarkly's SDKs, and what is built on them.
    #[default]
    LaunchDarkly,
    /// OpenFeature's providers for OFREP.
    OpenFeature,
    /// Unleash's SDKs.
    Unleash,
    /// All that were one too many to be told apart, together.
    Others,
}

impl Family {
    const ALL: [Self; 4] = [Self::LaunchDarkly, Self::OpenFeature, Self::Unleash, Self::Others];

    /// The word in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LaunchDarkly => "launchDarkly",
            Self::OpenFeature => "openFeature",
            Self::Unleash => "unleash",
            Self::Others => "others",
        }
    }

    /// The family of this word.
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.as_str() == text)
    }
}

/// What an SDK does with us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Transport {
    /// It holds a stream and is told of changes.
    Stream,
    /// It asks, at intervals or at each evaluation.
    Poll,
    /// It sends events.
    Events,
}

/// A set of [`Transport`]s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Transports(u8);

impl Transports {
    /// The set that this number stands for, one bit for each; other bits are dropped.
    pub fn from_bits(bits: u8) -> Self {
        Self(bits & 0b111)
    }

    /// The number that stands for it.
    pub fn bits(self) -> u8 {
        self.0
    }

    /// With one more.
    #[must_use]
    pub fn with(self, transport: Transport) -> Self {
        Self(self.0 | 1 << transport as u8)
    }

    /// What is in it.
    pub fn list(self) -> Vec<Transport> {
        let all = [Transport::Stream, Transport::Poll, Transport::Events];
        all.into_iter().filter(|transport| self.with(*transport) == self).collect()
    }
}

/// An SDK as one request shows it; borrowed, so that nothing is copied for one that is known. What is empty was not said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sighting<'a> {
    /// By which protocol.
    pub family: Family,
    /// Its name, such as `NodeJSClient`.
    pub name: &'a str,
    /// Its version, such as `9.13.7`.
    pub version: &'a str,
    /// What is built on it, such as `react-client-sdk/3.9.0`.
    pub wrapper: &'a str,
    /// The application's own id, such as `checkout`.
    pub application: &'a str,
    /// The application's version.
    pub application_version: &'a str,
    /// Its id of the running instance.
    pub instance: &'a str,
    /// What it runs on, such as `Node.js 22.1.0`.
    pub platform: &'a str,
}

impl<'a> Sighting<'a> {
    /// Of this family and with this name and version, each if it can be one.
    pub fn named(family: Family, name: &'a str, version: &'a str) -> Self {
        Self { family, name: word(name), version: word(version), ..Self::default() }
    }

    /// By the first product of a `User-Agent` (RFC 9110 §10.1.5). A browser's says nothing of an SDK: `browser`.
    pub fn by_user_agent(family: Family, sent: &'a str) -> Self {
        let product = sent.split([' ', '\t']).next().unwrap_or_default();
        match product.split_once('/') {
            Some(("Mozilla", _)) => Self::named(family, "browser", ""),
            Some((name, version)) => Self::named(family, name, version),
            None => Self::named(family, product, ""),
        }
    }

    /// With `name/version` or `name` of what is built on it.
    #[must_use]
    pub fn wrapped(self, sent: &'a str) -> Self {
        let fits = match sent.split_once('/') {
            Some((name, version)) => !word(name).is_empty() && !word(version).is_empty(),
            None => !word(sent).is_empty(),
        };
        Self { wrapper: if fits { sent } else { "" }, ..self }
    }

    /// With an application's id and version, each if it can be one.
    #[must_use]
    pub fn of_application(self, id: &'a str, version: &'a str) -> Self {
        Self { application: word(id), application_version: word(version), ..self }
    }

    /// With the id of the running instance, unless it is known already or cannot be one.
    #[must_use]
    pub fn instance(self, id: &'a str) -> Self {
        let fits = id.len() <= MOST_INSTANCE_CHARACTERS && id.bytes().all(|byte| byte.is_ascii_graphic());
        if self.instance.is_empty() && fits { Self { instance: id, ..self } } else { self }
    }

    /// With the words for what it runs on, if they can be shown.
    #[must_use]
    pub fn on_platform(self, words: &'a str) -> Self {
        let fits = words.len() <= MOST_CHARACTERS && !words.chars().any(char::is_control);
        Self { platform: if fits { words.trim() } else { "" }, ..self }
    }
}

/// The text if it can stand for one thing in a list: letters, digits and what stands between them.
fn word(text: &str) -> &str {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-+@:".contains(&byte);
    if text.len() <= MOST_CHARACTERS && text.bytes().all(fits) { text } else { "" }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_user_agent_names_an_sdk_and_its_version() {
        for (sent, name, version) in [
            ("NodeJSClient/9.13.7", "NodeJSClient", "9.13.7"),
            ("python-requests/2.32.3", "python-requests", "2.32.3"),
            ("JavaClient/7.1.0 extra (words)", "JavaClient", "7.1.0"),
            ("node", "node", ""),
            ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", "browser", ""),
            ("<script>/1", "", "1"),
            ("a/b/c", "a", ""),
            ("", "", ""),
        ] {
            let seen = Sighting::by_user_agent(Family::LaunchDarkly, sent);
            assert_eq!((seen.name, seen.version), (name, version), "{sent}");
        }
    }

    #[test]
    fn what_is_too_long_or_of_another_form_is_not_believed() {
        let long = "a".repeat(65);
        let seen = Sighting::named(Family::Unleash, &long, "1\n2").wrapped("a b/1").of_application(&long, "ü");
        assert_eq!(seen, Sighting { family: Family::Unleash, ..Sighting::default() });
        let endless = "i".repeat(201);
        let seen = Sighting::default().wrapped("react-client-sdk/3.9.0").instance(&endless).instance("i-1");
        assert_eq!((seen.wrapper, seen.instance), ("react-client-sdk/3.9.0", "i-1"));
        assert_eq!(seen.instance("i-2").instance, "i-1");
        assert_eq!(seen.on_platform("Node.js 22\u{7}").platform, "");
    }

    #[test]
    fn a_set_of_transports_comes_back_from_its_number() {
        let both = Transports::default().with(Transport::Events).with(Transport::Stream);
        assert_eq!(Transports::from_bits(both.bits()).list(), [Transport::Stream, Transport::Events]);
        assert_eq!(Transports::from_bits(0xf8), Transports::default());
    }

    proptest! {
        #[test]
        fn no_header_makes_more_of_it_than_short_words(sent in "\\PC{0,300}") {
            let seen = Sighting::by_user_agent(Family::OpenFeature, &sent).wrapped(&sent).instance(&sent);
            for word in [seen.name, seen.version] {
                prop_assert!(word.len() <= MOST_CHARACTERS && word.is_ascii());
            }
            prop_assert!(seen.wrapper.len() <= 2 * MOST_CHARACTERS + 1 && seen.instance.len() <= MOST_INSTANCE_CHARACTERS);
        }
    }
}
