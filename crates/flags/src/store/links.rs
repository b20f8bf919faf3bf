//! Who names whom: prerequisites and segments, kept beside the bodies so that the other direction can be asked too.

use db::{Batch, Db, ReadError, Row, Sql, Statement, params, sql};
use kernel::{EnvironmentKey, ProjectKey};

use crate::validate::{Dependant, Link, LinkEnd};

const NEIGHBOURS: Sql = sql!(
    "SELECT environment, from_sort, source, to_sort, target, variation FROM link
     WHERE project = ?1 AND environment = ?2 AND NOT (from_sort = ?3 AND source = ?4)"
);
const DEPENDANTS: Sql = sql!(
    "SELECT environment, from_sort, source, to_sort, target, variation FROM link
     WHERE project = ?1 AND (CAST(?2 AS TEXT) IS NULL OR environment = ?2) AND to_sort = ?3 AND target = ?4
     ORDER BY environment, source"
);
const REMOVE: Sql = sql!(
    "DELETE FROM link WHERE project = ?1 AND (CAST(?2 AS TEXT) IS NULL OR environment = ?2) AND from_sort = ?3
        AND source = ?4"
);
const INSERT: Sql = sql!(
    "INSERT INTO link (project, environment, from_sort, source, to_sort, target, variation)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
);
const COUNT: Sql = sql!("UPDATE project SET links = links + 1 WHERE key = ?1 AND links = ?2");
pub(super) const ALL: &[Sql] = &[NEIGHBOURS, DEPENDANTS, REMOVE, INSERT, COUNT];

/// The guard of all links of a project.
pub const LINKS: &str = "links";

/// The links of an environment but for those that start at one thing.
pub async fn neighbours(
    db: &Db,
    project: &ProjectKey,
    environment: &EnvironmentKey,
    but: (LinkEnd, &str),
) -> Result<Vec<Link>, ReadError> {
    let rows = db.many(NEIGHBOURS.bind(params![project, environment, but.0.as_str(), but.1])).await?;
    rows.iter().map(link).collect()
}

/// The links that end at one thing, in one environment or in all.
pub async fn dependants(
    db: &Db,
    project: &ProjectKey,
    environment: Option<&EnvironmentKey>,
    of: (LinkEnd, &str),
) -> Result<Vec<Dependant>, ReadError> {
    let rows = db.many(DEPENDANTS.bind(params![project, environment, of.0.as_str(), of.1])).await?;
    rows.iter().map(|row| Ok(Dependant { environment: row.parse("environment")?, link: link(row)? })).collect()
}

/// Nobody else may have changed any link of the project since `seen`: whoever judged by them is right.
pub fn claim(project: &ProjectKey, seen: i64) -> Statement {
    COUNT.bind(params![project, seen]).exactly_one(LINKS)
}

/// Forgets the links that start at one thing, in one environment or in all.
pub fn remove(project: &ProjectKey, environment: Option<&EnvironmentKey>, from: (LinkEnd, &str)) -> Statement {
    REMOVE.bind(params![project, environment, from.0.as_str(), from.1])
}

/// Writes links of one environment.
pub fn insert(project: &ProjectKey, environment: &EnvironmentKey, links: &[Link]) -> Batch {
    let statement = |link: &Link| {
        let variation = link.variation.and_then(|index| i64::try_from(index).ok());
        let (from, to) = (link.from.as_str(), link.to.as_str());
        INSERT.bind(params![project, environment, from, &link.source, to, &link.target, variation])
    };
    links.iter().map(statement).collect()
}

fn link(row: &Row) -> Result<Link, ReadError> {
    let end = |column: &str| {
        let word = row.text(column)?;
        LinkEnd::from_stored(&word).ok_or_else(|| row.inconsistent(column, "is neither flag nor segment"))
    };
    Ok(Link {
        from: end("from_sort")?,
        source: row.text("source")?,
        to: end("to_sort")?,
        target: row.text("target")?,
        variation: row.opt_int("variation")?.and_then(|index| usize::try_from(index).ok()),
    })
}
