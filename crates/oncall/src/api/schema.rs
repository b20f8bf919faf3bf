//! What the API's description says of types that come from crates without one.

use utoipa::ToSchema;

/// One rotation at one height: a higher priority masks a lower, equal ones are on call together.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code)] // only its shape is used
pub struct Layer {
    /// Unique in its schedule.
    name: String,
    /// Higher masks lower; 0 when absent.
    priority: Option<i32>,
    /// Whose turn it is.
    rotation: Rotation,
    /// The hours at which the layer counts; none means always.
    restrictions: Option<Vec<Restriction>>,
}

/// People who take turns.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code)] // only its shape is used
pub struct Rotation {
    /// Ids of people in the order of their turns.
    participants: Vec<String>,
    /// The wall-clock time of one handoff, such as `2026-03-02T09:00:00`.
    anchor: String,
    /// Whose wall clock, such as `Europe/Berlin`.
    zone: String,
    /// How long a turn is.
    turn: Turn,
    /// The place in `participants` of the one whose turn begins at the anchor.
    first: Option<u32>,
}

/// The length of a turn on the wall clock.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code)] // only its shape is used
pub struct Turn {
    /// How many units.
    every: u32,
    /// `hours`, `days` or `weeks`.
    unit: String,
}

/// A window of the wall clock that opens on some days of the week.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code)] // only its shape is used
pub struct Restriction {
    /// `monday` to `sunday`.
    days: Vec<String>,
    /// When it opens: `09:00:00`.
    from: String,
    /// When it closes; on the next day when not after `from`.
    to: String,
}

/// A stretch of time in which nobody is on call.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code)] // only its shape is used
pub struct Gap {
    /// The first instant.
    #[schema(format = DateTime)]
    from: String,
    /// The first instant after it.
    #[schema(format = DateTime)]
    to: String,
    /// Whether an override left nobody on purpose.
    deliberate: bool,
}
