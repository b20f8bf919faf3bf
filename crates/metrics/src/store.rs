//! All SQL of this crate, as statements and reads, by noun.

pub mod comparison;
pub mod count;
pub mod intake;
pub mod metric;
pub mod sdk;
