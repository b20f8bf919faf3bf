//! A judgement in plain words: one sentence that needs no statistics to be read.

use std::fmt;

use crate::judge::{GuardReading, Judgement, Reason};
use crate::window::{Arm, BadIs};

impl fmt::Display for Judgement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            Reason::NoHarmSeen { strongest } => {
                write!(f, "no sign of harm: {}: evidence {}", counts(strongest), strongest.harm)
            }
            Reason::ProvenNoWorse { guards } => {
                write!(f, "shown to be no worse than the margin: {}", list(guards))
            }
            Reason::HarmSuspected { strongest, suspect_at } => {
                let (evidence, limit) = (strongest.harm, magnitude(*suspect_at));
                write!(
                    f,
                    "{}: evidence {evidence} is above {limit}, from which on harm is suspected",
                    counts(strongest)
                )
            }
            Reason::HarmProven { causes } => {
                let together = if self.guards.len() > 1 { " of all guards" } else { "" };
                let (causes, evidence, limit) = (list(causes), self.harm, magnitude(self.threshold));
                write!(f, "{causes}: evidence {evidence}{together} passed the threshold {limit}")
            }
            Reason::NotProven { guard, threshold } => {
                let proof = guard.proof.unwrap_or_default();
                let (counts, needed) = (counts(guard), magnitude(*threshold));
                write!(
                    f,
                    "{counts}: no harm seen, but evidence {proof} of {needed} that it is no worse than the margin"
                )
            }
            blind => cannot_tell(f, blind, self),
        }
    }
}

fn cannot_tell(f: &mut fmt::Formatter<'_>, reason: &Reason, judgement: &Judgement) -> fmt::Result {
    match reason {
        Reason::SplitBroken { control_users, treatment_users, planned_treatment_share, threshold } => {
            let all = Arm { n: control_users.saturating_add(*treatment_users), k: *treatment_users };
            let (got, of, planned) = (percent(all.rate()), grouped(all.n), percent(*planned_treatment_share));
            let (evidence, limit) = (judgement.split, magnitude(*threshold));
            write!(
                f,
                "the split is broken, so no number can be trusted: treatment has {got} of {of} users where {planned} \
                 was planned: evidence {evidence} passed {limit}"
            )
        }
        Reason::TelemetryLost { guard, windows } => {
            write!(f, "{guard}: nothing was heard of either arm for {} windows", grouped(u64::from(*windows)))
        }
        Reason::ControlSilent { guard, treatment_units } => {
            let heard = grouped(*treatment_units);
            write!(f, "{guard}: nothing to compare with: the control is silent while treatment sent {heard} units")
        }
        Reason::TreatmentSilent { guard, control_units } => {
            write!(f, "{guard}: the treatment is silent while control sent {} units", grouped(*control_units))
        }
        Reason::TooFewUnits { guard, units, needed } => {
            let (units, needed) = (grouped(*units), grouped(*needed));
            write!(f, "{guard}: too little seen in this step: {units} units in the smaller arm, {needed} needed")
        }
        _ => f.write_str("no guard watches this release"),
    }
}

fn list(readings: &[GuardReading]) -> String {
    readings.iter().map(counts).collect::<Vec<_>>().join("; ")
}

/// `errors: treatment 48 % bad of 25 against 0.4 % of 2,310`.
fn counts(reading: &GuardReading) -> String {
    let (treatment, control) = (reading.step.treatment, reading.step.control);
    let (of_treatment, of_control) = (grouped(treatment.n), grouped(control.n));
    let (worse, more) = (percent(treatment.rate()), percent(control.rate()));
    let guard = &reading.guard;
    match reading.bad_is {
        BadIs::Higher => format!("{guard}: treatment {worse} bad of {of_treatment} against {more} of {of_control}"),
        BadIs::Lower => format!("{guard}: treatment {worse} good of {of_treatment} against {more} of {of_control}"),
    }
}

/// A share with two significant digits: `48 %`, `0.43 %`, `99.98 %`.
fn percent(share: f64) -> String {
    let percent = share * 100.0;
    let from_edge = percent.min(100.0 - percent);
    let places = match from_edge {
        x if x <= 0.0 || x >= 9.95 => 0,
        x if x >= 0.995 => 1,
        x if x >= 0.0995 => 2,
        _ => 3,
    };
    let text = format!("{percent:.places$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text} %")
}

/// A size that people can compare: `0.03`, `8.2`, `312`, `over 1,000,000`.
pub(crate) fn magnitude(value: f64) -> String {
    match value {
        x if x >= 1_000_000.0 => "over 1,000,000".to_owned(),
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // from 10 to a million
        x if x >= 9.95 => grouped(x.round() as u64),
        x if x >= 0.095 => format!("{x:.1}"),
        x if x >= 0.0095 => format!("{x:.2}"),
        _ => "below 0.01".to_owned(),
    }
}

/// `2310` → `2,310`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        let shares = [(0.48, "48 %"), (0.004, "0.4 %"), (0.0, "0 %"), (1.0, "100 %"), (0.999_8, "99.98 %")];
        for (share, text) in shares {
            assert_eq!(percent(share), text);
        }
        assert_eq!(percent(0.100_4), "10 %");
        assert_eq!(percent(0.000_012), "0.001 %");
        assert_eq!([0, 999, 2_310, 1_234_567].map(grouped), ["0", "999", "2,310", "1,234,567"]);
        let sizes = [1e-9, 0.03, 0.8, 9.94, 9.96, 312.4, 2e6].map(magnitude);
        assert_eq!(sizes, ["below 0.01", "0.03", "0.8", "9.9", "10", "312", "over 1,000,000"]);
    }
}
