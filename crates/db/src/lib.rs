//! Reads and batches over SQLite or PostgreSQL: one SQL text, one order of changes, durable when acknowledged.
//!
//! A write is *data*: a store function returns a [`Statement`], a service collects statements in a [`Batch`], and
//! [`Db::commit`] commits the batch whole. No lock is held across an await, and a decision's effect can be printed.
//!
//! ```
//! use db::{Batch, Sql, Statement, params, sql};
//!
//! const RENAME: Sql = sql!("UPDATE flag SET name = ?3, version = version + 1 WHERE key = ?1 AND version = ?2");
//! /// Every statement of this store, for the test that prepares each on both databases.
//! pub const ALL: &[Sql] = &[RENAME];
//!
//! fn rename(key: &str, seen: i64, name: &str) -> Statement {
//!     RENAME.bind(params![key, seen, name]).exactly_one("flag version")
//! }
//!
//! let mut batch = Batch::new();
//! batch.push(rename("checkout-v2", 7, "Checkout, second version"));
//! println!("{batch:?}"); // db.commit(batch).await? makes it durable, or is a conflict on "flag version"
//! ```
//!
//! - [`sql!`], [`Sql`]: a constant text for both databases; [`params!`], [`Value`]: what is bound.
//! - [`Statement`], [`Batch`]: writes as data. [`Row`]: what a read gives.
//! - [`Db`]: open, read, commit, [`Db::pokes`]. [`migrate`]: the schema.
//! - [`sequence`]: one order. [`lease`]: who may act. [`outbox`], [`timer`]: what is to be done, in the batch it belongs to.
//! - `testing` (feature): a test body on a fresh SQLite and a fresh PostgreSQL.
//!
//! The portable subset, which every statement here keeps to: ids and keys TEXT, instants BIGINT microseconds, JSON as
//! TEXT written and read whole, booleans BIGINT 0 or 1, `CAST(SUM(x) AS BIGINT)`, `COUNT(*)`, `INSERT … ON CONFLICT`, explicit
//! `NULLS LAST`, never `now()`; an optional filter is `(CAST(?1 AS TEXT) IS NULL OR project = ?1)`.

mod config;
mod database;
mod error;
pub mod lease;
mod lite;
mod migration;
pub mod outbox;
mod postgres;
mod row;
mod schema;
pub mod sequence;
mod sql;
mod statement;
#[cfg(feature = "testing")]
pub mod testing;
pub mod timer;
mod value;

pub use config::{Config, Dialect};
pub use database::Db;
pub use error::{CommitError, MigrateError, OpenError, ReadError, Source};
pub use migration::{Migration, migrate};
pub use row::Row;
pub use schema::ALL;
pub use sql::Sql;
#[doc(hidden)]
pub use sql::{dollars, utf8};
pub use statement::{Batch, Guard, Statement};
pub use value::Value;
