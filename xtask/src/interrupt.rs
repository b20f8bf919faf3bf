//! Ctrl-C and SIGTERM become a flag, so that a task unwinds and stops what it started.

use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

static REQUESTED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// From now on a first signal asks; a second one ends the process at once.
pub(crate) fn listen() -> Result<()> {
    let requested = Arc::clone(REQUESTED.get_or_init(Arc::default));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        // Order matters: the shutdown is conditional on the flag that the second line sets.
        signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&requested))?;
        signal_hook::flag::register(signal, Arc::clone(&requested))?;
    }
    Ok(())
}

pub(crate) fn requested() -> bool {
    REQUESTED.get().is_some_and(|requested| requested.load(Ordering::Relaxed))
}
