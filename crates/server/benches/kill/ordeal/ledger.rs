//! What was acknowledged, and what was sent without an answer: the notes that the server is held against.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Something that a writer knows.
#[derive(Clone, Debug)]
pub(crate) enum Note {
    /// The edit was acknowledged; the change as it was answered.
    Edited(Value),
    /// No answer came to the edit with this comment.
    EditUnheard(String),
    /// The release was told to do this, and has: the release as it was answered.
    Directed(&'static str, Value),
    /// No answer came to a command to the release.
    DirectionUnheard,
    /// The delivery was acknowledged for the first time.
    Counted(Delivery),
    /// It was sent again, and acknowledged again.
    CountedAgain,
    /// No answer came to this delivery.
    CountUnheard(Delivery),
    /// The alert with this key was acknowledged: it has this incident.
    Alerted(String, String),
    /// No answer came to the alert with this key.
    AlertUnheard(String),
    /// The acknowledgement of this incident was acknowledged.
    Acknowledged(String),
    /// No answer came to the acknowledgement of this incident.
    AcknowledgementUnheard(String),
}

/// A delivery of events: so many evaluations of one variation, and units of the release.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    /// The SDK's id of it.
    pub(crate) payload_id: String,
    /// Which variation.
    pub(crate) variation: u32,
    /// How many.
    pub(crate) count: u64,
    /// When, in milliseconds of the epoch.
    pub(crate) at_ms: i64,
    /// The version of the released flag.
    pub(crate) flag_version: i64,
}

/// Numbers by kind of write.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    /// Changes of flags.
    pub(crate) edits: u64,
    /// Commands to the release.
    pub(crate) commands: u64,
    /// Deliveries of events.
    pub(crate) batches: u64,
    /// Deliveries that were sent again although they had been acknowledged.
    pub(crate) repeats: u64,
    /// Alerts.
    pub(crate) alerts: u64,
    /// Acknowledgements of incidents.
    pub(crate) acknowledgements: u64,
}

/// All notes.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Edits of this round, as they were answered.
    pub(crate) edits: Vec<Value>,
    /// Commands to the release of this round, with the release as it was answered.
    pub(crate) directed: Vec<(&'static str, Value)>,
    /// Evaluations by variation, of acknowledged deliveries.
    pub(crate) counted: BTreeMap<u32, u64>,
    /// Deliveries to send again.
    pub(crate) unheard_deliveries: Vec<Delivery>,
    /// Incidents by the key of their alert.
    pub(crate) alerts: BTreeMap<String, String>,
    /// Alerts to send again, by key.
    pub(crate) unheard_alerts: Vec<String>,
    /// Incidents whose acknowledgement was acknowledged.
    pub(crate) acknowledged: BTreeSet<String>,
    /// Acknowledgements to send again, by incident.
    pub(crate) unheard_acknowledgements: BTreeSet<String>,
    /// What was sent without an answer.
    pub(crate) unheard: Counts,
    /// Incidents in the order of their rounds.
    by_round: Vec<Vec<String>>,
    counts: Counts,
}

impl Ledger {
    /// The edits and commands of the round before were verified.
    pub(crate) fn begin_round(&mut self) {
        self.edits.clear();
        self.directed.clear();
        self.by_round.push(Vec::new());
    }

    /// Keeps a note.
    pub(crate) fn take(&mut self, note: Note) {
        match note {
            Note::Edited(change) => {
                self.counts.edits += 1;
                self.edits.push(change);
            }
            Note::EditUnheard(_) => self.unheard.edits += 1,
            Note::Directed(action, release) => {
                self.counts.commands += 1;
                self.directed.push((action, release));
            }
            Note::DirectionUnheard => self.unheard.commands += 1,
            Note::Counted(Delivery { variation, count, .. }) => {
                self.counts.batches += 1;
                *self.counted.entry(variation).or_default() += count;
            }
            Note::CountedAgain => self.counts.repeats += 1,
            Note::CountUnheard(delivery) => {
                self.unheard.batches += 1;
                self.unheard_deliveries.push(delivery);
            }
            Note::Alerted(key, incident) => {
                self.counts.alerts += 1;
                self.by_round.last_mut().expect("a round has begun").push(incident.clone());
                self.alerts.insert(key, incident);
            }
            Note::AlertUnheard(key) => {
                self.unheard.alerts += 1;
                self.unheard_alerts.push(key);
            }
            Note::Acknowledged(incident) => {
                self.counts.acknowledgements += 1;
                self.acknowledged.insert(incident);
            }
            Note::AcknowledgementUnheard(incident) => {
                self.unheard.acknowledgements += 1;
                self.unheard_acknowledgements.insert(incident);
            }
        }
    }

    /// How much was acknowledged.
    pub(crate) fn acknowledged_counts(&self) -> Counts {
        self.counts
    }

    /// Incidents that nobody has acknowledged or tried to.
    pub(crate) fn unacknowledged(&self) -> Vec<String> {
        self.open(self.by_round.len())
    }

    /// Those of them that are at least `rounds` old.
    pub(crate) fn older_than(&self, rounds: usize) -> Vec<String> {
        self.open(self.by_round.len().saturating_sub(rounds))
    }

    fn open(&self, rounds: usize) -> Vec<String> {
        let known = |id: &&String| self.acknowledged.contains(*id) || self.unheard_acknowledgements.contains(*id);
        self.by_round[..rounds].iter().flatten().filter(|id| !known(id)).cloned().collect()
    }
}
