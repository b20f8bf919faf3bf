//! Contexts: for whom a flag is evaluated, as single kinds, several kinds at once, or legacy users.

use serde_json::{Map, Value};

use crate::evaluate::Stop;
use crate::reference::{Path, Reference, descend};
use crate::text::{Sought, Text};
use crate::unleash::Moment;
use crate::value::View;

/// What sort of thing a context is: a person, a device, an organization.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The default, and the kind of every legacy user.
    User,
    /// Any other; letters, digits, `.`, `_` and `-`.
    Other(Box<str>),
}

/// A context that may be evaluated: one kind, or several kinds that belong together.
///
/// ```
/// let context = evaluation::Context::from_json(r#"{"kind": "user", "key": "ada", "plan": "gold"}"#)?;
/// assert_eq!(context.key(&evaluation::Kind::User), Some("ada"));
/// # Ok::<(), evaluation::InvalidContext>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Context {
    parts: Parts,
    moment: Moment,
}

#[derive(Clone, Debug, PartialEq)]
enum Parts {
    Single(Individual),
    /// Two or more, ordered by kind, no kind twice.
    Multi(Box<[Individual]>),
}

/// The part of a context that is of one kind.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Individual {
    kind: Kind,
    /// None only for [`Context::without_key`].
    key: Option<Box<str>>,
    name: Option<Box<str>>,
    anonymous: bool,
    /// In the order of their names as [`Text`]; never null.
    attributes: Vec<(Text, Value)>,
}

/// Up to so many attributes a scan is faster than a search.
const SCANNED: usize = 16;

/// Why something is not a context.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidContext {
    /// The text is not JSON; the parser's words.
    #[error("a context is JSON: {0}")]
    NotJson(String),
    /// Not a JSON object.
    #[error("a context is a JSON object")]
    NotAnObject,
    /// The kind is not text, is empty, reserved or has other characters than letters, digits, `.`, `_`, `-`.
    #[error("a context kind is letters, digits, '.', '_' or '-', and neither 'kind' nor 'multi'")]
    Kind,
    /// The key is missing or not text.
    #[error("a context has a key, which is text")]
    KeyMissing,
    /// The key is empty (which only legacy users may have).
    #[error("the key of a context is not empty")]
    KeyEmpty,
    /// A built-in attribute has the wrong type.
    #[error("the attribute {0} of a context has the wrong type")]
    AttributeType(&'static str),
    /// A multi-kind context without a kind, or with the same kind twice.
    #[error("a multi-kind context has one context each of one or more kinds")]
    Kinds,
}

impl Kind {
    /// The kind of this name, if it obeys the rule of `launchdarkly.md` §2.3.
    pub fn new(text: &str) -> Result<Self, InvalidContext> {
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
        match text {
            "" | "kind" | "multi" => Err(InvalidContext::Kind),
            _ if !plain => Err(InvalidContext::Kind),
            _ => Ok(Self::named(Some(text))),
        }
    }

    /// The kind that data names: absent and empty mean user, and an impossible name simply matches no context.
    pub(crate) fn named(text: Option<&str>) -> Self {
        match text {
            None | Some("" | "user") => Self::User,
            Some(other) => Self::Other(other.into()),
        }
    }

    /// Its name.
    pub fn as_str(&self) -> &str {
        match self {
            Self::User => "user",
            Self::Other(name) => name,
        }
    }
}

impl Context {
    /// A context of one kind without attributes.
    pub fn new(kind: Kind, key: &str) -> Result<Self, InvalidContext> {
        if key.is_empty() {
            return Err(InvalidContext::KeyEmpty);
        }
        Ok(Parts::Single(Individual::new(kind, key)).into())
    }

    /// Contexts of different kinds that are evaluated together; one alone stays single, and multi-kind ones are merged.
    pub fn multi(contexts: impl IntoIterator<Item = Self>) -> Result<Self, InvalidContext> {
        let parts = contexts.into_iter().flat_map(|context| match context.parts {
            Parts::Single(individual) => vec![individual],
            Parts::Multi(individuals) => individuals.into_vec(),
        });
        Self::from_individuals(parts.collect())
    }

    /// Reads a context or a legacy user from JSON text.
    pub fn from_json(text: &str) -> Result<Self, InvalidContext> {
        let value = serde_json::from_str(text).map_err(|error| InvalidContext::NotJson(error.to_string()))?;
        Self::from_value(value)
    }

    /// Reads a context, or, when it has no `kind`, a legacy user.
    pub fn from_value(value: Value) -> Result<Self, InvalidContext> {
        let Value::Object(mut members) = value else {
            return Err(InvalidContext::NotAnObject);
        };
        match members.remove("kind") {
            None => Individual::from_user(members).map(|user| Parts::Single(user).into()),
            Some(Value::String(kind)) if kind == "multi" => {
                let parts = members.into_iter().map(|(kind, value)| Individual::from_member(&kind, value));
                Self::from_individuals(parts.collect::<Result<_, _>>()?)
            }
            Some(Value::String(kind)) => {
                Ok(Parts::Single(Individual::from_members(Kind::new(&kind)?, members)?).into())
            }
            Some(_) => Err(InvalidContext::Kind),
        }
    }

    /// Reads a context of one kind (a user when it names none) that does not say its key. What does not depend on the key
    /// is evaluated for it as for any other; what does is [`ErrorKind::UserNotSpecified`](crate::ErrorKind).
    pub fn without_key(value: Value) -> Result<Self, InvalidContext> {
        let Value::Object(mut members) = value else {
            return Err(InvalidContext::NotAnObject);
        };
        let kind = match members.remove("kind") {
            None => Kind::User,
            Some(Value::String(kind)) => Kind::new(&kind)?,
            Some(_) => return Err(InvalidContext::Kind),
        };
        members.remove("key");
        Ok(Parts::Single(Individual::read(kind, None, members)?).into())
    }

    /// The same context, evaluated at this moment: what Unleash's dates and random rollouts go by. Until it is said, dates
    /// hold for nobody and chance always falls the same way.
    #[must_use]
    pub fn at(self, moment: Moment) -> Self {
        Self { moment, ..self }
    }

    /// At which moment it is evaluated.
    #[inline]
    pub fn moment(&self) -> Moment {
        self.moment
    }

    /// The key of the part of this kind, if it says one.
    pub fn key(&self, kind: &Kind) -> Option<&str> {
        self.individual(kind).and_then(Individual::key)
    }

    /// Whether it is right that there is no key of this kind: there is no such part, rather than one that does not say it.
    #[inline]
    pub(crate) fn excuse_missing_key(&self, kind: &Kind) -> Result<(), Stop> {
        if self.individual(kind).is_some() { Err(Stop::KeyMissing) } else { Ok(()) }
    }

    /// The kinds that it has, in order.
    pub fn kinds(&self) -> impl Iterator<Item = &Kind> {
        self.individuals().iter().map(|individual| &individual.kind)
    }

    /// The name that LaunchDarkly gives to exactly this combination of kinds and keys (`launchdarkly.md` §1.9): a
    /// user's own key, otherwise `kind:key`, joined by `:`, with `%` and `:` of keys escaped.
    pub fn canonical_key(&self) -> String {
        let escaped = |part: &Individual| {
            format!("{}:{}", part.kind.as_str(), part.said_key().replace('%', "%25").replace(':', "%3A"))
        };
        match &self.parts {
            Parts::Single(user @ Individual { kind: Kind::User, .. }) => user.said_key().to_owned(),
            _ => self.individuals().iter().map(escaped).collect::<Vec<_>>().join(":"),
        }
    }

    #[inline]
    pub(crate) fn individual(&self, kind: &Kind) -> Option<&Individual> {
        match &self.parts {
            Parts::Single(individual) => (individual.kind == *kind).then_some(individual),
            Parts::Multi(individuals) => individuals.iter().find(|individual| individual.kind == *kind),
        }
    }

    fn individuals(&self) -> &[Individual] {
        match &self.parts {
            Parts::Single(individual) => std::slice::from_ref(individual),
            Parts::Multi(individuals) => individuals,
        }
    }

    fn from_individuals(mut parts: Vec<Individual>) -> Result<Self, InvalidContext> {
        // In the order of the canonical key.
        parts.sort_by(|a, b| a.kind.as_str().cmp(b.kind.as_str()));
        if parts.is_empty() || parts.windows(2).any(|pair| pair[0].kind == pair[1].kind) {
            return Err(InvalidContext::Kinds);
        }
        Ok(match parts.pop() {
            Some(only) if parts.is_empty() => Parts::Single(only),
            last => Parts::Multi(parts.into_iter().chain(last).collect()),
        }
        .into())
    }
}

impl From<Parts> for Context {
    fn from(parts: Parts) -> Self {
        Self { parts, moment: Moment::default() }
    }
}

impl Individual {
    fn new(kind: Kind, key: &str) -> Self {
        Self { kind, key: Some(key.into()), name: None, anonymous: false, attributes: Vec::new() }
    }

    #[inline]
    pub(crate) fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    fn said_key(&self) -> &str {
        self.key().unwrap_or_default()
    }

    /// The value to which `reference` leads; null counts as absent.
    #[inline]
    pub(crate) fn value(&self, reference: &Reference) -> View<'_> {
        match &reference.0 {
            Path::Custom(name) => self.attribute(name.sought()),
            Path::Key => self.key().map_or(View::Absent, View::Text),
            Path::Kind => View::Text(self.kind.as_str()),
            Path::Name => self.name.as_deref().map_or(View::Absent, View::Text),
            Path::Anonymous => View::Bool(self.anonymous),
            Path::Nested(head, below) => descend(self.value(head), below),
        }
    }

    #[inline]
    pub(crate) fn attribute(&self, name: Sought<'_>) -> View<'_> {
        let found = if self.attributes.len() <= SCANNED {
            self.attributes.iter().find(|(other, _)| other.is(name))
        } else {
            self.attributes.binary_search_by(|(other, _)| other.order(name)).ok().map(|at| &self.attributes[at])
        };
        found.map_or(View::Absent, |(_, value)| View::from(value))
    }

    /// A member of a multi-kind context: the kind is its name.
    fn from_member(kind: &str, value: Value) -> Result<Self, InvalidContext> {
        let Value::Object(mut members) = value else {
            return Err(InvalidContext::NotAnObject);
        };
        // A kind inside would contradict the name, or nest a multi-kind context.
        if members.remove("kind").is_some_and(|inner| inner != kind) {
            return Err(InvalidContext::Kind);
        }
        Self::from_members(Kind::new(kind)?, members)
    }

    fn from_members(kind: Kind, mut members: Map<String, Value>) -> Result<Self, InvalidContext> {
        let key = text(members.remove("key"), "key")?.ok_or(InvalidContext::KeyMissing)?;
        if key.is_empty() {
            return Err(InvalidContext::KeyEmpty);
        }
        Self::read(kind, Some(key), members)
    }

    /// What every context of the format may have beside its kind and key.
    fn read(kind: Kind, key: Option<Box<str>>, mut members: Map<String, Value>) -> Result<Self, InvalidContext> {
        let name = text(members.remove("name"), "name")?;
        let anonymous = flag(members.remove("anonymous").as_ref(), "anonymous")?;
        check_meta(members.remove("_meta"))?;
        Ok(Self { kind, key, name, anonymous, attributes: ordered(members) })
    }

    /// The format before contexts: some attributes at the top, the others under `custom`, and the key may be empty.
    fn from_user(mut members: Map<String, Value>) -> Result<Self, InvalidContext> {
        let key = text(members.remove("key"), "key")?.ok_or(InvalidContext::KeyMissing)?;
        let name = text(members.remove("name"), "name")?;
        let anonymous = flag(members.remove("anonymous").as_ref(), "anonymous")?;
        text(members.remove("secondary"), "secondary")?;
        check_names(members.remove("privateAttributeNames"), "privateAttributeNames")?;
        let mut attributes = match members.remove("custom") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(custom)) => custom,
            Some(_) => return Err(InvalidContext::AttributeType("custom")),
        };
        // These would collide with attributes that every context has.
        for reserved in ["kind", "key", "name", "anonymous", "_meta"] {
            attributes.remove(reserved);
        }
        for built_in in ["firstName", "lastName", "email", "avatar", "country", "ip"] {
            if let Some(value) = text(members.remove(built_in), built_in)? {
                attributes.insert(built_in.to_owned(), Value::from(&*value));
            }
        }
        Ok(Self { kind: Kind::User, key: Some(key), name, anonymous, attributes: ordered(attributes) })
    }
}

fn ordered(members: Map<String, Value>) -> Vec<(Text, Value)> {
    let present = members.into_iter().filter(|(_, value)| !value.is_null());
    let mut attributes: Vec<_> = present.map(|(name, value)| (Text::from(name.as_str()), value)).collect();
    attributes.sort_by(|(a, _), (b, _)| a.order(b.sought()));
    attributes
}

fn text(value: Option<Value>, name: &'static str) -> Result<Option<Box<str>>, InvalidContext> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.into())),
        Some(_) if name == "key" => Err(InvalidContext::KeyMissing),
        Some(_) => Err(InvalidContext::AttributeType(name)),
    }
}

fn flag(value: Option<&Value>, name: &'static str) -> Result<bool, InvalidContext> {
    match value {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(value)) => Ok(*value),
        Some(_) => Err(InvalidContext::AttributeType(name)),
    }
}

/// `_meta` says what events must hide; evaluation only insists on its shape, as SDKs do.
fn check_meta(meta: Option<Value>) -> Result<(), InvalidContext> {
    match meta {
        None | Some(Value::Null) => Ok(()),
        Some(Value::Object(mut meta)) => check_names(meta.remove("privateAttributes"), "_meta"),
        Some(_) => Err(InvalidContext::AttributeType("_meta")),
    }
}

fn check_names(names: Option<Value>, name: &'static str) -> Result<(), InvalidContext> {
    match names {
        None | Some(Value::Null) => Ok(()),
        Some(Value::Array(names)) if names.iter().all(Value::is_string) => Ok(()),
        Some(_) => Err(InvalidContext::AttributeType(name)),
    }
}
