//! What a decision about an incident comes to: the incident afterwards, what to write down, whom to page.

use kernel::{PageId, Timestamp};

use crate::model::{Entry, Incident, PlannedPage};

/// The whole outcome of a decision; the store turns it into one batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// The incident afterwards.
    pub incident: Incident,
    /// What to write on its timeline, in this order.
    pub entries: Vec<Entry>,
    /// The pages to queue.
    pub pages: Vec<PlannedPage>,
    /// Why every page that still waits is called off; `None` when they go on.
    pub call_off: Option<String>,
    /// Whether the alert behind it is over too.
    pub ends_alert: bool,
    /// What became of one page.
    pub page: Option<PageOutcome>,
}

/// What became of one attempt to hand a page over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageOutcome {
    /// The provider took it.
    Sent {
        /// Which page.
        page: PageId,
        /// When.
        at: Timestamp,
    },
    /// It did not, and will be tried again.
    Failed {
        /// Which page.
        page: PageId,
        /// Why.
        error: String,
    },
}

impl Effect {
    /// Nothing but `incident` itself, to be added to.
    pub fn on(incident: Incident) -> Self {
        Self { incident, entries: Vec::new(), pages: Vec::new(), call_off: None, ends_alert: false, page: None }
    }

    /// This, and then `next`, which was decided on the incident as this leaves it.
    #[must_use]
    pub fn then(mut self, next: Self) -> Self {
        self.incident = next.incident;
        self.entries.extend(next.entries);
        self.pages.extend(next.pages);
        self.call_off = self.call_off.or(next.call_off);
        self.ends_alert |= next.ends_alert;
        self.page = self.page.or(next.page);
        self
    }

    /// Adds an event to the timeline.
    pub fn write(&mut self, entry: Entry) {
        self.entries.push(entry);
    }
}
