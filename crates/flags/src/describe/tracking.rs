//! What SDKs report, in words.

use crate::instruction::Tracking;

/// What changes in the reporting, in one sentence.
pub(super) fn sentence(tracking: &Tracking) -> String {
    let word = |on| if on { "Report" } else { "No longer report" };
    let all = tracking.track_events.map(|on| format!("{} each evaluation", word(on)));
    let rest = tracking
        .track_events_fallthrough
        .map(|on| format!("{} each evaluation that no target and no rule decides", word(on)));
    let debug = tracking.debug_events_until.map(|until| match until {
        Some(until) => format!("Report each evaluation with its whole context until {until}"),
        None => "No longer report whole contexts".to_owned(),
    });
    let sampling = tracking.sampling_ratio.map(|ratio| match ratio {
        Some(0) => "Send no events".to_owned(),
        Some(ratio) => format!("Send one event in {ratio}"),
        None => "Send all events".to_owned(),
    });
    let summaries = tracking
        .exclude_from_summaries
        .map(|out| if out { "Leave the flag out of summaries" } else { "Take the flag into summaries" }.to_owned());
    let parts: Vec<String> = [all, rest, debug, sampling, summaries].into_iter().flatten().collect();
    if parts.is_empty() { "Leave the reporting as it is".to_owned() } else { parts.join("; ") }
}
