//! Incidents, their timelines and their alerts.

use db::{Db, ReadError, Row, Sql, Statement, Value, params, sequence, sql};
use kernel::{IncidentId, PageRequest, ServiceKey, Timestamp};

use crate::model::{Alert, Incident, IncidentState, TimelineEvent};

/// The sequence that the console follows.
pub const TOPIC: &str = "incident";
const NUMBER: &str = "incident-number";

const INSERT: Sql = sql!(
    "INSERT INTO incident (id, number, service, state, urgency, opened_at, next_at, version, body)
     VALUES (?1, (SELECT value FROM sequence WHERE name = 'incident-number'), ?2, ?3, ?4, ?5, ?6, 1, ?7)"
);
const UPDATE: Sql = sql!(
    "UPDATE incident SET state = ?3, urgency = ?4, next_at = ?5, body = ?6, version = version + 1
     WHERE id = ?1 AND version = ?2"
);
const GET: Sql = sql!("SELECT number, version, body FROM incident WHERE id = ?1");
const LIST: Sql = sql!(
    "SELECT number, version, body FROM incident
     WHERE number < ?1 AND (CAST(?2 AS TEXT) IS NULL OR service = ?2)
       AND (CAST(?3 AS TEXT) IS NULL OR state = ?3 OR (?3 = 'open' AND state <> 'resolved'))
     ORDER BY number DESC LIMIT ?4"
);
const DUE: Sql = sql!(
    "SELECT number, version, body FROM incident WHERE next_at IS NOT NULL AND next_at <= ?1 ORDER BY next_at, id LIMIT ?2"
);
const NEXT: Sql = sql!("SELECT MIN(next_at) AS next_at FROM incident WHERE next_at IS NOT NULL");
const WRITE: Sql = sql!("INSERT INTO incident_event (incident, n, body) VALUES (?1, ?2, ?3)");
const TIMELINE: Sql = sql!("SELECT body FROM incident_event WHERE incident = ?1 ORDER BY n");
const ADD_ALERT: Sql = sql!("INSERT INTO alert (id, incident, service, dedup_key, body) VALUES (?1, ?2, ?3, ?4, ?5)");
const UPDATE_ALERT: Sql = sql!("UPDATE alert SET body = ?2 WHERE id = ?1 AND resolved_at IS NULL");
const END_ALERTS: Sql = sql!("UPDATE alert SET resolved_at = ?2 WHERE incident = ?1 AND resolved_at IS NULL");
// One statement, so that the alert is as the incident's version saw it: a write to either writes both.
const OPEN_ALERT: Sql = sql!(
    "SELECT alert.body AS alert, incident.number, incident.version, incident.body
     FROM alert JOIN incident ON incident.id = alert.incident
     WHERE alert.service = ?1 AND alert.dedup_key = ?2 AND alert.resolved_at IS NULL"
);
const ALERTS: Sql = sql!("SELECT body, resolved_at FROM alert WHERE incident = ?1 ORDER BY id");
pub(super) const ALL: &[Sql] =
    &[INSERT, UPDATE, GET, LIST, DUE, NEXT, WRITE, TIMELINE, ADD_ALERT, UPDATE_ALERT, END_ALERTS, OPEN_ALERT, ALERTS];

/// Takes the next incident number and adds the incident with it.
pub fn insert(incident: &Incident, now: Timestamp) -> [Statement; 2] {
    let Incident { id, service, urgency, progress, .. } = incident;
    let state = incident.state().as_str();
    let params = params![id, service, state, urgency.as_str(), now, progress.next_at, Value::json(incident)];
    [sequence::advance(NUMBER), INSERT.bind(params).exactly_one("incident")]
}

/// Replaces the incident; a conflict when somebody else wrote to it since it was read.
pub fn update(incident: &Incident) -> Statement {
    let Incident { id, version, urgency, progress, .. } = incident;
    let state = incident.state().as_str();
    let params = params![id, *version, state, urgency.as_str(), progress.next_at, Value::json(incident)];
    UPDATE.bind(params).exactly_one("incident")
}

/// The incident with this id.
pub async fn get(db: &Db, id: &IncidentId) -> Result<Option<Incident>, ReadError> {
    db.optional(GET.bind(params![id])).await?.as_ref().map(incident_row).transpose()
}

/// Which incidents a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only of this service.
    pub service: Option<ServiceKey>,
    /// Only in this state.
    pub state: Option<StateFilter>,
}

/// A state, or all that are not over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateFilter {
    /// Triggered, acknowledged or mitigated.
    Open,
    /// In exactly this state.
    Exactly(IncidentState),
}

/// One page of incidents, the latest first, and one more to know whether there is a next; the cursor is the number.
pub async fn list(db: &Db, filter: &Filter, page: &PageRequest) -> Result<Vec<Incident>, ReadError> {
    let before = page.after.as_deref().and_then(|after| after.parse().ok()).unwrap_or(i64::MAX);
    let limit = i64::try_from(page.limit).unwrap_or(i64::MAX).saturating_add(1);
    let state = filter.state.map(|state| match state {
        StateFilter::Open => "open",
        StateFilter::Exactly(state) => state.as_str(),
    });
    let params = params![before, filter.service.as_ref().map(ServiceKey::as_str), state, limit];
    db.many(LIST.bind(params)).await?.iter().map(incident_row).collect()
}

/// Incidents whose next step is due at `now`, the oldest first.
pub async fn due(db: &Db, now: Timestamp, limit: u32) -> Result<Vec<Incident>, ReadError> {
    db.many(DUE.bind(params![now, limit])).await?.iter().map(incident_row).collect()
}

/// When the next step of any incident is due.
pub async fn next_due(db: &Db) -> Result<Option<Timestamp>, ReadError> {
    db.one(NEXT.bind(params![])).await?.opt_timestamp("next_at")
}

fn incident_row(row: &Row) -> Result<Incident, ReadError> {
    let mut incident: Incident = row.json("body")?;
    incident.number = row.int("number")?;
    incident.version = row.revision("version")?;
    Ok(incident)
}

/// Writes an event on the timeline.
pub fn write(incident: &IncidentId, event: &TimelineEvent) -> Statement {
    WRITE.bind(params![incident, event.n, Value::json(event)]).exactly_one("timeline")
}

/// The timeline in the order in which it was written.
pub async fn timeline(db: &Db, incident: &IncidentId) -> Result<Vec<TimelineEvent>, ReadError> {
    db.many(TIMELINE.bind(params![incident])).await?.iter().map(|row| row.json("body")).collect()
}

/// Adds an open alert; a conflict when one with its key is open already.
pub fn add_alert(alert: &Alert) -> Statement {
    let Alert { id, incident, service, dedup_key, .. } = alert;
    ADD_ALERT.bind(params![id, incident, service, dedup_key, Value::json(alert)]).exactly_one("alert")
}

/// Replaces an open alert; a conflict when it is over.
pub fn update_alert(alert: &Alert) -> Statement {
    UPDATE_ALERT.bind(params![&alert.id, Value::json(alert)]).exactly_one("alert")
}

/// The alerts of the incident are over.
pub fn end_alerts(incident: &IncidentId, now: Timestamp) -> Statement {
    END_ALERTS.bind(params![incident, now])
}

/// The open alert with this key, and its incident.
pub async fn open_alert(
    db: &Db,
    service: &ServiceKey,
    dedup_key: &str,
) -> Result<Option<(Alert, Incident)>, ReadError> {
    let Some(row) = db.optional(OPEN_ALERT.bind(params![service, dedup_key])).await? else { return Ok(None) };
    Ok(Some((row.json("alert")?, incident_row(&row)?)))
}

/// The alerts of an incident, the first first.
pub async fn alerts(db: &Db, incident: &IncidentId) -> Result<Vec<Alert>, ReadError> {
    db.many(ALERTS.bind(params![incident])).await?.iter().map(alert_row).collect()
}

fn alert_row(row: &Row) -> Result<Alert, ReadError> {
    Ok(Alert { resolved_at: row.opt_timestamp("resolved_at")?, ..row.json("body")? })
}
