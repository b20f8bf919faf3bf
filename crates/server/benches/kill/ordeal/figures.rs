//! What an ordeal came to, in lines that begin with `figures: `.

use std::fmt;
use std::time::Duration;

use super::ledger::Counts;
use super::walk::Walked;

/// What reached the mailbox.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// Pages of all incidents.
    pub(crate) pages: usize,
    /// Mails that came.
    pub(crate) mails: usize,
    /// Those of them that came again under the key of an earlier one.
    pub(crate) repeated: usize,
    /// From each alert to its first page.
    pub(crate) delays: Vec<Duration>,
}

/// What an ordeal came to.
#[derive(Debug)]
pub(crate) struct Figures {
    /// `sqlite` or `postgres`.
    pub(crate) database: &'static str,
    /// Of chance.
    pub(crate) seed: u64,
    /// How often writers and the killer met.
    pub(crate) rounds: u32,
    /// Kills, those while it started included.
    pub(crate) kills: u32,
    /// What was acknowledged.
    pub(crate) acknowledged: Counts,
    /// What was sent and not answered.
    pub(crate) unheard: Counts,
    /// What releases did by themselves.
    pub(crate) walked: Walked,
    /// From the start of each process until it was ready.
    pub(crate) restarts: Vec<Duration>,
    /// What reached the mailbox.
    pub(crate) told: Told,
    /// The sentences of what does not hold: each begins with `lost` or `duplicated`, after its round.
    pub(crate) faults: Vec<String>,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { database, seed, rounds, kills, acknowledged, unheard, walked, restarts, told, faults } = self;
        let count = |word: &str| faults.iter().filter(|fault| fault.contains(word)).count();
        writeln!(f, "figures: kill {database}: rounds {rounds}, kills {kills}, seed {seed}")?;
        writeln!(f, "figures: kill {database}: acknowledged {}", words(acknowledged))?;
        writeln!(f, "figures: kill {database}: cut off before the answer {}", words(unheard))?;
        writeln!(f, "figures: kill {database}: lost {}, duplicated {}", count("lost:"), count("duplicated:"))?;
        let Walked { completed, steps, across_kills } = walked;
        writeln!(
            f,
            "figures: kill {database}: releases that walked by themselves {completed}, steps {steps}, of these killed \
             before they were taken {across_kills}"
        )?;
        let Told { pages, mails, repeated, delays } = told;
        writeln!(
            f,
            "figures: kill {database}: pages {pages}, mails {mails}, of these repeated under their own key {repeated}, \
             alert to first page {}",
            spread(delays)
        )?;
        write!(f, "figures: kill {database}: restart until ready {}", spread(restarts))
    }
}

fn words(counts: &Counts) -> String {
    let Counts { edits, commands, batches, repeats, alerts, acknowledgements } = counts;
    let repeats = if *repeats > 0 { format!(" (and {repeats} repeats)") } else { String::new() };
    format!(
        "edits {edits}, commands to a release {commands}, event batches {batches}{repeats}, alerts {alerts}, \
         acknowledgements {acknowledgements}"
    )
}

fn spread(durations: &[Duration]) -> String {
    let mut sorted = durations.to_vec();
    sorted.sort_unstable();
    match (sorted.get(sorted.len() / 2), sorted.last()) {
        (Some(median), Some(most)) => format!("median {} ms, max {} ms", median.as_millis(), most.as_millis()),
        _ => "never".to_owned(),
    }
}
