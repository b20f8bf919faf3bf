//! Query parameters, refused with the name of the parameter.

use axum::extract::FromRequestParts;
use http::Uri;
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::Problem;

/// The query's parameters; `T` derives `Deserialize` and `utoipa::IntoParams`, and decides on unknown ones.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        parse(&parts.uri).map(Self)
    }
}

/// Reads the query of `uri`.
pub(crate) fn parse<T: DeserializeOwned>(uri: &Uri) -> Result<T, Problem> {
    read(uri.query().unwrap_or_default()).map_err(|Refusal { detail, parameter }| {
        let problem = Problem::bad_request("invalid-query", detail);
        match parameter {
            Some(parameter) => problem.field(parameter),
            None => problem,
        }
    })
}

/// Why named values were refused, and which of them, unless one is missing.
pub(crate) struct Refusal {
    pub(crate) detail: String,
    pub(crate) parameter: Option<String>,
}

/// Reads `application/x-www-form-urlencoded` text into a struct.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Refusal> {
    let pairs = form_urlencoded::parse(text.as_bytes());
    serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(pairs)).map_err(|error| {
        let path = error.path().to_string();
        Refusal { detail: error.inner().to_string(), parameter: (path != ".").then_some(path) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Filter {
        min_age: Option<u32>,
        tag: String,
    }

    #[test]
    fn a_wrong_parameter_is_named() {
        let good: Filter = parse(&Uri::from_static("/x?tag=a%20b&minAge=3")).unwrap();
        assert_eq!((good.tag.as_str(), good.min_age), ("a b", Some(3)));
        let cases = [
            ("/x?tag=a&minAge=old", r#""field":"minAge""#),
            ("/x?tag=a&colour=red", r#""field":"colour""#),
            ("/x", "missing field `tag`"),
        ];
        for (uri, said) in cases {
            let problem = parse::<Filter>(&Uri::from_static(uri)).unwrap_err();
            let json = serde_json::to_string(&problem).unwrap();
            assert!(json.contains(said), "{json}");
        }
    }
}
