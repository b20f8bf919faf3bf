//! Lists by page: `?limit=50&after=…`.

use axum::extract::FromRequestParts;
use http::request::Parts;
use kernel::PageRequest;
use serde::{Deserialize, Serialize};
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::{IntoParams, ToSchema};

use crate::Problem;

/// Which page of a list; declare it with `params(rest::Paging)`.
#[derive(Clone, Debug)]
pub struct Paging(pub PageRequest);

const DEFAULT_LIMIT: usize = 50;
const MAX_LIMIT: usize = 1_000;

/// The parameters on the wire; a list's own filters may stand beside them, so others are ignored here.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
struct Wire {
    /// At most so many items.
    #[param(minimum = 1, maximum = 1_000, default = 50)]
    limit: Option<usize>,
    /// The `next` of the page before.
    after: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for Paging {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let Wire { limit, after } = crate::query::parse(&parts.uri)?;
        let limit = limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            let detail = format!("a page has 1 to {MAX_LIMIT} items, not {limit}");
            return Err(Problem::bad_request("invalid-query", detail).field("limit"));
        }
        Ok(Self(PageRequest { after, limit }))
    }
}

impl IntoParams for Paging {
    fn into_params(_parameter_in: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        Wire::into_params(|| Some(ParameterIn::Query))
    }
}

/// One page of a list, as it is answered: `kernel::Page` with a schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// What to give as `after` to get the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl<T, U: From<T>> From<kernel::Page<T>> for Page<U> {
    fn from(page: kernel::Page<T>) -> Self {
        Self { items: page.items.into_iter().map(U::from).collect(), next: page.next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(uri: &str) -> Result<PageRequest, Problem> {
        let (mut parts, ()) = http::Request::get(uri).body(()).unwrap().into_parts();
        Paging::from_request_parts(&mut parts, &()).await.map(|paging| paging.0)
    }

    #[tokio::test]
    async fn a_page_has_fifty_items_unless_told_and_never_more_than_a_thousand() {
        assert_eq!(read("/x?tag=a").await.unwrap(), PageRequest { after: None, limit: 50 });
        let second = PageRequest { after: Some("k/1".to_owned()), limit: 1_000 };
        assert_eq!(read("/x?limit=1000&after=k%2F1").await.unwrap(), second);
        for wrong in ["/x?limit=0", "/x?limit=1001", "/x?limit=many"] {
            let json = serde_json::to_string(&read(wrong).await.unwrap_err()).unwrap();
            assert!(json.contains(r#""field":"limit""#), "{json}");
        }
    }
}
