//! Noting an SDK that is known, and telling events that nobody watches, allocates nothing: it happens at each request.

#![allow(clippy::unwrap_used)] // helpers of tests

use std::sync::Arc;

use delivery::sdks::{Family, Register, Sighting, Transport};
use delivery::tail::Tail;
use delivery::{KeyKind, Place};
use kernel::{EnvironmentKey, ProjectKey, SystemClock};

fn allocations(work: impl FnOnce()) -> u64 {
    allocation_counter::measure(work).count_total
}

fn place() -> Place {
    Place { project: ProjectKey::new("shop").unwrap(), environment: EnvironmentKey::new("production").unwrap() }
}

#[test]
fn nothing_is_allocated_for_an_sdk_that_is_known() {
    let (register, here) = (Register::new(Arc::new(SystemClock)), place());
    let ask = || {
        let sdk = Sighting::by_user_agent(Family::LaunchDarkly, "NodeJSClient/9.13.7")
            .wrapped("openfeature-node-server/1.2.0")
            .of_application("checkout", "2.1.0")
            .instance("0f8c1f1e-7d0e-4a51-9b5f-6f3b6a1f1a01");
        drop(register.see(&here, KeyKind::Sdk, &sdk, Transport::Poll));
    };
    assert!(allocations(ask) > 0, "the first time");
    assert_eq!(allocations(ask), 0);
}

#[test]
fn nothing_is_allocated_for_events_that_nobody_watches() {
    let (tail, here) = (Tail::new(Arc::new(SystemClock)), place());
    assert_eq!(allocations(|| tail.tell(&here, |_| unreachable!("nobody watches"))), 0);
}
