//! Our HTTP API: projects, environments, keys, flags, segments, changes, and the evaluator.

mod changes;
mod configurations;
mod environments;
mod evaluate;
mod flags;
mod import;
mod keys;
mod manifest;
mod members;
mod paths;
mod projects;
mod refuse;
pub mod schema;
mod segments;
mod uploads;

use access::{Need, Rule};
use rest::{OpenApiRouter, routes};

use crate::{Flags, Follower};

/// What each route asks of its caller.
pub const RULES: &[Rule] = &[
    Rule::get("/api/projects", Need::Reader),
    Rule::post("/api/projects", Need::Admin),
    Rule::get("/api/projects/{project}", Need::Reader),
    Rule::patch("/api/projects/{project}", Need::Writer),
    Rule::get("/api/projects/{project}/environments", Need::Reader),
    Rule::post("/api/projects/{project}/environments", Need::Admin),
    Rule::get("/api/projects/{project}/environments/{environment}", Need::Reader),
    Rule::patch("/api/projects/{project}/environments/{environment}", Need::Writer),
    Rule::get("/api/projects/{project}/environments/{environment}/keys", Need::Writer),
    Rule::post("/api/projects/{project}/environments/{environment}/keys", Need::Admin),
    Rule::delete("/api/projects/{project}/environments/{environment}/keys/{id}", Need::Admin),
    Rule::get("/api/projects/{project}/flags", Need::Reader),
    Rule::post("/api/projects/{project}/flags", Need::Writer),
    Rule::get("/api/projects/{project}/flags/{flag}", Need::Reader),
    Rule::patch("/api/projects/{project}/flags/{flag}", Need::Writer),
    Rule::delete("/api/projects/{project}/flags/{flag}", Need::Writer),
    Rule::get("/api/projects/{project}/flags/{flag}/changes", Need::Reader),
    Rule::get("/api/projects/{project}/openfeature/v0/manifest", Need::Reader),
    Rule::patch("/api/projects/{project}/environments/{environment}/flags/{flag}", Need::Writer),
    Rule::post("/api/projects/{project}/environments/{environment}/flags/{flag}/restore", Need::Writer),
    Rule::post("/api/projects/{project}/environments/{environment}/evaluate", Need::Reader),
    Rule::post("/api/projects/{project}/environments/{environment}/import/unleash", Need::Admin),
    Rule::get("/api/projects/{project}/environments/{environment}/segments", Need::Reader),
    Rule::post("/api/projects/{project}/environments/{environment}/segments", Need::Writer),
    Rule::get("/api/projects/{project}/environments/{environment}/segments/{segment}", Need::Reader),
    Rule::patch("/api/projects/{project}/environments/{environment}/segments/{segment}", Need::Writer),
    Rule::delete("/api/projects/{project}/environments/{environment}/segments/{segment}", Need::Writer),
    Rule::post("/api/projects/{project}/environments/{environment}/import/launchdarkly", Need::Admin),
    Rule::get("/api/projects/{project}/environments/{environment}/segments/{segment}/members", Need::Reader),
    Rule::post("/api/projects/{project}/environments/{environment}/segments/{segment}/members", Need::Writer),
    Rule::get("/api/projects/{project}/environments/{environment}/segments/{segment}/uploads", Need::Reader),
    Rule::post("/api/projects/{project}/environments/{environment}/segments/{segment}/uploads", Need::Writer),
    Rule::get("/api/projects/{project}/environments/{environment}/segments/{segment}/uploads/{id}", Need::Reader),
    Rule::delete("/api/projects/{project}/environments/{environment}/segments/{segment}/uploads/{id}", Need::Writer),
    Rule::get("/api/changes", Need::Reader),
    Rule::get("/api/changes/{seq}", Need::Reader),
    Rule::post("/api/changes/{seq}/undo", Need::Writer),
];

/// What handlers work on.
#[derive(Clone)]
struct Rooms {
    flags: Flags,
    follower: Follower,
}

/// The routes, with their state.
pub fn routes(flags: Flags, follower: Follower) -> OpenApiRouter {
    OpenApiRouter::default()
        .routes(routes!(projects::list, projects::create))
        .routes(routes!(projects::read, projects::amend))
        .routes(routes!(environments::list, environments::create))
        .routes(routes!(environments::read, environments::amend))
        .routes(routes!(keys::list, keys::add))
        .routes(routes!(keys::revoke))
        .routes(routes!(flags::list, flags::create))
        .routes(routes!(flags::read, flags::amend, flags::delete))
        .routes(routes!(changes::of_flag))
        .routes(routes!(manifest::read))
        .routes(routes!(configurations::amend))
        .routes(routes!(configurations::restore))
        .routes(routes!(evaluate::evaluate))
        .routes(routes!(segments::list, segments::create))
        .routes(routes!(segments::read, segments::amend, segments::delete))
        .routes(routes!(import::launchdarkly))
        .routes(routes!(import::unleash))
        .routes(routes!(members::read, members::update))
        .routes(routes!(uploads::list, uploads::upload))
        .routes(routes!(uploads::read, uploads::cancel))
        .routes(routes!(changes::list))
        .routes(routes!(changes::read))
        .routes(routes!(changes::undo))
        .with_state(Rooms { flags, follower })
}

#[cfg(test)]
mod tests;
