//! The capability as its neighbours see it: by its service on both databases, and by its routes behind the gate.

#![allow(clippy::unwrap_used)] // these are tests, down to their helpers

mod people;
mod routes;
mod sessions;
mod tokens;
mod world;
