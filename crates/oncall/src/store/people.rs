//! Contact methods of people, and the overrides that put people on schedules.

use db::{Db, ReadError, Row, Sql, Statement, Value, params, sql};
use kernel::{PersonId, ScheduleKey, Timestamp};

use crate::model::{ContactMethod, ContactMethodId, Override};

const ADD_METHOD: Sql = sql!(
    "INSERT INTO contact_method (id, person, position, body, created_at)
     VALUES (?1, ?2, (SELECT COALESCE(MAX(position) + 1, 0) FROM contact_method WHERE person = ?2), ?3, ?4)"
);
const SEED_METHOD: Sql = sql!(
    "INSERT INTO contact_method (id, person, position, body, created_at)
     SELECT CAST(?1 AS TEXT), CAST(?2 AS TEXT), 0, CAST(?3 AS TEXT), CAST(?4 AS BIGINT)
     WHERE NOT EXISTS (SELECT 1 FROM contact_method WHERE person = ?2)
     ON CONFLICT (person, position) DO NOTHING"
);
const DELETE_METHOD: Sql = sql!("DELETE FROM contact_method WHERE id = ?1 AND person = ?2");
const PROVE_METHOD: Sql = sql!("UPDATE contact_method SET proven_at = ?2, last_error = NULL WHERE id = ?1");
const FAULT_METHOD: Sql = sql!("UPDATE contact_method SET last_error = ?2 WHERE id = ?1");
const METHODS: Sql = sql!(
    "SELECT id, person, position, body, created_at, proven_at, last_error FROM contact_method
     WHERE (CAST(?1 AS TEXT) IS NULL OR person = ?1) ORDER BY person, position"
);
const METHOD: Sql =
    sql!("SELECT id, person, position, body, created_at, proven_at, last_error FROM contact_method WHERE id = ?1");
const ADD_OVERRIDE: Sql = sql!(
    "INSERT INTO schedule_override (id, schedule, starts_at, ends_at, created_by, body)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
);
const DELETE_OVERRIDE: Sql = sql!("DELETE FROM schedule_override WHERE id = ?1 AND schedule = ?2");
const OVERRIDES: Sql = sql!(
    "SELECT schedule, created_by, body FROM schedule_override
     WHERE (CAST(?1 AS TEXT) IS NULL OR schedule = ?1) AND ends_at > ?2 ORDER BY starts_at, id"
);
pub(super) const ALL: &[Sql] = &[
    ADD_METHOD,
    SEED_METHOD,
    DELETE_METHOD,
    PROVE_METHOD,
    FAULT_METHOD,
    METHODS,
    METHOD,
    ADD_OVERRIDE,
    DELETE_OVERRIDE,
    OVERRIDES,
];

/// Adds a contact method behind the person's others; its position is given by the database.
pub fn add_method(method: &ContactMethod) -> Statement {
    let ContactMethod { id, person, contact, created_at, .. } = method;
    ADD_METHOD.bind(params![id.as_str(), person, Value::json(contact), *created_at]).exactly_one("contact method")
}

/// Adds a person's first contact method, unless they have one.
pub fn seed_method(method: &ContactMethod) -> Statement {
    let ContactMethod { id, person, contact, created_at, .. } = method;
    SEED_METHOD.bind(params![id.as_str(), person, Value::json(contact), *created_at])
}

/// Deletes a contact method of this person; a conflict when there is none.
pub fn delete_method(id: &ContactMethodId, person: &PersonId) -> Statement {
    DELETE_METHOD.bind(params![id.as_str(), person]).exactly_one("contact method")
}

/// Something was handed over there with success.
pub fn prove_method(id: &ContactMethodId, at: Timestamp) -> Statement {
    PROVE_METHOD.bind(params![id.as_str(), at])
}

/// The last attempt there failed.
pub fn fault_method(id: &ContactMethodId, error: &str) -> Statement {
    FAULT_METHOD.bind(params![id.as_str(), error])
}

/// The contact methods of one person or of all, by person, first choice first.
pub async fn methods(db: &Db, person: Option<&PersonId>) -> Result<Vec<ContactMethod>, ReadError> {
    db.many(METHODS.bind(params![person.map(PersonId::as_str)])).await?.iter().map(method_row).collect()
}

/// The contact method with this id.
pub async fn method(db: &Db, id: &ContactMethodId) -> Result<Option<ContactMethod>, ReadError> {
    db.optional(METHOD.bind(params![id.as_str()])).await?.as_ref().map(method_row).transpose()
}

fn method_row(row: &Row) -> Result<ContactMethod, ReadError> {
    Ok(ContactMethod {
        id: ContactMethodId::from_stored(row.text("id")?),
        person: PersonId::from_stored(row.text("person")?),
        contact: row.json("body")?,
        position: row.int("position")?,
        created_at: row.timestamp("created_at")?,
        proven_at: row.opt_timestamp("proven_at")?,
        last_error: row.opt_text("last_error")?,
    })
}

/// Adds an override; a conflict when its schedule is gone.
pub fn add_override(exception: &Override) -> Statement {
    let Override { schedule, created_by, rule } = exception;
    let by = Value::json(created_by);
    let params = params![rule.id.as_str(), schedule, rule.from, rule.to, by, Value::json(rule)];
    ADD_OVERRIDE.bind(params).exactly_one("schedule")
}

/// Deletes an override of this schedule; a conflict when there is none.
pub fn delete_override(id: &str, schedule: &ScheduleKey) -> Statement {
    DELETE_OVERRIDE.bind(params![id, schedule]).exactly_one("override")
}

/// The overrides of one schedule or of all that end after `since`, by their start.
pub async fn overrides(db: &Db, schedule: Option<&ScheduleKey>, since: Timestamp) -> Result<Vec<Override>, ReadError> {
    let rows = db.many(OVERRIDES.bind(params![schedule.map(ScheduleKey::as_str), since])).await?;
    let read = |row: &Row| {
        Ok(Override { schedule: row.parse("schedule")?, created_by: row.json("created_by")?, rule: row.json("body")? })
    };
    rows.iter().map(read).collect()
}
