//! Our HTTP API: requests, answers, and handlers that only pass them on.

pub mod schema;
