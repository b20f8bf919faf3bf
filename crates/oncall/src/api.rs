//! The routes of this capability: alerts, incidents, the links in pages, and what people set up.

mod alerts;
mod incidents;
mod links;
mod on_call;
mod people;
mod policies;
mod refuse;
pub mod schema;
mod services;

use access::{Need, Rule};
use rest::{OpenApiRouter, routes};

use crate::Oncall;

/// What each route asks of its caller.
pub const RULES: &[Rule] = &[
    Rule::post("/api/alerts", Need::Writer),
    Rule::get("/api/incidents", Need::Reader),
    Rule::get("/api/incidents/{id}", Need::Reader),
    Rule::post("/api/incidents/{id}/acknowledge", Need::Writer),
    Rule::post("/api/incidents/{id}/resolve", Need::Writer),
    Rule::post("/api/incidents/{id}/note", Need::Writer),
    Rule::post("/api/incidents/{id}/undo", Need::Writer),
    // Whoever holds the code of a page is known by it; what they may do is decided by the person whom the page was for.
    Rule::get("/api/pages/{code}", Need::Public),
    Rule::post("/api/pages/{code}/acknowledge", Need::Public),
    Rule::post("/api/pages/{code}/undo", Need::Public),
    Rule::get("/api/services", Need::Reader),
    Rule::post("/api/services", Need::Writer),
    Rule::get("/api/services/{service}", Need::Reader),
    Rule::patch("/api/services/{service}", Need::Writer),
    Rule::get("/api/policies", Need::Reader),
    Rule::post("/api/policies", Need::Writer),
    Rule::get("/api/policies/{policy}", Need::Reader),
    Rule::put("/api/policies/{policy}", Need::Writer),
    Rule::delete("/api/policies/{policy}", Need::Writer),
    Rule::get("/api/on-call", Need::Reader),
    Rule::get("/api/schedules", Need::Reader),
    Rule::post("/api/schedules", Need::Writer),
    Rule::get("/api/schedules/{schedule}", Need::Reader),
    Rule::put("/api/schedules/{schedule}", Need::Writer),
    Rule::get("/api/schedules/{schedule}/shifts", Need::Reader),
    Rule::post("/api/schedules/{schedule}/overrides", Need::Writer),
    Rule::delete("/api/schedules/{schedule}/overrides/{id}", Need::Writer),
    // A person's own, or an admin's to set up: the service decides.
    Rule::get("/api/people/{id}/contact-methods", Need::Reader),
    Rule::post("/api/people/{id}/contact-methods", Need::Reader),
    Rule::delete("/api/people/{id}/contact-methods/{method}", Need::Reader),
    Rule::post("/api/people/{id}/contact-methods/{method}/test", Need::Reader),
];

/// The routes, with their state.
pub fn routes(oncall: Oncall) -> OpenApiRouter {
    OpenApiRouter::default()
        .routes(routes!(alerts::alert))
        .routes(routes!(incidents::list))
        .routes(routes!(incidents::read))
        .routes(routes!(incidents::acknowledge))
        .routes(routes!(incidents::resolve))
        .routes(routes!(incidents::note))
        .routes(routes!(incidents::undo))
        .routes(routes!(links::read))
        .routes(routes!(links::acknowledge))
        .routes(routes!(links::undo))
        .routes(routes!(services::list, services::create))
        .routes(routes!(services::read, services::update))
        .routes(routes!(policies::list, policies::create))
        .routes(routes!(policies::read, policies::update, policies::delete))
        .routes(routes!(on_call::now))
        .routes(routes!(on_call::list, on_call::create))
        .routes(routes!(on_call::read, on_call::update))
        .routes(routes!(on_call::shifts))
        .routes(routes!(on_call::add_override))
        .routes(routes!(on_call::delete_override))
        .routes(routes!(people::list, people::add))
        .routes(routes!(people::delete))
        .routes(routes!(people::test))
        .with_state(oncall)
}
