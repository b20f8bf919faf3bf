//! Why an instruction or a state is refused: one variant for each reason, with its code and what would be right.

use std::borrow::Cow;

use crate::model::Noun;

/// Why a state may not be: which member, and the reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Invalid {
    /// A JSON pointer into the thing's state, such as `/rules/0/clauses/1/op`; empty for the whole.
    pub field: String,
    /// The reason.
    pub reason: Reason,
}

impl Invalid {
    /// A refusal of the member at `field`.
    pub fn at(field: impl Into<String>, reason: Reason) -> Self {
        Self { field: field.into(), reason }
    }
}

/// Why an instruction cannot be applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct InstructionError {
    /// Its place among the instructions.
    pub index: usize,
    /// The member of it that is wrong; empty for the whole.
    pub field: &'static str,
    /// The reason.
    pub reason: Reason,
}

/// The reasons for which a change is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    // -- instructions
    #[error("there is no such {0}")]
    NoSuchThing(&'static str),
    #[error("there is already such {}", with_article(.0))]
    AlreadyThere(&'static str),
    #[error("{instruction} does not apply to {}", with_article(.noun))]
    NotApplicable { instruction: &'static str, noun: &'static str },
    #[error("{} has no {detail}", with_article(.noun))]
    NoSuchDetail { detail: &'static str, noun: &'static str },
    #[error("there is no rule '{0}'")]
    RuleUnknown(String),
    #[error("there is already a rule '{0}'")]
    RuleTwice(String),
    #[error("'{0}' is not a prerequisite")]
    PrerequisiteUnknown(String),
    #[error("'{0}' is already a prerequisite")]
    PrerequisiteTwice(String),
    #[error("variation {0} is not the last")]
    VariationNotLast(usize),
    #[error("a change has at least one instruction and at most {0}")]
    InstructionCount(usize),

    #[error("the other keys would end in the past")]
    ExpiresInThePast,

    // -- big segments
    #[error("a big segment's members are no part of it")]
    MembersElsewhere,
    #[error("it is no big segment")]
    NotBig,
    #[error("whether a segment is big cannot be changed")]
    SizeFixed,
    #[error("a segment that is not big has no {0}")]
    OnlyBig(&'static str),
    #[error("generation {0} is no list of members that could be served")]
    GenerationUnknown(i64),

    // -- words and sizes
    #[error("it must not be empty")]
    Empty,
    #[error("it has a line break or another control character")]
    ControlCharacter,
    #[error("it is longer than {0} characters")]
    TooLong(usize),
    #[error("there are {count} {what}, more than {most}")]
    TooMany { what: &'static str, count: usize, most: usize },
    #[error("it takes {bytes} bytes, more than {most}")]
    TooLarge { bytes: usize, most: usize },
    #[error("'{0}' stands there twice")]
    Twice(String),

    // -- variations and shares
    #[error("a boolean flag has exactly the variations true and false")]
    BooleanVariations,
    #[error("the value is not a {0}")]
    ValueType(&'static str),
    #[error("variation {index} is not one of the {count}")]
    VariationUnknown { index: usize, count: usize },
    #[error("the variation is still served: {0}")]
    VariationInUse(String),
    #[error("the weights sum up to {0}, not to 100000")]
    WeightSum(u64),
    #[error("the weight {0} is more than 100000")]
    Weight(u32),
    #[error("the seed {0} is less than 1")]
    Seed(i64),
    #[error("an experiment hashes the key, no other attribute")]
    BucketByInExperiment,
    #[error("the context '{key}' of kind '{kind}' is targeted twice")]
    TargetedTwice { kind: String, key: String },

    // -- clauses
    #[error("'{attribute}' is not an attribute reference: {problem}")]
    Attribute { attribute: String, problem: String },
    #[error("'{op}' compares with {expected}")]
    ClauseValue { op: &'static str, expected: &'static str },
    #[error("the pattern does not work: {0}")]
    Pattern(String),

    // -- strategies
    #[error("this flag is evaluated by Unleash's rules, which have no {0}")]
    LaunchDarklyOnly(&'static str),
    #[error("this flag is evaluated by LaunchDarkly's rules, which have no {0}")]
    UnleashOnly(&'static str),
    #[error("a flag by Unleash's rules is boolean")]
    UnleashBoolean,
    #[error("'{name}' is {expected}")]
    StrategyParameter { name: String, expected: &'static str },
    #[error("{0}")]
    Constraint(String),
    #[error("SDKs compare dates with the current time alone")]
    DateField,
    #[error("no variant has a weight")]
    NoWeight,
    #[error("the variants are drawn by different fields")]
    Stickiness,
    #[error("the payload is no {0}")]
    Payload(&'static str),
    #[error("the flag '{0}' is not evaluated by Unleash's rules")]
    DependencyBucketing(String),
    #[error("the flag '{0}' is evaluated by Unleash's rules, so LaunchDarkly's SDKs would not find it")]
    PrerequisiteBucketing(String),
    #[error("a flag that others depend on depends on none itself: {0}")]
    DependencyDepth(String),

    // -- what hangs together
    #[error("there is no flag '{0}'")]
    FlagUnknown(String),
    #[error("there is no segment '{0}'")]
    SegmentUnknown(String),
    #[error("the prerequisites go around in a circle: {0}")]
    PrerequisiteCycle(String),
    #[error("the segments go around in a circle: {0}")]
    SegmentCycle(String),
    #[error("it is still needed: {0}")]
    StillNeeded(String),
}

impl Reason {
    /// The reason for programs: kebab-case, and stable.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoSuchThing(_) => "not-found",
            Self::AlreadyThere(_) => "already-exists",
            Self::NotApplicable { .. } => "instruction-not-applicable",
            Self::NoSuchDetail { .. } => "detail-not-applicable",
            Self::RuleUnknown(_) => "rule-unknown",
            Self::RuleTwice(_) => "rule-exists",
            Self::PrerequisiteUnknown(_) => "prerequisite-unknown",
            Self::PrerequisiteTwice(_) => "prerequisite-exists",
            Self::VariationNotLast(_) => "variation-not-last",
            Self::InstructionCount(_) => "instruction-count",
            Self::ExpiresInThePast => "expires-in-the-past",
            Self::MembersElsewhere => "members-elsewhere",
            Self::NotBig => "not-big",
            Self::SizeFixed => "size-fixed",
            Self::OnlyBig(_) => "only-big",
            Self::GenerationUnknown(_) => "generation-unknown",
            Self::Empty => "empty",
            Self::ControlCharacter => "control-character",
            Self::TooLong(_) => "too-long",
            Self::TooMany { .. } => "too-many",
            Self::TooLarge { .. } => "too-large",
            Self::Twice(_) => "duplicate",
            Self::BooleanVariations => "boolean-variations",
            Self::ValueType(_) => "value-type",
            Self::VariationUnknown { .. } => "variation-unknown",
            Self::VariationInUse(_) => "variation-in-use",
            Self::WeightSum(_) => "weight-sum",
            Self::Weight(_) => "weight",
            Self::Seed(_) => "seed",
            Self::BucketByInExperiment => "bucket-by-in-experiment",
            Self::TargetedTwice { .. } => "targeted-twice",
            Self::Attribute { .. } => "attribute",
            Self::ClauseValue { .. } => "clause-value",
            Self::Pattern(_) => "pattern",
            Self::LaunchDarklyOnly(_) => "launch-darkly-only",
            Self::UnleashOnly(_) => "unleash-only",
            Self::UnleashBoolean => "unleash-boolean",
            Self::StrategyParameter { .. } => "strategy-parameter",
            Self::Constraint(_) => "constraint",
            Self::DateField => "date-field",
            Self::NoWeight => "no-weight",
            Self::Stickiness => "stickiness",
            Self::Payload(_) => "payload",
            Self::DependencyBucketing(_) => "dependency-bucketing",
            Self::PrerequisiteBucketing(_) => "prerequisite-bucketing",
            Self::DependencyDepth(_) => "dependency-depth",
            Self::FlagUnknown(_) => "flag-unknown",
            Self::SegmentUnknown(_) => "segment-unknown",
            Self::PrerequisiteCycle(_) => "prerequisite-cycle",
            Self::SegmentCycle(_) => "segment-cycle",
            Self::StillNeeded(_) => "still-needed",
        }
    }

    /// What would be right.
    pub fn hint(&self) -> Cow<'static, str> {
        match self {
            Self::NoSuchThing(_) | Self::FlagUnknown(_) | Self::SegmentUnknown(_) => "create it first".into(),
            Self::AlreadyThere(_) => "choose another key, or change the one that is there".into(),
            Self::NotApplicable { .. } => "send it to the route of the thing that it is for".into(),
            Self::NoSuchDetail { .. } => "leave that member out".into(),
            Self::RuleUnknown(_) => "read the flag again: somebody may have removed the rule".into(),
            Self::RuleTwice(_) => "leave the id out and the server gives one, or use replaceRule".into(),
            Self::PrerequisiteUnknown(_) => "read the flag again: somebody may have removed it".into(),
            Self::PrerequisiteTwice(_) => "remove it first to change what it must serve".into(),
            Self::VariationNotLast(_) => {
                "SDKs and events name variations by their place, so only the last can go; rename this one instead"
                    .into()
            }
            Self::InstructionCount(most) => format!("send 1 to {most} instructions").into(),
            Self::ExpiresInThePast => "give a time to come; to end a key at once, revoke it".into(),
            Self::MembersElsewhere => "change them by POST …/segments/{segment}/members, or upload a file".into(),
            Self::NotBig | Self::SizeFixed => "whether a segment is big is said when it is created".into(),
            Self::OnlyBig(_) => "leave it out, or say that the segment is unbounded".into(),
            Self::GenerationUnknown(_) => "upload the members by POST …/segments/{segment}/uploads".into(),
            Self::Empty => "give it a value".into(),
            Self::ControlCharacter => "write it on one line, in characters that can be seen".into(),
            Self::TooLong(most) => format!("use at most {most} characters").into(),
            Self::TooMany { what, most, .. } => {
                format!("use at most {most} {what}; a segment may stand for many").into()
            }
            Self::TooLarge { most, .. } => {
                format!("keep it below {most} bytes; a segment may stand for many keys").into()
            }
            Self::Twice(_) => "keep one of them".into(),
            Self::BooleanVariations => "use kind string for other values".into(),
            Self::ValueType(kind) => format!("give a JSON {kind}").into(),
            Self::VariationUnknown { count, .. } => {
                format!("variations are counted from 0; the last is {}", count.saturating_sub(1)).into()
            }
            Self::VariationInUse(_) => "serve another variation there first".into(),
            Self::WeightSum(_) => "weights are thousandths of a percent: 1 % is 1000, all together 100000".into(),
            Self::Weight(_) => "weights are thousandths of a percent: 1 % is 1000".into(),
            Self::Seed(_) => "use a seed of 1 or more, or none".into(),
            Self::BucketByInExperiment => "leave bucketBy out, or use kind rollout".into(),
            Self::TargetedTwice { .. } => "give it one variation".into(),
            Self::Attribute { .. } => "name an attribute, such as email, or a path, such as /address/city".into(),
            Self::ClauseValue { expected, .. } | Self::StrategyParameter { expected, .. } => {
                format!("give {expected}").into()
            }
            Self::Pattern(_) => "use RE2 syntax: no look-around and no back-references".into(),
            Self::LaunchDarklyOnly(_) => "use replaceStrategies, replaceVariants and replaceDependencies".into(),
            Self::UnleashOnly(_) => {
                "use targets, rules and the fallthrough; or create a flag with bucketing unleash".into()
            }
            Self::UnleashBoolean => "leave kind and variations out; values are payloads of variants".into(),
            Self::Constraint(_) => "compare with what the operator takes".into(),
            Self::DateField => "use contextName currentTime".into(),
            Self::NoWeight => "give weights that sum up to 1000".into(),
            Self::Stickiness => {
                "leave stickiness out, or use the same everywhere; a strategy's variants go by it".into()
            }
            Self::Payload(kind) => format!("give {kind} as text, or use type string").into(),
            Self::DependencyBucketing(_) | Self::PrerequisiteBucketing(_) => {
                "name a flag that is evaluated by the same rules as this one".into()
            }
            Self::DependencyDepth(_) => "depend on the flags that it depends on".into(),
            Self::PrerequisiteCycle(_) | Self::SegmentCycle(_) => "break the circle at one place".into(),
            Self::StillNeeded(_) => "change those first".into(),
        }
    }
}

/// "a flag", "an environment".
fn with_article(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {noun}")
}

impl Noun {
    /// What people call it in a refusal.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Configuration => "flag in an environment",
            other => other.as_str(),
        }
    }
}
