//! A release that is under way all the while: its decisions, its evidence and its place never go back.

use anyhow::{Context as _, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::Steadfast;

use super::api::Api;
use super::ledger::Ledger;

/// The flag that is released.
pub(crate) const RELEASED: &str = "released";
/// The event of the guard's metric.
pub(crate) const FAILED: &str = "failed";
/// How many units a delivery shows: as many in each arm, as many of them bad, so that no judge objects.
pub(crate) const UNITS: u64 = 4;
const BAD_UNITS: u64 = 2;

/// What is known of the release; what was decided once never changes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// Its id.
    pub(crate) id: String,
    /// The version of the flag that its SDKs know.
    pub(crate) flag_version: i64,
    plan: Value,
    version: i64,
    taken: Vec<Value>,
    decisions: Vec<Value>,
    evidence: (u64, u64),
}

/// Begins it: half of everybody, for as long as nobody takes the next step.
pub(crate) async fn begin(server: &Steadfast) -> Result<Seen> {
    let metric = json!({"key": "failures", "name": "Failures", "eventKey": FAILED});
    server.post("/api/projects/default/metrics", &metric).await?;
    let step = |name: &str, percentage: u32, seconds: u32| json!({"name": name, "audience": {"percentage": percentage}, "minimumSeconds": seconds});
    let pipeline = json!({"key": "ordeal", "name": "Ordeal", "steps": [step("Half", 50, 86_400), step("All", 100, 0)]});
    server.post("/api/projects/default/pipelines", &pipeline).await?;
    let wish = json!({"flag": RELEASED, "treatment": 0, "control": 1, "pipeline": "ordeal", "guards": [{"metric": "failures"}]});
    let release = server.post("/api/projects/default/environments/production/releases", &wish).await?;
    let flag = server.get(&format!("/api/projects/default/flags/{RELEASED}")).await?;
    Ok(Seen {
        id: release["id"].as_str().context("a release has an id")?.to_owned(),
        flag_version: flag["environments"]["production"]["sdkVersion"].as_i64().context("SDKs see the flag")?,
        plan: release["plan"].clone(),
        ..Seen::default()
    })
}

/// What a delivery says of its units: each is exposed, and half of them fail.
pub(crate) fn events(payload_id: &str, flag_version: i64, at_ms: i64) -> Vec<Value> {
    let mut events = Vec::new();
    for unit in 0..UNITS {
        let context = json!({"kind": "user", "key": format!("{payload_id}-{unit}")});
        let reason = json!({"kind": "FALLTHROUGH", "inExperiment": true});
        events.push(json!({"kind": "feature", "key": RELEASED, "variation": unit % 2, "version": flag_version,
            "value": true, "default": false, "context": context, "reason": reason, "creationDate": at_ms}));
        if unit < BAD_UNITS {
            events.push(json!({"kind": "custom", "key": FAILED, "context": context, "creationDate": at_ms}));
        }
    }
    events
}

impl Seen {
    /// Nothing that was seen or acknowledged has gone back.
    pub(crate) async fn after_kill(&mut self, api: &Api, ledger: &Ledger, faults: &mut Vec<String>) -> Result<()> {
        let release = api.read(&format!("/api/releases/{}", self.id)).await?;
        let decisions = api.read_all(&format!("/api/releases/{}/decisions", self.id)).await?;
        self.compare(&release, &decisions, faults)?;
        for (action, answered) in &ledger.directed {
            let n = usize::try_from(answered["progress"]["decisions"].as_i64().context("decisions are counted")?)?;
            match decisions.get(n - 1) {
                Some(found) if found["action"] == *action => {}
                found => faults.push(format!("lost: decision {n} of the release is {found:?}, not {action}")),
            }
            if n == decisions.len() && release != *answered {
                faults.push(format!("lost: the release is {release}, not {answered}"));
            }
        }
        self.in_place(api, &release, faults).await?;
        self.compare_evidence(self.evidence(api).await?, ledger, faults);
        self.version = release["version"].as_i64().unwrap_or_default();
        self.taken.clone_from(release["progress"]["taken"].as_array().context("steps were taken")?);
        self.decisions = decisions;
        Ok(())
    }

    fn compare(&self, release: &Value, decisions: &[Value], faults: &mut Vec<String>) -> Result<()> {
        if release["version"].as_i64() < Some(self.version) || release["plan"] != self.plan {
            faults.push(format!("lost: the release went back from version {} to {release}", self.version));
        }
        // The step under way may have ended since, or begun anew.
        let begun = self.taken.len().saturating_sub(1);
        let taken = release["progress"]["taken"].as_array().context("steps were taken")?;
        if taken.len() < self.taken.len() || taken[..begun] != self.taken[..begun] {
            faults.push(format!("lost: the release took {:?} before, and now {taken:?}", self.taken));
        }
        if decisions.len() < self.decisions.len() || decisions[..self.decisions.len()] != self.decisions[..] {
            faults.push("lost: decisions of the release are not what they were".to_owned());
        }
        let gapless = decisions.iter().zip(1..).all(|(decision, n)| decision["n"] == n);
        if !gapless || release["progress"]["decisions"] != decisions.len() {
            faults.push(format!("lost: the release counts {} decisions", release["progress"]["decisions"]));
        }
        Ok(())
    }

    /// The flag does what the release says, which stands at its first step.
    async fn in_place(&self, api: &Api, release: &Value, faults: &mut Vec<String>) -> Result<()> {
        let open = release["state"] == "walking" || release["state"] == "held";
        if !open || release["progress"]["step"] != 0 {
            faults.push(format!("lost: the release is at {}, {}", release["state"], release["progress"]["step"]));
        }
        let flag = api.read(&format!("/api/projects/default/flags/{RELEASED}")).await?;
        let serves = &flag["environments"]["production"]["configuration"]["fallthrough"]["rollout"];
        let weights: Vec<_> =
            serves["variations"].as_array().into_iter().flatten().map(|share| &share["weight"]).collect();
        if weights != [50_000, 50_000] || serves["seed"] != self.plan["seed"] {
            faults.push(format!("lost: the released flag serves {serves}"));
        }
        Ok(())
    }

    /// Units that were seen, and those that were bad, of both arms.
    async fn evidence(&self, api: &Api) -> Result<(u64, u64)> {
        let evidence = api.read(&format!("/api/releases/{}/evidence", self.id)).await?;
        let series = evidence["guards"][0]["series"].as_array().context("a guard has a series")?;
        let arms = series.iter().flat_map(|sample| [&sample["control"], &sample["treatment"]]);
        let number = |of: &Value| of.as_u64().unwrap_or_default();
        Ok(arms.fold((0, 0), |(n, k), arm| (n + number(&arm["n"]), k + number(&arm["k"]))))
    }

    fn compare_evidence(&mut self, (n, k): (u64, u64), ledger: &Ledger, faults: &mut Vec<String>) {
        let sent = sent(ledger);
        if n < self.evidence.0 || k < self.evidence.1 {
            faults.push(format!("lost: the evidence went back from {:?} to {:?}", self.evidence, (n, k)));
        }
        if n > sent.0 || k > sent.1 {
            faults.push(format!("duplicated: the evidence is {:?} units, {sent:?} were sent", (n, k)));
        }
        self.evidence = (n, k);
    }

    /// Waits until the last window is closed: each unit that was acknowledged counts once. Then the release takes its last step.
    pub(crate) async fn finish(mut self, api: &Api, ledger: &Ledger, faults: &mut Vec<String>) -> Result<()> {
        let folding = async {
            while self.evidence(api).await? != sent(ledger) {
                tokio::time::sleep(super::pages::LOOK_AGAIN).await;
            }
            anyhow::Ok(())
        };
        if let Ok(folded) = tokio::time::timeout(super::pages::PATIENCE, folding).await {
            folded?;
        } else {
            let found = self.evidence(api).await?;
            self.compare_evidence(found, ledger, faults);
            faults.push(format!("lost: the evidence is {found:?} units, {:?} were sent", sent(ledger)));
        }
        let path = format!("/api/releases/{}/skip", self.id);
        let heard = api.send(Method::POST, &path, Some(&json!({}))).await.context("no answer to the last step")?;
        ensure!(heard.status.is_success(), "the last step is refused: {} {}", heard.status, heard.body);
        if heard.body["state"] != "completed" {
            faults.push(format!("lost: after its last step the release is {}", heard.body));
        }
        Ok(())
    }
}

/// Units in acknowledged deliveries, and the bad ones among them.
fn sent(ledger: &Ledger) -> (u64, u64) {
    let deliveries = ledger.acknowledged_counts().batches;
    (deliveries * UNITS, deliveries * BAD_UNITS)
}
