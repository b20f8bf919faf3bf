//! Other people's SDKs, unmodified, against the real binary: `conformance/run.mjs` drives one host a run.
//!
//! It starts the server itself, prints `ok <name>` or `not ok <name>: why` for each thing it looks at, and exits with 0
//! only if all were ok.

use anyhow::Result;

use crate::metadata;
use crate::places;
use crate::process::{Output, Program};
use crate::progress::Line;
use crate::provision;

/// LaunchDarkly's Node server SDK.
pub(crate) fn node(line: &Line) -> Result<Output> {
    run(line, "node")
}

/// LaunchDarkly's Python server SDK.
pub(crate) fn python(line: &Line) -> Result<Output> {
    run(line, "python")
}

/// LaunchDarkly's Rust server SDK.
pub(crate) fn rust(line: &Line) -> Result<Output> {
    run(line, "rust")
}

/// LaunchDarkly's JavaScript SDKs, two generations of them, in Chromium.
pub(crate) fn browser(line: &Line) -> Result<Output> {
    run(line, "js")
}

/// LaunchDarkly's SDK for React, in Chromium.
pub(crate) fn react(line: &Line) -> Result<Output> {
    run(line, "react")
}

/// LaunchDarkly's Node client SDK.
pub(crate) fn node_client(line: &Line) -> Result<Output> {
    run(line, "node-client")
}

/// OpenFeature's OFREP provider for Node.
pub(crate) fn ofrep(line: &Line) -> Result<Output> {
    run(line, "ofrep")
}

/// OpenFeature's OFREP provider for Python.
pub(crate) fn ofrep_python(line: &Line) -> Result<Output> {
    run(line, "ofrep-python")
}

/// OpenFeature's OFREP provider for the web, in Chromium.
pub(crate) fn ofrep_web(line: &Line) -> Result<Output> {
    run(line, "ofrep-web")
}

/// OpenFeature's SDK for React with the OFREP provider for the web, in Chromium.
pub(crate) fn ofrep_react(line: &Line) -> Result<Output> {
    run(line, "ofrep-react")
}

/// Unleash's Python SDK.
pub(crate) fn unleash_python(line: &Line) -> Result<Output> {
    run(line, "unleash-python")
}

/// Unleash's SDKs for Node and browsers, and its client specification through the real wire.
pub(crate) fn unleash(line: &Line) -> Result<Output> {
    Program::new("node")
        .arg("unleash.mjs")
        .env("STEADFAST_BINARY", places::steadfast())
        .dir(places::at("conformance"))
        .watch(line)
}

fn run(line: &Line, host: &str) -> Result<Output> {
    Program::new("node")
        .args(["run.mjs", host])
        .env("STEADFAST_BINARY", places::steadfast())
        .env("STEADFAST_CHROMIUM", provision::CHROMIUM)
        .env("STEADFAST_PYTHON", provision::python())
        .env("STEADFAST_RUST_HOST", metadata::workspace()?.program("conformance-rust")?)
        .dir(places::at("conformance"))
        .watch(line)
}
