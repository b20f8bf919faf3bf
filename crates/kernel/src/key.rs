//! Names that people choose for things and that stand in URLs.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};

/// Why a key was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key has 1 to 100 letters, digits, '.', '_' or '-', and starts with a letter or a digit")]
pub struct InvalidKey;

/// LaunchDarkly's rule for keys (`launchdarkly.md` §1.1: `^[a-zA-Z0-9](\w|\.|-)*$`), with a bound on the length.
fn is_valid(text: &str) -> bool {
    (1..=100).contains(&text.len())
        && text.as_bytes()[0].is_ascii_alphanumeric()
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

/// Declares validated keys: `key! { /// A flag. FlagKey }`.
#[macro_export]
macro_rules! key {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The key, if it obeys [`InvalidKey`]'s rule.
            pub fn new(text: impl Into<String>) -> Result<Self, $crate::key::InvalidKey> {
                $crate::key::check(text.into()).map(Self)
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Debug::fmt(&self.0, f)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::key::InvalidKey;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::new(text)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl From<$name> for String {
            fn from(key: $name) -> Self {
                key.0
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                Self::new(text).map_err(serde::de::Error::custom)
            }
        }
    )+};
}

/// `text` itself when it is a valid key.
pub fn check(text: String) -> Result<String, InvalidKey> {
    if is_valid(&text) { Ok(text) } else { Err(InvalidKey) }
}

key! {
    /// A project: one product, with its flags and environments.
    ProjectKey,
    /// An environment of a project, such as `production`.
    EnvironmentKey,
    /// A flag of a project.
    FlagKey,
    /// A segment of an environment.
    SegmentKey,
    /// A metric of a project.
    MetricKey,
    /// A release pipeline of a project.
    PipelineKey,
    /// A service that people are on call for.
    ServiceKey,
    /// An on-call schedule.
    ScheduleKey,
    /// An escalation policy.
    PolicyKey,
}

/// What kind of thing a context is: `user`, `organization`, `device`.
///
/// Letters, digits, `.`, `_`, `-`; never `kind` or `multi` (`launchdarkly.md` §2.3).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ContextKind(String);

impl ContextKind {
    /// The kind, if its name is allowed.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidContextKind> {
        let text = text.into();
        let allowed = (1..=100).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
        if allowed && text != "kind" && text != "multi" { Ok(Self(text)) } else { Err(InvalidContextKind) }
    }

    /// `user`, what a context without a kind is.
    pub fn user() -> Self {
        Self("user".to_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for ContextKind {
    fn default() -> Self {
        Self::user()
    }
}

impl fmt::Display for ContextKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ContextKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// Why a context kind was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a context kind has 1 to 100 letters, digits, '.', '_' or '-', and is neither 'kind' nor 'multi'")]
pub struct InvalidContextKind;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_checked_where_they_come_in() {
        assert!(FlagKey::new("checkout-v2").is_ok());
        for bad in ["", "-x", "a b", "ä", &"x".repeat(101)] {
            assert_eq!(FlagKey::new(bad), Err(InvalidKey), "{bad}");
        }
        assert!(serde_json::from_str::<FlagKey>("\"a/b\"").is_err());
        assert!(ContextKind::new("multi").is_err());
    }
}
