//! All SQL of on-call: its tables, its statements, and how rows become nouns.

pub mod documents;
pub mod incidents;
pub mod pages;
pub mod people;

use db::{Migration, Sql};

/// Every statement, for the test that prepares each on both databases.
pub const STATEMENTS: &[&[Sql]] = &[documents::ALL, people::ALL, incidents::ALL, pages::ALL];

/// The tables.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        name: "oncall-0001-documents",
        sql: "CREATE TABLE service (key TEXT PRIMARY KEY, version BIGINT NOT NULL, body TEXT NOT NULL);
              CREATE TABLE schedule (key TEXT PRIMARY KEY, version BIGINT NOT NULL, body TEXT NOT NULL);
              CREATE TABLE policy (key TEXT PRIMARY KEY, version BIGINT NOT NULL, body TEXT NOT NULL)",
    },
    Migration {
        name: "oncall-0002-people",
        sql: "CREATE TABLE schedule_override (
                  id TEXT PRIMARY KEY, schedule TEXT NOT NULL REFERENCES schedule (key),
                  starts_at BIGINT NOT NULL, ends_at BIGINT NOT NULL, created_by TEXT NOT NULL, body TEXT NOT NULL
              );
              CREATE INDEX schedule_override_end ON schedule_override (ends_at);
              CREATE TABLE contact_method (
                  id TEXT PRIMARY KEY, person TEXT NOT NULL, position BIGINT NOT NULL, body TEXT NOT NULL,
                  created_at BIGINT NOT NULL, proven_at BIGINT, last_error TEXT, UNIQUE (person, position)
              )",
    },
    Migration {
        name: "oncall-0003-incidents",
        sql: "CREATE TABLE incident (
                  id TEXT PRIMARY KEY, number BIGINT NOT NULL UNIQUE, service TEXT NOT NULL, state TEXT NOT NULL,
                  urgency TEXT NOT NULL, opened_at BIGINT NOT NULL, next_at BIGINT, version BIGINT NOT NULL,
                  body TEXT NOT NULL
              );
              CREATE INDEX incident_due ON incident (next_at) WHERE next_at IS NOT NULL;
              CREATE INDEX incident_state ON incident (state, number);
              CREATE TABLE incident_event (
                  incident TEXT NOT NULL REFERENCES incident (id), n BIGINT NOT NULL, body TEXT NOT NULL,
                  PRIMARY KEY (incident, n)
              );
              CREATE TABLE alert (
                  id TEXT PRIMARY KEY, incident TEXT NOT NULL REFERENCES incident (id), service TEXT NOT NULL,
                  dedup_key TEXT NOT NULL, resolved_at BIGINT, body TEXT NOT NULL
              );
              CREATE UNIQUE INDEX alert_open ON alert (service, dedup_key) WHERE resolved_at IS NULL;
              CREATE INDEX alert_incident ON alert (incident)",
    },
    Migration {
        name: "oncall-0004-pages",
        sql: "CREATE TABLE page (
                  id TEXT PRIMARY KEY, incident TEXT NOT NULL REFERENCES incident (id), person TEXT NOT NULL,
                  contact_method TEXT NOT NULL, round BIGINT NOT NULL, level BIGINT NOT NULL, state TEXT NOT NULL,
                  attempts BIGINT NOT NULL, last_error TEXT, code TEXT, code_hash TEXT NOT NULL UNIQUE,
                  created_at BIGINT NOT NULL, sent_at BIGINT,
                  UNIQUE (incident, round, level, person, contact_method)
              )",
    },
];
