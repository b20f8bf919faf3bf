//! Sorts hashes that do not fit into memory: scattered over buckets by their first byte, then taken bucket by bucket.
//!
//! Members are written to the database in the order of their hashes: a table of millions of rows that is filled in another
//! order writes every one of its pages again and again. The file has no name, so nothing is left of it after a crash.

use std::io::{self, SeekFrom};

use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

use crate::model::{ContextHash, MemberList};

/// One for each first byte of a hash.
const BUCKETS: usize = 256;
/// Hash, list, number of the line.
const WIDTH: usize = ContextHash::LENGTH + 1 + 8;
/// A bucket's memory: what is more goes to disk. All buckets together hold 8 MiB.
const RUN: usize = WIDTH * 800;

/// One line that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Whose key.
    pub hash: ContextHash,
    /// Which line of the file, from 1.
    pub line: u64,
    /// Whether the line excludes it.
    pub excluded: bool,
}

impl Entry {
    /// The list that the line puts it on.
    pub fn list(&self) -> MemberList {
        if self.excluded { MemberList::Excluded } else { MemberList::Included }
    }
}

/// Two lines put one key on different lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// The earlier line.
    pub first: u64,
    /// The later one.
    pub second: u64,
}

/// Entries in no order go in, sorted ones come out.
pub struct Spool {
    buckets: Vec<Bucket>,
    file: Option<File>,
    end: u64,
}

#[derive(Default)]
struct Bucket {
    pending: Vec<u8>,
    /// Where in the file its full runs begin.
    runs: Vec<u64>,
}

impl Default for Spool {
    fn default() -> Self {
        Self { buckets: (0..BUCKETS).map(|_| Bucket::default()).collect(), file: None, end: 0 }
    }
}

impl Spool {
    /// How many times [`take`](Self::take) is to be called.
    pub const BUCKETS: usize = BUCKETS;

    /// Puts one entry in.
    pub async fn put(&mut self, entry: Entry) -> io::Result<()> {
        let bucket = &mut self.buckets[usize::from(entry.hash.0[0])];
        bucket.pending.extend_from_slice(&entry.hash.0);
        bucket.pending.push(entry.excluded.into());
        bucket.pending.extend_from_slice(&entry.line.to_be_bytes());
        if bucket.pending.len() < RUN {
            return Ok(());
        }
        let run = std::mem::take(&mut bucket.pending);
        bucket.runs.push(self.end);
        self.end += run.len() as u64;
        let file = match &mut self.file {
            Some(file) => file,
            nothing => nothing.insert(File::from_std(tempfile::tempfile()?)),
        };
        file.write_all(&run).await
    }

    /// The entries of the bucket at `place`, in the order of their hashes, each hash once.
    pub async fn take(&mut self, place: usize) -> io::Result<Result<Vec<Entry>, Contradiction>> {
        let Bucket { pending, runs } = std::mem::take(&mut self.buckets[place]);
        let mut bytes = pending;
        if let Some(file) = &mut self.file {
            file.flush().await?;
            for run in runs {
                let filled = bytes.len();
                bytes.resize(filled + RUN, 0);
                file.seek(SeekFrom::Start(run)).await?;
                file.read_exact(&mut bytes[filled..]).await?;
            }
        }
        let mut entries: Vec<Entry> = bytes.chunks_exact(WIDTH).map(entry).collect();
        drop(bytes);
        entries.sort_unstable();
        if let Some([first, second]) = entries.array_windows().find(|[first, second]| contradict(first, second)) {
            return Ok(Err(Contradiction { first: first.line, second: second.line }));
        }
        entries.dedup_by_key(|entry| entry.hash);
        Ok(Ok(entries))
    }
}

fn contradict(first: &Entry, second: &Entry) -> bool {
    first.hash == second.hash && first.excluded != second.excluded
}

fn entry(bytes: &[u8]) -> Entry {
    let (hash, rest) = bytes.split_first_chunk().expect("an entry begins with a hash");
    let (excluded, line) = rest.split_first().expect("a list comes next");
    let line = line.try_into().expect("and the line's eight bytes");
    Entry { hash: ContextHash(*hash), excluded: *excluded != 0, line: u64::from_be_bytes(line) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn included(key: &str, line: u64) -> Entry {
        Entry { hash: ContextHash::of(key), line, excluded: false }
    }

    #[tokio::test]
    async fn all_come_out_once_and_in_order_whether_they_fit_into_memory_or_not() {
        for count in [0_u64, 1, 1_000, 300_000] {
            let mut spool = Spool::default();
            for line in 0..count {
                spool.put(included(&format!("key-{}", line % (count / 2 + 1)), line)).await.unwrap();
            }
            assert_eq!(spool.file.is_some(), count == 300_000);
            let mut all = vec![];
            for place in 0..Spool::BUCKETS {
                all.extend(spool.take(place).await.unwrap().unwrap());
            }
            let mut expected: Vec<_> = (0..=count / 2)
                .take_while(|key| *key < count)
                .map(|key| ContextHash::of(&format!("key-{key}")))
                .collect();
            expected.sort_unstable();
            assert!(all.iter().map(|entry| entry.hash).eq(expected), "{count}");
        }
    }

    #[tokio::test]
    async fn a_key_on_both_lists_is_told_with_both_lines() {
        let mut spool = Spool::default();
        for line in 1..=5 {
            let entry = included(if line % 3 == 0 { "ada" } else { "bob" }, line);
            spool.put(Entry { excluded: line == 5, ..entry }).await.unwrap();
        }
        let place = usize::from(ContextHash::of("bob").0[0]);
        assert_eq!(spool.take(place).await.unwrap(), Err(Contradiction { first: 4, second: 5 }));
    }
}
