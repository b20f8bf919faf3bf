//! Which SDKs are connected to this process: noted at each request, in memory, so that people see what they run.
//!
//! - [`sighting`]: what a request says of its SDK, read strictly: whoever holds a key may write anything into a header.
//! - [`register`]: all SDKs of all environments, bounded. A protocol calls [`Register::see`] once for each request, and gives
//!   the frames of a stream to [`hold`]. `instances`: how many processes of one SDK there are.
//! - [`report`]: what the register holds, for whoever writes it down.
//!
//! No key and nothing of a context is kept, and no instance's own id, only a hash of it.

mod instances;
pub mod register;
pub mod report;
pub mod sighting;

pub use register::{OpenStream, Register, Seen, hold};
pub use report::{Instances, SdkReport, SdkWords};
pub use sighting::{Family, Sighting, Transport, Transports};
