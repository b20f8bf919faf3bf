//! The circle once around, on real parts (to follow `cargo xtask demo`).

fn main() {}
