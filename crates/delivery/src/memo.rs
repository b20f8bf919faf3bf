//! What is made once of a snapshot, and given to all.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;

/// Bytes that are made once, by whoever asks first.
type Cell = Arc<OnceLock<Bytes>>;

/// Bytes by name. Names are few, so a list is searched.
pub(crate) struct Memo<K> {
    cells: Mutex<Vec<(K, Cell)>>,
    most: usize,
}

impl<K: PartialEq> Memo<K> {
    /// For so many names at most.
    pub(crate) fn of(most: usize) -> Self {
        Self { cells: Mutex::default(), most }
    }

    /// What is known by this name, or what `make` makes now; whoever asks meanwhile waits for it, and others do not. Once
    /// there are as many names as may be, it is made for who asks for another.
    pub(crate) fn remember(&self, name: K, make: impl FnOnce() -> Bytes) -> Bytes {
        match self.cell(name) {
            Some(cell) => cell.get_or_init(make).clone(),
            None => make(),
        }
    }

    fn cell(&self, name: K) -> Option<Cell> {
        // A list cannot be left half changed.
        let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, cell)) = cells.iter().find(|(known, _)| *known == name) {
            return Some(Arc::clone(cell));
        }
        if cells.len() == self.most {
            return None;
        }
        let cell = Cell::default();
        cells.push((name, Arc::clone(&cell)));
        Some(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_made_once() {
        let memo = Memo::of(2);
        assert_eq!(memo.remember("a", || Bytes::from_static(b"first")), "first");
        assert_eq!(memo.remember("a", || unreachable!("it is there")), "first");
        assert_eq!(memo.remember("b", || Bytes::from_static(b"other")), "other");
    }

    #[test]
    fn beyond_its_bound_nothing_is_kept() {
        let memo = Memo::of(1);
        memo.remember("a", || Bytes::from_static(b"first"));
        for made in [&b"1"[..], b"2"] {
            assert_eq!(memo.remember("b", || Bytes::copy_from_slice(made)), made);
        }
        assert_eq!(memo.remember("a", || unreachable!("it is there")), "first");
    }
}
