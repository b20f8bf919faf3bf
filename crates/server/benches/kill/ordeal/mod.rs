//! The ordeal: writers and a killer. Each round writers note what was acknowledged, SIGKILL strikes, the process starts again,
//! and what it says is held against the notes.
//!
//! - [`api`]: a client that tells an answer from silence. [`writers`]: what is written. [`ledger`]: what was acknowledged.
//! - [`verify`]: what must hold after each kill; [`release`]: of a release that stands; [`walk`]: of one that walks. [`pages`]: what must have reached the mailbox. [`figures`]: what is printed.
#![allow(dead_code)] // the bench and the tests each use a part

pub(crate) mod api;
pub(crate) mod figures;
pub(crate) mod ledger;
pub(crate) mod pages;
pub(crate) mod release;
pub(crate) mod verify;
pub(crate) mod walk;
pub(crate) mod writers;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use kernel::Rng;
use serde_json::json;
use tempfile::TempDir;
use testkit::{Mailbox, SeededRng, Steadfast};
use tokio::task::JoinSet;
use tokio::time::Instant;

use self::api::Api;
use self::figures::Figures;
use self::ledger::{Ledger, Note};

/// How long the writers write before the kill, at least and at most.
const LIFE_MS: (u64, u64) = (20, 400);
/// Each so manieth kill is followed by one while the process starts.
const EARLY_DEATHS: u32 = 4;
/// How long a start lives that is killed, at most.
const EARLY_MS: u64 = 150;
/// An incident this many rounds old is acknowledged, if it was told: else escalation would page for all of them for ever.
const OLD_ROUNDS: usize = 6;

/// What to run.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// The `steadfast` to kill.
    pub(crate) binary: PathBuf,
    /// The address of an empty PostgreSQL database; SQLite when there is none.
    pub(crate) database: Option<String>,
    /// How often to kill it.
    pub(crate) rounds: u32,
    /// Of all chance but the scheduler's.
    pub(crate) seed: u64,
}

impl Plan {
    /// Which database it is.
    pub(crate) fn dialect(&self) -> &'static str {
        if self.database.is_some() { "postgres" } else { "sqlite" }
    }
}

/// Runs the ordeal to its end; faults are in the figures, errors are what kept it from going on.
pub(crate) async fn run(plan: &Plan) -> Result<Figures> {
    let mut ordeal = Ordeal::begin(plan).await?;
    for round in 1..=plan.rounds {
        ordeal.round(round).await.with_context(|| format!("round {round} on {}", plan.dialect()))?;
    }
    ordeal.end(plan).await
}

struct Ordeal {
    server: Steadfast,
    api: Api,
    /// Outlives the killed process, as a provider does.
    mailbox: Mailbox,
    rng: Arc<SeededRng>,
    ledger: Ledger,
    log: verify::Log,
    release: release::Seen,
    walk: walk::Walk,
    restarts: Vec<Duration>,
    kills: u32,
    faults: Vec<String>,
    _directory: TempDir,
}

impl Ordeal {
    async fn begin(plan: &Plan) -> Result<Self> {
        let mailbox = Mailbox::open().await?;
        let directory = tempfile::tempdir()?;
        let smtp = format!("smtp://{}", mailbox.address());
        // Its own name, so that it does not wait for the lease of the process that was killed.
        let mut arguments = vec!["--smtp", &smtp, "--log", "error", "--node", "ordeal"];
        if let Some(database) = &plan.database {
            arguments.extend(["--database", database]);
        }
        let mut server = Steadfast::start(&plan.binary, directory.path(), &arguments).await?;
        server.set_up().await?;
        let api = Api::of(&server).await?;
        furnish(&server).await?;
        let release = release::begin(&server).await?;
        let walk = walk::begin(&api).await?;
        let log = verify::Log::read(&api).await?;
        Ok(Self {
            server,
            api,
            mailbox,
            rng: Arc::new(SeededRng::new(plan.seed)),
            ledger: Ledger::default(),
            log,
            release,
            walk,
            restarts: Vec::new(),
            kills: 0,
            faults: Vec::new(),
            _directory: directory,
        })
    }

    async fn round(&mut self, round: u32) -> Result<()> {
        let notes = self.write_until_killed(round).await?;
        self.ledger.begin_round();
        for note in notes {
            self.ledger.take(note);
        }
        if round.is_multiple_of(EARLY_DEATHS) {
            let life = Duration::from_millis(self.rng.next_u64() % EARLY_MS);
            self.server.restart_and_kill(life).await?;
            self.was_killed();
        }
        let started = Instant::now();
        self.server.restart().await?;
        self.restarts.push(started.elapsed());
        self.api = self.api.anew();
        for note in writers::send_again(&self.api, &mut self.ledger).await? {
            self.ledger.take(note);
        }
        let mut faults = verify::after_kill(&self.api, &self.ledger, &mut self.log).await?;
        self.release.after_kill(&self.api, &self.ledger, &mut faults).await?;
        self.walk.after_kill(&self.api, &mut faults).await?;
        self.faults.extend(faults.into_iter().map(|fault| format!("round {round}: {fault}")));
        pages::acknowledge_told(&self.api, &mut self.ledger, &self.mailbox, OLD_ROUNDS).await
    }

    /// Everything at once, until nobody answers any more.
    async fn write_until_killed(&mut self, round: u32) -> Result<Vec<Note>> {
        let mut writing = JoinSet::new();
        let told = pages::told(&self.mailbox.mails());
        let old: Vec<_> = self.ledger.unacknowledged().into_iter().filter(|id| told.contains(id)).collect();
        for part in writers::PARTS {
            let writer = writers::Writer {
                api: self.api.clone(),
                rng: SeededRng::new(self.rng.next_u64()),
                round,
                part,
                incidents: old.clone(),
                release: self.release.id.clone(),
                flag_version: self.release.flag_version,
            };
            writing.spawn(writer.write());
        }
        let life = LIFE_MS.0 + self.rng.next_u64() % (LIFE_MS.1 - LIFE_MS.0);
        tokio::time::sleep(Duration::from_millis(life)).await;
        self.server.kill().await?;
        self.was_killed();
        let mut notes = Vec::new();
        while let Some(written) = writing.join_next().await {
            notes.extend(written??);
        }
        Ok(notes)
    }

    fn was_killed(&mut self) {
        self.kills += 1;
        self.walk.was_killed();
    }

    async fn end(mut self, plan: &Plan) -> Result<Figures> {
        self.faults.extend(self.log.check_whole(&self.api).await?);
        self.release.finish(&self.api, &self.ledger, &mut self.faults).await?;
        let walked = self.walk.finish(&self.api, &mut self.faults).await?;
        let told = pages::settle(&self.api, &self.ledger, &self.mailbox).await?;
        self.faults.extend(told.faults);
        Ok(Figures {
            database: plan.dialect(),
            seed: plan.seed,
            rounds: plan.rounds,
            kills: self.kills,
            acknowledged: self.ledger.acknowledged_counts(),
            unheard: self.ledger.unheard,
            walked,
            restarts: self.restarts,
            told: told.figures,
            faults: self.faults,
        })
    }
}

/// Flags to edit and count, and a service that pages by two ways and soon a second time.
async fn furnish(server: &Steadfast) -> Result<()> {
    for flag in writers::EDITED.into_iter().chain([writers::COUNTED, release::RELEASED]) {
        server.post("/api/projects/default/flags", &json!({"key": flag, "name": flag})).await?;
    }
    let me = server.get("/api/me").await?;
    let me = me["id"].as_str().context("somebody is logged in")?;
    wait_for_first_contact(server, me).await?;
    let second = json!({"kind": "email", "address": "ada+second@example.com"});
    server.post(&format!("/api/people/{me}/contact-methods"), &second).await?;
    let level = |seconds: u32| json!({"targets": [{"kind": "person", "person": me}], "delaySeconds": seconds});
    let policy = json!({"key": "ordeal", "name": "Ordeal", "levels": [level(2), level(86_400)]});
    server.post("/api/policies", &policy).await?;
    server.post("/api/services", &json!({"key": writers::SERVICE, "name": "Ordeal", "policy": "ordeal"})).await?;
    Ok(())
}

/// On-call's own reconciler makes the first contact method.
async fn wait_for_first_contact(server: &Steadfast, person: &str) -> Result<()> {
    let path = format!("/api/people/{person}/contact-methods");
    let waiting = async {
        while server.get(&path).await?["items"] == json!([]) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(Duration::from_secs(30), waiting).await.context("the admin never got a contact method")?
}
