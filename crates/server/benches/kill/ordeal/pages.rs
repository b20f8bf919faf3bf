//! What reached the mailbox: every alert is told, and what is told twice is told under one idempotency key.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use kernel::Timestamp;
use reqwest::Method;
use serde_json::Value;
use testkit::Mailbox;
use testkit::mailbox::Mail;

use super::api::Api;
use super::figures::Told;
use super::ledger::{Ledger, Note};

/// A claim of a killed process is waited for 15 s, and a page that failed for up to a minute.
pub(super) const PATIENCE: Duration = Duration::from_mins(2);
pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// What was found at the end.
pub(crate) struct Outcome {
    /// For the figures.
    pub(crate) figures: Told,
    /// The sentences of what does not hold.
    pub(crate) faults: Vec<String>,
}

/// Acknowledges what was told and is some rounds old.
pub(crate) async fn acknowledge_told(api: &Api, ledger: &mut Ledger, mailbox: &Mailbox, rounds: usize) -> Result<()> {
    let told = told(&mailbox.mails());
    for incident in ledger.older_than(rounds).into_iter().filter(|id| told.contains(id)) {
        acknowledge(api, &incident).await?;
        ledger.take(Note::Acknowledged(incident));
    }
    Ok(())
}

async fn acknowledge(api: &Api, incident: &str) -> Result<()> {
    let heard = api.send(Method::POST, &format!("/api/incidents/{incident}/acknowledge"), None).await;
    match heard {
        Some(heard) if heard.status.is_success() => Ok(()),
        Some(heard) => bail!("{incident} cannot be acknowledged: {} {}", heard.status, heard.body),
        None => bail!("{incident} cannot be acknowledged: no answer"),
    }
}

/// Waits until everybody was told, acknowledges everything, and holds the mailbox against the incidents.
pub(crate) async fn settle(api: &Api, ledger: &Ledger, mailbox: &Mailbox) -> Result<Outcome> {
    let mut faults = Vec::new();
    let open = ledger.unacknowledged();
    let all_told = async {
        let missing = |mails: &[Mail]| {
            let told = told(mails);
            open.iter().filter(|id| !told.contains(*id)).cloned().collect::<Vec<_>>()
        };
        while !missing(&mailbox.mails()).is_empty() {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    };
    if tokio::time::timeout(PATIENCE, all_told).await.is_err() {
        let told = told(&mailbox.mails());
        faults.extend(open.iter().filter(|id| !told.contains(*id)).map(|id| format!("lost: nobody was told of {id}")));
    }
    for incident in &open {
        acknowledge(api, incident).await?;
    }
    let incidents = quiet(api, ledger).await?;
    let figures = compare(&incidents, &mailbox.mails(), &mut faults)?;
    Ok(Outcome { figures, faults })
}

/// The incidents once none of their pages waits any more.
async fn quiet(api: &Api, ledger: &Ledger) -> Result<Vec<Value>> {
    let ids: BTreeSet<&String> = ledger.alerts.values().collect();
    let waiting = async {
        let mut incidents = Vec::new();
        for id in ids {
            loop {
                let incident = api.read(&format!("/api/incidents/{id}")).await?;
                if pages(&incident)?.iter().all(|page| page["state"] != "queued") {
                    incidents.push(incident);
                    break;
                }
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        }
        anyhow::Ok(incidents)
    };
    tokio::time::timeout(PATIENCE, waiting).await.context("a page waits although its incident was acknowledged")?
}

fn pages(incident: &Value) -> Result<&Vec<Value>> {
    incident["pages"].as_array().context("an incident has pages")
}

/// The incidents that some mail is about.
pub(super) fn told(mails: &[Mail]) -> HashSet<String> {
    mails.iter().filter_map(|mail| id_in(mail, "in-reply-to")).collect()
}

/// What stands left of the `@` in such a header.
fn id_in(mail: &Mail, header: &str) -> Option<String> {
    Some(mail.header(header)?.trim_start_matches('<').split('@').next()?.to_owned())
}

fn compare(incidents: &[Value], mails: &[Mail], faults: &mut Vec<String>) -> Result<Told> {
    let mut by_page: HashMap<String, Vec<&Mail>> = HashMap::new();
    for mail in mails {
        let id = id_in(mail, "message-id").context("a mail has an id")?;
        by_page.entry(id).or_default().push(mail);
    }
    let mut figures = Told { mails: mails.len(), ..Told::default() };
    for incident in incidents {
        let id = incident["id"].as_str().context("an incident has an id")?;
        let mut keys: BTreeMap<String, usize> = BTreeMap::new();
        let mut reached = false;
        for page in pages(incident)? {
            let key = page["id"].as_str().context("a page has an id")?;
            let came = by_page.remove(key).unwrap_or_default();
            figures.pages += 1;
            figures.repeated += came.len().saturating_sub(1);
            reached |= !came.is_empty();
            if came.is_empty() && page["state"] == "sent" {
                faults.push(format!("lost: page {key} of {id} is said to be sent and never came"));
            }
            for mail in came {
                check_mail(mail, id, page, faults);
            }
            let place = format!("{} {} {}", page["step"], page["person"], page["way"]);
            *keys.entry(place).or_default() += 1;
        }
        for (place, count) in keys.iter().filter(|(_, count)| **count > 1) {
            faults.push(format!("duplicated: {id} has {count} pages for {place}"));
        }
        if !reached && !incident["acknowledgement"].is_object() {
            faults.push(format!("lost: nobody was told of {id}"));
        }
        figures.delays.extend(delay(incident));
    }
    faults.extend(by_page.keys().map(|key| format!("duplicated: mail {key} belongs to no page")));
    Ok(figures)
}

/// The mail is about this incident and went where the page says.
fn check_mail(mail: &Mail, incident: &str, page: &Value, faults: &mut Vec<String>) {
    let way = page["way"].as_str().unwrap_or_default();
    let about = id_in(mail, "in-reply-to");
    if about.as_deref() != Some(incident) || mail.to.len() != 1 || way != format!("e-mail to {}", mail.to[0]) {
        faults.push(format!(
            "duplicated: page {} of {incident} by {way} went to {:?} about {about:?}",
            page["id"], mail.to
        ));
    }
}

/// From the alert to the first page that was taken.
fn delay(incident: &Value) -> Option<Duration> {
    let instant = |member: &str| serde_json::from_value::<Timestamp>(incident["times"][member].clone()).ok();
    Some(instant("paged")?.since(instant("detected")?))
}
