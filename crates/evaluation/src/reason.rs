//! Why an evaluation came out as it did, in LaunchDarkly's words.

use serde::ser::{Serialize, SerializeMap, Serializer};

/// The reason of an evaluation (`launchdarkly.md` §2.9); serialises to LaunchDarkly's JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason<'s> {
    /// The main factor.
    pub kind: ReasonKind<'s>,
    /// The state of the big segments, if one was consulted.
    pub big_segments_status: Option<BigSegmentsStatus>,
}

/// The main factor of an evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReasonKind<'s> {
    /// The flag is off.
    Off,
    /// No target and no rule matched.
    Fallthrough {
        /// Whether an experiment counts this evaluation.
        in_experiment: bool,
    },
    /// The context's key is targeted.
    TargetMatch,
    /// A rule matched.
    RuleMatch {
        /// Its place among the flag's rules.
        index: u32,
        /// Its id; may be empty.
        id: &'s str,
        /// Whether an experiment counts this evaluation.
        in_experiment: bool,
    },
    /// A prerequisite is missing, off or served another variation.
    PrerequisiteFailed {
        /// The prerequisite's key.
        key: &'s str,
    },
    /// There is no result: the caller's default is used.
    Error(ErrorKind),
}

/// Why there is no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// There is no flag of this key.
    FlagNotFound,
    /// The flag's data cannot be evaluated for this context.
    MalformedFlag,
    /// The context is not valid, or does not say the key on which the result depends.
    UserNotSpecified,
    /// The value is not of the type that the caller asked for.
    WrongType,
}

/// The state of the big segments behind a result, from best to worst: the worst of several is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BigSegmentsStatus {
    /// Up to date.
    Healthy,
    /// The store has not been synchronised for too long.
    Stale,
    /// The store could not be read.
    StoreError,
    /// There is no store, or the segment has no generation.
    NotConfigured,
}

impl Reason<'_> {
    /// Whether an experiment counts this evaluation.
    pub fn in_experiment(&self) -> bool {
        matches!(
            self.kind,
            ReasonKind::Fallthrough { in_experiment: true } | ReasonKind::RuleMatch { in_experiment: true, .. }
        )
    }
}

impl<'s> From<ReasonKind<'s>> for Reason<'s> {
    #[inline]
    fn from(kind: ReasonKind<'s>) -> Self {
        Self { kind, big_segments_status: None }
    }
}

impl ReasonKind<'_> {
    /// The `kind` in JSON.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Off => "OFF",
            Self::Fallthrough { .. } => "FALLTHROUGH",
            Self::TargetMatch => "TARGET_MATCH",
            Self::RuleMatch { .. } => "RULE_MATCH",
            Self::PrerequisiteFailed { .. } => "PREREQUISITE_FAILED",
            Self::Error(_) => "ERROR",
        }
    }
}

impl ErrorKind {
    /// The `errorKind` in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FlagNotFound => "FLAG_NOT_FOUND",
            Self::MalformedFlag => "MALFORMED_FLAG",
            Self::UserNotSpecified => "USER_NOT_SPECIFIED",
            Self::WrongType => "WRONG_TYPE",
        }
    }
}

impl BigSegmentsStatus {
    /// The `bigSegmentsStatus` in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "HEALTHY",
            Self::Stale => "STALE",
            Self::StoreError => "STORE_ERROR",
            Self::NotConfigured => "NOT_CONFIGURED",
        }
    }
}

impl Serialize for Reason<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("kind", self.kind.as_str())?;
        match self.kind {
            ReasonKind::RuleMatch { index, id, .. } => {
                map.serialize_entry("ruleIndex", &index)?;
                if !id.is_empty() {
                    map.serialize_entry("ruleId", id)?;
                }
            }
            ReasonKind::PrerequisiteFailed { key } => map.serialize_entry("prerequisiteKey", key)?,
            ReasonKind::Error(error) => map.serialize_entry("errorKind", error.as_str())?,
            ReasonKind::Off | ReasonKind::TargetMatch | ReasonKind::Fallthrough { .. } => {}
        }
        if self.in_experiment() {
            map.serialize_entry("inExperiment", &true)?;
        }
        if let Some(status) = self.big_segments_status {
            map.serialize_entry("bigSegmentsStatus", status.as_str())?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn serialises_to_the_words_of_launchdarkly() {
        let table = [
            (ReasonKind::Off, json!({"kind": "OFF"})),
            (ReasonKind::TargetMatch, json!({"kind": "TARGET_MATCH"})),
            (ReasonKind::Fallthrough { in_experiment: false }, json!({"kind": "FALLTHROUGH"})),
            (ReasonKind::Fallthrough { in_experiment: true }, json!({"kind": "FALLTHROUGH", "inExperiment": true})),
            (
                ReasonKind::RuleMatch { index: 2, id: "r", in_experiment: false },
                json!({"kind": "RULE_MATCH", "ruleIndex": 2, "ruleId": "r"}),
            ),
            (
                ReasonKind::RuleMatch { index: 0, id: "", in_experiment: true },
                json!({"kind": "RULE_MATCH", "ruleIndex": 0, "inExperiment": true}),
            ),
            (
                ReasonKind::PrerequisiteFailed { key: "p" },
                json!({"kind": "PREREQUISITE_FAILED", "prerequisiteKey": "p"}),
            ),
            (ReasonKind::Error(ErrorKind::FlagNotFound), json!({"kind": "ERROR", "errorKind": "FLAG_NOT_FOUND"})),
            (ReasonKind::Error(ErrorKind::MalformedFlag), json!({"kind": "ERROR", "errorKind": "MALFORMED_FLAG"})),
            (
                ReasonKind::Error(ErrorKind::UserNotSpecified),
                json!({"kind": "ERROR", "errorKind": "USER_NOT_SPECIFIED"}),
            ),
            (ReasonKind::Error(ErrorKind::WrongType), json!({"kind": "ERROR", "errorKind": "WRONG_TYPE"})),
        ];
        for (kind, expected) in table {
            assert_eq!(serde_json::to_value(Reason::from(kind)).unwrap(), expected);
        }
        let stale = Reason { kind: ReasonKind::Off, big_segments_status: Some(BigSegmentsStatus::Stale) };
        assert_eq!(serde_json::to_value(stale).unwrap(), json!({"kind": "OFF", "bigSegmentsStatus": "STALE"}));
    }

    #[test]
    fn a_worse_status_is_greater() {
        use BigSegmentsStatus::{Healthy, NotConfigured, Stale, StoreError};
        assert!(Healthy < Stale && Stale < StoreError && StoreError < NotConfigured);
    }
}
