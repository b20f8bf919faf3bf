//! What stands in the query of a URL: which features a backend SDK wants, and for whom a frontend SDK asks.

use evaluation::unleash::Context;
use serde_json::{Map, Value};

/// Which features are wanted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Of these projects; of any when empty.
    pub(crate) projects: Vec<String>,
    /// Whose names begin so.
    pub(crate) name_prefix: String,
}

impl Wanted {
    pub(crate) fn read(query: Option<&str>) -> Self {
        let mut wanted = Self::default();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match &*name {
                "project" if value != "*" => wanted.projects.push(value.into_owned()),
                "namePrefix" => wanted.name_prefix = value.into_owned(),
                // Tags are words for people here, and no part of what SDKs receive.
                _ => {}
            }
        }
        wanted
    }

    /// Whether a feature of `project` is among them.
    pub(crate) fn takes(&self, project: &str, name: &str) -> bool {
        (self.projects.is_empty() || self.projects.iter().any(|one| one == project))
            && name.starts_with(&self.name_prefix)
    }

    /// Tells queries apart in entity tags.
    pub(crate) fn word(&self) -> String {
        if *self == Self::default() { "all".to_owned() } else { crate::translate::hash(format!("{self:?}").as_bytes()) }
    }
}

/// For whom `GET /api/frontend` asks: fields by name, and `properties[name]`.
pub(crate) fn context(query: Option<&str>) -> Context {
    let mut members = Map::new();
    let mut properties = Map::new();
    for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        let value = Value::String(value.into_owned());
        match name.strip_prefix("properties[").and_then(|rest| rest.strip_suffix(']')) {
            Some(property) => properties.insert(property.to_owned(), value),
            None => members.insert(name.into_owned(), value),
        };
    }
    members.insert("properties".to_owned(), Value::Object(properties));
    Context::from_members(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_is_read_from_a_query() {
        let read = context(Some("userId=7&sessionId=&properties%5Bplan%5D=gold%20card&appName=web&sdk=1"));
        assert_eq!(read.user_id.as_deref(), Some("7"));
        assert_eq!(read.session_id, None);
        assert_eq!(read.app_name.as_deref(), Some("web"));
        assert_eq!(read.properties.get("plan").map(String::as_str), Some("gold card"));
    }

    #[test]
    fn features_are_wanted_by_project_and_beginning() {
        let wanted = Wanted::read(Some("project=a&project=b&namePrefix=new.&tag=simple%3Ax"));
        assert!(wanted.takes("a", "new.ui") && wanted.takes("b", "new.ui"));
        assert!(!wanted.takes("c", "new.ui") && !wanted.takes("a", "old.ui"));
        assert!(Wanted::read(Some("project=*")).takes("c", ""));
        assert_ne!(wanted.word(), Wanted::default().word());
    }
}
