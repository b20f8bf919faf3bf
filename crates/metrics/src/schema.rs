//! The tables of this crate, and the list of all its statements.

use db::{Migration, Sql};

use crate::store;

/// Every statement of this crate by module, for the test that prepares each on both databases.
pub const ALL: &[&[Sql]] =
    &[store::metric::ALL, store::intake::ALL, store::comparison::ALL, store::count::ALL, store::sdk::ALL];

/// The tables, in order.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        name: "metrics-0001-metric",
        sql: "CREATE TABLE metric (
                  project TEXT NOT NULL, key TEXT NOT NULL, version BIGINT NOT NULL, body TEXT NOT NULL,
                  deleted_at BIGINT, PRIMARY KEY (project, key)
              )",
    },
    Migration {
        name: "metrics-0002-comparison",
        sql: "CREATE TABLE comparison (
                  id TEXT PRIMARY KEY, project TEXT NOT NULL, environment TEXT NOT NULL, flag TEXT NOT NULL,
                  arms TEXT NOT NULL, since_version BIGINT NOT NULL, step_version BIGINT NOT NULL,
                  cursor BIGINT NOT NULL, closed_until BIGINT NOT NULL, judged_until BIGINT NOT NULL,
                  halvings BIGINT NOT NULL, opened_at BIGINT NOT NULL, closed_at BIGINT, emptied_at BIGINT
              );
              CREATE INDEX comparison_open ON comparison (project, environment) WHERE closed_at IS NULL;
              CREATE INDEX comparison_full ON comparison (closed_at) WHERE emptied_at IS NULL;
              CREATE TABLE comparison_window (
                  comparison TEXT NOT NULL, counted TEXT NOT NULL, arm BIGINT NOT NULL,
                  grain BIGINT NOT NULL, start BIGINT NOT NULL, finish BIGINT NOT NULL,
                  n BIGINT NOT NULL, k BIGINT NOT NULL, PRIMARY KEY (comparison, grain, start, counted, arm)
              );
              CREATE TABLE unit (
                  comparison TEXT NOT NULL, unit {blob} NOT NULL, arm BIGINT, arm_since BIGINT NOT NULL,
                  first_at BIGINT NOT NULL, bad BIGINT NOT NULL, waiting {blob}, PRIMARY KEY (comparison, unit)
              )",
    },
    Migration {
        name: "metrics-0003-intake",
        sql: "CREATE TABLE intake (
                  seq BIGINT PRIMARY KEY, comparison TEXT NOT NULL, received_at BIGINT NOT NULL, body {blob} NOT NULL
              );
              CREATE INDEX intake_comparison ON intake (comparison, seq);
              CREATE TABLE event_batch (
                  project TEXT NOT NULL, environment TEXT NOT NULL, payload_id TEXT NOT NULL,
                  received_at BIGINT NOT NULL, PRIMARY KEY (project, environment, payload_id)
              );
              CREATE INDEX event_batch_received ON event_batch (received_at);
              CREATE INDEX event_batch_place ON event_batch (project, environment, received_at)",
    },
    Migration {
        name: "metrics-0004-count",
        sql: "CREATE TABLE evaluation_count (
                  project TEXT NOT NULL, environment TEXT NOT NULL, flag TEXT NOT NULL, variation BIGINT NOT NULL,
                  start BIGINT NOT NULL, n BIGINT NOT NULL,
                  PRIMARY KEY (project, environment, flag, start, variation)
              );
              CREATE INDEX evaluation_count_start ON evaluation_count (start);
              CREATE TABLE outcome_count (
                  project TEXT NOT NULL, environment TEXT NOT NULL, metric TEXT NOT NULL,
                  grain BIGINT NOT NULL, start BIGINT NOT NULL, n BIGINT NOT NULL,
                  PRIMARY KEY (project, environment, metric, start, grain)
              );
              CREATE INDEX outcome_count_start ON outcome_count (grain, start);
              CREATE TABLE sdk_seen (
                  project TEXT NOT NULL, environment TEXT NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL,
                  instance TEXT NOT NULL, first_seen BIGINT NOT NULL, last_seen BIGINT NOT NULL,
                  PRIMARY KEY (project, environment, name, version, instance)
              );
              CREATE INDEX sdk_seen_last ON sdk_seen (last_seen)",
    },
    Migration { name: "metrics-0005-metric-created", sql: "ALTER TABLE metric ADD COLUMN created_at BIGINT" },
    Migration {
        name: "metrics-0006-sdk",
        sql: "DROP TABLE sdk_seen;
              CREATE TABLE sdk (
                  project TEXT NOT NULL, environment TEXT NOT NULL, sdk TEXT NOT NULL, key_kind TEXT NOT NULL,
                  family TEXT NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL, wrapper TEXT NOT NULL,
                  application TEXT NOT NULL, application_version TEXT NOT NULL, platform TEXT NOT NULL,
                  transports BIGINT NOT NULL, first_seen BIGINT NOT NULL, last_seen BIGINT NOT NULL,
                  PRIMARY KEY (project, environment, sdk)
              );
              CREATE INDEX sdk_last ON sdk (last_seen);
              CREATE TABLE sdk_node (node TEXT PRIMARY KEY, at BIGINT NOT NULL);
              CREATE TABLE sdk_presence (
                  project TEXT NOT NULL, environment TEXT NOT NULL, sdk TEXT NOT NULL, node TEXT NOT NULL,
                  streams BIGINT NOT NULL, instance_count BIGINT NOT NULL, instances TEXT NOT NULL,
                  PRIMARY KEY (project, environment, sdk, node)
              );
              CREATE INDEX sdk_presence_node ON sdk_presence (node)",
    },
    Migration {
        name: "metrics-0007-evaluation-grain",
        sql: "ALTER TABLE evaluation_count ADD COLUMN grain BIGINT NOT NULL DEFAULT 60;
              CREATE INDEX evaluation_count_fine ON evaluation_count (start) WHERE grain = 60",
    },
    Migration {
        // The variant is a part of the key, which SQLite cannot alter.
        name: "metrics-0008-evaluation-variant",
        sql: "CREATE TABLE evaluation_count_by_variant (
                  project TEXT NOT NULL, environment TEXT NOT NULL, flag TEXT NOT NULL, variation BIGINT NOT NULL,
                  variant TEXT NOT NULL, start BIGINT NOT NULL, n BIGINT NOT NULL, grain BIGINT NOT NULL DEFAULT 60,
                  PRIMARY KEY (project, environment, flag, start, variation, variant)
              );
              INSERT INTO evaluation_count_by_variant
                  SELECT project, environment, flag, variation, '', start, n, grain FROM evaluation_count;
              DROP TABLE evaluation_count;
              ALTER TABLE evaluation_count_by_variant RENAME TO evaluation_count;
              CREATE INDEX evaluation_count_start ON evaluation_count (start);
              CREATE INDEX evaluation_count_fine ON evaluation_count (start) WHERE grain = 60",
    },
];
