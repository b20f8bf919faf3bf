//! The tables of this crate, and the list of all its statements.

use crate::{Migration, Sql, database, lease, outbox, sequence, timer};

/// Every statement of this crate by module, for the test that prepares each on both databases.
pub const ALL: &[&[Sql]] = &[database::ALL, sequence::ALL, lease::ALL, outbox::ALL, timer::ALL];

pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration { name: "db-0001-sequence", sql: "CREATE TABLE sequence (name TEXT PRIMARY KEY, value BIGINT NOT NULL)" },
    Migration {
        name: "db-0002-lease",
        sql: "CREATE TABLE lease (
                  name TEXT PRIMARY KEY, holder TEXT NOT NULL, fence BIGINT NOT NULL, expires_at BIGINT NOT NULL
              )",
    },
    Migration {
        name: "db-0003-outbox",
        sql: "CREATE TABLE outbox (
                  id TEXT PRIMARY KEY, topic TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL,
                  due_at BIGINT NOT NULL, attempts BIGINT NOT NULL, last_error TEXT,
                  done_at BIGINT, claimed_until BIGINT, created_at BIGINT NOT NULL,
                  UNIQUE (topic, key)
              );
              CREATE INDEX outbox_due ON outbox (topic, due_at) WHERE done_at IS NULL;
              CREATE INDEX outbox_done ON outbox (done_at) WHERE done_at IS NOT NULL",
    },
    Migration {
        name: "db-0004-timer",
        sql: "CREATE TABLE timer (
                  name TEXT PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, due_at BIGINT NOT NULL
              );
              CREATE INDEX timer_due ON timer (kind, due_at)",
    },
];
