//! How long it took to detect, acknowledge, mitigate and recover.

use kernel::Timestamp;
use serde::Serialize;

use crate::model::Times;

/// The four spans of an incident, in milliseconds; a span that has not ended yet is absent.
///
/// Definitions by `oncall.md` §7: detection counts from the first bad outcome, acknowledgement from the first page that a
/// provider took, mitigation and recovery from the first bad outcome (or from detection when it is not known).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Spans {
    /// From the first bad outcome to the verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_detect_ms: Option<i64>,
    /// From the first page to somebody's acknowledgement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_acknowledge_ms: Option<i64>,
    /// From the first bad outcome until its cause was taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_mitigate_ms: Option<i64>,
    /// From the first bad outcome until all was well again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_recover_ms: Option<i64>,
}

/// The spans between the instants of `times`.
///
/// Whoever acknowledges before the first page is out (in the console, say) took no time from the page: the span then
/// counts from detection.
pub fn spans(times: &Times) -> Spans {
    let onset = times.started.unwrap_or(times.detected);
    let told = times.acknowledged.and_then(|at| times.paged.filter(|paged| *paged <= at)).unwrap_or(times.detected);
    Spans {
        to_detect_ms: times.started.map(|started| span_ms(started, times.detected)),
        to_acknowledge_ms: times.acknowledged.map(|at| span_ms(told, at)),
        to_mitigate_ms: times.mitigated.map(|at| span_ms(onset, at)),
        to_recover_ms: times.recovered.or(times.resolved).map(|at| span_ms(onset, at)),
    }
}

/// Never negative: the first bad outcome may carry a client's clock.
fn span_ms(from: Timestamp, to: Timestamp) -> i64 {
    i64::try_from(to.since(from).as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(secs)
    }

    #[test]
    fn each_span_starts_where_its_definition_says() {
        let times = Times {
            started: Some(at(10)),
            detected: at(14),
            paged: Some(at(15)),
            acknowledged: Some(at(45)),
            mitigated: Some(at(14)),
            relapsed: None,
            recovered: Some(at(70)),
            resolved: Some(at(100)),
        };
        let expected = Spans {
            to_detect_ms: Some(4_000),
            to_acknowledge_ms: Some(30_000),
            to_mitigate_ms: Some(4_000),
            to_recover_ms: Some(60_000),
        };
        assert_eq!(spans(&times), expected);
    }

    #[test]
    fn what_has_not_happened_has_no_span_and_an_unknown_onset_counts_from_detection() {
        let mut times = Times { detected: at(14), ..Times::default() };
        assert_eq!(spans(&times), Spans::default());
        times.acknowledged = Some(at(20));
        times.paged = Some(at(25));
        times.resolved = Some(at(44));
        let expected = Spans { to_acknowledge_ms: Some(6_000), to_recover_ms: Some(30_000), ..Spans::default() };
        assert_eq!(spans(&times), expected);
    }
}
