//! The one table of who may do what: a request whose route is not in it is refused.

use std::collections::HashMap;

use http::Method;

use crate::Role;

/// What a route asks of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing: the route is for everybody, or checks a one-time link itself.
    Public,
    /// Anybody who is known.
    Reader,
    /// Somebody who may change things.
    Writer,
    /// Somebody who may decide who is who.
    Admin,
    /// An SDK, mobile or client-side key, which the protocol that owns the route checks.
    SdkKey,
}

/// One line of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The method; a rule for GET also admits HEAD.
    pub method: Method,
    /// The path template as the router knows it, such as `/api/people/{id}`.
    pub path: &'static str,
    /// What the route asks.
    pub need: Need,
}

impl Rule {
    /// A rule for any method.
    pub const fn new(method: Method, path: &'static str, need: Need) -> Self {
        Self { method, path, need }
    }

    /// A rule for GET and HEAD.
    pub const fn get(path: &'static str, need: Need) -> Self {
        Self::new(Method::GET, path, need)
    }

    /// A rule for POST.
    pub const fn post(path: &'static str, need: Need) -> Self {
        Self::new(Method::POST, path, need)
    }

    /// A rule for PUT.
    pub const fn put(path: &'static str, need: Need) -> Self {
        Self::new(Method::PUT, path, need)
    }

    /// A rule for PATCH.
    pub const fn patch(path: &'static str, need: Need) -> Self {
        Self::new(Method::PATCH, path, need)
    }

    /// A rule for DELETE.
    pub const fn delete(path: &'static str, need: Need) -> Self {
        Self::new(Method::DELETE, path, need)
    }
}

/// The whole table, ready for lookups.
#[derive(Clone, Debug, Default)]
pub struct Table(HashMap<(Method, &'static str), Need>);

impl Table {
    /// The table of all `rules`: the server concatenates the capabilities' `RULES`.
    pub fn new<'a>(rules: impl IntoIterator<Item = &'a Rule>) -> Result<Self, DuplicateRule> {
        let mut table = HashMap::new();
        for Rule { method, path, need } in rules {
            if table.insert((method.clone(), *path), *need).is_some() {
                return Err(DuplicateRule { method: method.clone(), path });
            }
        }
        Ok(Self(table))
    }

    /// What the route asks; `None` when the table does not know it.
    pub fn need(&self, method: &Method, path: &str) -> Option<Need> {
        // axum answers HEAD by the handler of GET.
        let method = if method == Method::HEAD { Method::GET } else { method.clone() };
        self.0.get(&(method, path)).copied()
    }

    /// Each line, in no order.
    pub fn rules(&self) -> impl Iterator<Item = Rule> + '_ {
        self.0.iter().map(|((method, path), need)| Rule { method: method.clone(), path, need: *need })
    }
}

/// Two rules for one route: the table would hide one of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{method} {path} has two rules")]
pub struct DuplicateRule {
    /// The method of both.
    pub method: Method,
    /// The path template of both.
    pub path: &'static str,
}

/// Why a caller may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody is known to have asked.
    NotLoggedIn,
    /// Somebody of too low a role asked.
    RoleTooLow {
        /// The role that the route asks.
        needed: Role,
    },
}

/// Whether a caller with `role` (`None`: unknown) meets `need`.
pub fn admit(need: Need, role: Option<Role>) -> Result<(), Refusal> {
    let needed = match need {
        Need::Public | Need::SdkKey => return Ok(()),
        Need::Reader => Role::Reader,
        Need::Writer => Role::Writer,
        Need::Admin => Role::Admin,
    };
    match role {
        None => Err(Refusal::NotLoggedIn),
        Some(role) if role < needed => Err(Refusal::RoleTooLow { needed }),
        Some(_) => Ok(()),
    }
}

/// The headers by which a browser says where a request comes from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Provenance<'a> {
    /// `Sec-Fetch-Site` (W3C Fetch Metadata §2.3); browsers leave it out on plain http beyond localhost.
    pub fetch_site: Option<&'a str>,
    /// `Origin`, sent with every state-changing request (Fetch §3.1).
    pub origin: Option<&'a str>,
    /// `Host`.
    pub host: Option<&'a str>,
}

/// Whether a request with a cookie may be another site's forgery: it changes state and cannot show that it is from us.
pub fn may_be_forged(method: &Method, from: Provenance<'_>) -> bool {
    if method.is_safe() {
        return false;
    }
    if let Some(site) = from.fetch_site {
        return !matches!(site, "same-origin" | "none");
    }
    let authority = from.origin.and_then(|origin| origin.split_once("://")).map(|(_scheme, authority)| authority);
    authority.is_none() || authority != from.host
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_that_no_rule_names_is_unknown_and_two_rules_for_one_are_refused() {
        let rules = [Rule::get("/api/me", Need::Reader), Rule::post("/api/people", Need::Admin)];
        let table = Table::new(&rules).unwrap();
        assert_eq!(table.need(&Method::GET, "/api/me"), Some(Need::Reader));
        assert_eq!(table.need(&Method::HEAD, "/api/me"), Some(Need::Reader));
        assert_eq!(table.need(&Method::POST, "/api/me"), None);
        assert_eq!(table.need(&Method::GET, "/api/me/"), None);
        let twice = [Rule::get("/api/me", Need::Reader), Rule::get("/api/me", Need::Public)];
        assert_eq!(Table::new(&twice).unwrap_err(), DuplicateRule { method: Method::GET, path: "/api/me" });
    }

    #[test]
    fn a_role_admits_to_its_own_needs_and_those_below() {
        let roles = [None, Some(Role::Reader), Some(Role::Writer), Some(Role::Admin)];
        let expected = [
            (Need::Public, [true, true, true, true]),
            (Need::SdkKey, [true, true, true, true]),
            (Need::Reader, [false, true, true, true]),
            (Need::Writer, [false, false, true, true]),
            (Need::Admin, [false, false, false, true]),
        ];
        for (need, admitted) in expected {
            assert_eq!(roles.map(|role| admit(need, role).is_ok()), admitted, "{need:?}");
        }
        assert_eq!(admit(Need::Admin, Some(Role::Writer)), Err(Refusal::RoleTooLow { needed: Role::Admin }));
        assert_eq!(admit(Need::Reader, None), Err(Refusal::NotLoggedIn));
    }

    #[test]
    fn a_state_changing_request_must_show_that_it_is_from_us() {
        let cases = [
            (Method::GET, Some("cross-site"), None, None, false),
            (Method::POST, Some("same-origin"), None, None, false),
            (Method::POST, Some("none"), None, None, false),
            (Method::POST, Some("same-site"), Some("https://a.example"), Some("a.example"), true),
            (Method::POST, Some("cross-site"), None, None, true),
            (Method::DELETE, None, Some("http://a.example:8080"), Some("a.example:8080"), false),
            (Method::DELETE, None, Some("http://b.example"), Some("a.example"), true),
            (Method::DELETE, None, Some("null"), Some("a.example"), true),
            (Method::PATCH, None, None, Some("a.example"), true),
            (Method::PATCH, None, None, None, true),
        ];
        for (method, fetch_site, origin, host, forged) in cases {
            let from = Provenance { fetch_site, origin, host };
            assert_eq!(may_be_forged(&method, from), forged, "{method} {from:?}");
        }
    }
}
