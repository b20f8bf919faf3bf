//! Builds the crate anew when the bundle changes, and lets it build before there is one.

use std::{fs, io};

const BUNDLE: &str = "../../web/dist";

fn main() -> io::Result<()> {
    // rust-embed wants the folder; without a bundle the console's page says how to build it.
    fs::create_dir_all(BUNDLE)?;
    println!("cargo:rerun-if-changed={BUNDLE}");
    Ok(())
}
