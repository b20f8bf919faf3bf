//! What is remembered of each unit of a comparison, and nothing more.

use std::collections::{BTreeMap, HashMap, HashSet};

use kernel::Timestamp;

use crate::fact::UnitId;
use crate::model::{Arm, CLOCK_TOLERANCE};

/// A unit that was heard of since the comparison began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnitState {
    /// Only bad outcomes came so far; without an exposure nobody knows whose they are.
    Waiting {
        /// Since when, by our clock.
        since: Timestamp,
        /// The last outcome of each metric.
        outcomes: Vec<PendingOutcome>,
    },
    /// It met an arm.
    Exposed(ExposedUnit),
}

/// A bad outcome that waits for its unit's exposure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PendingOutcome {
    /// The metric's place in the comparison.
    pub metric: u8,
    /// When, by the sender's clock.
    pub at: Timestamp,
}

/// A unit and the arm it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExposedUnit {
    /// The arm of its latest exposure.
    pub arm: Arm,
    /// Since when it has been in this arm, by the SDK's clock.
    pub arm_since: Timestamp,
    /// Its first exposure in this release, by the SDK's clock.
    pub first_at: Timestamp,
    /// The metrics of which it had a bad outcome: bit by place in the comparison.
    pub bad: u32,
}

impl ExposedUnit {
    /// A unit at its first exposure.
    pub fn new(arm: Arm, at: Timestamp) -> Self {
        Self { arm, arm_since: at, first_at: at, bad: 0 }
    }

    /// Takes in an exposure. Late news of an earlier one does not move the unit back.
    pub fn meet(&mut self, arm: Arm, at: Timestamp) {
        let never_moved = self.arm_since == self.first_at;
        if arm != self.arm && at > self.arm_since {
            self.arm = arm;
            self.arm_since = at;
        } else if arm == self.arm && never_moved {
            self.arm_since = self.arm_since.min(at);
        }
        self.first_at = self.first_at.min(at);
    }

    /// The arm that an outcome follows from: the unit's arm at that instant; none when it came before the first exposure.
    pub fn arm_at(&self, outcome_at: Timestamp) -> Option<Arm> {
        let never_moved = self.arm_since == self.first_at;
        let follows_first = outcome_at.plus(CLOCK_TOLERANCE) >= self.first_at;
        match follows_first {
            false => None,
            true if never_moved || outcome_at >= self.arm_since => Some(self.arm),
            true => Some(self.arm.other()),
        }
    }

    /// Whether it had a bad outcome of that metric already.
    pub const fn is_bad(&self, metric: u8) -> bool {
        self.bad & (1 << metric) != 0
    }
}

/// All units of a comparison, in memory at the node that folds it; what the database holds, read once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Units {
    states: HashMap<UnitId, UnitState>,
    waiting: HashSet<UnitId>,
}

/// Bytes of memory that one unit takes, besides the hash table's spare room.
pub const BYTES_PER_UNIT: usize = size_of::<(UnitId, UnitState)>();

impl Units {
    /// The state of one.
    pub fn get(&self, unit: UnitId) -> Option<&UnitState> {
        self.states.get(&unit)
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.states.len()
    }

    /// Whether nobody was heard of.
    pub fn is_empty(&self) -> bool {
        self.states.is_empty()
    }

    /// Those of which only outcomes came, since before `limit`.
    pub fn waiting_since_before(&self, limit: Timestamp) -> impl Iterator<Item = UnitId> + '_ {
        self.waiting.iter().copied().filter(
            move |unit| matches!(self.states.get(unit), Some(UnitState::Waiting { since, .. }) if *since < limit),
        )
    }

    /// How many are left in a sample that was halved so often.
    pub fn sampled(&self, halvings: u8) -> usize {
        self.states.keys().filter(|unit| unit.is_sampled(halvings)).count()
    }

    /// Remembers one.
    pub fn insert(&mut self, unit: UnitId, state: UnitState) {
        match state {
            UnitState::Waiting { .. } => self.waiting.insert(unit),
            UnitState::Exposed(_) => self.waiting.remove(&unit),
        };
        self.states.insert(unit, state);
    }

    /// Takes in what a fold decided, once it is durable.
    pub fn apply(&mut self, changed: BTreeMap<UnitId, UnitState>, forgotten: &[UnitId], halvings: u8) {
        for (unit, state) in changed {
            self.insert(unit, state);
        }
        for unit in forgotten {
            self.states.remove(unit);
            self.waiting.remove(unit);
        }
        if halvings > 0 {
            self.states.retain(|unit, _| unit.is_sampled(halvings));
            self.waiting.retain(|unit| unit.is_sampled(halvings));
        }
    }
}
