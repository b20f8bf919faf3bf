//! What each family of SDKs makes of a flag for one context: not every flag is for everybody. Pure.

use evaluation::unleash::Inexact;
use serde::Serialize;
use utoipa::ToSchema;

use crate::model::{Bucketing, Flag};

/// SDKs that are served alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Reader {
    /// LaunchDarkly's SDKs on servers.
    LaunchDarklyServer,
    /// LaunchDarkly's SDKs in browsers.
    LaunchDarklyBrowser,
    /// LaunchDarkly's SDKs in apps.
    LaunchDarklyMobile,
    /// OpenFeature's providers for OFREP.
    OpenFeature,
    /// Unleash's SDKs on servers.
    UnleashServer,
    /// Unleash's SDKs that are told what came out.
    UnleashFrontend,
}

/// What one family makes of a flag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reading {
    /// Which.
    pub reader: Reader,
    /// Whether its SDKs are given the value; else code gets its own default.
    pub given: bool,
    /// How they come to it, or why not, in words.
    pub sentence: String,
}

/// What each family makes of a flag that has a value for the context, or has none. In `secure_mode` pages must prove for whom
/// they ask. `inexact` is why Unleash's servers are not told of it, if they are not.
pub fn readings(flag: &Flag, secure_mode: bool, has_value: bool, inexact: Option<Inexact>) -> Vec<Reading> {
    let mut readings = of_launchdarkly(flag, secure_mode);
    readings.push(of_open_feature(flag, has_value));
    readings.extend(of_unleash(flag, secure_mode, inexact));
    readings
}

fn reading(reader: Reader, given: bool, sentence: impl Into<String>) -> Reading {
    Reading { reader, given, sentence: sentence.into() }
}

fn of_launchdarkly(flag: &Flag, secure_mode: bool) -> Vec<Reading> {
    let seen = flag.client_side_availability;
    let browser = match (seen.using_environment_id, secure_mode) {
        (true, false) => "Pages are given this value for their context",
        (true, true) => "A page is given this value if it proves its context: the environment is in secure mode",
        (false, _) => "Pages may not see this flag, so code gets its own default; the flag's details say who may",
    };
    let mobile = if seen.using_mobile_key {
        "Apps are given this value for their context"
    } else {
        "Apps may not see this flag, so code gets its own default; the flag's details say who may"
    };
    let server = match flag.bucketing {
        Bucketing::LaunchDarkly => (true, "It has all rules, and evaluates them itself"),
        Bucketing::Unleash => (
            false,
            "It is not told of a flag by Unleash's rules, which it would read otherwise: code gets its own default",
        ),
    };
    vec![
        reading(Reader::LaunchDarklyServer, server.0, server.1),
        reading(Reader::LaunchDarklyBrowser, seen.using_environment_id, browser),
        reading(Reader::LaunchDarklyMobile, seen.using_mobile_key, mobile),
    ]
}

/// The same, of a flag that asks for members of a big segment: what SDKs hold does not tell them.
pub fn with_members(mut readings: Vec<Reading>) -> Vec<Reading> {
    for one in readings.iter_mut().filter(|one| one.reader == Reader::LaunchDarklyServer && one.given) {
        one.sentence.push_str(", but looks members of big segments up in Redis: without it, their rules alone count");
    }
    readings
}

fn of_open_feature(flag: &Flag, has_value: bool) -> Reading {
    let seen = flag.client_side_availability;
    let sentence = match (seen.using_environment_id || seen.using_mobile_key, has_value) {
        (_, false) => "It is told that there is no value (DISABLED), and code gets its own default",
        (true, true) => {
            "It asks this server at each evaluation; by a client-side id or a mobile key as pages and apps may"
        }
        (false, true) => "It asks this server at each evaluation, with an SDK key; by other keys there is no such flag",
    };
    reading(Reader::OpenFeature, has_value, sentence)
}

fn of_unleash(flag: &Flag, secure_mode: bool, inexact: Option<Inexact>) -> [Reading; 2] {
    let seen = flag.client_side_availability;
    let server = match (flag.bucketing, inexact) {
        (_, Some(why)) => reading(
            Reader::UnleashServer,
            false,
            format!("It is not told of this flag: {why}; code gets its own default"),
        ),
        (Bucketing::Unleash, None) => {
            reading(Reader::UnleashServer, true, "It has all strategies, and evaluates them itself")
        }
        (Bucketing::LaunchDarkly, None) => {
            reading(Reader::UnleashServer, true, "It has the same as strategies, and evaluates them itself")
        }
    };
    let by_id = seen.using_environment_id && !secure_mode;
    let told = match (by_id, seen.using_mobile_key) {
        (true, true) => "It is told what comes out for its context",
        (true, false) => "It is told what comes out for its context, by a client-side id",
        (false, true) => "It is told what comes out for its context, by a mobile key",
        (false, false) => "It may not see this flag, so code gets its own default; the flag's details say who may",
    };
    [server, reading(Reader::UnleashFrontend, by_id || seen.using_mobile_key, told)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ClientSideAvailability;

    #[test]
    fn a_flag_is_for_those_for_whom_it_was_opened() {
        let given = |using_environment_id, using_mobile_key, has_value| {
            let client_side_availability = ClientSideAvailability { using_mobile_key, using_environment_id };
            let flag = Flag { client_side_availability, ..Flag::boolean("A") };
            readings(&flag, false, has_value, None).into_iter().map(|one| one.given).collect::<Vec<_>>()
        };
        assert_eq!(given(false, false, true), [true, false, false, true, true, false]);
        assert_eq!(given(true, false, true), [true, true, false, true, true, true]);
        assert_eq!(given(false, true, false), [true, false, true, false, true, true]);
    }

    #[test]
    fn servers_need_redis_for_members_of_big_segments() {
        let plain = readings(&Flag::boolean("A"), false, true, None);
        let told = with_members(plain.clone());
        assert!(told[0].sentence.contains("Redis"), "{told:?}");
        assert_eq!(told[1..], plain[1..]);
    }

    #[test]
    fn servers_are_not_told_of_what_they_would_read_otherwise() {
        let flag = Flag { bucketing: Bucketing::Unleash, ..Flag::boolean("A") };
        assert!(!readings(&flag, false, true, None)[0].given);
        let inexact = readings(&Flag::boolean("A"), false, true, Some(Inexact::Rollout));
        assert!(!inexact[4].given && inexact[4].sentence.contains("percentage rollout"), "{inexact:?}");
    }

    #[test]
    fn secure_mode_is_said_where_it_matters() {
        let client_side_availability = ClientSideAvailability { using_mobile_key: true, using_environment_id: true };
        let flag = Flag { client_side_availability, ..Flag::boolean("A") };
        let told = readings(&flag, true, true, None);
        let proofs = told.iter().filter(|one| one.sentence.contains("proves")).map(|one| one.reader);
        assert_eq!(proofs.collect::<Vec<_>>(), [Reader::LaunchDarklyBrowser]);
        assert!(told[5].sentence.ends_with("by a mobile key"), "Unleash's cannot prove it: {told:?}");
    }
}
