//! The nouns: pipelines, releases, decisions, deployments.

pub mod decision;
pub mod deployment;
pub mod pipeline;
pub mod release;

pub use decision::{Action, DecisionRecord};
pub use deployment::{Deployment, DeploymentId};
pub use pipeline::{Audience, InvalidPipeline, Pipeline, PipelineBody, Step};
pub use release::{
    Guard, Hold, HoldReason, OnRegression, Original, Plan, Progress, Recovery, Release, ReleaseState, StepTaken,
};
