//! What the API's description says of types that come from crates without one.

use kernel::ActorKind;
use utoipa::ToSchema;

/// Who did it.
#[derive(ToSchema)]
#[allow(dead_code)] // only its shape is used
pub struct Actor {
    /// What sort of author: `person`, `token`, `release`, `page` or `system`.
    #[schema(value_type = String)]
    kind: ActorKind,
    /// Its id; empty for the system.
    id: String,
    /// Its name at the time.
    name: String,
}
