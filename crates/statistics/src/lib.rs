//! Windows of counts → evidence → verdict: the one judge of guarded releases.
//!
//! Everything here is an **e-process**: a number that starts at 1, is multiplied by a factor for every window, and whose
//! chance of *ever* reaching `1/alpha` is at most `alpha` while the treatment is no worse than tolerated (Ville 1939;
//! Ramdas, Grünwald, Vovk and Shafer, *Statistical Science* 2023). So anyone may look at any time and stop at any time.
//!
//! - [`window`]: what is counted: two [`Arm`]s in one [`Window`], and which way is bad.
//! - [`guard`]: a [`Guardrail`] fixed before the start, and the [`GuardState`] that folds windows into evidence.
//! - [`split`]: [`SampleRatio`]: are the arms as large as was asked for?
//! - [`mod@judge`]: several guards and the split → a [`Verdict`] with its [`Reason`], as data and as one sentence.
//! - [`plan`]: what a step of a given size can see, before it starts.
//!
//! ```
//! use statistics::{Arm, Guardrail, GuardState, Policy, SampleRatio, Shares, Verdict, Window, judge};
//!
//! let mut errors = GuardState::start(Guardrail { planned_windows: 1_000, ..Guardrail::default() });
//! let mut split = SampleRatio::start(Shares { control: 99.0, treatment: 1.0 });
//! for _ in 0..8 {
//!     errors.fold(&Window { control: Arm { n: 198, k: 1 }, treatment: Arm { n: 2, k: 1 } });
//!     split.count(198, 2);
//! }
//! let judgement = judge(&Policy::default(), &[("errors", &errors)], &split);
//! assert_eq!(judgement.verdict, Verdict::Regressed);
//! ```
//!
//! No clock, no I/O, no randomness; the same windows in the same order give the same number, bit for bit, also when the
//! state went through JSON in between. No input makes a NaN or an infinity.

mod bet;
pub mod evidence;
pub mod guard;
pub mod judge;
mod mixture;
pub mod plan;
mod sentence;
pub mod split;
pub mod window;

pub use evidence::Evidence;
pub use guard::{GuardState, Guardrail, History, InvalidGuardrail, Tolerance};
pub use judge::{GuardReading, InvalidPolicy, Judgement, Policy, Reason, Verdict, judge};
pub use plan::{StepPlan, smallest_worsening, units_to_detect, wald_units};
pub use split::{SampleRatio, Shares};
pub use window::{Arm, BadIs, Window};
