//! Reconcilers and what drives them: wake-ups, periods, leases, tracked tasks, shutdown.
