//! Time as people read it in a sentence: spans in one unit, instants to the second.

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

#[cfg(test)]
mod tests {
    use super::*;

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
