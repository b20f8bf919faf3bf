//! Brings Redis to what the database says, from wherever it is, and stamps it when it is there.
//!
//! Each generation is copied whole, in pages, and then each change after the cursor. Both tell where a member is now, so
//! that being killed, starting anew or doing it twice ends in the same. A generation that was uploaded is served only when
//! Redis has it: no SDK ever asks for one that is not there.

use std::time::Duration;

use async_trait::async_trait;
use db::{Db, sequence};
use flags::Flags;
use flags::feed::{self, Position};
use flags::model::{ContextHash, Generation, GenerationState};
use flags::reconcile::GRACE;
use flags::store::{generations, members};
use kernel::{Revision, Timestamp};
use redis::Client;
use redis::aio::MultiplexedConnection;
use runtime::{ReconcileError, Reconciler, Status, Turn};
use tokio::sync::Mutex;

use crate::Address;
use crate::layout::{Layout, Progress};
use crate::store::{self, Held, Store};

/// SDKs call what was not stamped for two minutes stale.
const PERIOD: Duration = Duration::from_secs(10);
/// So many pages are copied in a turn: some seconds, after which Redis is stamped anew.
const PAGES: usize = 60;

/// The reconciler that fills Redis.
pub struct Mirror {
    flags: Flags,
    client: Client,
    layout: Layout,
    /// Kept between turns. Taken out for each, so that nobody else's commands come between a transaction's.
    connection: Mutex<Option<MultiplexedConnection>>,
}

impl Mirror {
    /// Of what this capability knows, in this Redis. Connects when it is asked first.
    pub fn new(flags: Flags, address: &Address) -> Result<Self, redis::RedisError> {
        let client = Client::open(address.url.as_str())?;
        Ok(Self { flags, client, layout: Layout::new(&address.prefix), connection: Mutex::default() })
    }
}

#[async_trait]
impl Reconciler for Mirror {
    fn name(&self) -> &'static str {
        "big-segments-redis"
    }

    fn period(&self) -> Duration {
        PERIOD
    }

    async fn reconcile(&self, turn: &Turn) -> Result<Status, ReconcileError> {
        let kept = self.connection.lock().await.take();
        let connection = match kept {
            Some(connection) => connection,
            None => store::connect(&self.client).await?,
        };
        let token = format!("{}:{}", self.flags.db().node(), turn.fence.number());
        let store = Store::take_over(connection.clone(), self.layout.clone(), token).await?;
        let work = Work { flags: &self.flags, db: self.flags.db(), store, turn, pages: PAGES };
        let status = work.run().await?;
        // After an error it is not put back: the next turn connects anew.
        *self.connection.lock().await = Some(connection);
        Ok(status)
    }
}

/// One turn.
struct Work<'m> {
    flags: &'m Flags,
    db: &'m Db,
    store: Store,
    turn: &'m Turn,
    /// How many may still be copied in this turn.
    pages: usize,
}

impl Work<'_> {
    async fn run(mut self) -> Result<Status, ReconcileError> {
        let held = self.begin().await?;
        let lists = generations::served(self.db, None).await?;
        let (live, staged): (Vec<_>, Vec<_>) = lists.into_iter().partition(|list| list.state == GenerationState::Live);
        let mut whole = true;
        for list in &live {
            whole &= self.fill(list, held.progress.get(&list.number)).await?;
        }
        whole &= self.follow(held.cursor.unwrap_or_default()).await?;
        if whole {
            self.stamp().await?;
        }
        for list in &staged {
            if self.fill(list, held.progress.get(&list.number)).await? {
                self.serve(list).await;
            } else {
                whole = false;
            }
        }
        whole &= self.empty(&held).await?;
        Ok(Status::new(format!("{} lists in Redis", live.len() + staged.len())).more(!whole))
    }

    /// What Redis has; everything is forgotten and copied anew where it has what cannot be ours.
    async fn begin(&mut self) -> Result<Held, ReconcileError> {
        let held = self.store.held().await?;
        let now = Revision(sequence::current(self.db, "membership").await?);
        match held.cursor {
            Some(cursor) if cursor <= now => return Ok(held),
            Some(cursor) => {
                tracing::warn!(%cursor, %now, "Redis has members of another database, and is filled anew");
                self.store.clear().await?;
            }
            // Perhaps somebody flushed it: what it still has is put right by what is copied.
            None => {}
        }
        // Everything that is copied from now on is at least as new as this.
        let mut pipe = redis::pipe();
        pipe.cmd("DEL").arg(self.store.layout().progress()).ignore();
        self.store.layout().advance(&mut pipe, now);
        self.store.write(pipe).await?;
        Ok(Held { cursor: Some(now), progress: std::collections::HashMap::new() })
    }

    /// Copies a list; whether all of it is there.
    async fn fill(&mut self, list: &Generation, progress: Option<&Progress>) -> Result<bool, ReconcileError> {
        let mut after = match progress {
            Some(Progress::Filled) => return Ok(true),
            Some(Progress::Filling(hash)) => Some(*hash),
            Some(Progress::Emptying(_)) | None => None,
        };
        while self.pages > 0 {
            self.pages -= 1;
            let page = members::all_after(self.db, list.number, after, feed::PAGE).await?;
            let ended = page.len() < feed::PAGE;
            after = page.last().map(|member| member.hash).or(after);
            let progress = match after {
                Some(hash) if !ended => Progress::Filling(hash),
                _ => Progress::Filled,
            };
            let mut pipe = redis::pipe();
            self.store.layout().put(&mut pipe, list, &page);
            self.store.layout().note(&mut pipe, list.number, progress);
            self.store.write(pipe).await?;
            if ended {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Copies what changed after the cursor; whether that is all.
    async fn follow(&mut self, cursor: Revision) -> Result<bool, ReconcileError> {
        let mut from = Position::at(cursor);
        while let Some(step) = feed::next(self.db, None, from).await? {
            if self.pages == 0 {
                return Ok(false);
            }
            self.pages -= 1;
            let mut pipe = redis::pipe();
            // Where a list came to be whole, `fill` copies it.
            let whole = step.generation.since == step.to.revision();
            from = if whole { Position::at(step.to.revision()) } else { step.to };
            if !whole {
                self.store.layout().put(&mut pipe, &step.generation, &step.members);
            }
            if from == Position::at(from.revision()) {
                self.store.layout().advance(&mut pipe, from.revision());
            }
            self.store.write(pipe).await?;
        }
        Ok(true)
    }

    async fn stamp(&mut self) -> Result<(), ReconcileError> {
        let now: Timestamp = self.turn.now;
        let mut pipe = redis::pipe();
        self.store.layout().stamp(&mut pipe, now);
        Ok(self.store.write(pipe).await?)
    }

    async fn serve(&self, list: &Generation) {
        if let Err(error) = self.flags.serve_upload(list).await {
            tracing::warn!(%error, upload = list.id, "an upload that is in Redis cannot be served");
        }
    }

    /// Takes lists away that are served no more; whether none is left.
    async fn empty(&mut self, held: &Held) -> Result<bool, ReconcileError> {
        let garbage = generations::mirrored_garbage(self.db, self.turn.now.minus(GRACE)).await?;
        for list in &garbage {
            let after = match held.progress.get(&list.number) {
                Some(Progress::Emptying(hash)) => Some(*hash),
                Some(Progress::Filled | Progress::Filling(_)) => None,
                None => {
                    self.forget(list).await?;
                    continue;
                }
            };
            if !self.empty_one(list, after).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn empty_one(&mut self, list: &Generation, mut after: Option<ContextHash>) -> Result<bool, ReconcileError> {
        while self.pages > 0 {
            self.pages -= 1;
            let page = members::all_after(self.db, list.number, after, feed::PAGE).await?;
            after = page.last().map(|member| member.hash);
            let Some(hash) = after else {
                self.forget(list).await?;
                return Ok(true);
            };
            let mut pipe = redis::pipe();
            self.store.layout().remove(&mut pipe, list, &page);
            self.store.layout().note(&mut pipe, list.number, Progress::Emptying(hash));
            self.store.write(pipe).await?;
        }
        Ok(false)
    }

    /// Redis has nothing of it any more, so that the database may forget it too.
    async fn forget(&mut self, list: &Generation) -> Result<(), ReconcileError> {
        let batch = [self.turn.guard(), generations::mark_unmirrored(list.number)].into_iter().collect();
        self.db.commit(batch).await?;
        let mut pipe = redis::pipe();
        self.store.layout().forget(&mut pipe, list.number);
        Ok(self.store.write(pipe).await?)
    }
}
