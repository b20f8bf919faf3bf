//! Which SDK sent a request, by its headers, its path and its diagnostics (`launchdarkly.md` §1.1, 1.7). Pure.

use std::borrow::Cow;

use delivery::sdks::{Family, Sighting, Transport};
use http::HeaderMap;
use serde::Deserialize;

/// What the headers say. A page may not set `User-Agent`, so its SDK says it elsewhere; and where it may set no header at all,
/// for its streams, nothing is known of it but that it is a browser.
pub(crate) fn of(headers: &HeaderMap) -> Sighting<'_> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let agent = match text("x-launchdarkly-user-agent") {
        "" => text("user-agent"),
        own => own,
    };
    let tags = text("x-launchdarkly-tags");
    Sighting::by_user_agent(Family::LaunchDarkly, agent)
        .wrapped(text("x-launchdarkly-wrapper"))
        .of_application(tag(tags, "application-id"), tag(tags, "application-version"))
        .instance(text("x-launchdarkly-instance-id"))
}

/// `application-id/checkout application-version/2.1.0`.
fn tag<'t>(tags: &'t str, name: &str) -> &'t str {
    let mut values = tags.split(' ').filter_map(|tag| tag.split_once('/'));
    values.find(|(of, _)| *of == name).map(|(_, value)| value).unwrap_or_default()
}

/// What is asked for at this path; each path of [`crate::routes()`] is for one thing.
pub(crate) fn transport(path: &str) -> Transport {
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| path.starts_with(prefix));
    if matches!(path, "/all" | "/big-segments") || starts(&["/sdk/stream", "/eval/", "/meval", "/ping/", "/mping"]) {
        Transport::Stream
    } else if starts(&["/bulk", "/diagnostic", "/mobile", "/events/", "/a/"]) {
        Transport::Events
    } else {
        Transport::Poll
    }
}

/// What a diagnostic says beyond the headers of its request; the rest of it is passed over.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Diagnostic<'a> {
    #[serde(borrow, default)]
    id: Option<Id<'a>>,
    #[serde(borrow, default)]
    platform: Option<Platform<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Id<'a> {
    #[serde(borrow, default)]
    diagnostic_id: Cow<'a, str>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Platform<'a> {
    #[serde(borrow, default)]
    name: Cow<'a, str>,
    #[serde(borrow, default)]
    os_name: Cow<'a, str>,
    #[serde(borrow, default)]
    os_version: Cow<'a, str>,
    #[serde(borrow, default)]
    os_arch: Cow<'a, str>,
}

impl<'a> Diagnostic<'a> {
    /// Reads it; one that cannot be read says nothing.
    pub(crate) fn of(body: &'a str) -> Self {
        serde_json::from_str(body).unwrap_or_default()
    }

    /// What it runs on, such as `Node, Linux 6.12 x64`; empty when it does not say.
    pub(crate) fn platform(&self) -> String {
        let Some(Platform { name, os_name, os_version, os_arch }) = &self.platform else { return String::new() };
        let system = [os_name, os_version, os_arch].into_iter().filter(|word| !word.is_empty());
        let system = system.map(AsRef::as_ref).collect::<Vec<_>>().join(" ");
        [name.as_ref(), &system].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    }

    /// With this, and with the instance for those SDKs that name it nowhere else.
    pub(crate) fn add_to<'s>(&'s self, sighting: Sighting<'s>, platform: &'s str) -> Sighting<'s> {
        let instance = self.id.as_ref().map(|id| id.diagnostic_id.as_ref()).unwrap_or_default();
        sighting.instance(instance).on_platform(platform)
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderName;

    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    #[test]
    fn headers_name_the_sdk_what_is_built_on_it_its_application_and_its_instance() {
        let sent = headers(&[
            ("user-agent", "NodeJSClient/9.13.7"),
            ("x-launchdarkly-wrapper", "openfeature-node/1.2"),
            ("x-launchdarkly-tags", "application-id/checkout application-version/2.1.0"),
            ("x-launchdarkly-instance-id", "0f8c"),
        ]);
        let expected = Sighting {
            name: "NodeJSClient",
            version: "9.13.7",
            wrapper: "openfeature-node/1.2",
            application: "checkout",
            application_version: "2.1.0",
            instance: "0f8c",
            ..Sighting::default()
        };
        assert_eq!(of(&sent), expected);
        assert_eq!(of(&HeaderMap::new()), Sighting::default());
    }

    #[test]
    fn a_browser_is_named_by_the_header_that_it_may_set() {
        let page = headers(&[("user-agent", "Mozilla/5.0"), ("x-launchdarkly-user-agent", "JSClient/4.10.3")]);
        assert_eq!((of(&page).name, of(&page).version), ("JSClient", "4.10.3"));
        assert_eq!(of(&headers(&[("user-agent", "Mozilla/5.0 (X11)")])).name, "browser");
    }

    #[test]
    fn each_path_is_for_one_thing() {
        for (path, expected) in [
            ("/all", Transport::Stream),
            ("/big-segments", Transport::Stream),
            ("/sdk/stream/eval/e30", Transport::Stream),
            ("/eval/1/e30", Transport::Stream),
            ("/meval", Transport::Stream),
            ("/mping", Transport::Stream),
            ("/sdk/latest-all", Transport::Poll),
            ("/sdk/big-segments/revisions", Transport::Poll),
            ("/sdk/evalx/1/contexts/e30", Transport::Poll),
            ("/msdk/evalx/context", Transport::Poll),
            ("/bulk", Transport::Events),
            ("/mobile/events/diagnostic", Transport::Events),
            ("/events/bulk/1", Transport::Events),
            ("/a/1.gif", Transport::Events),
        ] {
            assert_eq!(transport(path), expected, "{path}");
        }
    }

    #[test]
    fn a_diagnostic_says_what_an_sdk_runs_on_and_which_instance_it_is() {
        let body = r#"{"kind":"diagnostic-init","id":{"diagnosticId":"d-1","sdkKeySuffix":"abcdef"},
            "platform":{"name":"Node","osName":"Linux","osVersion":"6.12","osArch":"x64"}}"#;
        let told = Diagnostic::of(body);
        let platform = told.platform();
        let seen = told.add_to(Sighting::default(), &platform);
        assert_eq!((seen.instance, seen.platform), ("d-1", "Node, Linux 6.12 x64"));
        let own = Sighting::default().instance("own");
        assert_eq!(told.add_to(own, "").instance, "own");
        for nothing in ["", "[]", "{}", r#"{"id":7}"#] {
            assert_eq!(Diagnostic::of(nothing).platform(), "", "{nothing}");
        }
    }
}
