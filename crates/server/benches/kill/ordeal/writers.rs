//! Who writes during a round: editors, SDKs, the owner of a release, monitors, people who acknowledge. Each stops when nobody answers.

use anyhow::{Context as _, Result, bail};
use kernel::{Clock, Rng, SystemClock};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::SeededRng;

use super::api::{Api, Heard};
use super::ledger::{Delivery, Ledger, Note};
use super::release;

/// The flags that are edited, each by two editors at once.
pub(crate) const EDITED: [&str; 2] = ["edited-0", "edited-1"];
/// The flag whose evaluations are counted.
pub(crate) const COUNTED: &str = "counted";
/// The service that alerts are about.
pub(crate) const SERVICE: &str = "ordeal";
/// So many alerts a round.
const ALERTS: u32 = 3;
/// So many acknowledgements of older incidents a round.
const ACKNOWLEDGEMENTS: usize = 2;

/// What a writer does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part {
    /// Edits the flag of this index.
    Editor(usize),
    /// Delivers events.
    Sdk,
    /// Holds the release and lets it go on.
    Owner,
    /// Sends alerts.
    Monitor,
    /// Acknowledges older incidents.
    Person,
}

/// Everybody who writes.
pub(crate) const PARTS: [Part; 9] = [
    Part::Editor(0),
    Part::Editor(0),
    Part::Editor(1),
    Part::Editor(1),
    Part::Sdk,
    Part::Sdk,
    Part::Owner,
    Part::Monitor,
    Part::Person,
];

/// One of them.
pub(crate) struct Writer {
    /// Its connection.
    pub(crate) api: Api,
    /// Its chance.
    pub(crate) rng: SeededRng,
    /// The round.
    pub(crate) round: u32,
    /// Its part.
    pub(crate) part: Part,
    /// What may be acknowledged: of these somebody was told, so that no acknowledgement hides a page that is lost.
    pub(crate) incidents: Vec<String>,
    /// The release under way.
    pub(crate) release: String,
    /// The version of its flag.
    pub(crate) flag_version: i64,
}

/// How a write ended.
enum End {
    /// Done, as this says.
    Done(Value),
    /// Nobody knows.
    Unheard,
    /// Put off: too many at once, or not ready yet.
    PutOff,
}

impl Writer {
    /// Writes until nobody answers.
    pub(crate) async fn write(self) -> Result<Vec<Note>> {
        match self.part {
            Part::Editor(flag) => self.edit(EDITED[flag]).await,
            Part::Sdk => self.count().await,
            Part::Owner => self.direct().await,
            Part::Monitor => self.alert().await,
            Part::Person => self.acknowledge().await,
        }
    }

    /// A name that nothing else has.
    fn name(&self, what: &str) -> String {
        format!("{what}-{}-{:016x}", self.round, self.rng.next_u64())
    }

    async fn edit(self, flag: &str) -> Result<Vec<Note>> {
        let path = format!("/api/projects/default/environments/production/flags/{flag}");
        let mut notes = Vec::new();
        loop {
            let comment = self.name("edit");
            let weight = self.rng.next_u64() % 100_001;
            let shares = json!([{"variation": 0, "weight": weight}, {"variation": 1, "weight": 100_000 - weight}]);
            let instructions = json!([{"kind": "setFallthrough", "rollout": {"variations": shares}}]);
            let body = json!({"instructions": instructions, "comment": comment});
            match end(self.api.send(Method::PATCH, &path, Some(&body)).await)? {
                End::Done(change) => notes.push(Note::Edited(change)),
                End::PutOff => {}
                End::Unheard => {
                    notes.push(Note::EditUnheard(comment));
                    return Ok(notes);
                }
            }
        }
    }

    async fn count(self) -> Result<Vec<Note>> {
        let mut notes = Vec::new();
        loop {
            let delivery = Delivery {
                payload_id: self.name("payload"),
                variation: u32::from(self.rng.next_u64().is_multiple_of(2)),
                count: 1 + self.rng.next_u64() % 9,
                at_ms: SystemClock.now().as_micros() / 1_000,
                flag_version: self.flag_version,
            };
            match deliver(&self.api, &delivery).await? {
                End::Done(_) => notes.push(Note::Counted(delivery.clone())),
                End::Unheard | End::PutOff => {
                    notes.push(Note::CountUnheard(delivery));
                    return Ok(notes);
                }
            }
            // An SDK whose answer was lost on the way sends the same again.
            if self.rng.next_u64().is_multiple_of(3) && matches!(deliver(&self.api, &delivery).await?, End::Done(_)) {
                notes.push(Note::CountedAgain);
            }
        }
    }

    async fn direct(self) -> Result<Vec<Note>> {
        let mut notes = Vec::new();
        loop {
            let Some(present) = self.api.get(&format!("/api/releases/{}", self.release)).await else {
                return Ok(notes);
            };
            let action = match present.body["state"].as_str() {
                Some("walking") => "hold",
                Some("held") => "resume",
                _ => bail!("the release ended by itself: {} {}", present.status, present.body),
            };
            let body = json!({"comment": self.name(action)});
            let path = format!("/api/releases/{}/{action}", self.release);
            match end(self.api.send(Method::POST, &path, Some(&body)).await)? {
                End::Done(release) => notes.push(Note::Directed(action, release)),
                End::PutOff => {}
                End::Unheard => {
                    notes.push(Note::DirectionUnheard);
                    return Ok(notes);
                }
            }
        }
    }

    async fn alert(self) -> Result<Vec<Note>> {
        let mut notes = Vec::new();
        for _ in 0..ALERTS {
            let key = self.name("alert");
            match alert(&self.api, &key).await? {
                End::Done(alerted) => {
                    let incident = incident(&alerted)?;
                    notes.push(Note::Alerted(key, incident.clone()));
                    // Somebody is quick: its pages may still be under way.
                    if self.rng.next_u64().is_multiple_of(4) {
                        notes.push(acknowledge(&self.api, incident).await?);
                    }
                }
                End::Unheard | End::PutOff => notes.push(Note::AlertUnheard(key)),
            }
        }
        Ok(notes)
    }

    async fn acknowledge(self) -> Result<Vec<Note>> {
        let mut left = self.incidents.clone();
        let mut notes = Vec::new();
        while notes.len() < ACKNOWLEDGEMENTS && !left.is_empty() {
            let chosen = usize::try_from(self.rng.next_u64() % left.len() as u64)?;
            notes.push(acknowledge(&self.api, left.swap_remove(chosen)).await?);
        }
        Ok(notes)
    }
}

/// What was sent without an answer is sent again, as its senders do.
pub(crate) async fn send_again(api: &Api, ledger: &mut Ledger) -> Result<Vec<Note>> {
    let mut notes = Vec::new();
    for delivery in std::mem::take(&mut ledger.unheard_deliveries) {
        until_done(async || deliver(api, &delivery).await).await?;
        notes.push(Note::Counted(delivery));
    }
    for key in std::mem::take(&mut ledger.unheard_alerts) {
        let alerted = until_done(async || alert(api, &key).await).await?;
        notes.push(Note::Alerted(key, incident(&alerted)?));
    }
    for incident in std::mem::take(&mut ledger.unheard_acknowledgements) {
        let path = format!("/api/incidents/{incident}/acknowledge");
        until_done(async || end(api.send(Method::POST, &path, None).await)).await?;
        notes.push(Note::Acknowledged(incident));
    }
    Ok(notes)
}

async fn until_done(mut send: impl AsyncFnMut() -> Result<End>) -> Result<Value> {
    loop {
        match send().await? {
            End::Done(answer) => return Ok(answer),
            // A server that has just started knows SDK keys only after its first look at the log.
            End::PutOff => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
            End::Unheard => bail!("no answer from a server that is ready"),
        }
    }
}

async fn deliver(api: &Api, delivery: &Delivery) -> Result<End> {
    let Delivery { payload_id, variation, count, at_ms, flag_version } = delivery;
    let counter = json!({"variation": variation, "version": 1, "value": true, "count": count});
    let features = json!({COUNTED: {"default": false, "counters": [counter]}});
    let mut events = release::events(payload_id, *flag_version, *at_ms);
    events.push(json!({"kind": "summary", "startDate": at_ms, "endDate": at_ms, "features": features}));
    let heard = api.deliver(payload_id, &Value::Array(events)).await;
    end(heard.map(|status| Heard { status, headers: reqwest::header::HeaderMap::new(), body: Value::Null }))
}

/// A third of them are told once and by one way alone: no escalation makes good for a page that is lost.
async fn alert(api: &Api, key: &str) -> Result<End> {
    let severity = if key.ends_with(['0', '1', '2', '3', '4']) { "warning" } else { "critical" };
    let body = json!({"service": SERVICE, "summary": key, "dedupKey": key, "severity": severity});
    end(api.send(Method::POST, "/api/alerts", Some(&body)).await)
}

async fn acknowledge(api: &Api, incident: String) -> Result<Note> {
    let path = format!("/api/incidents/{incident}/acknowledge");
    Ok(match end(api.send(Method::POST, &path, None).await)? {
        End::Done(_) => Note::Acknowledged(incident),
        End::Unheard | End::PutOff => Note::AcknowledgementUnheard(incident),
    })
}

fn incident(alerted: &Value) -> Result<String> {
    let id = alerted["incident"].as_str().with_context(|| format!("an alert has an incident: {alerted}"))?;
    Ok(id.to_owned())
}

/// 409 `contended` and 503 say that it may be tried again; anything else but success is a fault of the test or the server.
fn end(heard: Option<Heard>) -> Result<End> {
    let Some(Heard { status, body, .. }) = heard else { return Ok(End::Unheard) };
    match status {
        status if status.is_success() => Ok(End::Done(body)),
        StatusCode::SERVICE_UNAVAILABLE => Ok(End::PutOff),
        StatusCode::CONFLICT if body["code"] == "contended" => Ok(End::PutOff),
        _ => bail!("refused: {status} {body}"),
    }
}
