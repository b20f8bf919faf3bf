//! What people read in a sentence: spans in one unit, instants to the second, errors with each cause once.

use std::error::Error;
use std::time::Duration;

use crate::Timestamp;

/// A span in the unit that tells enough of it: `less than a second`, `45 seconds`, `10 minutes`, `3 hours`, `2 days`.
///
/// Rounded down; a unit begins at two of it, so `90 seconds` is not `1 minute`.
pub fn span(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (number, unit) = match seconds {
        0 => return "less than a second".to_owned(),
        1..120 => (seconds, "second"),
        120..7_200 => (seconds / 60, "minute"),
        7_200..172_800 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

/// An instant with its date, since a sentence may be read on another day: `2026-11-23 02:00:05 UTC`.
pub fn instant(at: Timestamp) -> String {
    at.to_jiff().strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// An error and its causes on one line, the outermost first: `client error (Connect): tcp connect error: refused`.
///
/// Many errors tell their cause in their own words; what another one says already is left out.
pub fn causes(error: &(dyn Error + 'static)) -> String {
    let mut told: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        if !told.iter().any(|other| other.contains(&text)) {
            told.retain(|other| !text.contains(other.as_str()));
            told.push(text);
        }
        next = error.source();
    }
    told.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each caused by the next.
    #[derive(Debug)]
    struct Chain(Vec<&'static str>, Option<Box<Chain>>);

    impl std::fmt::Display for Chain {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str(&self.0.join(": "))
        }
    }

    impl Error for Chain {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_deref().map(|cause| cause as &(dyn Error + 'static))
        }
    }

    fn told(texts: &[&[&'static str]]) -> String {
        let caused = |cause: Option<Box<Chain>>, text: &&[&'static str]| Some(Box::new(Chain(text.to_vec(), cause)));
        causes(&*texts.iter().rev().fold(None, caused).unwrap())
    }

    #[test]
    fn each_cause_is_told_once_whoever_tells_it() {
        assert_eq!(told(&[&["connect"], &["refused"]]), "connect: refused");
        assert_eq!(told(&[&["connect", "refused"], &["refused"]]), "connect: refused");
        assert_eq!(told(&[&["sending"], &["sending", "connect"], &["connect"]]), "sending: connect");
    }

    #[test]
    fn a_span_is_told_in_one_unit_and_never_as_none() {
        let told = [0, 999, 1_000, 90_999, 600_000, 7_200_000, 200_000_000].map(|ms| span(Duration::from_millis(ms)));
        let expected =
            ["less than a second", "less than a second", "1 second", "90 seconds", "10 minutes", "2 hours", "2 days"];
        assert_eq!(told, expected);
    }

    #[test]
    fn an_instant_is_told_to_the_second() {
        let at = Timestamp::from_jiff("2026-11-23T02:00:05.999999Z".parse().unwrap());
        assert_eq!(instant(at), "2026-11-23 02:00:05 UTC");
    }
}
