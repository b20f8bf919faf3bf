//! Sets the stage: a fresh server, a mailbox, a metric, two flags, a short pipeline.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use shop::{FAILURE, Habits};
use tempfile::TempDir;
use testkit::{Mailbox, Steadfast};

/// The feature that works.
pub(crate) const GOOD: &str = "quick-search";
/// The feature that fails half of the payments.
pub(crate) const BAD: &str = "checkout-v2";
/// The pipeline of both.
const PIPELINE: &str = "brisk";
/// Where everything happens.
pub(crate) const PLACE: &str = "/api/projects/default/environments/production";

/// Everything that the story needs; gone when it is dropped.
pub(crate) struct Stage {
    pub(crate) steadfast: Steadfast,
    pub(crate) mailbox: Mailbox,
    pub(crate) sdk_key: String,
    _directory: TempDir,
}

impl Stage {
    /// Starts the server on a fresh SQLite file and makes what the story is about.
    pub(crate) async fn set(binary: &Path) -> Result<Self> {
        let directory = tempfile::tempdir()?;
        let mailbox = Mailbox::open().await?;
        let smtp = format!("smtp://{}", mailbox.address());
        let arguments = ["--smtp", &smtp, "--smtp-from", "Steadfast <steadfast@example.com>", "--log", "warn"];
        let mut steadfast = Steadfast::start(binary, directory.path(), &arguments).await?;
        steadfast.set_up().await?;
        make_flags(&steadfast).await?;
        make_pipeline(&steadfast).await?;
        let sdk_key = steadfast.sdk_key("production").await?;
        Ok(Self { steadfast, mailbox, sdk_key, _directory: directory })
    }

    /// Begins the release of a flag, watched by the payments that fail.
    pub(crate) async fn release(&self, flag: &str, comment: &str) -> Result<String> {
        let request = json!({
            "flag": flag, "treatment": 0, "control": 1, "pipeline": PIPELINE, "service": "default",
            "guards": [{"metric": FAILURE}], "recoverySeconds": 30, "comment": comment,
        });
        let release = self.steadfast.post(&format!("{PLACE}/releases"), &request).await?;
        Ok(release["id"].as_str().unwrap_or_default().to_owned())
    }
}

/// How the shop behaves behind a flag.
pub(crate) fn habits(flag: &str, fails_behind: f64, seed: u64) -> Habits {
    let flag = flag.to_owned();
    Habits { flag, rate: 200.0, fails_before: 0.002, fails_behind, flush: Duration::from_secs(1), seed }
}

async fn make_flags(steadfast: &Steadfast) -> Result<()> {
    let metric = json!({"key": FAILURE, "name": "Payments that fail", "eventKey": FAILURE});
    steadfast.post("/api/projects/default/metrics", &metric).await?;
    for (key, name) in [(GOOD, "Quick search"), (BAD, "Checkout, second version")] {
        let variations = json!([{"name": "new", "value": true}, {"name": "old", "value": false}]);
        let flag = json!({"key": key, "name": name, "kind": "boolean", "variations": variations});
        steadfast.post("/api/projects/default/flags", &flag).await?;
    }
    let employees = json!({"id": "employees", "clauses": [
        {"contextKind": "user", "attribute": "key", "op": "startsWith", "values": ["employee-"]}
    ]});
    let segment = json!({"key": "internal", "name": "Internal people", "rules": [employees]});
    steadfast.post(&format!("{PLACE}/segments"), &segment).await?;
    Ok(())
}

/// Internal people, 1 %, 10 %, 50 %, everyone: as the standard pipeline, but brisk.
async fn make_pipeline(steadfast: &Steadfast) -> Result<()> {
    let step = |name: &str, audience: Value, seconds: u32, units: u32| json!({"name": name, "audience": audience, "minimumSeconds": seconds, "minimumUnits": units});
    let pipeline = json!({"key": PIPELINE, "name": "Brisk", "steps": [
        step("Internal", json!({"segment": "internal"}), 3, 0),
        step("1 %", json!({"percentage": 1}), 6, 8),
        step("10 %", json!({"percentage": 10}), 6, 50),
        step("50 %", json!({"percentage": 50}), 6, 100),
        step("Everyone", json!({"percentage": 100}), 0, 0),
    ]});
    steadfast.post("/api/projects/default/pipelines", &pipeline).await?;
    Ok(())
}
