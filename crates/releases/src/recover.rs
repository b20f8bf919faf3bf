//! Decides whether a metric is well again after a rollback: `(baseline, outcomes since, telemetry, now) → recovered?`

use std::time::Duration;

use kernel::Timestamp;
use metrics::model::OutcomeCount;

/// So long before the release its outcomes tell what is usual.
pub const BASELINE: Duration = Duration::from_mins(10);

/// A shorter time tells too little of what is usual.
const SHORTEST: Duration = Duration::from_mins(1);

/// A metric is well when it has been as usual for so long.
const CALM: Duration = Duration::from_secs(10);

/// Nobody looks any more so long after the rollback.
pub const GIVE_UP: Duration = Duration::from_hours(1);

/// What is known of one metric in the environment, whoever sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Outcomes in the time before the release.
    pub usual: i64,
    /// How long that time was.
    pub usual_over: Duration,
    /// When the release was taken back.
    pub since: Timestamp,
    /// How long it may take.
    pub patience: Duration,
    /// Outcomes since then, by the second.
    pub outcomes: Vec<OutcomeCount>,
    /// When events of any sort last came from the environment.
    pub last_heard: Option<Timestamp>,
}

/// How the metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recovery {
    /// As usual since this instant.
    Recovered {
        /// The start of the first calm time.
        at: Timestamp,
    },
    /// It may still take a while.
    NotYet,
    /// Nothing is heard of the environment, so nobody knows.
    Unknown,
    /// It should be well by now, and is not.
    StillBad,
}

/// The time whose outcomes are usual, for a release that began at `began` and was taken back at `since`: ten minutes before
/// it began, as far as the metric was `counted` then. When that is less than a minute, the release's own time counts too; a
/// little of its harm then counts as usual.
pub fn baseline(began: Timestamp, since: Timestamp, counted: Timestamp) -> (Timestamp, Timestamp) {
    let start = counted.max(began.minus(BASELINE)).min(since);
    let enough = began.since(start) >= SHORTEST;
    (start, if enough { began } else { since })
}

/// Decides. Calm is a time in which no more outcomes came than chance would give at the usual rate.
pub fn recover(facts: &Facts, now: Timestamp) -> Recovery {
    if let Some(at) = first_calm(facts, now) {
        return Recovery::Recovered { at };
    }
    let heard_since = facts.last_heard.is_some_and(|heard| heard >= facts.since);
    match (now < facts.since.plus(facts.patience), heard_since) {
        (true, _) => Recovery::NotYet,
        (false, true) => Recovery::StillBad,
        (false, false) => Recovery::Unknown,
    }
}

/// The start of the first calm time that is over, and in or after which something was heard.
fn first_calm(facts: &Facts, now: Timestamp) -> Option<Timestamp> {
    let allowed = allowance(facts);
    let sums: Vec<i64> = facts
        .outcomes
        .iter()
        .scan(0, |sum, count| {
            *sum += count.n;
            Some(*sum)
        })
        .collect();
    let before = |instant: Timestamp| match facts.outcomes.partition_point(|count| count.start < instant) {
        0 => 0,
        index => sums[index - 1],
    };
    let starts = std::iter::successors(Some(facts.since), |start| Some(start.plus(Duration::from_secs(1))));
    let mut over =
        starts.take_while(|start| start.plus(CALM) <= now && facts.last_heard.is_some_and(|heard| heard >= *start));
    over.find(|start| (before(start.plus(CALM)) - before(*start)) as f64 <= allowed)
}

/// Mean and three standard deviations of a Poisson count, and one for rates that are nearly zero.
fn allowance(facts: &Facts) -> f64 {
    let mean = facts.usual as f64 * CALM.as_secs_f64() / facts.usual_over.as_secs_f64().max(1.0);
    mean + 3.0 * mean.sqrt() + 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const SINCE: Timestamp = Timestamp::from_secs(1_000);

    fn second(n: i64) -> Timestamp {
        SINCE.plus(Duration::from_secs(u64::try_from(n).unwrap()))
    }

    /// `per_second[i]` outcomes came in second i after the rollback; usual were 60 in ten minutes.
    fn facts(per_second: &[i64], last_heard: Option<i64>) -> Facts {
        let count = |(index, n): (i64, &i64)| OutcomeCount { start: second(index), finish: second(index + 1), n: *n };
        Facts {
            usual: 60,
            usual_over: BASELINE,
            since: SINCE,
            patience: Duration::from_mins(2),
            outcomes: (0..).zip(per_second).map(count).collect(),
            last_heard: last_heard.map(second),
        }
    }

    #[test]
    fn a_metric_is_well_from_the_first_calm_ten_seconds_on() {
        let falling = [20, 10, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(recover(&facts(&falling, Some(12)), second(12)), Recovery::NotYet, "the calm is not over");
        assert_eq!(recover(&facts(&falling, Some(12)), second(13)), Recovery::Recovered { at: second(3) });
    }

    #[test]
    fn what_is_usual_is_read_from_the_time_in_which_the_metric_was_counted() {
        let (began, since) = (second(3_600), second(3_700));
        assert_eq!(baseline(began, since, second(0)), (second(3_000), began), "ten minutes");
        assert_eq!(baseline(began, since, second(3_300)), (second(3_300), began), "made five minutes before");
        assert_eq!(baseline(began, since, second(3_590)), (second(3_590), since), "made just before");
        assert_eq!(baseline(began, since, second(4_000)), (since, since), "made since");
    }

    #[test]
    fn the_usual_rate_is_well() {
        let mut usual = vec![0; 20];
        usual[2] = 3;
        assert_eq!(recover(&facts(&usual, Some(15)), second(20)), Recovery::Recovered { at: second(0) });
    }

    #[test]
    fn what_goes_on_is_still_bad_once_patience_is_over() {
        let bad = vec![5; 200];
        assert_eq!(recover(&facts(&bad, Some(119)), second(119)), Recovery::NotYet);
        assert_eq!(recover(&facts(&bad, Some(120)), second(120)), Recovery::StillBad);
    }

    #[test]
    fn silence_is_not_health() {
        assert_eq!(recover(&facts(&[], None), second(60)), Recovery::NotYet);
        assert_eq!(recover(&facts(&[], None), second(121)), Recovery::Unknown);
        assert_eq!(recover(&facts(&[], Some(100)), second(121)), Recovery::Recovered { at: second(0) });
    }

    #[test]
    fn late_calm_is_still_told() {
        let mut bad = vec![6; 200];
        bad.extend([0; 20]);
        assert_eq!(recover(&facts(&bad, Some(219)), second(220)), Recovery::Recovered { at: second(200) });
    }
}
