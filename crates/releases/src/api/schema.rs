//! What the API's description says of types that come from crates without one.

use utoipa::ToSchema;

/// How much worse than the control is still fine: up to `ratio` times its rate plus `absolute`.
#[derive(ToSchema)]
#[allow(dead_code)] // only its shape is used
pub struct Tolerance {
    /// From 1 (no relative worsening) to 100; 1 when absent.
    #[schema(default = 1.0)]
    ratio: f64,
    /// A share from 0 to below 1; 0.002, which is 0.2 percentage points, when absent.
    #[schema(default = 0.002)]
    absolute: f64,
}

/// What the judge says of a step.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code)] // only its shape is used
pub enum Verdict {
    /// Seen enough, and no harm in it.
    Healthy,
    /// Something looks wrong, not yet beyond chance.
    Suspect,
    /// Worse than tolerated, beyond chance.
    Regressed,
    /// The numbers cannot tell.
    Unknown,
}
