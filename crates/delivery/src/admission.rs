//! Who may open a stream, and when streams end: so that a thousand SDKs that come back at once find a server and not a swamp.
//!
//! A stream's first word is the whole environment. Words that are on their way take memory, so only so many bytes of them may
//! be; who comes later waits for a moment, and is asked to come back when that is not enough. At shutdown streams end at a
//! pace, or those who lose one here would all knock at the next node at once.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::{Stream, StreamExt};
use pin_project_lite::pin_project;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

/// First words that may be on their way at once, KiB.
const FIRST_WORDS_KIB: u32 = 256 << 10;
/// So long a stream waits for its turn to be told the whole; SDKs wait for an answer for 10 s and more.
const PATIENCE: Duration = Duration::from_secs(5);
/// Those who are turned away come back after 1 s to so many seconds.
const LATEST_RETURN_S: u32 = 10;
/// So many streams end in a second of shutdown.
const PACE: u32 = 1_000;
/// However many there are, the last has ended by then.
const LONGEST_DRAIN: Duration = Duration::from_secs(15);

/// Lets streams in, and ends them; a cheap handle to clone.
#[derive(Clone, Debug)]
pub struct Admission {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    places: Arc<Semaphore>,
    most: usize,
    first_words: Arc<Semaphore>,
    served: AtomicU32,
    drain: CancellationToken,
}

/// There is no room for another stream at this moment: 503 in every protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many streams begin at once; come back in {} s", retry_after.as_secs())]
pub struct Busy {
    /// When to come back, in whole seconds: what `Retry-After` says (RFC 9110 §10.2.3). Not the same for all.
    pub retry_after: Duration,
}

/// A stream that was let in.
#[derive(Debug)]
pub struct Admitted {
    inner: Arc<Inner>,
    /// By how far this stream's end lies within the drain, 0 to `u32::MAX`.
    turn: u32,
    first_word: Option<OwnedSemaphorePermit>,
    place: OwnedSemaphorePermit,
}

impl Admission {
    /// For up to `most` streams, which end once `drain` is cancelled.
    pub fn new(most: usize, drain: CancellationToken) -> Self {
        let (places, first_words) = (Semaphore::new(most), Semaphore::new(FIRST_WORDS_KIB as usize));
        let (places, first_words) = (Arc::new(places), Arc::new(first_words));
        Self { inner: Arc::new(Inner { places, most, first_words, served: AtomicU32::new(0), drain }) }
    }

    /// Lets a stream in whose first word has about so many bytes.
    pub async fn admit(&self, first_word_bytes: usize) -> Result<Admitted, Busy> {
        let inner = &self.inner;
        // A multiple of an odd number that is near the golden section of 2³²: neighbours end far from each other.
        let turn = inner.served.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b1);
        let busy = Busy { retry_after: Duration::from_secs(u64::from(1 + turn % LATEST_RETURN_S)) };
        if inner.drain.is_cancelled() {
            return Err(busy);
        }
        let place = Arc::clone(&inner.places).try_acquire_owned().map_err(|_| busy)?;
        let kib = u32::try_from(first_word_bytes / 1_024).unwrap_or(u32::MAX).clamp(1, FIRST_WORDS_KIB);
        let wait = Arc::clone(&inner.first_words).acquire_many_owned(kib);
        let first_word = tokio::time::timeout(PATIENCE, wait).await.map_err(|_| busy)?;
        let first_word = Some(first_word.expect("the semaphore is never closed"));
        Ok(Admitted { inner: Arc::clone(inner), turn, first_word, place })
    }

    /// How long the streams that are open now take to end, once they begin to.
    pub fn longest_drain(&self) -> Duration {
        self.inner.longest_drain()
    }
}

impl Inner {
    fn longest_drain(&self) -> Duration {
        let open = u32::try_from(self.most - self.places.available_permits()).unwrap_or(u32::MAX);
        (Duration::from_secs(1) * open / PACE).min(LONGEST_DRAIN)
    }
}

impl Admitted {
    /// The frames, until it is this stream's turn to end.
    pub fn hold<S: Stream>(self, frames: S) -> impl Stream<Item = S::Item> {
        let Self { inner, turn, first_word, place } = self;
        let end = async move {
            inner.drain.cancelled().await;
            tokio::time::sleep(inner.longest_drain().mul_f64(f64::from(turn) / f64::from(u32::MAX))).await;
            drop(place);
        };
        Held { frames, told: false, first_word }.take_until(end)
    }
}

pin_project! {
    /// Frames whose first was paid for: it counts as told once the next is asked for, which is when most of it has left.
    struct Held<S> {
        #[pin]
        frames: S,
        told: bool,
        first_word: Option<OwnedSemaphorePermit>,
    }
}

impl<S: Stream> Stream for Held<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        if *this.told {
            *this.first_word = None;
        }
        let polled = this.frames.poll_next(context);
        *this.told |= polled.is_ready();
        polled
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, stream};

    use super::*;

    const MIB: usize = 1 << 20;

    fn admission(most: usize) -> (Admission, CancellationToken) {
        let drain = CancellationToken::new();
        (Admission::new(most, drain.clone()), drain)
    }

    #[tokio::test]
    async fn a_stream_more_than_there_are_places_is_turned_away_until_one_ends() {
        let (admission, _) = admission(2);
        let first = admission.admit(0).await.unwrap();
        let _second = admission.admit(0).await.unwrap();
        let busy = admission.admit(0).await.unwrap_err();
        assert!((1..=10).contains(&busy.retry_after.as_secs()), "{busy}");
        drop(first);
        admission.admit(0).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn who_finds_too_many_first_words_under_way_waits_and_is_then_turned_away() {
        let (admission, _) = admission(10);
        let large = admission.admit(200 * MIB).await.unwrap();
        let begun = tokio::time::Instant::now();
        admission.admit(100 * MIB).await.unwrap_err();
        assert_eq!(begun.elapsed(), PATIENCE);
        admission.admit(MIB).await.expect("a small one still fits");

        let mut waits = Box::pin(admission.admit(100 * MIB));
        assert!((&mut waits).now_or_never().is_none());
        let mut frames = Box::pin(large.hold(stream::iter([1, 2])));
        assert_eq!(frames.next().await, Some(1));
        assert!((&mut waits).now_or_never().is_none(), "the first word is with the connection");
        assert_eq!(frames.next().await, Some(2));
        waits.await.expect("the first word has left");
    }

    #[tokio::test]
    async fn one_that_is_larger_than_all_that_may_be_under_way_has_it_for_itself() {
        let (admission, _) = admission(10);
        admission.admit(usize::MAX).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn streams_end_at_a_pace_and_nobody_is_let_in_meanwhile() {
        let (admission, drain) = admission(5_000);
        let mut open = stream::FuturesUnordered::new();
        for _ in 0..3_000 {
            let frames = admission.admit(0).await.unwrap().hold(stream::pending::<()>());
            open.push(Box::pin(frames).into_future());
        }
        assert_eq!(admission.longest_drain(), Duration::from_secs(3));
        drain.cancel();
        admission.admit(0).await.unwrap_err();
        let begun = tokio::time::Instant::now();
        let mut ended = [0; 3];
        while open.next().await.is_some() {
            ended[usize::try_from(begun.elapsed().as_millis() / 1_000).unwrap().min(2)] += 1;
        }
        assert!(ended.iter().all(|ended| (900..=1_100).contains(ended)), "{ended:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_few_streams_end_at_once_and_very_many_in_bounded_time() {
        let (small, drain) = admission(10);
        let frames = small.admit(0).await.unwrap().hold(stream::pending::<()>());
        let begun = tokio::time::Instant::now();
        drain.cancel();
        assert_eq!(Box::pin(frames).next().await, None);
        assert!(begun.elapsed() <= Duration::from_millis(2));

        let (large, _) = admission(100_000);
        let mut open = Vec::new();
        for _ in 0..60_000 {
            open.push(large.admit(0).await.unwrap());
        }
        assert_eq!(large.longest_drain(), LONGEST_DRAIN);
    }
}
