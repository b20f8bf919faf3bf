//! Follows the upstream of one environment for as long as the process lives: connects, takes in, shows, keeps, and begins
//! again when something ends. Whatever upstream does, what was last known goes on being served.

use std::sync::Arc;
use std::time::Duration;

use delivery::{EnvironmentSnapshot, Place};
use kernel::{Clock, Rng, Timestamp, words};
use tokio_util::sync::CancellationToken;

use crate::backoff::{Backoff, Failure};
use crate::board::{Entry, State};
use crate::config::Source;
use crate::decode::Decoder;
use crate::keep::{Keeper, Kept};
use crate::mirror::Mirror;
use crate::run::Shown;
use crate::upstream::{Fault, Open, Upstream};
use crate::wire::{self, Message};

/// What a follower works with.
pub(crate) struct Parts {
    pub(crate) source: Arc<Source>,
    pub(crate) upstream: Upstream,
    pub(crate) shown: Arc<Shown>,
    pub(crate) keeper: Keeper,
    pub(crate) entry: Entry,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
}

/// Follows one environment.
pub(crate) struct Follower {
    parts: Parts,
    place: Place,
    mirror: Mirror,
    client_side_id: String,
    /// Whether upstream is a Steadfast: it tells an edge more than LaunchDarkly does.
    is_steadfast: bool,
    /// When the connection that is open, or was last, proved good by telling everything.
    good_since: Option<Timestamp>,
}

impl Follower {
    /// From what was kept, if anything was: it is shown at once.
    pub(crate) fn new(parts: Parts, kept: Option<&Kept>) -> Self {
        let place = parts.source.place();
        let configured = parts.source.client_side_id.clone();
        let client_side_id = configured.or_else(|| kept.map(|kept| kept.client_side_id.clone())).unwrap_or_default();
        let is_steadfast = kept.is_some_and(|kept| kept.is_steadfast);
        let mirror = Mirror::default();
        let mut follower = Self { parts, place, mirror, client_side_id, is_steadfast, good_since: None };
        follower.mirror = kept.and_then(|kept| follower.restored(kept)).unwrap_or_default();
        follower.mirror.set_client_side_id(&follower.client_side_id);
        follower.mirror.set_secure_mode(follower.parts.source.secure_mode);
        if follower.mirror.is_filled() {
            follower.parts.entry.note(|seen| seen.is_steadfast = is_steadfast);
            let snapshot = follower.mirror.snapshot(follower.place.clone());
            follower.show(snapshot);
        }
        follower
    }

    fn restored(&self, kept: &Kept) -> Option<Mirror> {
        let payload = std::str::from_utf8(&kept.payload).ok()?;
        let features = std::str::from_utf8(&kept.features).ok()?;
        match wire::payload(payload).and_then(|pieces| Ok((pieces, wire::features(features)?))) {
            Ok((pieces, features)) => Some(Mirror::restored(kept.seq, kept.counted, pieces, features)),
            Err(error) => {
                tracing::error!(environment = %self.place.environment, %error, "the snapshot on disk is not used");
                None
            }
        }
    }

    /// Follows until `stop`.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let mut backoff = Backoff::default();
        loop {
            self.good_since = None;
            let fault = tokio::select! {
                () = stop.cancelled() => return,
                fault = self.connection() => fault,
            };
            let now = self.parts.clock.now();
            let lasted = self.good_since.map_or(Duration::ZERO, |since| now.since(since));
            let pause = backoff.pause(fault.failure(), lasted, self.parts.rng.next_u64());
            self.tell(&fault, pause, now);
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    async fn connection(&mut self) -> Fault {
        let ended = async {
            let stream = self.parts.upstream.open().await?;
            self.read(stream).await
        };
        match ended.await {
            Ok(never) => match never {},
            Err(fault) => fault,
        }
    }

    async fn read(&mut self, mut stream: Open) -> Result<std::convert::Infallible, Fault> {
        let renamed = self.learn(stream.client_side_id.take());
        self.mirror.reconnect();
        let mut decoder = Decoder::new(stream.gzip);
        let (mut has_put, mut is_steadfast) = (false, false);
        let mut changed = renamed && self.mirror.is_filled();
        loop {
            let chunk = stream.next().await?;
            let mirror = &mut self.mirror;
            let read = decoder.read(chunk, |event| {
                if let Some(message) = wire::message(&event.event, &event.data)? {
                    has_put |= matches!(message, Message::Put(_));
                    is_steadfast |= matches!(message, Message::Features { .. });
                    if !has_put && !matches!(message, Message::Features { .. }) {
                        return Err(Fault::NoPut);
                    }
                    changed |= mirror.apply(message);
                }
                Ok(())
            });
            if has_put && self.good_since.is_none() {
                // What is known of upstream is kept beside what it told.
                changed |= self.is_steadfast != is_steadfast;
                self.is_steadfast = is_steadfast;
                self.connected();
            }
            // Also when the rest of the chunk was refused: what came before it holds.
            if std::mem::take(&mut changed) {
                self.publish().await;
            }
            read?;
        }
    }

    /// What upstream calls the environment, where nobody has said what it is called here; whether that is news.
    fn learn(&mut self, id: Option<String>) -> bool {
        let Some(id) = id.filter(|id| self.parts.source.client_side_id.is_none() && *id != self.client_side_id) else {
            return false;
        };
        self.mirror.set_client_side_id(&id);
        self.client_side_id = id;
        true
    }

    fn connected(&mut self) {
        let now = self.parts.clock.now();
        self.good_since = Some(now);
        self.parts.entry.enter(State::Valid, now);
        self.parts.entry.note(|seen| seen.is_steadfast = self.is_steadfast);
        tracing::info!(environment = %self.place.environment, upstream = %self.parts.source.stream, "following upstream");
    }

    async fn publish(&mut self) {
        let snapshot = self.mirror.snapshot(self.place.clone());
        let kept = Kept {
            seq: self.mirror.seq(),
            counted: self.mirror.counted(),
            client_side_id: self.client_side_id.clone(),
            is_steadfast: self.is_steadfast,
            features: snapshot.features().clone(),
            payload: snapshot.payload().clone(),
        };
        self.parts.keeper.keep(kept).await;
        let now = self.parts.clock.now();
        self.parts.entry.note(|seen| seen.updated_at = Some(now));
        self.show(snapshot);
    }

    /// First to streams, which only send what is written down, then to those who evaluate.
    fn show(&mut self, snapshot: EnvironmentSnapshot) {
        self.parts.shown.show(&self.parts.source, Arc::new(snapshot), &self.client_side_id);
        if let Some(engine) = self.mirror.compile_if_outdated() {
            self.parts.shown.exchange(&self.place, engine);
        }
        let (seq, items, id) = (self.mirror.seq(), self.mirror.items(), self.client_side_id.clone());
        self.parts.entry.note(|seen| {
            (seen.serves, seen.seq, seen.items, seen.client_side_id) = (true, seq, items, id);
        });
    }

    fn tell(&self, fault: &Fault, pause: Duration, now: Timestamp) {
        let serves = self.mirror.is_filled();
        let state = match fault.failure() {
            Failure::Refused => State::Refused,
            Failure::Passing if serves => State::Interrupted,
            Failure::Passing => State::Initializing,
        };
        let fault_in_words = words::causes(fault);
        self.parts.entry.enter(state, now);
        self.parts.entry.note(|seen| seen.fault = Some((fault_in_words.clone(), now)));
        let environment = &self.place.environment;
        let meanwhile = if serves { "SDKs keep the last snapshot" } else { "there is nothing to serve yet" };
        let again = words::span(pause);
        match fault.failure() {
            Failure::Refused => tracing::error!(
                %environment, fault = fault_in_words, again,
                "upstream does not take our SDK key or address: mend it, or this edge stays as it is; {meanwhile}"
            ),
            Failure::Passing => {
                tracing::warn!(%environment, fault = fault_in_words, again, "upstream is not followed; {meanwhile}");
            }
        }
    }
}
