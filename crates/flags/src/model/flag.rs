//! What a flag is in every environment: its variations, its words, and which SDKs may see it.

use kernel::PersonId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::Bucketing;

/// A flag as its project knows it. What it does in an environment is its [`crate::model::Configuration`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Flag {
    /// Its name for people.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// What type its values have.
    pub kind: FlagKind,
    /// By whose rules it is evaluated: chosen when it is created, and never changed.
    #[serde(default)]
    pub bucketing: Bucketing,
    /// What it can serve; SDKs and events name them by their place, which therefore never changes.
    pub variations: Vec<Variation>,
    /// What an environment serves until it is configured.
    pub defaults: Defaults,
    /// Words to find it by.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Whether it is to be removed once everybody has the new behaviour.
    #[serde(default)]
    pub temporary: bool,
    /// Which SDKs outside of servers see it.
    #[serde(default)]
    pub client_side_availability: ClientSideAvailability,
    /// Who looks after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub maintainer_id: Option<PersonId>,
    /// What contexts are hashed with until an environment is given a salt of its own.
    #[serde(default)]
    pub salt: String,
    /// Whether it is gone; its row stays, because its version must keep growing (`launchdarkly.md` §1.2).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
}

/// The type of a flag's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum FlagKind {
    /// `true` and `false`.
    Boolean,
    /// Text.
    String,
    /// A JSON number.
    Number,
    /// Any JSON.
    Json,
}

impl FlagKind {
    /// Whether `value` is of this type.
    pub fn accepts(self, value: &Value) -> bool {
        match self {
            Self::Boolean => value.is_boolean(),
            Self::String => value.is_string(),
            Self::Number => value.is_number(),
            Self::Json => true,
        }
    }

    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::String => "string",
            Self::Number => "number",
            Self::Json => "json",
        }
    }
}

/// One value that a flag can serve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Variation {
    /// Stays the same when the name changes; given by the server when absent.
    #[serde(default)]
    pub id: String,
    /// Its name for people; the value itself when empty.
    #[serde(default)]
    pub name: String,
    /// What it means.
    #[serde(default)]
    pub description: String,
    /// What SDKs get.
    pub value: Value,
}

impl Variation {
    /// What people call it: its name, or its value when it has none.
    pub fn label(&self) -> String {
        match (&self.value, self.name.is_empty()) {
            (_, false) => self.name.clone(),
            (Value::String(text), true) => text.clone(),
            (value, true) => value.to_string(),
        }
    }
}

/// The variations, by index, with which an environment starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Defaults {
    /// To everyone, once the flag is on.
    pub on_variation: usize,
    /// While it is off.
    pub off_variation: usize,
}

/// Which SDKs outside of servers see a flag (`launchdarkly.md` §2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClientSideAvailability {
    /// Those that come with a mobile key.
    #[serde(default)]
    pub using_mobile_key: bool,
    /// Those that come with a client-side id.
    #[serde(default)]
    pub using_environment_id: bool,
}

impl Flag {
    /// A boolean flag that serves `false` while off and `true` once on, as most start.
    pub fn boolean(name: impl Into<String>) -> Self {
        let variation = |name: &str, value: bool| Variation {
            id: name.to_owned(),
            name: name.to_owned(),
            description: String::new(),
            value: Value::Bool(value),
        };
        Self {
            name: name.into(),
            description: String::new(),
            kind: FlagKind::Boolean,
            bucketing: Bucketing::LaunchDarkly,
            variations: vec![variation("on", true), variation("off", false)],
            defaults: Defaults { on_variation: 0, off_variation: 1 },
            tags: Vec::new(),
            temporary: true,
            client_side_availability: ClientSideAvailability::default(),
            maintainer_id: None,
            salt: String::new(),
            deleted: false,
        }
    }

    /// Of a boolean flag: where this value stands among the variations.
    pub fn index_of(&self, value: bool) -> Option<usize> {
        self.variations.iter().position(|variation| variation.value == Value::Bool(value))
    }

    /// What people call the variation at `index`.
    pub fn label(&self, index: usize) -> String {
        self.variations.get(index).map_or_else(|| format!("variation {index}"), Variation::label)
    }
}
