//! Services, schedules and policies: keyed documents with a version that counts their edits.

use db::{Db, ReadError, Row, Sql, Statement, Value, params, sql};
use kernel::{PageRequest, Revision};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::model::{Policy, Schedule, Service};

/// The statements of one table of documents.
#[derive(Clone, Copy, Debug)]
pub struct Documents {
    noun: &'static str,
    insert: Sql,
    seed: Sql,
    update: Sql,
    delete: Sql,
    get: Sql,
    list: Sql,
}

macro_rules! documents {
    ($table:literal) => {
        Documents {
            noun: $table,
            insert: sql!(concat!("INSERT INTO ", $table, " (key, version, body) VALUES (?1, 1, ?2)")),
            seed: sql!(concat!(
                "INSERT INTO ",
                $table,
                " (key, version, body) VALUES (?1, 1, ?2) ON CONFLICT (key) DO NOTHING"
            )),
            update: sql!(concat!(
                "UPDATE ",
                $table,
                " SET version = version + 1, body = ?3 WHERE key = ?1 AND version = ?2"
            )),
            delete: sql!(concat!("DELETE FROM ", $table, " WHERE key = ?1 AND version = ?2")),
            get: sql!(concat!("SELECT version, body FROM ", $table, " WHERE key = ?1")),
            list: sql!(concat!("SELECT version, body FROM ", $table, " WHERE key > ?1 ORDER BY key LIMIT ?2")),
        }
    };
}

/// The services.
pub const SERVICES: Documents = documents!("service");
/// The on-call schedules.
pub const SCHEDULES: Documents = documents!("schedule");
/// The escalation policies.
pub const POLICIES: Documents = documents!("policy");

pub(super) const ALL: &[Sql] = &{
    let (a, b, c) = (SERVICES, SCHEDULES, POLICIES);
    [
        a.insert, a.seed, a.update, a.delete, a.get, a.list, b.insert, b.seed, b.update, b.delete, b.get, b.list,
        c.insert, c.seed, c.update, c.delete, c.get, c.list,
    ]
};

/// A keyed document.
pub trait Document: Serialize + DeserializeOwned {
    /// Its key.
    fn key(&self) -> &str;
    /// Its version, which is a column and not part of the stored text.
    fn version(&mut self) -> &mut Revision;
}

macro_rules! document {
    ($($noun:ident),+) => {$(
        impl Document for $noun {
            fn key(&self) -> &str {
                self.key.as_str()
            }

            fn version(&mut self) -> &mut Revision {
                &mut self.version
            }
        }
    )+};
}

document!(Service, Schedule, Policy);

impl Documents {
    /// Adds one; a conflict named after the noun when its key is taken.
    pub fn insert<T: Document>(&self, document: &T) -> Statement {
        self.insert.bind(params![document.key(), Value::json(document)]).exactly_one(self.noun)
    }

    /// Adds one, unless its key is taken.
    pub fn seed<T: Document>(&self, document: &T) -> Statement {
        self.seed.bind(params![document.key(), Value::json(document)])
    }

    /// Replaces one; a conflict named after the noun when its version is not `seen` any more.
    pub fn update<T: Document>(&self, document: &T, seen: Revision) -> Statement {
        self.update.bind(params![document.key(), seen, Value::json(document)]).exactly_one(self.noun)
    }

    /// Deletes one; a conflict named after the noun when its version is not `seen` any more.
    pub fn delete(&self, key: &str, seen: Revision) -> Statement {
        self.delete.bind(params![key, seen]).exactly_one(self.noun)
    }

    /// The one with this key.
    pub async fn get<T: Document>(&self, db: &Db, key: &str) -> Result<Option<T>, ReadError> {
        db.optional(self.get.bind(params![key])).await?.as_ref().map(document).transpose()
    }

    /// One page of them by key, and one more to know whether there is a next.
    pub async fn list<T: Document>(&self, db: &Db, page: &PageRequest) -> Result<Vec<T>, ReadError> {
        let after = page.after.as_deref().unwrap_or_default();
        let limit = i64::try_from(page.limit).unwrap_or(i64::MAX).saturating_add(1);
        db.many(self.list.bind(params![after, limit])).await?.iter().map(document).collect()
    }

    /// All of them by key.
    pub async fn all<T: Document>(&self, db: &Db) -> Result<Vec<T>, ReadError> {
        db.many(self.list.bind(params!["", i64::MAX])).await?.iter().map(document).collect()
    }
}

fn document<T: Document>(row: &Row) -> Result<T, ReadError> {
    let mut document: T = row.json("body")?;
    *document.version() = row.revision("version")?;
    Ok(document)
}
