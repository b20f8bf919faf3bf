//! Pages and their outbox.

use std::time::Duration;

use access::secret::Digest;
use db::outbox::{self, Message};
use db::{Db, ReadError, Row, Sql, Statement, params, sql};
use kernel::{IncidentId, PageId, PersonId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::model::{ContactMethodId, Page, PageState, Step};

/// The outbox topic from which channels send.
pub const TOPIC: &str = "page";

/// How long the links in a page hold.
pub const CODE_LIFETIME: Duration = Duration::from_hours(24);

const INSERT: Sql = sql!(
    "INSERT INTO page (id, incident, person, contact_method, round, level, state, attempts, code, code_hash, created_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'queued', 0, ?7, ?8, ?9)"
);
const REPLACE: Sql = sql!(
    "UPDATE page SET state = 'cancelled', code = NULL, last_error = 'replaced by a later page'
     WHERE incident = ?1 AND contact_method = ?2 AND state = 'queued'"
);
const CALL_OFF: Sql =
    sql!("UPDATE page SET state = 'cancelled', code = NULL, last_error = ?2 WHERE incident = ?1 AND state = 'queued'");
const CANCEL: Sql =
    sql!("UPDATE page SET state = 'cancelled', code = NULL, last_error = ?2 WHERE id = ?1 AND state = 'queued'");
const SENT: Sql = sql!("UPDATE page SET state = 'sent', code = NULL, sent_at = ?2 WHERE id = ?1");
const FAILED: Sql = sql!("UPDATE page SET attempts = attempts + 1, last_error = ?2 WHERE id = ?1");
const GET: Sql = sql!(
    "SELECT id, incident, person, contact_method, round, level, state, attempts, last_error, code, created_at, sent_at
     FROM page WHERE id = ?1"
);
const BY_CODE: Sql = sql!(
    "SELECT id, incident, person, contact_method, round, level, state, attempts, last_error, code, created_at, sent_at
     FROM page WHERE code_hash = ?1"
);
const OF_INCIDENT: Sql = sql!(
    "SELECT id, incident, person, contact_method, round, level, state, attempts, last_error, code, created_at, sent_at
     FROM page WHERE incident = ?1 ORDER BY created_at, round, level, id"
);
pub(super) const ALL: &[Sql] = &[INSERT, REPLACE, CALL_OFF, CANCEL, SENT, FAILED, GET, BY_CODE, OF_INCIDENT];

/// What the outbox holds for channels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Job {
    /// Send this page.
    Page {
        /// Which.
        page: PageId,
    },
    /// Send a test to this contact method, once.
    Test {
        /// Where.
        method: ContactMethodId,
    },
}

/// Queues a page: takes the place of one that still waits for the same method, and lies in the outbox under its own id.
pub fn queue(page: &Page, now: Timestamp) -> [Statement; 3] {
    let Page { id, incident, person, contact_method, step, code, .. } = page;
    let hash = code.as_deref().map(Digest::of);
    let hash = hash.as_ref().map(Digest::as_str);
    let method = contact_method.as_str();
    let insert = params![id, incident, person, method, step.round, step.level, code.as_deref(), hash, now];
    [
        REPLACE.bind(params![incident, method]),
        INSERT.bind(insert).exactly_one("page"),
        enqueue(id, &Job::Page { page: id.clone() }, now),
    ]
}

/// Puts a job into the outbox; `id` is the idempotency key by which its receiver knows a repeat.
pub fn enqueue(id: &PageId, job: &Job, now: Timestamp) -> Statement {
    let body = serde_json::to_string(job).expect("a job always serialises");
    let message = Message { id: id.to_string(), topic: TOPIC, key: id.to_string(), body, due_at: now };
    outbox::enqueue(&message, now)
}

/// Calls off every page of the incident that still waits.
pub fn call_off(incident: &IncidentId, reason: &str) -> Statement {
    CALL_OFF.bind(params![incident, reason])
}

/// Calls off one page, if it still waits.
pub fn cancel(id: &PageId, reason: &str) -> Statement {
    CANCEL.bind(params![id, reason])
}

/// The provider took it.
pub fn sent(id: &PageId, at: Timestamp) -> Statement {
    SENT.bind(params![id, at]).exactly_one("page")
}

/// One more attempt failed.
pub fn failed(id: &PageId, error: &str) -> Statement {
    FAILED.bind(params![id, error]).exactly_one("page")
}

/// The page with this id.
pub async fn get(db: &Db, id: &PageId) -> Result<Option<Page>, ReadError> {
    db.optional(GET.bind(params![id])).await?.as_ref().map(page_row).transpose()
}

/// The page whose links carry this code.
pub async fn by_code(db: &Db, code: &str) -> Result<Option<Page>, ReadError> {
    db.optional(BY_CODE.bind(params![Digest::of(code).as_str()])).await?.as_ref().map(page_row).transpose()
}

/// The pages of an incident, the first first.
pub async fn of_incident(db: &Db, incident: &IncidentId) -> Result<Vec<Page>, ReadError> {
    db.many(OF_INCIDENT.bind(params![incident])).await?.iter().map(page_row).collect()
}

fn page_row(row: &Row) -> Result<Page, ReadError> {
    let small = |column: &str| {
        let number = row.int(column)?;
        u32::try_from(number).map_err(|_| row.inconsistent(column, "is no small number"))
    };
    let state = row.text("state")?;
    Ok(Page {
        id: PageId::from_stored(row.text("id")?),
        incident: IncidentId::from_stored(row.text("incident")?),
        person: PersonId::from_stored(row.text("person")?),
        contact_method: ContactMethodId::from_stored(row.text("contact_method")?),
        step: Step { round: small("round")?, level: small("level")? },
        state: PageState::parse(&state).ok_or_else(|| row.inconsistent("state", "is no state of a page"))?,
        attempts: small("attempts")?,
        last_error: row.opt_text("last_error")?,
        code: row.opt_text("code")?,
        created_at: row.timestamp("created_at")?,
        sent_at: row.opt_timestamp("sent_at")?,
    })
}
