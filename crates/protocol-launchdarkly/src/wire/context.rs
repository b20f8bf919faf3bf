//! A context as it goes by in an event: its kinds and keys are taken, no attribute is kept or looked into.

use std::borrow::Cow;
use std::fmt;

use delivery::event::ContextKeys;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The kinds and keys of an inline context of one kind or of several (`"kind": "multi"`), or of a user of old, which
/// names no kind; `None` where a key is missing.
#[derive(Debug)]
pub(crate) struct Context<'a>(pub(crate) Option<ContextKeys<'a>>);

#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// A part of a context of several kinds.
#[derive(Deserialize)]
struct Part<'a> {
    #[serde(borrow)]
    key: Option<Cow<'a, str>>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Context<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Context<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a context")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let (mut kind, mut key) = (None::<Text<'de>>, None::<Text<'de>>);
        // What a member is becomes clear with the kind, which SDKs write first: a key, an attribute or a part.
        let mut unclear: Vec<(Text<'de>, &'de RawValue)> = Vec::new();
        while let Some(Text(name)) = members.next_key()? {
            match (name.as_ref(), kind.as_ref().map(|kind| kind.0.as_ref())) {
                ("kind", _) => kind = members.next_value()?,
                (_, None | Some("multi")) => unclear.push((Text(name), members.next_value()?)),
                ("key", Some(_)) => key = members.next_value()?,
                (_, Some(_)) => _ = members.next_value::<IgnoredAny>()?,
            }
        }
        Ok(Context(match kind {
            Some(Text(kind)) if kind == "multi" => unclear.into_iter().map(part).collect(),
            kind => one(kind, key.or_else(|| late(&unclear))),
        }))
    }
}

fn one<'a>(kind: Option<Text<'a>>, key: Option<Text<'a>>) -> Option<ContextKeys<'a>> {
    Some(vec![(kind.map_or(Cow::Borrowed("user"), |kind| kind.0), key?.0)])
}

fn part<'a>((Text(kind), part): (Text<'a>, &'a RawValue)) -> Option<(Cow<'a, str>, Cow<'a, str>)> {
    Some((kind, serde_json::from_str::<Part<'_>>(part.get()).ok()?.key?))
}

/// The key that came before the kind.
fn late<'a>(unclear: &[(Text<'a>, &'a RawValue)]) -> Option<Text<'a>> {
    let (_, key) = unclear.iter().find(|(name, _)| name.0 == "key")?;
    serde_json::from_str(key.get()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(context: &str) -> Option<Vec<(String, String)>> {
        let Context(keys) = serde_json::from_str(context).unwrap();
        Some(keys?.iter().map(|(kind, key)| (kind.to_string(), key.to_string())).collect())
    }

    fn one(kind: &str, key: &str) -> Vec<(String, String)> {
        vec![(kind.into(), key.into())]
    }

    #[test]
    fn a_kind_and_its_key_are_found_in_any_order() {
        for context in [
            r#"{"kind":"org","key":"o","plan":{"key":"gold","kind":"x"},"tags":["key"]}"#,
            r#"{"plan":{"key":"gold"},"key":"o","kind":"org"}"#,
            r#"{"key":"o","_meta":{"redactedAttributes":["email"]},"kind":"org","name":null}"#,
        ] {
            assert_eq!(keys(context), Some(one("org", "o")), "{context}");
        }
    }

    #[test]
    fn a_user_of_old_names_no_kind() {
        for context in [r#"{"key":"u","custom":{"key":"v"}}"#, r#"{"kind":null,"key":"u"}"#] {
            assert_eq!(keys(context), Some(one("user", "u")), "{context}");
        }
    }

    #[test]
    fn each_part_of_several_kinds_has_its_own_key() {
        let both = Some(vec![("key".into(), "k".into()), ("org".into(), "o\n".into())]);
        for context in [
            r#"{"kind":"multi","key":{"key":"k"},"org":{"name":"n","key":"o\n"}}"#,
            r#"{"key":{"key":"k"},"org":{"key":"o\n"},"kind":"multi"}"#,
        ] {
            assert_eq!(keys(context), both, "{context}");
        }
    }

    #[test]
    fn a_missing_or_strange_key_is_none() {
        for context in [
            "{}",
            r#"{"kind":"user"}"#,
            r#"{"key":7}"#,
            r#"{"key":7,"kind":"user"}"#,
            r#"{"kind":"multi","user":{}}"#,
            r#"{"kind":"multi","user":"u"}"#,
        ] {
            assert_eq!(keys(context), None, "{context}");
        }
    }
}
