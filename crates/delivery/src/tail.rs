//! Events as they arrive, for people who watch: in memory, for as long as they watch, and nothing when nobody does.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kernel::{Clock, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::sync::Notify;
use utoipa::ToSchema;

use crate::Place;

/// So many people may watch one process.
const MOST_WATCHERS: usize = 50;
/// So many events wait for one of them; of more they are told the number.
const MOST_WAITING: usize = 100;

/// What an event tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum LiveKind {
    /// A context was served a variation.
    Evaluation,
    /// The same, with all that is known of the context, while somebody debugs the flag.
    Debug,
    /// So many evaluations gave one variation.
    Summary,
    /// A context did or suffered something.
    Custom,
    /// A context was named.
    Identify,
    /// A context was seen for the first time.
    Index,
    /// Something else: a click, a view of a page, a step of a migration.
    Other,
}

/// An event as it arrived, short enough to be shown.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LiveEvent {
    /// When it arrived, by our clock.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What it tells.
    pub kind: LiveKind,
    /// Who sent it, such as `NodeJSClient 9.13.7`; empty when it does not say.
    pub sdk: String,
    /// The flag, or the event's own key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The variation that was served, by index; absent when the default in the code was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variation: Option<u32>,
    /// What was served.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// Why, in the words of SDKs, when they say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub reason: Option<Value>,
    /// How many evaluations a summary counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// The number that a custom event carries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metric_value: Option<f64>,
    /// Of whom it tells.
    pub contexts: Vec<LiveContext>,
}

/// Of whom an event tells.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LiveContext {
    /// Which kind, such as `user`.
    pub kind: String,
    /// Who among them.
    pub key: String,
    /// What else the event says of them, without what is private.
    #[schema(value_type = HashMap<String, Value>)]
    pub attributes: Map<String, Value>,
    /// The names of what is private: never shown, whether or not the SDK has sent it.
    pub redacted: Vec<String>,
}

/// Which events somebody wants to see; what is empty lets all pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of these kinds.
    pub kinds: Vec<LiveKind>,
    /// Whose flag, or own key, has this in it; upper and lower case are the same.
    pub key: String,
    /// Which tell of a context whose key or kind has this in it.
    pub context: String,
}

impl Filter {
    /// Whether the event is wanted.
    pub fn passes(&self, event: &LiveEvent) -> bool {
        let has = |text: &str, part: &str| text.to_lowercase().contains(&part.to_lowercase());
        let key = event.key.as_deref().unwrap_or_default();
        let named = |one: &LiveContext| has(&one.key, &self.context) || has(&one.kind, &self.context);
        (self.kinds.is_empty() || self.kinds.contains(&event.kind))
            && (self.key.is_empty() || has(key, &self.key))
            && (self.context.is_empty() || event.contexts.iter().any(named))
    }
}

/// What somebody is shown at once.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LiveEvents {
    /// Oldest first.
    pub items: Vec<LiveEvent>,
    /// So many more would have passed, and are not shown: they came faster than anybody can read.
    pub not_shown: u64,
}

/// Where events are told, and watched; a cheap handle to clone.
#[derive(Clone)]
pub struct Tail {
    inner: Arc<Inner>,
}

struct Inner {
    clock: Arc<dyn Clock>,
    watching: AtomicUsize,
    watchers: Mutex<HashMap<Place, Vec<Arc<Watcher>>>>,
}

struct Watcher {
    filter: Filter,
    waiting: Mutex<Waiting>,
    woken: Notify,
}

#[derive(Default)]
struct Waiting {
    events: VecDeque<LiveEvent>,
    missed: u64,
}

/// Somebody who watches, until this is dropped.
pub struct Watch {
    inner: Arc<Inner>,
    place: Place,
    watcher: Arc<Watcher>,
}

/// Nobody else can watch now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{MOST_WATCHERS} people watch this node already")]
pub struct Crowded;

impl Tail {
    /// Nobody watches yet.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { inner: Arc::new(Inner { clock, watching: AtomicUsize::new(0), watchers: Mutex::default() }) }
    }

    /// Tells of events that came from an environment, and of how many more that are not told one by one. `events` makes them of
    /// the present instant, and is only called when somebody watches.
    pub fn tell(&self, place: &Place, events: impl FnOnce(Timestamp) -> (Vec<LiveEvent>, u64)) {
        if self.inner.watching.load(Relaxed) == 0 {
            return;
        }
        let watchers = self.inner.watchers().get(place).cloned().unwrap_or_default();
        if watchers.is_empty() {
            return;
        }
        let (events, more) = events(self.inner.clock.now());
        for watcher in &watchers {
            watcher.take(&events, more);
        }
    }

    /// Watches an environment from now on.
    pub fn watch(&self, place: &Place, filter: Filter) -> Result<Watch, Crowded> {
        let mut watchers = self.inner.watchers();
        // Under the lock, so that no two take the last place.
        if self.inner.watching.load(Relaxed) >= MOST_WATCHERS {
            return Err(Crowded);
        }
        self.inner.watching.fetch_add(1, Relaxed);
        let watcher = Arc::new(Watcher { filter, waiting: Mutex::default(), woken: Notify::new() });
        watchers.entry(place.clone()).or_default().push(Arc::clone(&watcher));
        Ok(Watch { inner: Arc::clone(&self.inner), place: place.clone(), watcher })
    }
}

impl fmt::Debug for Tail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tail({} watch)", self.inner.watching.load(Relaxed))
    }
}

impl Inner {
    fn watchers(&self) -> MutexGuard<'_, HashMap<Place, Vec<Arc<Watcher>>>> {
        // Nothing that holds the lock can panic half-way through a change.
        self.watchers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watcher {
    fn take(&self, events: &[LiveEvent], more: u64) {
        let mut waiting = self.waiting();
        waiting.missed += more;
        for event in events.iter().filter(|event| self.filter.passes(event)) {
            // The newest wait: whoever watches looks for what they have just done.
            if waiting.events.len() >= MOST_WAITING {
                waiting.events.pop_front();
                waiting.missed += 1;
            }
            waiting.events.push_back(event.clone());
        }
        if waiting.missed > 0 || !waiting.events.is_empty() {
            self.woken.notify_one();
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watch {
    /// What has come since the last time; waits until there is something.
    pub async fn next(&self) -> LiveEvents {
        loop {
            let Waiting { events, missed } = std::mem::take(&mut *self.watcher.waiting());
            if missed > 0 || !events.is_empty() {
                return LiveEvents { items: events.into(), not_shown: missed };
            }
            self.watcher.woken.notified().await;
        }
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Watch({}, {:?})", self.place, self.watcher.filter)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut watchers = self.inner.watchers();
        if let Some(here) = watchers.get_mut(&self.place) {
            here.retain(|other| !Arc::ptr_eq(other, &self.watcher));
            if here.is_empty() {
                watchers.remove(&self.place);
            }
        }
        self.inner.watching.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use kernel::{EnvironmentKey, ProjectKey};

    use super::*;

    fn place(environment: &str) -> Place {
        let environment = EnvironmentKey::new(environment).unwrap();
        Place { project: ProjectKey::new("shop").unwrap(), environment }
    }

    fn event(key: &str) -> LiveEvent {
        let ada = LiveContext { kind: "user".to_owned(), key: "ada".to_owned(), ..LiveContext::default() };
        LiveEvent {
            at: Timestamp::EPOCH,
            kind: LiveKind::Custom,
            sdk: String::new(),
            key: Some(key.to_owned()),
            variation: None,
            value: None,
            reason: None,
            count: None,
            metric_value: None,
            contexts: vec![ada],
        }
    }

    fn keys(shown: &LiveEvents) -> Vec<&str> {
        shown.items.iter().map(|event| event.key.as_deref().unwrap()).collect()
    }

    #[tokio::test]
    async fn who_watches_is_shown_the_events_of_their_environment_that_they_want() {
        let tail = Tail::new(Arc::new(kernel::SystemClock));
        let filter = Filter { key: "PAY".to_owned(), ..Filter::default() };
        let watch = tail.watch(&place("production"), filter).unwrap();
        tail.tell(&place("production"), |_| (vec![event("payment"), event("click")], 0));
        tail.tell(&place("test"), |_| unreachable!("nobody watches it"));
        assert_eq!(keys(&watch.next().await), ["payment"]);
        drop(watch);
        tail.tell(&place("production"), |_| unreachable!("nobody watches any more"));
    }

    #[tokio::test]
    async fn what_comes_too_fast_is_counted_and_the_newest_are_shown() {
        let tail = Tail::new(Arc::new(kernel::SystemClock));
        let watch = tail.watch(&place("production"), Filter::default()).unwrap();
        let many: Vec<_> = (0..MOST_WAITING + 30).map(|n| event(&n.to_string())).collect();
        tail.tell(&place("production"), |_| (many, 7));
        let shown = watch.next().await;
        assert_eq!((shown.items.len(), shown.not_shown), (MOST_WAITING, 37));
        assert_eq!(keys(&shown)[0], "30");
    }

    #[test]
    fn only_so_many_watch_at_once() {
        let tail = Tail::new(Arc::new(kernel::SystemClock));
        let mut all: Vec<_> =
            (0..MOST_WATCHERS).map(|_| tail.watch(&place("test"), Filter::default()).unwrap()).collect();
        assert_eq!(tail.watch(&place("production"), Filter::default()).unwrap_err(), Crowded);
        all.pop();
        assert!(tail.watch(&place("production"), Filter::default()).is_ok());
    }

    #[test]
    fn a_filter_looks_at_kind_key_and_context() {
        let passes = |kinds: &[LiveKind], key: &str, context: &str| {
            let (kinds, key, context) = (kinds.to_vec(), key.to_owned(), context.to_owned());
            Filter { kinds, key, context }.passes(&event("payment-failed"))
        };
        assert!(passes(&[], "", "") && passes(&[LiveKind::Custom], "failed", "ADA") && passes(&[], "", "user"));
        assert!(!passes(&[LiveKind::Index], "", "") && !passes(&[], "click", "") && !passes(&[], "", "bob"));
    }
}
