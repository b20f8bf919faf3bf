//! The way from nobody to everyone, in steps.

use kernel::{PipelineKey, ProjectKey, SegmentKey};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A named way from nobody to everyone.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Pipeline {
    /// The project.
    #[schema(value_type = String)]
    pub project: ProjectKey,
    /// Its key.
    #[schema(value_type = String)]
    pub key: PipelineKey,
    /// Grows with each edit; releases under way keep the steps that they began with.
    pub version: i64,
    /// What it is.
    #[serde(flatten)]
    pub body: PipelineBody,
}

/// What a pipeline is, as people write it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PipelineBody {
    /// For people.
    pub name: String,
    /// In order; the last reaches everyone.
    pub steps: Vec<Step>,
}

/// One stop on the way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Step {
    /// For people.
    pub name: String,
    /// Who gets what is new.
    pub audience: Audience,
    /// How long it lasts at least.
    pub minimum_seconds: u32,
    /// How many units each arm must have shown at least; of a segment nothing is asked.
    #[serde(default)]
    pub minimum_units: u32,
}

/// Who gets what is new: `{"segment": "internal"}` or `{"percentage": 1}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Audience {
    /// The members of a segment. Not comparable with others, so this step is not judged (`delivery-stats.md` §2.9).
    #[schema(value_type = String)]
    Segment(SegmentKey),
    /// A share of everybody, in percent with up to three decimals: above 0, at most 100.
    Percentage(f64),
}

impl Audience {
    /// The share in thousandths of a percent; none for a segment.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped to 0 to 100,000
    pub fn weight(&self) -> Option<u32> {
        match self {
            Self::Segment(_) => None,
            Self::Percentage(percent) => Some((percent * 1_000.0).round().clamp(0.0, 100_000.0) as u32),
        }
    }
}

/// Why a pipeline was refused: the field, as a JSON pointer, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct InvalidPipeline {
    /// JSON pointer into the body.
    pub field: String,
    /// What would be right.
    pub reason: &'static str,
}

/// At most so many steps.
const MOST_STEPS: usize = 20;
/// Thirty days.
const LONGEST_STEP: u32 = 30 * 24 * 3_600;

impl PipelineBody {
    /// The way that every project has: internal people, 1 %, 10 %, 50 %, everyone.
    pub fn standard() -> Self {
        let step = |name: &str, audience, minimum_seconds, minimum_units| Step {
            name: name.to_owned(),
            audience,
            minimum_seconds,
            minimum_units,
        };
        let internal = Audience::Segment(SegmentKey::new("internal").expect("a valid key"));
        Self {
            name: "Standard".to_owned(),
            steps: vec![
                step("Internal", internal, 300, 0),
                step("1 %", Audience::Percentage(1.0), 300, 50),
                step("10 %", Audience::Percentage(10.0), 600, 200),
                step("50 %", Audience::Percentage(50.0), 600, 200),
                step("Everyone", Audience::Percentage(100.0), 0, 0),
            ],
        }
    }

    /// Whether every field makes sense, shares grow, and the last step reaches everyone.
    pub fn check(&self) -> Result<(), InvalidPipeline> {
        let refuse = |field: String, reason| Err(InvalidPipeline { field, reason });
        if self.name.is_empty() || self.name.chars().count() > 200 {
            return refuse("/name".to_owned(), "a name has 1 to 200 characters");
        }
        if !(1..=MOST_STEPS).contains(&self.steps.len()) {
            return refuse("/steps".to_owned(), "a pipeline has 1 to 20 steps");
        }
        let mut reached = 0;
        for (index, step) in self.steps.iter().enumerate() {
            if step.name.is_empty() || step.name.chars().count() > 100 {
                return refuse(format!("/steps/{index}/name"), "a step's name has 1 to 100 characters");
            }
            if step.minimum_seconds > LONGEST_STEP {
                return refuse(format!("/steps/{index}/minimumSeconds"), "a step lasts 30 days at most");
            }
            if let Some(weight) = step.audience.weight() {
                if weight <= reached {
                    return refuse(format!("/steps/{index}/audience"), "shares are above 0 and grow from step to step");
                }
                reached = weight;
            }
        }
        let last = self.steps.last().and_then(|step| step.audience.weight());
        if last != Some(100_000) {
            return refuse(format!("/steps/{}/audience", self.steps.len() - 1), "the last step reaches 100 %");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_pipeline_makes_sense() {
        assert_eq!(PipelineBody::standard().check(), Ok(()));
    }

    #[test]
    fn each_fault_of_a_pipeline_has_its_field() {
        type Fault = (&'static str, fn(&mut PipelineBody));
        let percent = Audience::Percentage;
        let cases: [Fault; 7] = [
            ("/name", |body| body.name.clear()),
            ("/steps", |body| body.steps.clear()),
            ("/steps/1/name", |body| body.steps[1].name.clear()),
            ("/steps/2/minimumSeconds", |body| body.steps[2].minimum_seconds = u32::MAX),
            ("/steps/2/audience", |body| body.steps[2].audience = Audience::Percentage(1.0)),
            ("/steps/1/audience", |body| body.steps[1].audience = Audience::Percentage(-3.0)),
            ("/steps/3/audience", |body| drop(body.steps.pop())),
        ];
        for (field, break_it) in cases {
            let mut body = PipelineBody::standard();
            break_it(&mut body);
            assert_eq!(body.check().unwrap_err().field, field);
        }
        assert_eq!(
            [percent(0.001), percent(33.333), percent(100.0)].map(|a| a.weight()),
            [Some(1), Some(33_333), Some(100_000)]
        );
        assert_eq!(percent(f64::NAN).weight(), Some(0));
    }
}
