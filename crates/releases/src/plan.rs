//! Decides whether a release may begin, and what it will do: `(request, flag, pipeline) → plan`.

use std::collections::BTreeSet;

use flags::model::{Bucketing, Configuration, Flag, Serve};
use kernel::{Actor, ContextKind, FlagKey, PipelineKey, ServiceKey};
use metrics::ComparedMetric;
use serde::Deserialize;
use statistics::{Guardrail, Policy};
use utoipa::ToSchema;

use crate::model::{Audience, DeploymentId, Guard, Original, Pipeline, Plan, Step};

/// A release to begin.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewRelease {
    /// Of which flag.
    #[schema(value_type = String)]
    pub flag: FlagKey,
    /// The variation that is new, by index.
    pub treatment: usize,
    /// The variation that was, by index; what everyone gets now when absent.
    pub control: Option<usize>,
    /// The pipeline; `standard` when absent.
    #[schema(value_type = Option<String>)]
    pub pipeline: Option<PipelineKey>,
    /// What it is watched by; at least one.
    pub guards: Vec<Guard>,
    /// The chance at most that a harmless release is taken back; 0.01 when absent.
    pub alpha: Option<f64>,
    /// Whose people are paged.
    #[schema(value_type = Option<String>)]
    pub service: Option<ServiceKey>,
    /// Whose key is dealt and counted; `user` when absent.
    #[schema(value_type = Option<String>)]
    pub context_kind: Option<ContextKind>,
    /// The deployment that brought the code.
    #[schema(value_type = Option<String>)]
    pub deployment: Option<DeploymentId>,
    /// How long after a rollback the metrics may take to be as before, from 10 to 3,600; 120 when absent.
    pub recovery_seconds: Option<u32>,
    /// Why.
    #[serde(default)]
    pub comment: String,
}

/// Why a release may not begin: the field, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct InvalidRelease {
    /// JSON pointer into the request.
    pub field: String,
    /// What is wrong.
    pub reason: String,
}

/// What is known of the flag and its surroundings.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    /// The flag.
    pub flag: &'a Flag,
    /// What it does in the environment.
    pub configuration: &'a Configuration,
    /// The pipeline that was asked for.
    pub pipeline: &'a Pipeline,
    /// Its segments that the environment does not have.
    pub missing_segments: &'a BTreeSet<String>,
    /// The guards' metrics, in their order.
    pub metrics: &'a [ComparedMetric],
}

/// At most so many guards: a unit's bad outcomes are bits of a word.
const MOST_GUARDS: usize = 32;

/// Makes the plan, or says why not.
pub fn plan(request: NewRelease, around: &Surroundings<'_>, seed: i64, by: Actor) -> Result<Plan, InvalidRelease> {
    let Surroundings { flag, configuration, pipeline, missing_segments, metrics } = *around;
    if flag.bucketing == Bucketing::Unleash {
        let why = "this flag is evaluated by Unleash's rules, whose strategies a pipeline cannot widen step by step";
        return refuse("/flag", why);
    }
    let control = arms(&request, flag, configuration)?;
    check_guards(&request)?;
    let alpha = request.alpha.unwrap_or(Policy::default().alpha);
    let (steps, notes) = steps(pipeline, missing_segments);
    let recovery_seconds = request.recovery_seconds.unwrap_or(120);
    if !(10..=3_600).contains(&recovery_seconds) {
        return refuse("/recoverySeconds", "recovery takes from 10 to 3,600 seconds");
    }
    if request.comment.chars().count() > 1_000 {
        return refuse("/comment", "a comment has 1,000 characters at most");
    }
    Ok(Plan {
        pipeline: pipeline.key.clone(),
        steps,
        notes,
        treatment: request.treatment,
        control,
        treatment_name: flag.label(request.treatment),
        control_name: flag.label(control),
        seed,
        context_kind: request.context_kind.unwrap_or_default(),
        guards: request.guards,
        metrics: metrics.to_vec(),
        alpha,
        service: request.service,
        deployment: request.deployment,
        original: Original { on: configuration.on, fallthrough: configuration.fallthrough.clone() },
        recovery_seconds,
        comment: request.comment,
        started_by: by,
    })
}

/// The control: what everyone gets now. Another would change what everyone gets the moment the release begins.
fn arms(request: &NewRelease, flag: &Flag, configuration: &Configuration) -> Result<usize, InvalidRelease> {
    let count = flag.variations.len();
    if request.treatment >= count {
        return refuse("/treatment", format!("the flag has {count} variations, counted from 0"));
    }
    let present = match (&configuration.fallthrough, configuration.on) {
        (_, false) => configuration.off_variation,
        (Serve::Variation(index), true) => Some(*index),
        (Serve::Rollout(_), true) => {
            return refuse("/flag", "the flag's fallthrough is a rollout already: end that first");
        }
    };
    let Some(control) = present.or(request.control) else {
        return refuse("/control", "the flag is off without an off variation, so say what everyone else is to get");
    };
    if request.control.is_some_and(|asked| asked != control) {
        let now = flag.label(control);
        return refuse("/control", format!("everyone gets {now} now, so only that can be the control"));
    }
    if control >= count {
        return refuse("/control", format!("the flag has {count} variations, counted from 0"));
    }
    if control == request.treatment {
        return refuse("/treatment", format!("everyone gets {} already", flag.label(control)));
    }
    Ok(control)
}

fn check_guards(request: &NewRelease) -> Result<(), InvalidRelease> {
    if !(1..=MOST_GUARDS).contains(&request.guards.len()) {
        return refuse("/guards", "a release is watched by 1 to 32 guards");
    }
    let mut seen = BTreeSet::new();
    for (index, guard) in request.guards.iter().enumerate() {
        if !seen.insert(&guard.metric) {
            return refuse(&format!("/guards/{index}/metric"), format!("{} guards it twice", guard.metric));
        }
        let guardrail = Guardrail { weight: guard.weight, tolerance: guard.tolerance, ..Guardrail::default() };
        if let Err(error) = guardrail.check() {
            let field = match error.field() {
                "weight" => "weight".to_owned(),
                inner => format!("tolerance/{inner}"),
            };
            return refuse(&format!("/guards/{index}/{field}"), error.to_string());
        }
    }
    let policy = Policy { alpha: request.alpha.unwrap_or(Policy::default().alpha), ..Policy::default() };
    if !(policy.alpha > 0.0 && policy.alpha <= 0.1) {
        return refuse("/alpha", "alpha is above 0 and at most 0.1");
    }
    Ok(())
}

/// The pipeline's steps without those for segments that are not there.
fn steps(pipeline: &Pipeline, missing: &BTreeSet<String>) -> (Vec<Step>, Vec<String>) {
    let is_missing = |step: &&Step| matches!(&step.audience, Audience::Segment(key) if missing.contains(key.as_str()));
    let (left_out, steps): (Vec<&Step>, Vec<&Step>) = pipeline.body.steps.iter().partition(is_missing);
    let note = |step: &Step| match &step.audience {
        Audience::Segment(key) => format!("The step {} was left out: there is no segment {key} here.", step.name),
        Audience::Percentage(_) => format!("The step {} was left out.", step.name),
    };
    (steps.into_iter().cloned().collect(), left_out.into_iter().map(note).collect())
}

fn refuse<T>(field: &str, reason: impl Into<String>) -> Result<T, InvalidRelease> {
    Err(InvalidRelease { field: field.to_owned(), reason: reason.into() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PipelineBody;
    use crate::testing::{compared_metrics, configuration, person, plan as sample};

    fn request() -> NewRelease {
        serde_json::from_str(r#"{"flag": "checkout", "treatment": 0, "guards": [{"metric": "payment-failed"}]}"#)
            .unwrap()
    }

    fn make(request: NewRelease, configuration: &Configuration, missing: &[&str]) -> Result<Plan, InvalidRelease> {
        let flag = Flag::boolean("Checkout");
        let pipeline = Pipeline {
            project: kernel::ProjectKey::new("shop").unwrap(),
            key: PipelineKey::new("standard").unwrap(),
            version: 0,
            body: PipelineBody::standard(),
        };
        let missing_segments = missing.iter().map(|&key| key.to_owned()).collect();
        let (missing_segments, metrics) = (&missing_segments, &*compared_metrics());
        let around = Surroundings { flag: &flag, configuration, pipeline: &pipeline, missing_segments, metrics };
        plan(request, &around, 61, person())
    }

    #[test]
    fn a_flag_that_is_off_is_released_against_its_off_variation() {
        let made = make(NewRelease { comment: "Try it.".to_owned(), ..request() }, &configuration(), &[]).unwrap();
        assert_eq!(made, sample());
    }

    #[test]
    fn a_segment_that_is_not_there_is_left_out_with_a_note() {
        let made = make(request(), &configuration(), &["internal"]).unwrap();
        assert_eq!(made.steps.len(), 4);
        assert_eq!(made.notes, ["The step Internal was left out: there is no segment internal here."]);
    }

    #[test]
    fn each_fault_has_its_field() {
        let on = |fallthrough| Configuration { on: true, fallthrough, ..configuration() };
        let rollout =
            serde_json::from_str(r#"{"rollout": {"variations": [{"variation": 0, "weight": 100000}]}}"#).unwrap();
        let guard = || request().guards[0].clone();
        let worse = |tolerance| Guard { tolerance, ..guard() };
        let ratio = statistics::Tolerance { ratio: 0.5, absolute: 0.0 };
        let table: Vec<(&str, NewRelease, Configuration)> = vec![
            ("/treatment", NewRelease { treatment: 2, ..request() }, configuration()),
            ("/treatment", request(), on(Serve::Variation(0))),
            ("/flag", request(), on(rollout)),
            ("/control", NewRelease { control: Some(0), ..request() }, configuration()),
            ("/control", request(), Configuration { off_variation: None, ..configuration() }),
            ("/guards", NewRelease { guards: vec![], ..request() }, configuration()),
            ("/guards/1/metric", NewRelease { guards: vec![guard(), guard()], ..request() }, configuration()),
            (
                "/guards/0/weight",
                NewRelease { guards: vec![Guard { weight: 0.0, ..guard() }], ..request() },
                configuration(),
            ),
            ("/guards/0/tolerance/ratio", NewRelease { guards: vec![worse(ratio)], ..request() }, configuration()),
            ("/alpha", NewRelease { alpha: Some(0.0), ..request() }, configuration()),
            ("/recoverySeconds", NewRelease { recovery_seconds: Some(1), ..request() }, configuration()),
            ("/comment", NewRelease { comment: "x".repeat(1_001), ..request() }, configuration()),
        ];
        for (field, request, configuration) in table {
            assert_eq!(make(request, &configuration, &[]).unwrap_err().field, field);
        }
    }
}
