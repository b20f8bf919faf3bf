//! The latest update of each item, in the order of change: the change log as far as an SDK can need it.
//!
//! An item that changes again takes its new place and leaves the old, so the history is never longer than there are items
//! and remembered deletions, it can be made anew from the tables after a restart, and from any place in it a client is
//! caught up by what comes after.

use std::sync::Arc;

use kernel::Revision;

use crate::Update;

/// So many deletions are remembered; clients that have missed an older one are sent the whole.
const REMEMBERED_DELETIONS: usize = 10_000;

/// The latest update of each item, oldest first.
#[derive(Clone, Debug, Default)]
pub struct History {
    updates: Vec<Arc<Update>>,
    deletions: usize,
    /// All deletions after this place are remembered.
    complete_after: Revision,
}

impl History {
    /// Empty, and not complete before this place.
    pub(crate) fn complete_after(seq: Revision) -> Self {
        Self { complete_after: seq, ..Self::default() }
    }

    /// Takes an update in, instead of the one before of its item, which was made at `before`.
    pub(crate) fn record(&mut self, update: Update, before: Option<Revision>) {
        if let Some(before) = before {
            self.remove(before, &update);
        }
        self.deletions += usize::from(update.json().is_none());
        let place = self.updates.partition_point(|known| known.seq <= update.seq);
        self.updates.insert(place, Arc::new(update));
        self.forget_the_oldest_deletion();
    }

    /// A deletion may have been forgotten: then there is nothing to remove.
    fn remove(&mut self, seq: Revision, successor: &Update) {
        let first = self.updates.partition_point(|known| known.seq < seq);
        let same = self.updates[first..].iter().take_while(|known| known.seq == seq);
        let at = same.zip(first..).find(|(known, _)| known.is_of(successor.item, &successor.key)).map(|(_, at)| at);
        if let Some(at) = at {
            self.deletions -= usize::from(self.updates.remove(at).json().is_none());
        }
    }

    fn forget_the_oldest_deletion(&mut self) {
        if self.deletions > REMEMBERED_DELETIONS
            && let Some(at) = self.updates.iter().position(|update| update.json().is_none())
        {
            self.complete_after = self.updates.remove(at).seq;
            self.deletions -= 1;
        }
    }

    /// What brings a client that knows everything up to `seq` up to date, oldest first; `None` when a deletion since then
    /// is forgotten: send the whole.
    pub fn since(&self, seq: Revision) -> Option<&[Arc<Update>]> {
        if seq < self.complete_after {
            return None;
        }
        let first = self.updates.partition_point(|update| update.seq <= seq);
        Some(&self.updates[first..])
    }

    /// The latest update of every item and of every remembered deletion, oldest first.
    pub fn updates(&self) -> &[Arc<Update>] {
        &self.updates
    }
}

#[cfg(test)]
mod tests {
    use evaluation::Item;

    use super::*;

    fn patch(seq: i64, key: &str) -> Update {
        Update::patch(Revision(seq), (Item::Flag, key), seq.unsigned_abs(), b"{}")
    }

    fn delete(seq: i64, key: &str) -> Update {
        Update::delete(Revision(seq), (Item::Flag, key), seq.unsigned_abs())
    }

    fn told(history: &History, seq: i64) -> Option<Vec<(i64, &str, bool)>> {
        let since = history.since(Revision(seq))?;
        Some(since.iter().map(|update| (update.seq.0, &*update.key, update.json().is_some())).collect())
    }

    #[test]
    fn a_client_is_told_the_latest_of_each_item_since_its_place() {
        let mut history = History::default();
        for (update, before) in [
            (patch(1, "a"), None),
            (patch(2, "b"), None),
            (patch(3, "a"), Some(1)),
            (delete(4, "b"), Some(2)),
            (patch(5, "c"), None),
            (patch(6, "b"), Some(4)),
        ] {
            history.record(update, before.map(Revision));
        }
        assert_eq!(told(&history, 0), Some(vec![(3, "a", true), (5, "c", true), (6, "b", true)]));
        assert_eq!(told(&history, 3), Some(vec![(5, "c", true), (6, "b", true)]));
        assert_eq!(told(&history, 6), Some(vec![]));
        assert_eq!(history.deletions, 0);
    }

    #[test]
    fn items_may_come_in_any_order_as_tables_give_them() {
        let mut history = History::default();
        for update in [patch(7, "z"), patch(2, "a"), delete(5, "m")] {
            history.record(update, None);
        }
        assert_eq!(told(&history, 2), Some(vec![(5, "m", false), (7, "z", true)]));
    }

    #[test]
    fn who_has_missed_a_forgotten_deletion_is_sent_the_whole() {
        let mut history = History::default();
        history.record(patch(1, "stays"), None);
        for at in 0..=REMEMBERED_DELETIONS {
            let seq = i64::try_from(at).unwrap() + 2;
            history.record(delete(seq, &format!("gone-{at}")), None);
        }
        assert_eq!(told(&history, 1), None, "the deletion at 2 is forgotten");
        assert_eq!(told(&history, 2).map(|told| told.len()), Some(REMEMBERED_DELETIONS));
    }
}
