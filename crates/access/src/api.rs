//! The routes of this capability, and the gate that stands before all routes.

pub mod gate;
