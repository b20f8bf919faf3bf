//! Changes of membership in big segments, for those who keep a copy of it.

use async_trait::async_trait;
use tokio::sync::watch;

use crate::{ContextHash, Place};

/// Where some members of one segment are now. Taking it twice is taking it once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberPatch {
    /// The name under which they are stored: `"<segment key>.g<generation>"`.
    pub reference: String,
    /// Who is in.
    pub included: Vec<ContextHash>,
    /// Who is out, whatever the rules say.
    pub excluded: Vec<ContextHash>,
    /// Who was taken off either list.
    pub neither: Vec<ContextHash>,
    /// The reader's position before; empty at the beginning.
    pub from: String,
    /// The reader's position afterwards, to be given back as it is.
    pub to: String,
}

/// Tells changes of membership, in order.
#[async_trait]
pub trait MemberFeed: Send + Sync + 'static {
    /// What comes after the position `after` in an environment; `None` when the reader knows everything. A position that is
    /// not known here is taken for the beginning: everything is told again.
    async fn next(&self, place: &Place, after: &str) -> Result<Option<MemberPatch>, FeedError>;

    /// The position of a reader who knows everything.
    async fn head(&self, place: &Place) -> Result<String, FeedError>;

    /// Changes when there may be more to tell.
    fn pokes(&self) -> watch::Receiver<u64>;
}

/// The changes cannot be read now.
#[derive(Debug, thiserror::Error)]
#[error("changes of members cannot be read")]
pub struct FeedError(#[source] pub Box<dyn std::error::Error + Send + Sync>);
