//! Programs of ours that drive unmodified SDKs of others against the real binary.
//!
//! Each starts the server itself from `STEADFAST_BINARY`, prints `ok <name>` or `not ok <name>: why` for each thing it
//! looks at, and exits with 0 only if all were ok.

use anyhow::Result;

use crate::metadata;
use crate::places;
use crate::process::{Output, Program};
use crate::progress::Line;
use crate::provision;

/// LaunchDarkly's Node server SDK.
pub(crate) fn node(line: &Line) -> Result<Output> {
    run(line, Program::new("node").arg("conformance/node/run.mjs"))
}

/// LaunchDarkly's Python server SDK.
pub(crate) fn python(line: &Line) -> Result<Output> {
    run(line, Program::new(provision::python()).arg("conformance/python/run.py"))
}

/// LaunchDarkly's Rust server SDK.
pub(crate) fn rust(line: &Line) -> Result<Output> {
    run(line, Program::new(metadata::workspace()?.program("conformance-rust")?))
}

/// OpenFeature's OFREP provider for Node.
pub(crate) fn ofrep(line: &Line) -> Result<Output> {
    run(line, Program::new("node").arg("conformance/ofrep/run.mjs"))
}

fn run(line: &Line, program: Program) -> Result<Output> {
    program.env("STEADFAST_BINARY", places::steadfast()).env("PYTHONUNBUFFERED", "1").watch(line)
}
