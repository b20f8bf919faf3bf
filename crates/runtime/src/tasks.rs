//! Tracked tasks: the only home of spawning, so that shutdown knows what runs.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The tasks of this process; a cheap handle to clone.
#[derive(Clone, Debug, Default)]
pub struct Tasks {
    tracker: TaskTracker,
    drain: CancellationToken,
    stop: CancellationToken,
    abort: CancellationToken,
}

impl Tasks {
    /// No task yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts `work`. A panic ends this task alone and is logged under `name`.
    pub fn spawn(&self, name: &'static str, work: impl Future<Output = ()> + Send + 'static) {
        let abort = self.abort.clone();
        self.tracker.spawn(async move {
            let outcome = tokio::select! {
                biased;
                outcome = AssertUnwindSafe(work).catch_unwind() => outcome,
                () = abort.cancelled() => return tracing::warn!(task = name, "task did not end in time and was dropped"),
            };
            if let Err(panic) = outcome {
                tracing::error!(task = name, panic = message(&*panic), "task panicked");
            }
        });
    }

    /// Cancelled first at shutdown: callers are let go, while what they are served by goes on.
    pub fn drain(&self) -> CancellationToken {
        self.drain.clone()
    }

    /// Cancelled when callers are gone: a task that runs for long waits for this too, and ends.
    pub fn stop(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Asks all tasks to end, waits up to `patience`, then drops those that have not. `true` when all ended by themselves.
    pub async fn shutdown(&self, patience: Duration) -> bool {
        self.drain.cancel();
        self.stop.cancel();
        self.tracker.close();
        let all_ended = tokio::time::timeout(patience, self.tracker.wait()).await.is_ok();
        if !all_ended {
            self.abort.cancel();
            self.tracker.wait().await;
        }
        all_ended
    }
}

/// What a panic said.
pub(crate) fn message(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a message")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn tasks_that_listen_end_by_themselves() {
        let tasks = Tasks::new();
        let stop = tasks.stop();
        tasks.spawn("listens", async move { stop.cancelled().await });
        tasks.spawn("panics", async { panic!("on purpose") });
        assert!(tasks.shutdown(Duration::from_mins(1)).await);
    }

    #[tokio::test(start_paused = true)]
    async fn tasks_that_do_not_listen_are_dropped_at_the_deadline() {
        let tasks = Tasks::new();
        tasks.spawn("is deaf", std::future::pending());
        assert!(!tasks.shutdown(Duration::from_secs(5)).await);
    }
}
