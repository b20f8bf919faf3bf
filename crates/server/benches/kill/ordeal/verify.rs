//! What must hold whenever the process has come back: each function gives the sentences of what does not.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use anyhow::{Context as _, Result};
use reqwest::Method;
use serde_json::Value;

use super::api::Api;
use super::ledger::Ledger;
use super::writers::{COUNTED, EDITED};

/// The change log as far as it was read; what was read never changes.
#[derive(Debug, Default)]
pub(crate) struct Log {
    changes: Vec<Value>,
    comments: HashSet<String>,
}

impl Log {
    /// The log as it is.
    pub(crate) async fn read(api: &Api) -> Result<Self> {
        let mut log = Self::default();
        log.catch_up(api, &mut Vec::new()).await?;
        Ok(log)
    }

    /// Reads what was added: without gaps, and no comment twice.
    async fn catch_up(&mut self, api: &Api, faults: &mut Vec<String>) -> Result<()> {
        let known = self.head();
        let (mut added, mut after) = (Vec::new(), String::new());
        'pages: loop {
            let page = api.read(&format!("/api/changes?limit=1000{after}")).await?;
            for change in page["items"].as_array().context("changes are items")? {
                if seq(change) <= known {
                    break 'pages;
                }
                added.push(change.clone());
            }
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        for change in added.into_iter().rev() {
            let expected = self.head() + 1;
            if seq(&change) != expected {
                faults.push(format!("lost: change {expected} is not in the log, {} follows", seq(&change)));
            }
            let comment = change["comment"].as_str().unwrap_or_default();
            if comment.starts_with("edit-") && !self.comments.insert(comment.to_owned()) {
                faults.push(format!("duplicated: {comment} is twice in the log"));
            }
            self.changes.push(change);
        }
        Ok(())
    }

    fn head(&self) -> i64 {
        self.changes.last().map_or(0, seq)
    }

    /// The change with this number.
    fn at(&self, wanted: i64) -> Option<&Value> {
        self.changes.binary_search_by_key(&wanted, seq).ok().map(|place| &self.changes[place])
    }

    /// At the end: the log read anew begins with the log that was seen to grow. The walk goes on adding to it meanwhile.
    pub(crate) async fn check_whole(&self, api: &Api) -> Result<Vec<String>> {
        let anew = Self::read(api).await?;
        let same = anew.changes.starts_with(&self.changes);
        Ok(if same { Vec::new() } else { vec!["lost: the log is not what it was".to_owned()] })
    }
}

fn seq(change: &Value) -> i64 {
    change["seq"].as_i64().unwrap_or_default()
}

/// All that must hold after a kill.
pub(crate) async fn after_kill(api: &Api, ledger: &Ledger, log: &mut Log) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    log.catch_up(api, &mut faults).await?;
    edits(api, ledger, log, &mut faults).await?;
    for flag in EDITED {
        flag_is_as_last_changed(api, flag, log, &mut faults).await?;
    }
    counts(api, ledger, &mut faults).await?;
    incidents(api, ledger, &mut faults).await?;
    Ok(faults)
}

/// Every acknowledged edit is in the log, with all that was answered.
async fn edits(api: &Api, ledger: &Ledger, log: &Log, faults: &mut Vec<String>) -> Result<()> {
    for answered in &ledger.edits {
        let Some(found) = log.at(seq(answered)) else {
            faults.push(format!("lost: acknowledged change {} ({})", seq(answered), answered["comment"]));
            continue;
        };
        let same =
            found.as_object().is_some_and(|found| found.iter().all(|(member, value)| &answered[member] == value));
        if !same {
            faults.push(format!("lost: change {} is {found}, not {answered}", seq(answered)));
        }
    }
    if let Some(answered) = ledger.edits.last() {
        let whole = api.read(&format!("/api/changes/{}", seq(answered))).await?;
        if whole != *answered {
            faults.push(format!("lost: change {} is {whole}, not {answered}", seq(answered)));
        }
    }
    Ok(())
}

/// The flag, and what SDKs get of it, are what the last change in the log made of it.
async fn flag_is_as_last_changed(api: &Api, flag: &str, log: &Log, faults: &mut Vec<String>) -> Result<()> {
    let last = log.changes.iter().rev().find(|change| change["key"] == flag && change["noun"] == "configuration");
    let Some(last) = last else { return Ok(()) };
    let whole = api.read(&format!("/api/changes/{}", seq(last))).await?;
    let here = api.read(&format!("/api/projects/default/flags/{flag}")).await?["environments"]["production"].clone();
    if (&here["version"], &here["configuration"]) != (&last["seq"], &whole["after"]) {
        faults.push(format!("lost: {flag} is {here}, not as change {} left it", seq(last)));
    }
    if !sdks_see(api, flag, seq(last)).await {
        faults.push(format!("lost: SDKs do not see version {} of {flag}", seq(last)));
    }
    Ok(())
}

/// Whether SDKs soon see this version.
async fn sdks_see(api: &Api, flag: &str, version: i64) -> bool {
    let looking = async {
        loop {
            let heard = api.sdk(Method::GET, "/sdk/latest-all", None).await;
            if heard.is_some_and(|heard| heard.body["flags"][flag]["version"] == version) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), looking).await.is_ok()
}

/// Every acknowledged delivery counts exactly once, however often it was sent.
async fn counts(api: &Api, ledger: &Ledger, faults: &mut Vec<String>) -> Result<()> {
    let path = "/api/projects/default/environments/production/flags";
    let answer = api.read(&format!("{path}/{COUNTED}/evaluations?since=2020-01-01T00:00:00Z")).await?;
    let mut counted: BTreeMap<u32, u64> = BTreeMap::new();
    for item in answer["items"].as_array().context("evaluations are items")? {
        let (variation, n) = (item["variation"].as_u64(), item["n"].as_u64());
        let variation = u32::try_from(variation.context("each has a variation")?)?;
        *counted.entry(variation).or_default() += n.context("each has a number")?;
    }
    for variation in 0..2 {
        let of = |counts: &BTreeMap<u32, u64>| counts.get(&variation).copied().unwrap_or_default();
        let (found, sent) = (of(&counted), of(&ledger.counted));
        if found != sent {
            let what = if found < sent { "lost" } else { "duplicated" };
            faults.push(format!("{what}: {found} evaluations of variation {variation} are counted, {sent} were sent"));
        }
    }
    Ok(())
}

/// Every alert has one incident, and every acknowledgement holds.
async fn incidents(api: &Api, ledger: &Ledger, faults: &mut Vec<String>) -> Result<()> {
    let incidents = api.read_all("/api/incidents").await?;
    let mut by_title: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut acknowledged = HashSet::new();
    for incident in &incidents {
        let id = incident["id"].as_str().context("an incident has an id")?;
        by_title.entry(incident["title"].as_str().unwrap_or_default()).or_default().push(id);
        if incident["acknowledgement"].is_object() {
            acknowledged.insert(id);
        }
    }
    for (key, incident) in &ledger.alerts {
        match by_title.get(key.as_str()).map(Vec::as_slice) {
            Some([found]) if found == incident => {}
            None => faults.push(format!("lost: alert {key} has no incident")),
            Some(found) => faults.push(format!("duplicated: alert {key} has incidents {found:?}, not {incident}")),
        }
    }
    let lost = ledger.acknowledged.iter().filter(|id| !acknowledged.contains(id.as_str()));
    faults.extend(lost.map(|id| format!("lost: the acknowledgement of {id}")));
    Ok(())
}
