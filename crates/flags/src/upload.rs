//! What comes of an uploaded file of members: read line by line, hashed, and sorted on disk, within a few megabytes of memory.

mod csv;
mod spool;

pub use csv::{KeyReader, Line, LineError, LineReason};
pub use spool::{Contradiction, Entry, Spool};
