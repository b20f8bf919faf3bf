//! What is made once of a snapshot, and given to all.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;

/// Bytes that are made once, by whoever asks first.
type Cell = Arc<OnceLock<Bytes>>;

/// Bytes by name. Names are few, so a list is searched.
#[derive(Default)]
pub(crate) struct Memo(Mutex<Vec<(&'static str, Cell)>>);

impl Memo {
    /// What is known by this name, or what `make` makes now; whoever asks meanwhile waits for it, and others do not.
    pub(crate) fn remember(&self, name: &'static str, make: impl FnOnce() -> Bytes) -> Bytes {
        self.cell(name).get_or_init(make).clone()
    }

    fn cell(&self, name: &'static str) -> Cell {
        // A list cannot be left half changed.
        let mut cells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, cell)) = cells.iter().find(|(known, _)| *known == name) {
            return Arc::clone(cell);
        }
        let cell = Cell::default();
        cells.push((name, Arc::clone(&cell)));
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_made_once() {
        let memo = Memo::default();
        assert_eq!(memo.remember("a", || Bytes::from_static(b"first")), "first");
        assert_eq!(memo.remember("a", || unreachable!("it is there")), "first");
        assert_eq!(memo.remember("b", || Bytes::from_static(b"other")), "other");
    }
}
