//! Writes down which SDKs this node has, when that changes: so all nodes show the same, and a restart forgets nothing.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use db::{Batch, CommitError};
use delivery::sdks::{Register, SdkReport};
use kernel::{Timestamp, words};
use runtime::Tasks;

use crate::sdk::{At, Write, Written, decide};
use crate::service::Metrics;
use crate::store;

/// What console streams are told by.
pub const TOPIC: &str = "sdk";
/// What moves within this time is written together, however many streams are opened at once.
const GAP: Duration = Duration::from_secs(1);
/// It looks so often for what nobody wakes it for: when SDKs were last seen.
const PERIOD: Duration = Duration::from_secs(5);
/// A node says so often that it is alive, while it has any SDK.
const BEAT: Duration = Duration::from_secs(10);
/// What a node that has not said so for this long has written is not believed.
pub(crate) const ALIVE: Duration = Duration::from_secs(35);
/// A node that has not written for so long writes everything anew: its rows may have been tidied away.
const FORGOTTEN: Duration = Duration::from_mins(30);
/// At most so many SDKs are written in one commit.
const MOST: usize = 500;

/// Writes what the register of this node holds. One for each process, not one for all.
pub struct Reporting {
    metrics: Metrics,
    register: Register,
    written: HashMap<At, Written>,
    beaten_at: Option<Timestamp>,
    /// Whether everything is to be written anew: a process that had this node's name before may have left something.
    anew: bool,
}

impl Reporting {
    /// Nothing is written yet.
    pub fn new(metrics: Metrics, register: Register) -> Self {
        Self { metrics, register, written: HashMap::new(), beaten_at: None, anew: true }
    }

    /// Writes until shutdown, and then takes back what was true only of this process.
    pub fn follow(mut self, tasks: &Tasks) {
        let stop = tasks.stop();
        let mut moved = self.register.moved();
        tasks.spawn("sdks", async move {
            while !stop.is_cancelled() {
                moved.mark_unchanged();
                let more = self.turn_or_warn().await;
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = rest(more, &mut moved) => {}
                }
            }
            if let Err(error) = self.leave().await {
                tracing::warn!(error = words::causes(&error), "the streams of this node are shown until it is missed");
            }
        });
    }

    /// A failure costs nothing but time: what is not written is written by the next turn.
    async fn turn_or_warn(&mut self) -> bool {
        self.turn().await.unwrap_or_else(|error| {
            tracing::warn!(error = words::causes(&error), "which SDKs are connected could not be written down");
            false
        })
    }

    /// Writes what is not written yet; whether there is more to write.
    pub async fn turn(&mut self) -> Result<bool, CommitError> {
        let now = self.metrics.clock.now();
        if self.beaten_at.is_some_and(|at| now.since(at) >= FORGOTTEN) {
            self.written.clear();
            self.anew = true;
        }
        let mut reports = self.register.report();
        // Two nodes lock the same rows in the same order.
        reports.sort_by(|a, b| (&a.place, &a.sdk).cmp(&(&b.place, &b.sdk)));
        let due: Vec<(Write, &SdkReport)> = reports
            .iter()
            .map(|report| (decide(self.written.get(&at(report)), report), report))
            .filter(|(write, _)| *write != Write::Nothing)
            .collect();
        let (due, rest) = due.split_at(due.len().min(MOST));
        let present: HashSet<At> = reports.iter().map(at).collect();
        let gone: Vec<At> = self.written.keys().filter(|at| !present.contains(at)).cloned().collect();
        let (batch, beats) = self.batch(due, &gone, (!reports.is_empty()).then_some(now));
        self.metrics.db.commit(batch).await?;
        self.anew = false;
        self.written.extend(due.iter().map(|(_, report)| (at(report), Written::from(*report))));
        self.written.retain(|at, _| present.contains(at));
        if beats {
            self.beaten_at = Some(now);
        }
        Ok(!rest.is_empty())
    }

    /// The batch, and whether it says that this node is alive.
    fn batch(&self, due: &[(Write, &SdkReport)], gone: &[At], alive: Option<Timestamp>) -> (Batch, bool) {
        let node = self.metrics.db.node();
        let mut batch = Batch::new();
        if self.anew {
            batch.extend(store::sdk::leave(node));
        }
        let beats = alive.is_some_and(|now| self.beaten_at.is_none_or(|at| now.since(at) >= BEAT));
        if let Some(now) = alive.filter(|_| beats) {
            batch.push(store::sdk::beat(node, now));
        }
        for (_, report) in due {
            batch.extend(store::sdk::note(report, node));
        }
        batch.extend(gone.iter().map(|(place, sdk)| store::sdk::absent(place, sdk, node)));
        // Everybody who waits for the database is woken by a commit that is not quiet.
        if due.iter().any(|(write, _)| *write == Write::Moved) {
            batch.push(db::sequence::advance(TOPIC));
            (batch, beats)
        } else {
            (batch.quiet(), beats)
        }
    }

    /// Takes back what was true only while this process ran.
    pub async fn leave(&self) -> Result<(), CommitError> {
        if self.beaten_at.is_none() {
            return Ok(());
        }
        let mut batch: Batch = store::sdk::leave(self.metrics.db.node()).into_iter().collect();
        batch.push(db::sequence::advance(TOPIC));
        self.metrics.db.commit(batch).await
    }
}

fn at(report: &SdkReport) -> At {
    (report.place.clone(), report.sdk.clone())
}

async fn rest(more: bool, moved: &mut tokio::sync::watch::Receiver<u64>) {
    if more {
        return tokio::task::yield_now().await;
    }
    tokio::time::sleep(GAP).await;
    // The sender lives in the register that the task holds.
    drop(tokio::time::timeout(PERIOD, moved.changed()).await);
}
