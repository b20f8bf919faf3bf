//! Where things lie in this repository.

use std::path::{Path, PathBuf};

/// The folder of the workspace's Cargo.toml.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the root of the workspace")
}

pub(crate) fn at(path: &str) -> PathBuf {
    root().join(path)
}

/// Cargo's output folder; what the tasks themselves make lies in it too.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| at("target"), |path| root().join(path))
}

/// The product, as `cargo build` leaves it.
pub(crate) fn steadfast() -> PathBuf {
    target().join("debug/steadfast")
}

pub(crate) fn logs() -> PathBuf {
    target().join("xtask/logs")
}
