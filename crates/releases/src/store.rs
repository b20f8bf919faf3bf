//! All SQL of this crate, as statements and reads, by noun.

pub mod decision;
pub mod deployment;
pub mod judgement;
pub mod pipeline;
pub mod release;
