//! Instants of the `before` and `after` tests: RFC 3339 date-times and epoch milliseconds, read without allocating.

use crate::value::View;

/// Nanoseconds since the epoch; 128 bits hold every instant that either notation can name.
pub(crate) type Instant = i128;

const SECOND: i128 = 1_000_000_000;

/// A number is epoch milliseconds, a text is RFC 3339; anything else is no instant.
#[inline]
pub(crate) fn instant(value: View<'_>) -> Option<Instant> {
    match value {
        #[allow(clippy::cast_possible_truncation)] // fractions of a millisecond are cut off, as the Go SDK does
        View::Number(millis) => Some(i128::from(millis as i64) * 1_000_000),
        View::Text(text) => rfc3339(text),
        _ => None,
    }
}

/// Reads `2017-12-06T07:00:00.123Z` and the like (RFC 3339 §5.6). Like the Go SDK it also takes an hour of one digit
/// and a day that the month lacks (30 February is 1 or 2 March), offsets up to `99:59`, and at most nine digits of a
/// second.
fn rfc3339(text: &str) -> Option<Instant> {
    let mut rest = Scanner(text.as_bytes());
    let year = rest.number(4..=4, 0..=9999)?;
    rest.one_of(b"-")?;
    let month = rest.number(2..=2, 1..=12)?;
    rest.one_of(b"-")?;
    let day = rest.number(2..=2, 1..=31)?;
    rest.one_of(b"Tt")?;
    let hour = rest.number(1..=2, 0..=23)?;
    rest.one_of(b":")?;
    let minute = rest.number(2..=2, 0..=59)?;
    rest.one_of(b":")?;
    // A leap second is the first of the next minute.
    let second = rest.number(2..=2, 0..=60)?;
    let mut sign = rest.one_of(b".Zz+-")?;
    let mut nanos = 0;
    if sign == b'.' {
        nanos = rest.fraction()?;
        sign = rest.one_of(b"Zz+-")?;
    }
    let offset = match sign {
        b'+' => rest.offset()?,
        b'-' => -rest.offset()?,
        _ => 0,
    };
    let days = days_before(year, month) + day - 1;
    let seconds = days * 86_400 + (hour * 60 + minute) * 60 + second - offset * 60;
    rest.0.is_empty().then_some(i128::from(seconds) * SECOND + i128::from(nanos))
}

/// Days from the epoch to the first of a month, by the count of leap years before it (proleptic Gregorian calendar).
fn days_before(year: i64, month: i64) -> i64 {
    // Years begin in March, so that the leap day is the last of its year and months have a fixed pattern of lengths.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let days_of_months = (153 * month + 2) / 5;
    year * 365 + leap_days + days_of_months - 719_468
}

struct Scanner<'a>(&'a [u8]);

impl Scanner<'_> {
    fn one_of(&mut self, expected: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        expected.contains(first).then_some(*first)
    }

    fn number(&mut self, width: std::ops::RangeInclusive<usize>, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
        let digits = self.digits();
        let value = digits.iter().take(9).fold(0, |value, digit| value * 10 + i64::from(digit - b'0'));
        (width.contains(&digits.len()) && range.contains(&value)).then_some(value)
    }

    fn fraction(&mut self) -> Option<i64> {
        let digits = self.digits();
        let padded = digits.iter().copied().chain(std::iter::repeat(b'0')).take(9);
        let nanos = padded.fold(0, |value, digit| value * 10 + i64::from(digit - b'0'));
        (1..=9).contains(&digits.len()).then_some(nanos)
    }

    /// Minutes of an offset from UTC.
    fn offset(&mut self) -> Option<i64> {
        let hours = self.number(2..=2, 0..=99)?;
        self.one_of(b":")?;
        Some(hours * 60 + self.number(2..=2, 0..=59)?)
    }

    fn digits(&mut self) -> &[u8] {
        let end = self.0.iter().position(|b| !b.is_ascii_digit()).unwrap_or(self.0.len());
        let (digits, rest) = self.0.split_at(end);
        self.0 = rest;
        digits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(text: &str) -> Option<i128> {
        rfc3339(text).map(|nanos| nanos / 1_000_000)
    }

    #[test]
    fn reads_date_times() {
        let table = [
            ("1970-01-01T00:00:00Z", 0),
            ("2017-12-06T07:00:00Z", 1_512_543_600_000),
            ("2017-12-06t07:00:00z", 1_512_543_600_000),
            ("2017-12-06T07:00:00.000Z", 1_512_543_600_000),
            ("2017-12-06T00:00:00.000-07:00", 1_512_543_600_000),
            ("2017-12-06T12:30:00+05:30", 1_512_543_600_000),
            ("2017-12-06T07:00:00.5Z", 1_512_543_600_500),
            ("2017-12-06T07:00:00.123456789Z", 1_512_543_600_123),
            ("2016-12-31T23:59:60Z", 1_483_228_800_000),
            ("2000-02-29T00:00:00Z", 951_782_400_000),
            ("2000-03-01T00:00:00Z", 951_868_800_000),
            ("0000-01-01T00:00:00Z", -62_167_219_200_000),
            ("9999-12-31T23:59:59Z", 253_402_300_799_000),
            // As the Go SDK does.
            ("2017-12-06T7:00:00Z", 1_512_543_600_000),
            ("2001-02-30T00:00:00Z", 983_491_200_000),
            ("2017-12-10T10:00:00+99:00", 1_512_543_600_000),
        ];
        for (text, expected) in table {
            assert_eq!(millis(text), Some(expected), "{text}");
        }
        assert_eq!(rfc3339("1970-01-01T00:00:00.000000001Z"), Some(1));
        assert_eq!(rfc3339("1969-12-31T23:59:59.999999999Z"), Some(-1));
    }

    #[test]
    fn refuses_what_is_not_a_date_time() {
        let bad = [
            "",
            "badstring",
            "2017-12-06",
            "00:00:00Z",
            "2017-12-06X00:00:00Z",
            "2017-12-06 00:00:00Z",
            "2017-12-06T00:00:00",
            "2017-12-06T00:00Z",
            "2017-12-06T00:00:00.Z",
            "2017-12-06T00:00:00.0000000001Z",
            "2017-12-06T24:00:00Z",
            "2017-12-06T00:60:00Z",
            "2017-12-06T00:00:61Z",
            "2017-13-06T00:00:00Z",
            "2017-00-06T00:00:00Z",
            "2017-12-00T00:00:00Z",
            "2017-12-32T00:00:00Z",
            "2017-12-06T00:00:00+0700",
            "2017-12-06T00:00:00+07",
            "2017-12-06T00:00:00+07:60",
            "2017-12-06T00:00:00+07:000",
            "17-12-06T00:00:00Z",
            "02017-12-06T00:00:00Z",
            "2017-1-06T00:00:00Z",
            "2017-12-6T00:00:00Z",
            "2017-12-06T000:00:00Z",
            "2017-12-06T00:0:00Z",
            "2017-12-06T00:00:0Z",
            "2017-12-06T00:00:00Z ",
            "2017-12-06T00:00:00Zx",
            "-2017-12-06T00:00:00Z",
            "1512543600000",
            "2017-12-06T00:00:00Ž",
            "２017-12-06T00:00:00Z",
        ];
        for text in bad {
            assert_eq!(rfc3339(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_epoch_milliseconds() {
        assert_eq!(instant(View::Number(1_512_543_600_000.0)), rfc3339("2017-12-06T07:00:00Z"));
        assert_eq!(instant(View::Number(0.9)), Some(0));
        assert_eq!(instant(View::Number(f64::MAX)), Some(i128::from(i64::MAX) * 1_000_000));
        assert_eq!(instant(View::Bool(true)), None);
        assert_eq!(instant(View::Absent), None);
    }
}
