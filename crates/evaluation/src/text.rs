//! Texts that are compared often: names of attributes, operands, keys.

use std::cmp::Ordering;
use std::collections::HashSet;

use foldhash::fast::FixedState;

/// A text with its first eight bytes at hand, so that most comparisons are of one number.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Text {
    head: u64,
    text: Box<str>,
}

/// A borrowed text with its head, computed once to be compared with many.
#[derive(Clone, Copy)]
pub(crate) struct Sought<'a> {
    head: u64,
    text: &'a str,
}

const HEAD: usize = 8;

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self { head: head(text.as_bytes()), text: text.into() }
    }
}

impl<'a> Sought<'a> {
    #[inline]
    pub(crate) fn new(text: &'a str) -> Self {
        Self { head: head(text.as_bytes()), text }
    }
}

impl Text {
    #[inline]
    pub(crate) fn sought(&self) -> Sought<'_> {
        Sought { head: self.head, text: &self.text }
    }

    #[inline]
    pub(crate) fn is(&self, other: Sought<'_>) -> bool {
        self.head == other.head && self.text.len() == other.text.len() && self.tail() == other.tail()
    }

    /// A total order that is quick to tell, not the alphabet's.
    #[inline]
    pub(crate) fn order(&self, other: Sought<'_>) -> Ordering {
        let by_head = self.head.cmp(&other.head);
        by_head.then_with(|| self.text.len().cmp(&other.text.len()).then_with(|| self.tail().cmp(other.tail())))
    }

    fn tail(&self) -> &[u8] {
        self.sought().tail()
    }
}

impl<'a> Sought<'a> {
    /// What the head does not hold.
    #[inline]
    fn tail(self) -> &'a [u8] {
        self.text.as_bytes().get(HEAD..).unwrap_or_default()
    }
}

/// The first eight bytes as a number, with zeros for those that are missing. Two overlapping reads instead of a loop.
#[inline]
fn head(bytes: &[u8]) -> u64 {
    if let Some(head) = bytes.first_chunk::<8>() {
        return u64::from_le_bytes(*head);
    }
    let shift = |width: usize| (bytes.len() - width) * 8;
    match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        (Some(first), Some(last)) => {
            u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << shift(4)
        }
        _ => bytes.iter().rev().fold(0, |head, byte| head << 8 | u64::from(*byte)),
    }
}

/// Up to so many texts a scan is faster than a hash.
const SCANNED: usize = 8;

/// A set of texts for membership only. Its content comes from administrators, so a fixed hash seed is no weakness.
#[derive(Debug)]
pub(crate) enum TextSet {
    Few(Box<[Text]>),
    Many(HashSet<Box<str>, FixedState>),
}

impl TextSet {
    #[inline]
    pub(crate) fn contains(&self, text: &str) -> bool {
        match self {
            Self::Few(texts) => {
                let sought = Sought::new(text);
                texts.iter().any(|text| text.is(sought))
            }
            Self::Many(texts) => texts.contains(text),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Few(texts) if texts.is_empty())
    }
}

impl<'a> FromIterator<&'a str> for TextSet {
    fn from_iter<I: IntoIterator<Item = &'a str>>(texts: I) -> Self {
        let texts: Vec<&str> = texts.into_iter().collect();
        if texts.len() <= SCANNED {
            Self::Few(texts.into_iter().map(Text::from).collect())
        } else {
            Self::Many(texts.into_iter().map(Box::from).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_equal_only_to_themselves() {
        let mut texts: Vec<String> = (0..=20).map(|length| "abcdefghijklmnopqrst"[..length].to_owned()).collect();
        texts.extend(
            ["b", "abd", "abcdefgx", "abcdefghx", "\0", "\0\0", "ab\0", "é", "日本語", "abcdefgé"].map(str::to_owned),
        );
        for a in &texts {
            for b in &texts {
                let (text, sought) = (Text::from(a.as_str()), Sought::new(b));
                assert_eq!(text.is(sought), a == b, "{a:?}, {b:?}");
                assert_eq!(text.order(sought) == Ordering::Equal, a == b, "{a:?}, {b:?}");
                assert_eq!(text.order(sought), Text::from(b.as_str()).order(Sought::new(a)).reverse(), "{a:?}, {b:?}");
            }
        }
        for length in [texts.len(), 8, 1, 0] {
            let set: TextSet = texts[..length].iter().map(String::as_str).collect();
            assert!(texts[..length].iter().all(|text| set.contains(text)));
            assert!(!texts[length..].iter().any(|text| set.contains(text)));
        }
    }
}
