//! Where flags live: projects, their environments, and the keys by which SDKs name an environment.

use delivery::{Grant, KeyKind, Place};
use kernel::{EnvironmentKey, ProjectKey, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One product with its flags; what is the same in all of its environments.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Project {
    /// Its name for people.
    pub name: String,
    /// What it is.
    #[serde(default)]
    pub description: String,
}

/// One place in which a project runs, such as `production`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Environment {
    /// Its name for people.
    pub name: String,
    /// Whether customers see it; the console marks it.
    #[serde(default)]
    pub production: bool,
    /// Whether a browser must show a hash of its context that only the holder of an SDK key can make.
    #[serde(default)]
    pub secure_mode: bool,
}

kernel::id! {
    /// One key by which SDKs name an environment.
    KeyId = "key",
}

/// A key by which SDKs name an environment. Revoked keys stay, so that they are told from unknown ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SdkKey {
    /// Names the key in URLs and in the log, without telling it.
    #[schema(value_type = String)]
    pub id: KeyId,
    /// What an SDK is given.
    pub value: String,
    /// For which SDKs.
    pub kind: KeyKind,
    /// The project it opens.
    #[schema(value_type = String)]
    pub project: ProjectKey,
    /// The environment it opens.
    #[schema(value_type = String)]
    pub environment: EnvironmentKey,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Until when, once another has taken its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// Since when it is refused by hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Timestamp>,
}

impl SdkKey {
    /// What it opens, and until when.
    pub fn grant(&self) -> Grant {
        let place = Place { project: self.project.clone(), environment: self.environment.clone() };
        let ends_at = [self.revoked_at, self.expires_at].into_iter().flatten().min();
        Grant { kind: self.kind, place, ends_at }
    }

    /// Whether SDKs may use it at `now`.
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none_or(|at| now < at) && self.expires_at.is_none_or(|at| now < at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_active_until_the_instant_at_which_it_ends() {
        let at = Timestamp::from_secs;
        let key = SdkKey {
            id: KeyId::from_stored("key_1"),
            value: "sdk-1".to_owned(),
            kind: KeyKind::Sdk,
            project: ProjectKey::new("shop").unwrap(),
            environment: EnvironmentKey::new("test").unwrap(),
            created_at: at(0),
            expires_at: Some(at(10)),
            revoked_at: None,
        };
        assert!(key.is_active(at(9)));
        assert!(!key.is_active(at(10)));
        assert!(!SdkKey { revoked_at: Some(at(5)), ..key.clone() }.is_active(at(5)));
        assert!(SdkKey { expires_at: None, ..key }.is_active(at(1_000)));
    }
}
