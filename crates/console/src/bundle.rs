//! The files of the bundle.

use std::borrow::Cow;
use std::fmt::Write as _;

use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
struct Bundle;

/// A file of the bundle.
pub(crate) struct Asset {
    pub(crate) bytes: Cow<'static, [u8]>,
    /// SHA-256 in hexadecimal.
    pub(crate) hash: String,
    /// Its media type.
    pub(crate) mime: String,
}

/// How a file is found by its path, such as `assets/index-1a2b.js`.
pub(crate) type Lookup = fn(&str) -> Option<Asset>;

/// A file of what was built.
pub(crate) fn embedded(path: &str) -> Option<Asset> {
    let EmbeddedFile { data, metadata } = Bundle::get(path)?;
    let mut hash = String::with_capacity(64);
    for byte in metadata.sha256_hash() {
        write!(hash, "{byte:02x}").expect("a String takes everything");
    }
    Some(Asset { bytes: data, hash, mime: metadata.mimetype().to_owned() })
}
