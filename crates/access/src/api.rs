//! The routes of this capability: set-up, login, oneself, people, tokens.

pub mod gate;
mod people;
mod refuse;
mod sessions;
mod tokens;

use rest::{OpenApiRouter, routes};

use crate::{Access, Need, Rule};

/// What each route asks of its caller.
pub const RULES: &[Rule] = &[
    Rule::get("/api/setup", Need::Public),
    Rule::post("/api/setup", Need::Public),
    Rule::post("/api/login", Need::Public),
    Rule::post("/api/logout", Need::Reader),
    Rule::get("/api/me", Need::Reader),
    Rule::post("/api/me/password", Need::Reader),
    Rule::get("/api/people", Need::Reader),
    Rule::post("/api/people", Need::Admin),
    Rule::patch("/api/people/{id}", Need::Admin),
    Rule::post("/api/people/{id}/invitations", Need::Admin),
    Rule::post("/api/invitations/accept", Need::Public),
    Rule::get("/api/tokens", Need::Reader),
    Rule::post("/api/tokens", Need::Reader),
    Rule::delete("/api/tokens/{id}", Need::Reader),
];

/// The routes, with their state.
pub fn routes(access: Access) -> OpenApiRouter {
    OpenApiRouter::default()
        .routes(routes!(sessions::read_setup, sessions::set_up))
        .routes(routes!(sessions::log_in))
        .routes(routes!(sessions::log_out))
        .routes(routes!(sessions::me))
        .routes(routes!(sessions::change_password))
        .routes(routes!(people::list, people::invite))
        .routes(routes!(people::amend))
        .routes(routes!(people::invite_again))
        .routes(routes!(people::accept))
        .routes(routes!(tokens::list, tokens::make))
        .routes(routes!(tokens::revoke))
        .with_state(access)
}
