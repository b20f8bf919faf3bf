//! A set of texts: short lists are scanned, long ones hashed.

use std::collections::HashSet;

use foldhash::fast::FixedState;

/// Up to so many texts a scan is faster than a hash.
const SCANNED: usize = 8;

/// A set of texts for membership only. Its content comes from administrators, so a fixed hash seed is no weakness.
#[derive(Debug)]
pub(crate) enum TextSet {
    Few(Box<[Box<str>]>),
    Many(HashSet<Box<str>, FixedState>),
}

impl TextSet {
    #[inline]
    pub(crate) fn contains(&self, text: &str) -> bool {
        match self {
            Self::Few(texts) => texts.iter().any(|other| **other == *text),
            Self::Many(texts) => texts.contains(text),
        }
    }
}

impl<'a> FromIterator<&'a str> for TextSet {
    fn from_iter<I: IntoIterator<Item = &'a str>>(texts: I) -> Self {
        let texts: Vec<Box<str>> = texts.into_iter().map(Box::from).collect();
        if texts.len() <= SCANNED { Self::Few(texts.into()) } else { Self::Many(texts.into_iter().collect()) }
    }
}
