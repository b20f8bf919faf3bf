//! For whom a feature is evaluated, in Unleash's fields.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::context::{Context as Known, Individual, Kind};
use crate::instant::{Instant, instant};
use crate::reference::Reference;
use crate::text::Sought;
use crate::value::View;

/// What evaluation is told of the instant and of chance, since it asks for neither itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// Now, in milliseconds since the epoch: what `currentTime` means where the context does not say; none makes dates
    /// hold for nobody.
    pub now_ms: Option<i64>,
    /// What random rollouts and variants are drawn from; a fresh number for each evaluation.
    pub chance: u64,
}

/// A context as Unleash's SDKs and its frontend API have it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// The user.
    pub user_id: Option<String>,
    /// The session.
    pub session_id: Option<String>,
    /// The address from which the request came.
    pub remote_address: Option<String>,
    /// The environment.
    pub environment: Option<String>,
    /// The application.
    pub app_name: Option<String>,
    /// When, as RFC 3339; now where it is not said.
    pub current_time: Option<String>,
    /// Anything else.
    pub properties: BTreeMap<String, String>,
}

/// What every LaunchDarkly context has in a way of its own.
pub(crate) const RESERVED: [&str; 4] = ["key", "kind", "anonymous", "_meta"];

/// A field that constraints, stickiness and overrides name.
#[derive(Clone, Debug)]
pub(crate) enum Field {
    UserId,
    SessionId,
    RemoteAddress,
    Environment,
    AppName,
    CurrentTime,
    /// A property; the reference is to the attribute of that name in a LaunchDarkly context.
    Property(Box<str>, Option<Reference>),
}

/// Whatever has Unleash's fields.
pub(crate) trait Fields {
    /// The value of a field, as text; empty ids are absent.
    fn field(&self, field: &Field) -> Option<Cow<'_, str>>;

    /// What is said of the time, if it is an instant.
    fn instant(&self, field: &Field) -> Option<Instant> {
        self.field(field).and_then(|text| instant(View::Text(&text)))
    }
}

impl Field {
    /// The field of this name.
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "userId" => Self::UserId,
            "sessionId" => Self::SessionId,
            "remoteAddress" => Self::RemoteAddress,
            "environment" => Self::Environment,
            "appName" => Self::AppName,
            "currentTime" => Self::CurrentTime,
            property => Self::Property(property.into(), Reference::literal(property).ok()),
        }
    }
}

impl Context {
    /// Reads the context of a request to the frontend API: `{"userId", "properties": {…}, …}`. Numbers and booleans are
    /// texts here; what is neither text, number nor boolean is passed over, as Unleash does. Other members are
    /// properties, too.
    pub fn from_members(members: Map<String, Value>) -> Self {
        let mut context = Self::default();
        let mut others = members;
        let properties = others.remove("properties");
        for (name, value) in others {
            context.set(&name, text(&value));
        }
        if let Some(Value::Object(properties)) = properties {
            for (name, value) in properties {
                if context.get(&name).is_none() {
                    context.set(&name, text(&value));
                }
            }
        }
        context
    }

    /// Sets a field or property by its name; none and empty text leave it as it is.
    pub fn set(&mut self, name: &str, value: Option<String>) {
        let Some(value) = value else { return };
        match self.slot(name) {
            Some(slot) if !value.is_empty() => *slot = Some(value),
            Some(_) => {}
            None => drop(self.properties.insert(name.to_owned(), value)),
        }
    }

    /// The value of a field or property by its name.
    pub fn get(&self, name: &str) -> Option<&str> {
        match name {
            "userId" => self.user_id.as_deref(),
            "sessionId" => self.session_id.as_deref(),
            "remoteAddress" => self.remote_address.as_deref(),
            "environment" => self.environment.as_deref(),
            "appName" => self.app_name.as_deref(),
            "currentTime" => self.current_time.as_deref(),
            property => self.properties.get(property).map(String::as_str),
        }
    }

    /// The user that LaunchDarkly's flags are evaluated for: fields and properties are attributes, and the key is the
    /// user id. Without one it is the session's, behind `session:`, or else what `stranger` gives, and anonymous.
    ///
    /// Properties that would be a part of every context (`key`, `kind`, `anonymous`, `_meta`) are left out.
    pub fn as_user(&self, stranger: impl FnOnce() -> String) -> Known {
        let fields = [
            ("sessionId", &self.session_id),
            ("remoteAddress", &self.remote_address),
            ("ip", &self.remote_address),
            ("environment", &self.environment),
            ("appName", &self.app_name),
            ("currentTime", &self.current_time),
        ];
        let properties = self.properties.iter().filter(|(name, _)| !RESERVED.contains(&name.as_str()));
        let fields = fields.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
        let attributes = properties.map(|(name, value)| (name.as_str(), value)).chain(fields);
        let mut members: Map<String, Value> =
            attributes.map(|(name, value)| (name.to_owned(), Value::from(value.as_str()))).collect();
        let present = |id: &Option<String>| id.clone().filter(|id| !id.is_empty());
        let key = present(&self.user_id);
        members.insert("anonymous".to_owned(), Value::Bool(key.is_none()));
        let key = key.or_else(|| present(&self.session_id).map(|id| format!("session:{id}")));
        members.insert("key".to_owned(), Value::from(key.unwrap_or_else(stranger)));
        members.insert("kind".to_owned(), Value::from("user"));
        Known::from_value(Value::Object(members)).expect("a kind, a key that is not empty, and texts are a context")
    }

    fn slot(&mut self, name: &str) -> Option<&mut Option<String>> {
        Some(match name {
            "userId" => &mut self.user_id,
            "sessionId" => &mut self.session_id,
            "remoteAddress" => &mut self.remote_address,
            "environment" => &mut self.environment,
            "appName" => &mut self.app_name,
            "currentTime" => &mut self.current_time,
            _ => return None,
        })
    }
}

impl Fields for Context {
    #[inline]
    fn field(&self, field: &Field) -> Option<Cow<'_, str>> {
        let text = match field {
            Field::UserId => self.user_id.as_deref().filter(|id| !id.is_empty()),
            Field::SessionId => self.session_id.as_deref().filter(|id| !id.is_empty()),
            Field::RemoteAddress => self.remote_address.as_deref(),
            Field::Environment => self.environment.as_deref(),
            Field::AppName => self.app_name.as_deref(),
            Field::CurrentTime => self.current_time.as_deref(),
            Field::Property(name, _) => self.properties.get(&**name).map(String::as_str),
        };
        text.map(Cow::Borrowed)
    }
}

/// A LaunchDarkly context through Unleash's field names: the key is `userId`, the attribute `ip` (or `remoteAddress`) is
/// `remoteAddress`, the others have their own names and everything else is a property.
///
/// Unleash knows one kind of context, so of several kinds the user counts, and without a user the first.
pub(crate) struct Translated<'c>(Option<&'c Individual>);

impl<'c> Translated<'c> {
    #[inline]
    pub(crate) fn new(context: &'c Known) -> Self {
        let user = context.individual(&Kind::User);
        Self(user.or_else(|| context.kinds().next().and_then(|kind| context.individual(kind))))
    }

    #[inline]
    fn attribute(&self, name: &str) -> Option<Cow<'c, str>> {
        as_text(self.0?.attribute(Sought::new(name)))
    }
}

impl Fields for Translated<'_> {
    #[inline]
    fn field(&self, field: &Field) -> Option<Cow<'_, str>> {
        match field {
            Field::UserId => self.0.and_then(Individual::key).filter(|id| !id.is_empty()).map(Cow::Borrowed),
            Field::SessionId => self.attribute("sessionId").filter(|id| !id.is_empty()),
            Field::RemoteAddress => self.attribute("remoteAddress").or_else(|| self.attribute("ip")),
            Field::Environment => self.attribute("environment"),
            Field::AppName => self.attribute("appName"),
            Field::CurrentTime => self.attribute("currentTime"),
            Field::Property(_, reference) => as_text(self.0?.value(reference.as_ref()?)),
        }
    }
}

/// An attribute as Unleash's SDKs would have been given it.
#[inline]
fn as_text(value: View<'_>) -> Option<Cow<'_, str>> {
    match value {
        View::Text(text) => Some(Cow::Borrowed(text)),
        View::Number(number) => Some(Cow::Owned(number.to_string())),
        View::Bool(value) => Some(Cow::Borrowed(if value { "true" } else { "false" })),
        View::Absent | View::List(_) | View::Object(_) => None,
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(json: Value) -> Context {
        match json {
            Value::Object(members) => Context::from_members(members),
            _ => Context::default(),
        }
    }

    #[test]
    fn a_context_is_read_as_unleash_reads_it() {
        let context = read(json!({
            "userId": 7, "sessionId": "", "properties": {"userId": "8", "sessionId": "s", "plan": "gold", "beta": true,
            "none": null, "list": [1]}, "email": "a@b",
        }));
        let expected = Context {
            user_id: Some("7".to_owned()),
            session_id: Some("s".to_owned()),
            properties: [("plan", "gold"), ("beta", "true"), ("email", "a@b")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            ..Context::default()
        };
        assert_eq!(context, expected);
    }

    #[test]
    fn a_launchdarkly_context_is_seen_through_unleashs_names() {
        let user = json!({"kind": "user", "key": "ada", "ip": "10.0.0.1", "plan": "gold", "age": 36, "beta": true,
            "sessionId": "s", "tags": ["a"]});
        let several = json!({"kind": "multi", "device": {"key": "phone"}, "user": {"key": "ada", "plan": "free"}});
        let device = json!({"kind": "device", "key": "phone"});
        let table = [
            (&user, "userId", Some("ada")),
            (&user, "remoteAddress", Some("10.0.0.1")),
            (&user, "sessionId", Some("s")),
            (&user, "plan", Some("gold")),
            (&user, "age", Some("36")),
            (&user, "beta", Some("true")),
            (&user, "tags", None),
            (&user, "gone", None),
            (&several, "userId", Some("ada")),
            (&several, "plan", Some("free")),
            (&device, "userId", Some("phone")),
        ];
        for (context, name, expected) in table {
            let context = Known::from_value(context.clone()).unwrap();
            let seen = Translated::new(&context);
            assert_eq!(seen.field(&Field::named(name)).as_deref(), expected, "{name}");
        }
    }
}
