//! Attribute references: which value of a context a clause or a rollout looks at.

use crate::text::Text;
use crate::value::View;

/// A parsed attribute reference (`launchdarkly.md` §2.4), resolved once so that evaluation only follows it.
///
/// A text without a leading slash names a top-level attribute literally. A leading slash makes it a path whose
/// components are separated by `/`, with `~1` for `/` and `~0` for `~`. Paths descend through objects only.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference(pub(crate) Path);

/// Where a reference leads: the built-in attributes are told apart once, here.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Path {
    Kind,
    Key,
    Name,
    Anonymous,
    Custom(Text),
    /// The top-level name, then the object members below it.
    Nested(Box<Reference>, Box<[Box<str>]>),
}

/// Why a text is not an attribute reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidReference {
    /// `""` or `"/"`.
    #[error("an attribute reference names an attribute")]
    Empty,
    /// `"/a//b"`, `"/a/"`.
    #[error("an attribute reference has no empty component between, before or after its slashes")]
    EmptyComponent,
    /// `"/a~2"`, `"/a~"`.
    #[error("in an attribute reference '~' is followed by 0 (for '~') or 1 (for '/')")]
    BadEscape,
}

impl Reference {
    /// The attribute named `key`, by which rollouts bucket unless told otherwise.
    pub const KEY: Self = Self(Path::Key);

    /// Reads the reference syntax.
    pub fn parse(text: &str) -> Result<Self, InvalidReference> {
        let Some(path) = text.strip_prefix('/') else {
            return Self::literal(text);
        };
        if path.is_empty() {
            return Err(InvalidReference::Empty);
        }
        let mut components = path.split('/').map(unescape);
        let head = Self::literal(&components.next().ok_or(InvalidReference::Empty)??)?;
        let below = components.collect::<Result<Vec<_>, _>>()?;
        if below.is_empty() {
            return Ok(head);
        }
        Ok(Self(Path::Nested(Box::new(head), below.into_iter().map(String::into_boxed_str).collect())))
    }

    /// A plain attribute name, slashes and tildes included: what data without a context kind means.
    pub fn literal(name: &str) -> Result<Self, InvalidReference> {
        Ok(Self(match name {
            "" => return Err(InvalidReference::Empty),
            "kind" => Path::Kind,
            "key" => Path::Key,
            "name" => Path::Name,
            "anonymous" => Path::Anonymous,
            custom => Path::Custom(custom.into()),
        }))
    }

    pub(crate) fn is_key(&self) -> bool {
        matches!(self.0, Path::Key)
    }

    /// Reads `text` as a reference where a context kind stands beside it, and as a literal name in older data without
    /// one (`launchdarkly.md` §2.4).
    pub fn beside(kind: Option<&str>, text: &str) -> Result<Self, InvalidReference> {
        if kind.is_some_and(|kind| !kind.is_empty()) { Self::parse(text) } else { Self::literal(text) }
    }
}

/// Follows the members below a top-level value; a miss, or anything but an object on the way, is no value.
pub(crate) fn descend<'a>(top: View<'a>, below: &[Box<str>]) -> View<'a> {
    below.iter().fold(top, |view, name| match view {
        View::Object(members) => members.get(&**name).map_or(View::Absent, View::from),
        _ => View::Absent,
    })
}

fn unescape(component: &str) -> Result<String, InvalidReference> {
    if component.is_empty() {
        return Err(InvalidReference::EmptyComponent);
    }
    let mut parts = component.split('~');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (code, rest) = part.split_at_checked(1).ok_or(InvalidReference::BadEscape)?;
        text.push(match code {
            "0" => '~',
            "1" => '/',
            _ => return Err(InvalidReference::BadEscape),
        });
        text.push_str(rest);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(head: &str, below: &[&str]) -> Reference {
        let head = Reference::literal(head).unwrap();
        Reference(Path::Nested(Box::new(head), below.iter().map(|name| (*name).into()).collect()))
    }

    #[test]
    fn reads_names_and_paths() {
        let custom = |name: &str| Ok(Reference(Path::Custom(name.into())));
        let table: [(&str, Result<Reference, InvalidReference>); 18] = [
            ("key", Ok(Reference::KEY)),
            ("/key", Ok(Reference::KEY)),
            ("kind", Ok(Reference(Path::Kind))),
            ("name", Ok(Reference(Path::Name))),
            ("anonymous", Ok(Reference(Path::Anonymous))),
            ("plan", custom("plan")),
            ("/plan", custom("plan")),
            ("a/b~c", custom("a/b~c")),
            ("/a~1b", custom("a/b")),
            ("/a~0b", custom("a~b")),
            ("/~01", custom("~1")),
            ("/address/city", Ok(nested("address", &["city"]))),
            ("/address/a~1b/0", Ok(nested("address", &["a/b", "0"]))),
            ("", Err(InvalidReference::Empty)),
            ("/", Err(InvalidReference::Empty)),
            ("//", Err(InvalidReference::EmptyComponent)),
            ("/a~2", Err(InvalidReference::BadEscape)),
            ("/a~", Err(InvalidReference::BadEscape)),
        ];
        for (text, expected) in table {
            assert_eq!(Reference::parse(text), expected, "{text}");
        }
        for text in ["/a//b", "/a/", "///", "//a"] {
            assert_eq!(Reference::parse(text), Err(InvalidReference::EmptyComponent), "{text}");
        }
        assert_eq!(Reference::parse("/é~é"), Err(InvalidReference::BadEscape));
    }

    #[test]
    fn is_a_literal_name_where_no_context_kind_stands_beside_it() {
        assert_eq!(Reference::beside(None, "/a/b"), Ok(Reference(Path::Custom("/a/b".into()))));
        assert_eq!(Reference::beside(Some(""), "/a~"), Ok(Reference(Path::Custom("/a~".into()))));
        assert_eq!(Reference::beside(Some("user"), "/a/b"), Ok(nested("a", &["b"])));
    }
}
