//! Look-ups of many at once, gathered into few reads: at a change each stream of a page asks for its own context.
//!
//! Nobody waits for company: with few at once each reads for itself. Once as many reads are under way as may be, whoever
//! comes later is read for by the next whose turn it is.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tokio::sync::{Semaphore, oneshot};

use crate::memberships::{LookUpError, MembershipStore, Sought};

/// So many reads are under way at once: the pool of connections serves others too.
const READS: usize = 4;
/// So much is sought by one read, or what one asks for, if that is more.
const SOUGHT: usize = 1_024;

type Answer = Result<Vec<(Sought, bool)>, LookUpError>;

/// A store that is asked by few for many.
pub struct Gathered<S> {
    store: S,
    waiting: Mutex<VecDeque<Ask>>,
    reads: Semaphore,
}

/// What one seeks; dropped unanswered when whoever read for it went away.
struct Ask {
    sought: Vec<Sought>,
    answer: oneshot::Sender<Answer>,
}

impl<S: MembershipStore> Gathered<S> {
    /// Over a store that can answer for many at once.
    pub fn new(store: S) -> Self {
        Self { store, waiting: Mutex::default(), reads: Semaphore::new(READS) }
    }

    /// Asks the store for those who have waited longest; `false` when nobody waits.
    async fn read_for_some(&self) -> bool {
        let asks = some_of(&mut self.waiting());
        if asks.is_empty() {
            return false;
        }
        let mut sought: Vec<Sought> = asks.iter().flat_map(|ask| ask.sought.iter().copied()).collect();
        sought.sort_unstable();
        sought.dedup();
        match self.store.look_up(&sought).await {
            Ok(found) => {
                let found: HashMap<Sought, bool> = found.into_iter().collect();
                let of = |one: &Sought| found.get(one).map(|member| (*one, *member));
                for Ask { sought, answer } in asks {
                    // Whoever asked may have gone away.
                    answer.send(Ok(sought.iter().filter_map(of).collect())).ok();
                }
            }
            Err(error) => asks.into_iter().for_each(|ask| {
                ask.answer.send(Err(error.clone())).ok();
            }),
        }
        true
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<Ask>> {
        // Nothing that holds the lock can panic half-way through a change.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl<S: MembershipStore> MembershipStore for Gathered<S> {
    async fn look_up(&self, sought: &[Sought]) -> Answer {
        loop {
            let (answer, mut answered) = oneshot::channel();
            self.waiting().push_back(Ask { sought: sought.to_vec(), answer });
            let given = loop {
                tokio::select! {
                    biased;
                    given = &mut answered => break given,
                    turn = self.reads.acquire() => {
                        let turn = turn.expect("the semaphore is never closed");
                        let read = self.read_for_some().await;
                        drop(turn);
                        if !read {
                            // Somebody is reading for this one.
                            break answered.await;
                        }
                    }
                }
            };
            if let Ok(answer) = given {
                return answer;
            }
        }
    }
}

/// Takes those who came first, and leaves those who have gone away.
fn some_of(waiting: &mut VecDeque<Ask>) -> Vec<Ask> {
    let (mut asks, mut count) = (Vec::new(), 0);
    while let Some(next) = waiting.pop_front() {
        if next.answer.is_closed() {
            continue;
        }
        if !asks.is_empty() && count + next.sought.len() > SOUGHT {
            waiting.push_front(next);
            break;
        }
        count += next.sought.len();
        asks.push(next);
    }
    asks
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::FutureExt;
    use futures_util::future::join_all;
    use tokio::sync::Notify;

    use super::*;
    use crate::memberships::ContextHash;

    /// Lets those in whose generation is odd; answers once it is let go.
    #[derive(Default)]
    struct Store {
        reads: AtomicUsize,
        largest: AtomicUsize,
        go: Option<Arc<Notify>>,
        away: bool,
    }

    #[async_trait]
    impl MembershipStore for Store {
        async fn look_up(&self, sought: &[Sought]) -> Answer {
            self.reads.fetch_add(1, Ordering::Relaxed);
            self.largest.fetch_max(sought.len(), Ordering::Relaxed);
            match &self.go {
                Some(go) => go.notified().await,
                None => tokio::task::yield_now().await,
            }
            if self.away {
                return Err(LookUpError::Failed(Arc::from(Box::from("gone"))));
            }
            Ok(sought.iter().filter(|one| one.generation % 2 == 1).map(|one| (*one, true)).collect())
        }
    }

    fn of(number: i64) -> Sought {
        Sought { generation: number, hash: ContextHash::of("ada") }
    }

    #[tokio::test]
    async fn thousands_at_once_are_answered_by_a_few_reads_each_with_its_own() {
        let store = Gathered::new(Store::default());
        let asked = (0..10_000).map(|number| {
            let store = &store;
            async move { (number, store.look_up(&[of(number)]).await.unwrap()) }
        });
        for (number, found) in join_all(asked).await {
            assert_eq!(found, if number % 2 == 1 { vec![(of(number), true)] } else { vec![] });
        }
        let (reads, largest) = (store.store.reads.into_inner(), store.store.largest.into_inner());
        assert!(reads <= READS + 10_000 / SOUGHT + 1 && largest <= SOUGHT, "{reads} reads of up to {largest}");
    }

    #[tokio::test]
    async fn one_alone_reads_at_once() {
        let store = Gathered::new(Store::default());
        assert_eq!(store.look_up(&[of(1), of(2)]).await.unwrap(), [(of(1), true)]);
        assert_eq!(store.store.reads.into_inner(), 1);
    }

    #[tokio::test]
    async fn who_was_read_for_by_one_that_went_away_is_read_for_by_another() {
        let go = Arc::new(Notify::new());
        let store = Gathered::new(Store { go: Some(Arc::clone(&go)), ..Store::default() });
        let [first, second] = [[of(1)], [of(3)]];
        let mut leaders: Vec<_> = (0..READS).map(|_| store.look_up(&first)).collect();
        for leader in &mut leaders {
            assert!(leader.now_or_never().is_none(), "each reads for itself");
        }
        let (mut one, mut other) = (store.look_up(&first), store.look_up(&second));
        assert!((&mut one).now_or_never().is_none() && (&mut other).now_or_never().is_none(), "no more reads");
        drop(leaders);
        assert!((&mut one).now_or_never().is_none(), "it reads for both");
        assert_eq!(store.store.reads.load(Ordering::Relaxed), READS + 1);
        drop(one);
        assert!((&mut other).now_or_never().is_none(), "it reads for itself after all");
        go.notify_one();
        assert_eq!(other.await.unwrap(), [(of(3), true)]);
    }

    #[tokio::test]
    async fn a_store_that_is_away_is_away_for_all() {
        let store = Gathered::new(Store { away: true, ..Store::default() });
        let asked: Vec<_> = (0..100).map(|number| [of(number)]).collect();
        let answers = join_all(asked.iter().map(|sought| store.look_up(sought))).await;
        assert!(answers.iter().all(|answer| matches!(answer, Err(LookUpError::Failed(_)))));
    }
}
