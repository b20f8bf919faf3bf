//! Semantic versions, parsed without allocating: SemVer 2.0.0, with minor and patch optional.

use std::cmp::Ordering;

/// What matters for precedence; build metadata is checked and dropped (SemVer 2.0.0 §10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Version<T> {
    numbers: [u64; 3],
    /// Empty for a release.
    pre: T,
}

impl<'a> Version<&'a str> {
    /// Reads a version; `2`, `2.1` and `2-rc.1` mean `2.0.0`, `2.1.0` and `2.0.0-rc.1`.
    #[inline]
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let mut numbers = [0; 3];
        let mut end = number(text, 0, &mut numbers[0])?;
        for slot in &mut numbers[1..] {
            if text.as_bytes().get(end) != Some(&b'.') {
                break;
            }
            end = number(text, end + 1, slot)?;
        }
        let pre = if end == text.len() { "" } else { suffix(text.get(end..)?)? };
        Some(Self { numbers, pre })
    }

    pub(crate) fn to_owned(self) -> Version<Box<str>> {
        Version { numbers: self.numbers, pre: self.pre.into() }
    }

    /// Precedence (SemVer 2.0.0 §11).
    #[inline]
    pub(crate) fn precedence(self, other: &Version<Box<str>>) -> Ordering {
        self.numbers.cmp(&other.numbers).then_with(|| match (self.pre, &*other.pre) {
            ("", "") => Ordering::Equal,
            ("", _) => Ordering::Greater,
            (_, "") => Ordering::Less,
            (ours, theirs) => ours.split('.').map(identifier).cmp(theirs.split('.').map(identifier)),
        })
    }
}

/// A pre-release identifier in order: numbers by size, before words by bytes. A longer number without leading zeros is
/// larger, whatever its size.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Identifier<'a> {
    Number(usize, &'a str),
    Word(&'a str),
}

fn identifier(text: &str) -> Identifier<'_> {
    if digits(text) { Identifier::Number(text.len(), text) } else { Identifier::Word(text) }
}

/// Reads a number without leading zeros into `slot`; where it ends.
#[inline]
fn number(text: &str, start: usize, slot: &mut u64) -> Option<usize> {
    let mut end = start;
    while let Some(digit @ b'0'..=b'9') = text.as_bytes().get(end) {
        *slot = slot.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
        end += 1;
    }
    let leading_zero = end > start + 1 && text.as_bytes()[start] == b'0';
    (end > start && !leading_zero).then_some(end)
}

/// Reads what follows the numbers, `-pre-release`, `+build` or both; the pre-release.
fn suffix(text: &str) -> Option<&str> {
    let (rest, build) = text.split_once('+').map_or((text, None), |(rest, build)| (rest, Some(build)));
    if build.is_some_and(|build| !identifiers(build, true)) {
        return None;
    }
    match rest.strip_prefix('-') {
        Some(pre) if identifiers(pre, false) => Some(pre),
        None if rest.is_empty() => Some(""),
        _ => None,
    }
}

fn digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

fn identifiers(text: &str, leading_zeros: bool) -> bool {
    text.split('.').all(|part| {
        let plain = part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let leading_zero = part.len() > 1 && part.starts_with('0') && digits(part);
        !part.is_empty() && plain && (leading_zeros || !leading_zero)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(a: &str, b: &str) -> Option<Ordering> {
        Some(Version::parse(a)?.precedence(&Version::parse(b)?.to_owned()))
    }

    #[test]
    fn orders_as_the_specification_does() {
        let ascending = [
            "0",
            "0.0.1",
            "0.1",
            "1.0.0-0",
            "1.0.0-1",
            "1.0.0-2",
            "1.0.0-10",
            "1.0.0-99999999999999999999999",
            "1.0.0--",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1",
            "1.0.1",
            "1.2",
            "1.10.0",
            "2-rc",
            "2.0-rc.1",
            "2",
            "18446744073709551615.0.0",
        ];
        for (i, a) in ascending.iter().enumerate() {
            for (j, b) in ascending.iter().enumerate() {
                assert_eq!(compare(a, b), Some(i.cmp(&j)), "{a} against {b}");
            }
        }
    }

    #[test]
    fn fills_in_missing_parts_and_ignores_build_metadata() {
        let equal = [
            ("2", "2.0.0"),
            ("2.1", "2.1.0"),
            ("2-rc", "2.0.0-rc"),
            ("2.1-rc", "2.1.0-rc"),
            ("2+b", "2"),
            ("2.0.0+build.01", "2.0.0"),
            ("2.0.0-rc+a-b", "2.0.0-rc"),
            ("1.0.0-a-b", "1.0.0-a-b+x-y"),
        ];
        for (a, b) in equal {
            assert_eq!(compare(a, b), Some(Ordering::Equal), "{a} and {b}");
        }
    }

    #[test]
    fn refuses_what_is_not_a_version() {
        let bad = [
            "",
            "v2.0.0",
            "02.0.0",
            "2.01.0",
            "2.0.00",
            "2.0.0.0",
            "2.",
            "2.0.",
            ".2",
            "2..0",
            "-1.0.0",
            "+2",
            "2.0.0-",
            "2.0.0+",
            "2.0.0-a..b",
            "2.0.0-01",
            "2.0.0-a.01",
            "2.0.0-ä",
            "2.0.0+ä",
            "2.0.0-a_b",
            "2.0.0+a+b",
            " 2",
            "2 ",
            "2.x",
            "latest",
            "٢",
            "18446744073709551616",
        ];
        for text in bad {
            assert_eq!(Version::parse(text), None, "{text}");
        }
    }
}
