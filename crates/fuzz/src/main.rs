//! The program that libFuzzer drives: `STEADFAST_FUZZ` names the property, the rest of the command line is libFuzzer's.
#![no_main]
#![allow(
    clippy::disallowed_methods,
    reason = "libFuzzer owns the command line, so the property is named by the environment"
)]

use std::sync::LazyLock;

use fuzz::Property;

static PROPERTY: LazyLock<Property> = LazyLock::new(|| {
    let name = std::env::var("STEADFAST_FUZZ").unwrap_or_default();
    fuzz::property(&name).expect("STEADFAST_FUZZ names a property")
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| PROPERTY(bytes));
