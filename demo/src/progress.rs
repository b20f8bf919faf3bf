//! One live line on a terminal; plain lines, fewer of them, elsewhere.

use std::cell::Cell;
use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use kernel::{Clock, SystemClock, Timestamp};

/// How often a plain line is printed where there is no terminal.
const PLAIN: Duration = Duration::from_secs(5);

/// The display.
pub(crate) struct Progress {
    bar: ProgressBar,
    live: bool,
    printed: Cell<Timestamp>,
}

impl Progress {
    pub(crate) fn new() -> Self {
        let live = std::io::stdout().is_terminal();
        let bar = if live { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        bar.set_style(ProgressStyle::with_template("  {spinner} {elapsed:>4} {msg}").expect("the template is valid"));
        bar.enable_steady_tick(Duration::from_millis(100));
        Self { bar, live, printed: Cell::new(Timestamp::EPOCH) }
    }

    /// What is going on now.
    pub(crate) fn show(&self, text: &str) {
        self.bar.set_message(text.to_owned());
        let now = SystemClock.now();
        if !self.live && now >= self.printed.get().plus(PLAIN) {
            self.printed.set(now);
            println!("    {text}");
        }
    }

    /// What has come to pass, for good.
    pub(crate) fn say(&self, text: &str) {
        self.bar.suspend(|| println!("  ✓ {text}"));
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
