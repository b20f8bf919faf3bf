//! The tables of this crate, and the list of all its statements.

use db::{Migration, Sql};

use crate::store;

/// Every statement of this crate by module, for the test that prepares each on both databases.
pub const ALL: &[&[Sql]] =
    &[store::pipeline::ALL, store::release::ALL, store::decision::ALL, store::judgement::ALL, store::deployment::ALL];

/// The tables, in order.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        name: "releases-0001-pipeline",
        sql: "CREATE TABLE pipeline (
                  project TEXT NOT NULL REFERENCES project (key), key TEXT NOT NULL, version BIGINT NOT NULL,
                  body TEXT NOT NULL, PRIMARY KEY (project, key)
              )",
    },
    Migration {
        name: "releases-0002-release",
        sql: "CREATE TABLE release (
                  id TEXT PRIMARY KEY, project TEXT NOT NULL, environment TEXT NOT NULL, flag TEXT NOT NULL,
                  state TEXT NOT NULL, version BIGINT NOT NULL, attention BIGINT NOT NULL,
                  plan TEXT NOT NULL, progress TEXT NOT NULL, created_at BIGINT NOT NULL, ended_at BIGINT,
                  FOREIGN KEY (project, environment) REFERENCES environment (project, key)
              );
              CREATE UNIQUE INDEX release_open ON release (project, environment, flag)
                  WHERE state IN ('walking', 'held');
              CREATE INDEX release_place ON release (project, environment, id);
              CREATE INDEX release_attention ON release (id) WHERE attention = 1;
              CREATE TABLE decision (
                  release TEXT NOT NULL REFERENCES release (id), n BIGINT NOT NULL, at BIGINT NOT NULL,
                  step BIGINT NOT NULL, action TEXT NOT NULL, verdict TEXT, actor TEXT NOT NULL,
                  sentence TEXT NOT NULL, evidence TEXT, change_seq BIGINT, announcement TEXT, announced_at BIGINT,
                  PRIMARY KEY (release, n)
              );
              CREATE INDEX decision_unannounced ON decision (release, n)
                  WHERE announcement IS NOT NULL AND announced_at IS NULL",
    },
    Migration {
        name: "releases-0003-judgement",
        sql: "CREATE TABLE judgement (
                  release TEXT PRIMARY KEY REFERENCES release (id), judged_until BIGINT NOT NULL, body TEXT NOT NULL
              );
              CREATE TABLE evidence (
                  release TEXT NOT NULL REFERENCES release (id), metric TEXT NOT NULL, grain BIGINT NOT NULL,
                  start BIGINT NOT NULL, ln DOUBLE PRECISION NOT NULL, PRIMARY KEY (release, metric, start, grain)
              );
              CREATE INDEX evidence_fine ON evidence (start) WHERE grain = 1",
    },
    Migration {
        name: "releases-0004-deployment",
        sql: "CREATE TABLE deployment (
                  id TEXT PRIMARY KEY, project TEXT NOT NULL, environment TEXT NOT NULL, service TEXT NOT NULL,
                  version TEXT NOT NULL, at BIGINT NOT NULL, actor TEXT NOT NULL,
                  FOREIGN KEY (project, environment) REFERENCES environment (project, key)
              );
              CREATE INDEX deployment_place ON deployment (project, environment, id)",
    },
];
