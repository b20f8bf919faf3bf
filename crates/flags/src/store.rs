//! What is stored of projects, flags, segments, keys and changes: all SQL of this capability, as statements and reads.
//!
//! Every version is the `seq` of the change that wrote it, taken in the same batch: `(SELECT value FROM sequence …)`.

pub mod changes;
pub mod flags;
pub mod generations;
pub mod links;
pub mod members;
pub mod places;
pub mod segments;

use db::{Migration, Sql};

/// Every statement, for the test that prepares each on both databases.
pub const STATEMENTS: &[&[Sql]] =
    &[changes::ALL, flags::ALL, generations::ALL, links::ALL, members::ALL, places::ALL, segments::ALL];

/// The tables of this capability.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        name: "flags-0001-flags",
        sql: "
        CREATE TABLE project (
            key TEXT PRIMARY KEY, version BIGINT NOT NULL, links BIGINT NOT NULL, body TEXT NOT NULL,
            created_at BIGINT NOT NULL
        );
        CREATE TABLE environment (
            project TEXT NOT NULL REFERENCES project (key), key TEXT NOT NULL, version BIGINT NOT NULL,
            body TEXT NOT NULL, created_at BIGINT NOT NULL, PRIMARY KEY (project, key)
        );
        CREATE TABLE flag (
            project TEXT NOT NULL REFERENCES project (key), key TEXT NOT NULL, version BIGINT NOT NULL,
            words TEXT NOT NULL, tags TEXT NOT NULL, body TEXT NOT NULL, created_at BIGINT NOT NULL,
            deleted_at BIGINT, PRIMARY KEY (project, key)
        );
        CREATE TABLE flag_configuration (
            project TEXT NOT NULL, environment TEXT NOT NULL, key TEXT NOT NULL, version BIGINT NOT NULL,
            body TEXT NOT NULL, PRIMARY KEY (project, key, environment),
            FOREIGN KEY (project, environment) REFERENCES environment (project, key),
            FOREIGN KEY (project, key) REFERENCES flag (project, key)
        );
        CREATE TABLE segment (
            project TEXT NOT NULL, environment TEXT NOT NULL, key TEXT NOT NULL, version BIGINT NOT NULL,
            body TEXT NOT NULL, created_at BIGINT NOT NULL, deleted_at BIGINT,
            PRIMARY KEY (project, environment, key),
            FOREIGN KEY (project, environment) REFERENCES environment (project, key)
        );
        CREATE TABLE link (
            project TEXT NOT NULL, environment TEXT NOT NULL, from_sort TEXT NOT NULL, source TEXT NOT NULL,
            to_sort TEXT NOT NULL, target TEXT NOT NULL, variation BIGINT
        );
        CREATE INDEX link_source ON link (project, environment, source);
        CREATE INDEX link_target ON link (project, target);
        CREATE TABLE sdk_key (
            value TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, project TEXT NOT NULL,
            environment TEXT NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT, revoked_at BIGINT,
            FOREIGN KEY (project, environment) REFERENCES environment (project, key)
        );
        CREATE INDEX sdk_key_environment ON sdk_key (project, environment);
        CREATE TABLE change (
            seq BIGINT PRIMARY KEY, id TEXT NOT NULL UNIQUE, at BIGINT NOT NULL, actor TEXT NOT NULL,
            project TEXT NOT NULL, environment TEXT, noun TEXT NOT NULL, key TEXT NOT NULL, comment TEXT NOT NULL,
            sentences TEXT NOT NULL, instructions TEXT NOT NULL, inverse TEXT NOT NULL, state_before TEXT,
            state_after TEXT NOT NULL, cause TEXT NOT NULL
        );
        CREATE INDEX change_thing ON change (project, key, seq);
        CREATE INDEX change_place ON change (project, environment, seq);
        CREATE INDEX change_time ON change (at)",
    },
    Migration {
        name: "flags-0002-big-segments",
        sql: "
        CREATE TABLE segment_generation (
            generation BIGINT PRIMARY KEY, id TEXT NOT NULL UNIQUE, project TEXT NOT NULL, environment TEXT NOT NULL,
            segment TEXT NOT NULL, state TEXT NOT NULL, actor TEXT NOT NULL, created_at BIGINT NOT NULL,
            beat_at BIGINT NOT NULL, ended_at BIGINT, bytes BIGINT NOT NULL, bytes_total BIGINT, keys BIGINT NOT NULL,
            staged BIGINT NOT NULL, included BIGINT NOT NULL, excluded BIGINT NOT NULL, since BIGINT NOT NULL,
            revision BIGINT NOT NULL, problem TEXT, unmirrored BIGINT NOT NULL,
            swept BIGINT NOT NULL,
            FOREIGN KEY (project, environment) REFERENCES environment (project, key)
        );
        CREATE INDEX segment_generation_place ON segment_generation (project, environment, segment);
        CREATE INDEX segment_generation_state ON segment_generation (state, ended_at);
        CREATE UNIQUE INDEX segment_generation_upload ON segment_generation (project, environment, segment)
            WHERE state IN ('receiving', 'staging', 'staged');
        CREATE TABLE segment_member (
            generation BIGINT NOT NULL, hash {blob} NOT NULL, member BIGINT NOT NULL, revision BIGINT NOT NULL,
            PRIMARY KEY (generation, hash)
        ) {clustered};
        CREATE INDEX segment_member_change ON segment_member (generation, revision) WHERE revision > 0",
    },
];

/// A thing with the version that it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versioned<K, T> {
    /// What it is called.
    pub key: K,
    /// The `seq` of its last change.
    pub version: kernel::Revision,
    /// The thing.
    pub body: T,
}

/// A pattern of LIKE for texts that hold `part`, with `!` as the escape.
fn holding(part: &str) -> String {
    let escaped = part.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%{escaped}%")
}
