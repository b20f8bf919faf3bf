//! What SDKs sent, on disk until upstream has taken it: taken means durable, and a full spool refuses.
//!
//! Deliveries that arrive together are made durable together, by one `fsync`. What waits for the disk is bounded in bytes, and
//! so is what lies on it: beyond that SDKs are asked to come again. Nothing that was taken is ever thrown away to make room;
//! only a spool that is opened with a smaller bound than it was filled with drops its oldest files, and says so.

mod disk;
mod record;

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kernel::words;
use tokio::sync::{Notify, Semaphore, mpsc, oneshot};

use self::disk::{Disk, Segment};
pub use self::record::{Delivery, Head};

/// So many deliveries are made durable at once.
const TOGETHER: usize = 512;
/// So many KiB may wait for the disk.
const WAITING_KIB: u32 = 64 << 10;

/// Why a delivery was not taken; the SDK keeps it and comes again.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// As much is on disk as may be, or waits for it: upstream has taken nothing for long.
    #[error("the spool is full")]
    Full,
    /// The disk refused it.
    #[error("the spool cannot be written")]
    Disk(#[source] Arc<io::Error>),
    /// The process ends.
    #[error("the edge is ending")]
    Ending,
}

/// Takes deliveries; a cheap handle to clone.
#[derive(Clone)]
pub struct Spool {
    orders: mpsc::Sender<Order>,
    waiting: Arc<Semaphore>,
    shared: Arc<Shared>,
}

/// Gives deliveries back, oldest first.
pub struct Outlet {
    folder: PathBuf,
    orders: mpsc::WeakSender<Order>,
    shared: Arc<Shared>,
}

/// Writes, in a task of its own.
pub struct Writer {
    disk: Disk,
    orders: mpsc::Receiver<Order>,
    shared: Arc<Shared>,
}

/// How full a spool is, and what became of what was sent; for the status.
#[derive(Debug, Default)]
pub struct Gauge {
    /// The bound, in bytes.
    pub most: u64,
    /// On disk, or on the way to it, in bytes.
    pub bytes: AtomicU64,
    /// Taken since the start.
    pub taken: AtomicU64,
    /// Refused since the start, because the spool was full or could not be written.
    pub refused: AtomicU64,
    /// Handed on since the start.
    pub forwarded: AtomicU64,
    /// Given up since the start: upstream said that it will never take them, or the bound was made smaller.
    pub dropped: AtomicU64,
}

struct Shared {
    gauge: Arc<Gauge>,
    sealed: Mutex<VecDeque<Segment>>,
    /// Something was made durable.
    written: Notify,
}

enum Order {
    Append(Vec<u8>, oneshot::Sender<Result<(), Arc<io::Error>>>),
    Seal(oneshot::Sender<()>),
}

/// A file of deliveries on its way upstream.
pub struct Batch {
    /// What is in it.
    pub deliveries: Vec<Delivery>,
    segment: Segment,
}

/// Opens the spool in `folder`, which holds at most `most` bytes.
pub fn open(folder: &Path, most: u64) -> io::Result<(Spool, Writer, Outlet)> {
    let (disk, segments) = Disk::open(folder)?;
    let mut sealed = VecDeque::from(segments);
    let gauge = Gauge { most, ..Gauge::default() };
    let mut bytes: u64 = sealed.iter().map(|segment| segment.bytes).sum();
    while bytes > most
        && let Some(oldest) = sealed.pop_front()
    {
        let (lost, _) = record::decode(disk::read(folder, oldest)?);
        disk::remove(folder, oldest)?;
        bytes -= oldest.bytes;
        gauge.dropped.fetch_add(lost.len() as u64, Ordering::Relaxed);
        let (folder, deliveries) = (folder.display(), lost.len());
        tracing::warn!(%folder, deliveries, "the spool holds more than it may: its oldest deliveries are dropped");
    }
    gauge.bytes.store(bytes, Ordering::Relaxed);
    let shared = Arc::new(Shared { gauge: Arc::new(gauge), sealed: Mutex::new(sealed), written: Notify::new() });
    let (orders, received) = mpsc::channel(TOGETHER);
    let outlet = Outlet { folder: folder.to_owned(), orders: orders.downgrade(), shared: Arc::clone(&shared) };
    let writer = Writer { disk, orders: received, shared: Arc::clone(&shared) };
    Ok((Spool { orders, waiting: Arc::new(Semaphore::new(WAITING_KIB as usize)), shared }, writer, outlet))
}

impl Spool {
    /// How full it is.
    pub fn gauge(&self) -> Arc<Gauge> {
        Arc::clone(&self.shared.gauge)
    }

    /// Takes a delivery: it is durable when this returns.
    pub async fn take(&self, delivery: &Delivery) -> Result<(), NotTaken> {
        let taken = self.append(delivery.encode()).await;
        let gauge = &self.shared.gauge;
        let counter = if taken.is_ok() { &gauge.taken } else { &gauge.refused };
        counter.fetch_add(1, Ordering::Relaxed);
        taken
    }

    async fn append(&self, record: Vec<u8>) -> Result<(), NotTaken> {
        let bytes = record.len() as u64;
        let kib = u32::try_from(bytes.div_ceil(1 << 10)).map_err(|_| NotTaken::Full)?;
        let _waiting = self.waiting.try_acquire_many(kib).map_err(|_| NotTaken::Full)?;
        let gauge = &self.shared.gauge;
        let fits = |held: u64| held.checked_add(bytes).filter(|held| *held <= gauge.most);
        gauge.bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).map_err(|_| NotTaken::Full)?;
        let (answer, answered) = oneshot::channel();
        // From here on the writer accounts for the bytes: whoever asked may be gone before it is done.
        if self.orders.send(Order::Append(record, answer)).await.is_err() {
            gauge.bytes.fetch_sub(bytes, Ordering::Relaxed);
            return Err(NotTaken::Ending);
        }
        answered.await.map_err(|_| NotTaken::Ending)?.map_err(NotTaken::Disk)
    }
}

impl Writer {
    /// Writes until nobody can take anything any more.
    pub async fn run(mut self) {
        let mut orders = Vec::new();
        while self.orders.recv_many(&mut orders, TOGETHER).await > 0 {
            let mut records = Vec::new();
            let mut answers = Vec::new();
            let mut seals = Vec::new();
            for order in orders.drain(..) {
                match order {
                    Order::Append(record, answer) => {
                        records.push(record);
                        answers.push(answer);
                    }
                    Order::Seal(answer) => seals.push(answer),
                }
            }
            if !records.is_empty() {
                let written = match self.append(records).await {
                    Some((writer, written)) => {
                        self = writer;
                        written
                    }
                    None => return,
                };
                for answer in answers {
                    // Who does not wait any more sends it again, and upstream counts it once.
                    let _nobody_waits = answer.send(written.clone());
                }
            }
            self.answer(seals);
        }
    }

    /// `None` when the writing panicked: then it is not known what is on disk, and the spool takes nothing more.
    async fn append(mut self, records: Vec<Vec<u8>>) -> Option<(Self, Result<(), Arc<io::Error>>)> {
        let writing = tokio::task::spawn_blocking(move || {
            let (written, sealed) = self.disk.append(&records);
            self.shared.lock().extend(sealed);
            let bytes = records.iter().map(|record| record.len() as u64).sum();
            (self, written, bytes)
        });
        let (writer, written, bytes): (Self, _, u64) = writing.await.ok()?;
        writer.shared.written.notify_one();
        let written = match written {
            Ok(()) => Ok(()),
            Err(error) => {
                writer.shared.gauge.bytes.fetch_sub(bytes, Ordering::Relaxed);
                tracing::error!(
                    error = words::causes(&error),
                    "events cannot be spooled; SDKs are asked to send them again"
                );
                Err(Arc::new(error))
            }
        };
        Some((writer, written))
    }

    fn answer(&mut self, seals: Vec<oneshot::Sender<()>>) {
        if !seals.is_empty() {
            let sealed = self.disk.seal();
            self.shared.lock().extend(sealed);
        }
        for seal in seals {
            let _nobody_waits = seal.send(());
        }
    }
}

impl Outlet {
    /// How full the spool is.
    pub fn gauge(&self) -> &Gauge {
        &self.shared.gauge
    }

    /// The oldest deliveries, when there are any; `None` once nobody can take any more. They stay where they are until they
    /// are [`done`](Self::done).
    pub async fn next(&self) -> Option<Batch> {
        loop {
            let oldest = self.shared.lock().front().copied();
            if let Some(segment) = oldest {
                if let Some(batch) = self.read(segment).await {
                    return Some(batch);
                }
                continue;
            }
            let (answer, answered) = oneshot::channel();
            self.orders.upgrade()?.send(Order::Seal(answer)).await.ok()?;
            answered.await.ok()?;
            if self.shared.lock().is_empty() {
                self.shared.written.notified().await;
            }
        }
    }

    /// `None` when there is nothing in it to be forwarded.
    async fn read(&self, segment: Segment) -> Option<Batch> {
        let folder = self.folder.clone();
        let read = tokio::task::spawn_blocking(move || disk::read(&folder, segment)).await;
        let file = match read.map_err(io::Error::other).flatten() {
            Ok(file) => file,
            Err(error) => {
                let error = words::causes(&error);
                tracing::error!(error, segment = segment.id, "a file of the spool cannot be read and is passed over");
                self.forget(segment);
                return None;
            }
        };
        let (deliveries, torn) = record::decode(file);
        if torn > 0 {
            tracing::warn!(segment = segment.id, bytes = torn, "the end of a file of the spool was never finished");
        }
        if deliveries.is_empty() {
            self.done(Batch { deliveries, segment }).await;
            return None;
        }
        Some(Batch { deliveries, segment })
    }

    /// Upstream has all of it, or never will: it makes room.
    pub async fn done(&self, batch: Batch) {
        let (folder, segment) = (self.folder.clone(), batch.segment);
        let removed = tokio::task::spawn_blocking(move || disk::remove(&folder, segment)).await;
        if let Err(error) = removed.map_err(io::Error::other).flatten() {
            let error = words::causes(&error);
            tracing::error!(
                error,
                segment = segment.id,
                "a file of the spool cannot be removed: it is sent once more later"
            );
        }
        self.forget(segment);
    }

    fn forget(&self, segment: Segment) {
        self.shared.lock().retain(|other| other.id != segment.id);
        self.shared.gauge.bytes.fetch_sub(segment.bytes, Ordering::Relaxed);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, VecDeque<Segment>> {
        self.sealed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use runtime::Tasks;

    use super::record::tests::delivery;
    use super::*;

    struct House {
        spool: Spool,
        outlet: Outlet,
        tasks: Tasks,
    }

    fn house(folder: &Path, most: u64) -> House {
        let (spool, writer, outlet) = open(folder, most).unwrap();
        let tasks = Tasks::new();
        tasks.spawn("spool", writer.run());
        House { spool, outlet, tasks }
    }

    fn ids(batch: &Batch) -> Vec<&str> {
        batch.deliveries.iter().map(|delivery| &*delivery.head.payload_id).collect()
    }

    #[tokio::test]
    async fn what_was_taken_comes_out_once_in_order_also_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let before = house(folder.path(), 1 << 20);
        for id in ["1", "2"] {
            before.spool.take(&delivery(id, "[]")).await.unwrap();
        }
        let taken = before.outlet.next().await.unwrap();
        assert_eq!(ids(&taken), ["1", "2"]);
        // Killed before upstream had it.
        drop(taken);
        drop(before.spool);
        before.tasks.shutdown(std::time::Duration::from_mins(1)).await;

        let after = house(folder.path(), 1 << 20);
        after.spool.take(&delivery("3", "[]")).await.unwrap();
        for expected in [&["1", "2"][..], &["3"]] {
            let batch = after.outlet.next().await.unwrap();
            assert_eq!(ids(&batch), expected);
            after.outlet.done(batch).await;
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        assert_eq!(after.spool.gauge().bytes.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn a_full_spool_refuses_until_upstream_has_taken_something() {
        let folder = tempfile::tempdir().unwrap();
        let size = delivery("1", "[]").encode().len() as u64;
        let House { spool, outlet, tasks: _tasks } = house(folder.path(), 2 * size);
        spool.take(&delivery("1", "[]")).await.unwrap();
        spool.take(&delivery("2", "[]")).await.unwrap();
        assert!(matches!(spool.take(&delivery("3", "[]")).await, Err(NotTaken::Full)));
        outlet.done(outlet.next().await.unwrap()).await;
        spool.take(&delivery("3", "[]")).await.unwrap();
        let gauge = spool.gauge();
        assert_eq!((gauge.taken.load(Ordering::Relaxed), gauge.refused.load(Ordering::Relaxed)), (3, 1));
    }

    #[tokio::test]
    async fn a_thousand_at_once_are_all_taken_and_all_come_out() {
        let folder = tempfile::tempdir().unwrap();
        let House { spool, outlet, tasks: _tasks } = house(folder.path(), 64 << 20);
        let body: &'static str = "x".repeat(2_000).leak();
        let takes = (0..1_000).map(|id| {
            let spool = spool.clone();
            async move { spool.take(&delivery(&id.to_string(), body)).await.unwrap() }
        });
        futures_util::future::join_all(takes).await;
        let mut seen = std::collections::BTreeSet::new();
        while seen.len() < 1_000 {
            let batch = outlet.next().await.unwrap();
            seen.extend(ids(&batch).into_iter().map(str::to_owned));
            outlet.done(batch).await;
        }
    }

    #[tokio::test]
    async fn a_smaller_bound_drops_the_oldest_and_counts_them() {
        let folder = tempfile::tempdir().unwrap();
        let size = delivery("1", "[]").encode().len() as u64;
        for id in ["1", "2", "3"] {
            let before = house(folder.path(), 1 << 20);
            before.spool.take(&delivery(id, "[]")).await.unwrap();
            drop(before.spool);
            before.tasks.shutdown(std::time::Duration::from_mins(1)).await;
        }
        let after = house(folder.path(), size);
        assert_eq!(after.spool.gauge().dropped.load(Ordering::Relaxed), 2);
        assert_eq!(ids(&after.outlet.next().await.unwrap()), ["3"]);
    }
}
