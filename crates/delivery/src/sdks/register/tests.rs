//! The register, on a clock that is moved by hand.

use std::sync::Arc;

use kernel::{EnvironmentKey, ProjectKey};
use testkit::ManualClock;

use super::*;
use crate::sdks::{Family, Instances};

const START: Timestamp = Timestamp::from_secs(1_800_000_000);
const SDK: KeyKind = KeyKind::Sdk;

fn place(environment: &str) -> Place {
    let environment = EnvironmentKey::new(environment).unwrap();
    Place { project: ProjectKey::new("shop").unwrap(), environment }
}

fn register() -> (Register, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::at(START));
    (Register::new(clock.clone()), clock)
}

fn node(instance: &str) -> Sighting<'_> {
    Sighting::named(Family::LaunchDarkly, "NodeJSClient", "9.13.7").instance(instance)
}

#[test]
fn an_sdk_is_reported_with_what_it_did_and_how_many_instances_there_are() {
    let (register, clock) = register();
    let here = place("production");
    let stream = register.see(&here, SDK, &node("a"), Transport::Stream).open();
    clock.advance(Duration::from_secs(5));
    register.see(&here, SDK, &node("b"), Transport::Events);
    register.see(&here, SDK, &node("b"), Transport::Events);
    clock.advance(Duration::from_secs(5));
    let [report] = &register.report()[..] else { panic!() };
    assert_eq!((&report.place, &*report.sdk.name, &*report.sdk.version), (&here, "NodeJSClient", "9.13.7"));
    assert_eq!(report.transports.list(), [Transport::Stream, Transport::Events]);
    assert_eq!((report.streams, report.instances.count()), (1, 2));
    assert_eq!((report.first_seen, report.last_seen), (START, START.plus(Duration::from_secs(10))));
    drop(stream);
    let [report] = &register.report()[..] else { panic!() };
    assert_eq!((report.streams, report.instances.count()), (0, 2));
}

#[test]
fn environments_keys_versions_and_applications_are_told_apart() {
    let (register, _) = register();
    let here = place("production");
    let base = node("a");
    register.see(&here, SDK, &base, Transport::Poll);
    register.see(&place("test"), SDK, &base, Transport::Poll);
    register.see(&here, KeyKind::Mobile, &base, Transport::Poll);
    register.see(&here, SDK, &base.of_application("checkout", "2"), Transport::Poll);
    register.see(&here, SDK, &base.wrapped("react-client-sdk/3"), Transport::Poll);
    register.see(&here, SDK, &Sighting { version: "9.13.8", ..base }, Transport::Poll);
    register.see(&here, SDK, &base, Transport::Poll);
    assert_eq!(register.report().len(), 6);
}

#[test]
fn what_is_above_the_bound_is_counted_as_others_and_takes_no_room_of_other_keys() {
    let (register, clock) = register();
    let here = place("production");
    let names: Vec<String> = (0..MOST_SDKS + 50).map(|n| format!("invented-{n}")).collect();
    for name in &names {
        let pages = KeyKind::ClientSide;
        register.see(&here, pages, &Sighting::named(Family::LaunchDarkly, name, ""), Transport::Poll);
    }
    register.see(&here, SDK, &node("a"), Transport::Poll);
    let reports = register.report();
    assert_eq!(reports.len(), MOST_SDKS + 2);
    assert_eq!(reports.iter().filter(|report| report.sdk.family == Family::Others).count(), 1);
    assert!(reports.iter().any(|report| &*report.sdk.name == "NodeJSClient"));
    clock.advance(SILENCE);
    assert_eq!(register.report(), [], "after an hour of silence there is room again");
}

#[test]
fn no_more_instances_are_kept_than_there_is_room_for() {
    let (register, clock) = register();
    let here = place("production");
    for n in 0..MOST_INSTANCES + 10 {
        register.see(&here, SDK, &node(&format!("instance-{n}")), Transport::Poll);
    }
    assert_eq!(register.report()[0].instances, Instances::Counted(10_000));
    clock.advance(Duration::from_mins(20));
    assert_eq!(register.report()[0].instances.count(), 0);
    register.see(&here, SDK, &node("new"), Transport::Poll);
    assert_eq!(register.report()[0].instances.count(), 1);
}

#[test]
fn it_wakes_for_what_people_would_notice_and_not_for_each_request() {
    let (register, _) = register();
    let here = place("production");
    let mut moved = register.moved();
    let mut woken = || moved.has_changed().unwrap().then(|| moved.mark_unchanged()).is_some();
    let see = |transport| register.see(&here, SDK, &node("a"), transport);
    see(Transport::Poll);
    assert!(woken(), "a new one");
    see(Transport::Poll);
    assert!(!woken(), "the same again");
    see(Transport::Events);
    assert!(woken(), "it has never sent events before");
    let stream = see(Transport::Stream).open();
    assert!(woken());
    drop(stream);
    assert!(woken());
}

#[test]
fn a_stream_that_is_held_is_open_until_its_frames_are_dropped() {
    let (register, _) = register();
    let seen = register.see(&place("production"), SDK, &node("a"), Transport::Stream);
    let frames = hold(Some(seen), futures_util::stream::pending::<()>());
    assert_eq!(register.report()[0].streams, 1);
    drop(frames);
    assert_eq!(register.report()[0].streams, 0);
}
