//! A release that walks by itself while it is killed: each step is taken once, in order, not before it is due, and also when
//! it fell due while nobody lived.

use anyhow::{Context as _, Result, ensure};
use kernel::{Clock, SystemClock, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};

use super::api::Api;
use super::pages::{LOOK_AGAIN, PATIENCE};

/// Steps before the last, which reaches everyone.
const STEPS: usize = 19;
/// How long each lasts, seconds: some kills fall into each.
const STEP_SECONDS: u64 = 1;

/// The walks, one after the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Walk {
    id: String,
    flag: String,
    decisions: Vec<Value>,
    /// When the process was killed.
    kills: Vec<Timestamp>,
    /// What came of all walks.
    pub(crate) figures: Walked,
}

/// Steps that releases took by themselves.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Walked {
    /// Walks that came to their end.
    pub(crate) completed: u32,
    /// Steps.
    pub(crate) steps: usize,
    /// Those of them in whose time the process was killed.
    pub(crate) across_kills: usize,
}

/// The pipeline, and the first walk on it.
pub(crate) async fn begin(api: &Api) -> Result<Walk> {
    // A step whose segment is not there would be left out.
    let segment = json!({"key": "internal", "name": "Internal"});
    create(api, "/api/projects/default/environments/production/segments", &segment).await?;
    let step = |at: usize| json!({"name": format!("Step {at}"), "audience": {"segment": "internal"}, "minimumSeconds": STEP_SECONDS});
    let mut steps: Vec<_> = (0..STEPS).map(step).collect();
    steps.push(json!({"name": "All", "audience": {"percentage": 100}, "minimumSeconds": 0}));
    create(api, "/api/projects/default/pipelines", &json!({"key": "walk", "name": "Walk", "steps": steps})).await?;
    let mut walk = Walk::default();
    walk.start(api).await?;
    Ok(walk)
}

impl Walk {
    /// The process was killed a moment ago.
    pub(crate) fn was_killed(&mut self) {
        self.kills.push(SystemClock.now());
    }

    /// What was decided stands, steps came in their order and in their time, and the flag is where the release is.
    pub(crate) async fn after_kill(&mut self, api: &Api, faults: &mut Vec<String>) -> Result<()> {
        let release = self.look(api, faults).await?;
        match release["state"].as_str() {
            Some("walking") => Ok(()),
            Some("completed") => {
                self.count()?;
                self.start(api).await
            }
            _ => {
                faults.push(format!("lost: the walk does not go on: {release}"));
                self.start(api).await
            }
        }
    }

    /// Waits for the end of the walk that is under way.
    pub(crate) async fn finish(mut self, api: &Api, faults: &mut Vec<String>) -> Result<Walked> {
        let walking = async {
            while self.look(api, faults).await?["state"] == "walking" {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            self.count()
        };
        match tokio::time::timeout(PATIENCE, walking).await {
            Ok(walked) => walked?,
            Err(_) => faults.push("lost: the last walk never came to its end".to_owned()),
        }
        Ok(self.figures)
    }

    async fn start(&mut self, api: &Api) -> Result<()> {
        self.flag = format!("walked-{}", self.figures.completed);
        create(api, "/api/projects/default/flags", &json!({"key": self.flag, "name": self.flag})).await?;
        let wish = json!({"flag": self.flag, "treatment": 0, "control": 1, "pipeline": "walk", "guards": [{"metric": "failures"}]});
        let release = create(api, "/api/projects/default/environments/production/releases", &wish).await?;
        release["id"].as_str().context("a release has an id")?.clone_into(&mut self.id);
        (self.decisions, self.kills) = (Vec::new(), Vec::new());
        Ok(())
    }

    async fn look(&mut self, api: &Api, faults: &mut Vec<String>) -> Result<Value> {
        let path = format!("/api/releases/{}", self.id);
        let (release, flag) = loop {
            let before = api.read(&path).await?;
            let flag = api.read(&format!("/api/projects/default/flags/{}", self.flag)).await?;
            let release = api.read(&path).await?;
            // Else it has taken a step between the two looks.
            if release["version"] == before["version"] {
                break (release, flag);
            }
        };
        self.compare_flag(&release, &flag["environments"]["production"]["configuration"], faults);
        let decisions = api.read_all(&format!("{path}/decisions")).await?;
        if decisions.len() < self.decisions.len() || decisions[..self.decisions.len()] != self.decisions[..] {
            faults.push("lost: decisions of the walk are not what they were".to_owned());
        }
        for (at, decision) in decisions.iter().enumerate().skip(self.decisions.len()) {
            let before = at.checked_sub(1).map(|before| &decisions[before]);
            faults.extend(out_of_order(at, before, decision)?);
        }
        self.decisions = decisions;
        Ok(release)
    }

    /// Each step so far has its rule, once; at the end everyone is served the new variation.
    fn compare_flag(&self, release: &Value, configuration: &Value, faults: &mut Vec<String>) {
        let rules = configuration["rules"].as_array().into_iter().flatten().filter_map(|rule| rule["id"].as_str());
        let rules: Vec<_> = rules.map(str::to_owned).collect();
        let reached = release["progress"]["step"].as_u64().map_or(0, |step| step + 1);
        let expected: Vec<_> = match release["state"].as_str() {
            Some("completed") => Vec::new(),
            _ => (0..reached).map(|step| format!("{}-{step}", self.id)).collect(),
        };
        if rules != expected {
            faults
                .push(format!("lost: at {} of the walk the flag has the rules {rules:?}", release["progress"]["step"]));
        }
    }

    fn count(&mut self) -> Result<()> {
        self.figures.completed += 1;
        for pair in self.decisions.windows(2) {
            let (from, to) = (instant(&pair[0])?, instant(&pair[1])?);
            self.figures.steps += 1;
            self.figures.across_kills += usize::from(self.kills.iter().any(|kill| (from..to).contains(kill)));
        }
        Ok(())
    }
}

/// What is wrong with a decision after the one before.
fn out_of_order(at: usize, before: Option<&Value>, decision: &Value) -> Result<Option<String>> {
    let action = match at {
        0 => "start",
        STEPS => "complete",
        _ => "advance",
    };
    let lasted = match before {
        Some(before) => instant(decision)?.since(instant(before)?).as_secs() >= STEP_SECONDS,
        None => true,
    };
    if decision["n"] == at + 1 && decision["step"] == at && decision["action"] == action && lasted {
        return Ok(None);
    }
    let word = if decision["action"] == "hold" { "lost" } else { "duplicated" };
    Ok(Some(format!("{word}: decision {} of the walk is {decision} after {before:?}", at + 1)))
}

fn instant(decision: &Value) -> Result<Timestamp> {
    Ok(serde_json::from_value(decision["at"].clone())?)
}

async fn create(api: &Api, path: &str, body: &Value) -> Result<Value> {
    let heard = api.send(Method::POST, path, Some(body)).await.with_context(|| format!("{path}: no answer"))?;
    ensure!(heard.status.is_success(), "{path}: {} {}", heard.status, heard.body);
    Ok(heard.body)
}
