//! The one list of what Steadfast does unasked.

use std::sync::Arc;

use runtime::{Housekeeping, Reconciler};

use crate::app::App;

/// Every reconciler, in the order of the loop.
pub fn list(app: &App) -> Vec<Arc<dyn Reconciler>> {
    let mut list: Vec<Arc<dyn Reconciler>> = vec![
        Arc::new(flags::Sweeping::new(app.flags.clone())),
        Arc::new(metrics::Folding::new(app.metrics.clone())),
        Arc::new(metrics::Tidying::new(app.metrics.clone())),
        Arc::new(releases::Walking::new(app.releases.clone())),
    ];
    list.extend(oncall::reconcilers(&app.oncall));
    list.extend(app.mirror.clone().map(|mirror| mirror as Arc<dyn Reconciler>));
    list.push(Arc::new(app.channels()));
    list.push(Arc::new(Housekeeping::new(app.db.clone())));
    list
}
