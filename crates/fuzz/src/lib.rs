//! What must hold for any bytes that SDKs, importers and people send: one property for each place where they come in.
//!
//! - [`requests`]: every route of every protocol, by the tables of access themselves.
//! - [`contexts`], [`events`], [`ofrep`]: what a family's bodies mean, whichever door they come by.
//! - [`payloads`], [`instructions`]: what is kept can be read by the strictest SDK there is, and evaluates as it did.
//! - [`unleash`]: Unleash's features, compiled and evaluated.
//! - [`front`]: the protocols over one environment, in memory. [`imported`]: what an import leaves. [`strict`]: the strictest SDK's reading.
//!
//! A property panics when it does not hold. The test `corpus` runs each over the inputs that are kept for it; the program
//! (feature `libfuzzer`) lets libFuzzer look for more: `cargo xtask fuzz`.

pub mod contexts;
pub mod events;
pub mod front;
pub mod imported;
pub mod instructions;
pub mod ofrep;
pub mod payloads;
pub mod requests;
pub mod strict;
pub mod unleash;

/// A property: panics when it does not hold for these bytes.
pub type Property = fn(&[u8]);

/// Every property by its name, which is also the folder of its corpus.
pub const PROPERTIES: [(&str, Property); 7] = [
    ("requests", requests::check),
    ("contexts", contexts::check),
    ("events", events::check),
    ("payloads", payloads::check),
    ("instructions", instructions::check),
    ("unleash", unleash::check),
    ("ofrep", ofrep::check),
];

/// The property of this name.
pub fn property(name: &str) -> Option<Property> {
    PROPERTIES.iter().find(|(known, _)| *known == name).map(|(_, check)| *check)
}
