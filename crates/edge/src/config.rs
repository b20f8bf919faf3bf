//! Which environments an edge follows, from where and by which keys: checked once, pure.

use std::collections::HashSet;
use std::fmt;
use std::path::PathBuf;

use delivery::Place;
use kernel::{EnvironmentKey, ProjectKey};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use url::Url;

/// Everything an edge needs to know.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where snapshots and the spool lie.
    pub data_dir: PathBuf,
    /// So many bytes of events each environment may keep on disk until upstream takes them.
    pub spool_bytes: u64,
    /// The environments; at least one.
    pub sources: Vec<Source>,
}

/// A key of an environment; its `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Key(String);

impl Key {
    /// The text, for upstream's eyes and for comparing with what SDKs send.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored instead: its SHA-256, in hexadecimal. Unsalted: nobody guesses an SDK key.
    pub fn digest(&self) -> String {
        hex(&Sha256::digest(self.0.as_bytes()))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// Bytes in lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// One environment of an upstream.
#[derive(Clone, Debug)]
pub struct Source {
    /// What it is called here: in the log, in `/status`, in file names.
    pub name: EnvironmentKey,
    /// The base of upstream's streams: `/all` is under it.
    pub stream: Url,
    /// The base of upstream's event endpoints: `/bulk` is under it.
    pub events: Url,
    /// The key that follows, and that server SDKs use here.
    pub sdk_key: Key,
    /// The key that apps use here; without one they are refused.
    pub mobile_key: Option<Key>,
    /// What browsers use here; learnt from upstream if not given.
    pub client_side_id: Option<String>,
    /// Whether browsers must prove that somebody who holds the SDK key knows of their context. Upstream does not say so.
    pub secure_mode: bool,
}

impl Source {
    /// What it is called inside.
    pub fn place(&self) -> Place {
        let project = ProjectKey::new("edge").expect("letters are fit for a key");
        Place { project, environment: self.name.clone() }
    }
}

/// One environment as people write it, on the command line or in a file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Wish {
    /// Its name; `default` when there is only one.
    pub name: Option<String>,
    /// Upstream's base.
    pub upstream: Option<String>,
    /// Upstream's base for events, where it is another.
    pub events_url: Option<String>,
    /// The SDK key.
    pub sdk_key: Option<String>,
    /// A file that holds nothing but the SDK key.
    pub sdk_key_file: Option<PathBuf>,
    /// The mobile key.
    pub mobile_key: Option<String>,
    /// The client-side id.
    pub client_side_id: Option<String>,
    /// Whether browsers must prove their context.
    pub secure_mode: bool,
}

/// The file of `--config`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct File {
    /// Upstream's base, for environments that name none.
    pub upstream: Option<String>,
    /// Upstream's base for events, for environments that name none.
    pub events_url: Option<String>,
    /// The environments.
    #[serde(rename = "environment")]
    pub environments: Vec<Wish>,
}

impl File {
    /// Reads the text of a file.
    pub fn from_toml(text: &str) -> Result<Self, Invalid> {
        toml::from_str(text).map_err(|error| Invalid::NotToml(error.message().to_owned()))
    }

    /// The environments, with what the file says for all of them.
    pub fn wishes(self) -> Vec<Wish> {
        let Self { upstream, events_url, environments } = self;
        let with_defaults = |wish: Wish| {
            // Another upstream has other event endpoints.
            let events_url = wish.events_url.or_else(|| wish.upstream.is_none().then(|| events_url.clone()).flatten());
            Wish { events_url, upstream: wish.upstream.or_else(|| upstream.clone()), ..wish }
        };
        environments.into_iter().map(with_defaults).collect()
    }
}

/// What is wrong with a configuration.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// The file cannot be read as TOML of the documented shape.
    #[error("the file is not what it should be: {0}")]
    NotToml(String),
    /// Nothing to follow.
    #[error("no environment: give --sdk-key (or STEADFAST_SDK_KEY), or a file with [[environment]]")]
    NoEnvironment,
    /// Two environments of one name.
    #[error("two environments are called `{0}`")]
    SameName(String),
    /// A key that opens two environments opens neither.
    #[error("environment `{0}` has a key that another one has too")]
    SameKey(String),
    /// A name that cannot stand in a file name.
    #[error("`{0}` is no name: 1 to 100 letters, digits, '.', '_' or '-'")]
    Name(String),
    /// No upstream is given.
    #[error("environment `{0}` has no upstream: give --upstream, or `upstream` in the file")]
    NoUpstream(String),
    /// An address that is none.
    #[error("`{0}` is not an http or https address")]
    Url(String),
    /// A key that is missing, or that no header can hold.
    #[error("environment `{0}` has no SDK key, or one with other characters than letters, digits and punctuation")]
    Key(String),
    /// A client-side id or mobile key that is none.
    #[error(
        "environment `{0}` has a mobile key or client-side id with other characters than letters, digits, '-', '_' and '.'"
    )]
    Id(String),
}

/// Checks everything that people wished for. Key files are read already.
pub fn sources(wishes: Vec<Wish>) -> Result<Vec<Source>, Invalid> {
    if wishes.is_empty() {
        return Err(Invalid::NoEnvironment);
    }
    let sources: Vec<Source> = wishes.into_iter().map(source).collect::<Result<_, _>>()?;
    let (mut names, mut keys) = (HashSet::new(), HashSet::new());
    for source in &sources {
        let name = source.name.to_string();
        if !names.insert(name.to_lowercase()) {
            return Err(Invalid::SameName(name));
        }
        let mobile = source.mobile_key.as_ref().map(Key::reveal);
        let own = [Some(source.sdk_key.reveal()), mobile, source.client_side_id.as_deref()];
        if !own.into_iter().flatten().all(|key| keys.insert(key.to_owned())) {
            return Err(Invalid::SameKey(name));
        }
    }
    Ok(sources)
}

fn source(wish: Wish) -> Result<Source, Invalid> {
    let name = wish.name.unwrap_or_else(|| "default".to_owned());
    let upstream = wish.upstream.ok_or_else(|| Invalid::NoUpstream(name.clone()))?;
    let stream = base(&upstream)?;
    let events = wish.events_url.as_deref().map(base).transpose()?.unwrap_or_else(|| events_of(&stream));
    let header_safe = |key: &String| !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic());
    let sdk_key = wish.sdk_key.filter(header_safe).ok_or_else(|| Invalid::Key(name.clone()))?;
    let id = |id: Option<String>| match id.filter(|id| !id.is_empty()) {
        Some(id) if is_id(&id) => Ok(Some(id)),
        Some(_) => Err(Invalid::Id(name.clone())),
        None => Ok(None),
    };
    let (mobile_key, client_side_id) = (id(wish.mobile_key)?.map(Key), id(wish.client_side_id)?);
    let name = EnvironmentKey::new(name.clone()).map_err(|_| Invalid::Name(name))?;
    Ok(Source {
        name,
        stream,
        events,
        sdk_key: Key(sdk_key),
        mobile_key,
        client_side_id,
        secure_mode: wish.secure_mode,
    })
}

/// Whether it may stand in a path and in a header.
pub(crate) fn is_id(text: &str) -> bool {
    (1..=200).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

fn base(text: &str) -> Result<Url, Invalid> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    url.ok_or_else(|| Invalid::Url(text.to_owned()))
}

/// LaunchDarkly takes events at another host than it streams from (`launchdarkly.md` §1.11); a Steadfast at the same.
fn events_of(stream: &Url) -> Url {
    let host = stream.host_str().unwrap_or_default();
    let region = host.strip_prefix("stream.").filter(|rest| rest.contains("launchdarkly."));
    let mut events = stream.clone();
    if let Some(region) = region {
        // A name of which the first label was exchanged is a name.
        let _always_fits = events.set_host(Some(&format!("events.{region}")));
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(name: &str, key: &str) -> Wish {
        let text = |text: &str| Some(text.to_owned());
        Wish { name: text(name), upstream: text("http://127.0.0.1:1"), sdk_key: text(key), ..Wish::default() }
    }

    #[test]
    fn a_file_says_once_what_holds_for_all() {
        let text = r#"
            upstream = "https://flags.example.com/base"
            events-url = "https://events.example.com"
            [[environment]]
            name = "production"
            sdk-key = "sdk-1"
            mobile-key = "mob-1"
            [[environment]]
            name = "staging"
            upstream = "https://stream.eu.launchdarkly.com"
            sdk-key = "sdk-2"
            client-side-id = "abc"
        "#;
        let sources = sources(File::from_toml(text).unwrap().wishes()).unwrap();
        assert_eq!(sources[0].events.as_str(), "https://events.example.com/");
        assert_eq!(sources[0].stream.as_str(), "https://flags.example.com/base");
        assert_eq!(sources[1].events.as_str(), "https://events.eu.launchdarkly.com/");
        assert_eq!(sources[1].client_side_id.as_deref(), Some("abc"));
        assert_eq!(sources[0].place().to_string(), "edge/production");
    }

    #[test]
    fn what_cannot_be_followed_is_refused_with_its_reason() {
        let one = |change: &dyn Fn(&mut Wish)| {
            let mut wish = wish("a", "sdk-1");
            change(&mut wish);
            sources(vec![wish]).unwrap_err()
        };
        assert_eq!(sources(vec![]).unwrap_err(), Invalid::NoEnvironment);
        assert_eq!(one(&|wish| wish.upstream = None), Invalid::NoUpstream("a".into()));
        assert_eq!(one(&|wish| wish.upstream = Some("ftp://x".into())), Invalid::Url("ftp://x".into()));
        assert_eq!(one(&|wish| wish.sdk_key = Some("two words".into())), Invalid::Key("a".into()));
        assert_eq!(one(&|wish| wish.name = Some("../etc".into())), Invalid::Name("../etc".into()));
        assert_eq!(one(&|wish| wish.client_side_id = Some("a/b".into())), Invalid::Id("a".into()));
        let twice = |other: Wish| sources(vec![wish("a", "sdk-1"), other]).unwrap_err();
        assert_eq!(twice(wish("A", "sdk-2")), Invalid::SameName("A".into()));
        assert_eq!(twice(wish("b", "sdk-1")), Invalid::SameKey("b".into()));
        assert!(matches!(File::from_toml("sdk_key = 1"), Err(Invalid::NotToml(_))));
    }

    #[test]
    fn a_key_is_not_shown() {
        let source = &sources(vec![wish("a", "sdk-secret")]).unwrap()[0];
        assert!(!format!("{source:?}").contains("secret"));
        assert_eq!(source.sdk_key.digest().len(), 64);
    }
}
