//! How a person sees that work goes on: a spinner with the last line of output, or plain lines when nobody watches.

use std::cell::{Cell, RefCell};
use std::fmt::Display;
use std::fs::File;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};

use crate::places;

/// Without a terminal a long step says this often that it lives.
const HEARTBEAT: Duration = Duration::from_mins(1);

/// A known number of steps, done one after another.
pub(crate) struct Progress {
    steps: usize,
    begun: usize,
    terminal: bool,
}

impl Progress {
    pub(crate) fn new(steps: usize) -> Self {
        Self { steps, begun: 0, terminal: std::io::stdout().is_terminal() }
    }

    /// Does one step and says how it went: what `work` returns stands behind its name.
    pub(crate) fn step<T: Display>(&mut self, name: &str, work: impl FnOnce(&Line) -> Result<T>) -> Result<T> {
        self.begun += 1;
        let place = format!("[{:>2}/{}]", self.begun, self.steps);
        let line = Line::open(name, &place, self.terminal)?;
        let result = work(&line);
        let time = seconds(line.began.elapsed());
        line.close();
        match &result {
            Ok(outcome) => println!("{place} ✓ {name:<24} {time:>9}  {outcome}"),
            Err(_) => println!("{place} ✗ {name:<24} {time:>9}  failed; its whole output: {}", line.path.display()),
        }
        result
    }

    /// Says why a step is not done.
    pub(crate) fn pass_over(&mut self, name: &str, why: &str) {
        self.begun += 1;
        println!("[{:>2}/{}] – {name:<24} {why}", self.begun, self.steps);
    }
}

/// One step while it runs.
pub(crate) struct Line {
    name: String,
    bar: Option<ProgressBar>,
    /// What to repeat for a reader without a terminal; `None` when a bar or nobody shows it.
    heartbeat: Option<Cell<Instant>>,
    last: RefCell<String>,
    log: RefCell<File>,
    path: PathBuf,
    began: Instant,
}

impl Line {
    fn open(name: &str, place: &str, terminal: bool) -> Result<Self> {
        let mut line = Self::quiet(name)?;
        if terminal {
            let style = ProgressStyle::with_template("{prefix} {spinner} {elapsed} {wide_msg:.dim}")?;
            let bar = ProgressBar::new_spinner().with_style(style).with_prefix(format!("{place} {name}"));
            bar.enable_steady_tick(Duration::from_millis(120));
            line.bar = Some(bar);
        } else {
            println!("{place}   {name} …");
            line.heartbeat = Some(Cell::new(line.began));
        }
        Ok(line)
    }

    /// A line that only keeps its log.
    pub(crate) fn quiet(name: &str) -> Result<Self> {
        let path = places::logs().join(format!("{}.log", name.replace([' ', ':', '/'], "-")));
        std::fs::create_dir_all(places::logs())?;
        let log = File::create(&path).with_context(|| format!("{} cannot be written", path.display()))?;
        let began = Instant::now();
        let name = name.to_owned();
        Ok(Self { name, bar: None, heartbeat: None, last: RefCell::default(), log: RefCell::new(log), path, began })
    }

    /// Tells what is being done now; a later word takes its place.
    pub(crate) fn say(&self, text: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(text.trim().to_owned());
        }
        text.trim().clone_into(&mut self.last.borrow_mut());
        self.beat();
    }

    /// Tells something that must be read even after it is done.
    pub(crate) fn announce(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.println(format!("        {text}")),
            None if self.heartbeat.is_some() => println!("        {text}"),
            None => {}
        }
    }

    pub(crate) fn write(&self, text: &str) -> Result<()> {
        writeln!(self.log.borrow_mut(), "{text}").with_context(|| format!("{} cannot be written", self.path.display()))
    }

    /// Called often; speaks seldom.
    pub(crate) fn beat(&self) {
        if let Some(spoken) = &self.heartbeat
            && spoken.get().elapsed() >= HEARTBEAT
        {
            spoken.set(Instant::now());
            let time = seconds(self.began.elapsed());
            println!("        {} goes on ({time}): {}", self.name, self.last.borrow());
        }
    }

    fn close(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

pub(crate) fn seconds(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 100.0 { format!("{seconds:.1} s") } else { format!("{:.1} min", seconds / 60.0) }
}
