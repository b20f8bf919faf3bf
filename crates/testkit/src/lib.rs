//! For tests, benches and the demo: time and chance under control, and real counterparts on loopback.
//!
//! - [`clock`]: a clock that is moved by hand.
//! - [`chance`]: a seeded source of random bytes.
//! - [`mailbox`]: a real SMTP server that keeps what it is sent.
//! - [`binary`]: the real `steadfast serve` as a child process, set up as a person would. [`edge`]: the real `steadfast edge`.

pub mod binary;
pub mod chance;
pub mod clock;
pub mod edge;
pub mod mailbox;

pub use binary::Steadfast;
pub use chance::SeededRng;
pub use clock::ManualClock;
pub use edge::Edge;
pub use mailbox::Mailbox;
