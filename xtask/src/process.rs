//! Programs that a task runs: watched line by line with a time limit, read, shown, or put in its own place.

use std::ffi::OsStr;
use std::fmt;
use std::io::{BufRead, BufReader, PipeReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::interrupt;
use crate::places;
use crate::progress::Line;

/// Longer than any step takes on two cores; a step that hangs must not take the whole run with it.
const LIMIT: Duration = Duration::from_mins(25);
/// From the polite signal to the other one.
const GRACE: Duration = Duration::from_secs(10);

pub(crate) struct Program {
    command: Command,
    words: String,
}

/// What a program wrote, both streams in order of arrival.
pub(crate) struct Output {
    words: String,
    status: ExitStatus,
    pub(crate) lines: Vec<String>,
}

impl Program {
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let words = Path::new(&program).file_name().unwrap_or(program.as_ref()).to_string_lossy().into_owned();
        let mut command = Command::new(program);
        command.current_dir(places::root());
        // `cargo xtask` describes itself in these; a cargo that inherits them would rebuild what watches them (ring does).
        for (name, _) in std::env::vars_os() {
            if ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
                command.env_remove(name);
            }
        }
        Self { command, words }
    }

    /// The cargo that runs this task.
    pub(crate) fn cargo() -> Self {
        Self::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
    }

    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.words.push(' ');
        self.words.push_str(&argument.as_ref().to_string_lossy());
        self.command.arg(argument);
        self
    }

    pub(crate) fn args<A: AsRef<OsStr>>(self, arguments: impl IntoIterator<Item = A>) -> Self {
        arguments.into_iter().fold(self, Self::arg)
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn dir(mut self, path: impl AsRef<Path>) -> Self {
        self.command.current_dir(path);
        self
    }

    /// Runs it to its end in a process group of its own, telling `line` each line; then ends whatever it left running.
    ///
    /// An exit code other than 0 is not an error here: see [`Output::success`].
    pub(crate) fn watch(mut self, line: &Line) -> Result<Output> {
        let (reader, writer) = std::io::pipe()?;
        line.write(&format!("$ {}", self.words))?;
        let child = self
            .command
            .env("NO_COLOR", "1")
            .env("CARGO_TERM_COLOR", "never")
            .stdin(Stdio::null())
            .stdout(writer.try_clone()?)
            .stderr(writer)
            .process_group(0)
            .spawn()
            .with_context(|| format!("`{}` could not be started", self.words))?;
        // The command holds the pipe's writing end: the reader would never see its end.
        drop(self.command);
        let (sender, lines) = channel();
        std::thread::spawn(move || forward(reader, &sender));
        Watch { words: self.words, child, lines, seen: Vec::new(), line }.until_exit()
    }

    /// What it writes to standard output; an error unless it exits with 0.
    pub(crate) fn read(mut self) -> Result<String> {
        let output = self.command.stdin(Stdio::null()).stderr(Stdio::piped()).output();
        let output = output.with_context(|| format!("`{}` could not be started", self.words))?;
        if !output.status.success() {
            bail!("`{}` failed: {}", self.words, String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Runs it with this terminal.
    pub(crate) fn show(mut self) -> Result<()> {
        let status = self.command.status().with_context(|| format!("`{}` could not be started", self.words))?;
        if !status.success() {
            bail!("`{}` failed ({status})", self.words);
        }
        Ok(())
    }

    /// Goes on as that program: signals and the exit code are then its own.
    pub(crate) fn replace(mut self) -> Result<()> {
        Err(self.command.exec()).with_context(|| format!("`{}` could not be started", self.words))
    }

    /// Starts it in a process group of its own and leaves it running; the caller ends it.
    pub(crate) fn start(mut self, log: std::fs::File) -> Result<Child> {
        self.command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0)
            .spawn()
            .with_context(|| format!("`{}` could not be started", self.words))
    }
}

struct Watch<'a> {
    words: String,
    child: Child,
    lines: Receiver<String>,
    seen: Vec<String>,
    line: &'a Line,
}

impl Watch<'_> {
    fn until_exit(mut self) -> Result<Output> {
        let deadline = Instant::now() + LIMIT;
        let status = loop {
            self.listen(Duration::from_millis(100))?;
            if let Some(status) = self.child.try_wait()? {
                break status;
            }
            if interrupt::requested() {
                self.end()?;
                bail!("interrupted");
            }
            if Instant::now() > deadline {
                self.end()?;
                bail!("`{}` did not end within {} minutes", self.words, LIMIT.as_secs() / 60);
            }
        };
        signal(&self.child, Signal::SIGKILL);
        // A daemon that left the group may hold the pipe open for ever: what it says after this is not our output.
        while self.listen(Duration::from_millis(500))? {}
        Ok(Output { words: self.words, status, lines: self.seen })
    }

    /// Takes what was written within `patience`; false when nothing was.
    fn listen(&mut self, patience: Duration) -> Result<bool> {
        match self.lines.recv_timeout(patience) {
            Ok(text) => {
                self.line.say(&text);
                self.line.write(&text)?;
                self.seen.push(text);
                Ok(true)
            }
            Err(RecvTimeoutError::Timeout) => {
                self.line.beat();
                Ok(false)
            }
            Err(RecvTimeoutError::Disconnected) => {
                std::thread::sleep(Duration::from_millis(10));
                Ok(false)
            }
        }
    }

    fn end(&mut self) -> Result<()> {
        signal(&self.child, Signal::SIGTERM);
        let deadline = Instant::now() + GRACE;
        while self.child.try_wait()?.is_none() && Instant::now() < deadline {
            self.listen(Duration::from_millis(50))?;
        }
        signal(&self.child, Signal::SIGKILL);
        self.child.wait()?;
        Ok(())
    }
}

/// Signals a whole process group; one that is already empty is as good as ended.
pub(crate) fn signal(leader: &Child, signal: Signal) {
    let group = Pid::from_raw(i32::try_from(leader.id()).expect("the kernel's process ids are positive i32"));
    let _already_gone = killpg(group, signal);
}

fn forward(reader: PipeReader, lines: &Sender<String>) {
    let mut reader = BufReader::new(reader);
    let mut bytes = Vec::new();
    while reader.read_until(b'\n', &mut bytes).is_ok_and(|length| length > 0) {
        let text = plain(String::from_utf8_lossy(&bytes).trim_end());
        bytes.clear();
        if lines.send(text).is_err() {
            return;
        }
    }
}

/// Without the escape sequences (ECMA-48 CSI) that some programs write even when told not to.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\u{1b}' {
            plain.push(character);
        } else if characters.next() == Some('[') {
            characters.by_ref().find(|end| ('@'..='~').contains(end));
        }
    }
    // Progress bars redraw one line with carriage returns: only the last state is worth keeping.
    plain.rsplit('\r').next().unwrap_or_default().to_owned()
}

impl Output {
    pub(crate) fn succeeded(&self) -> bool {
        self.status.success()
    }

    /// An error that shows the end of the output unless the program exited with 0.
    pub(crate) fn success(self) -> Result<Self> {
        if self.succeeded() { Ok(self) } else { Err(self.failure(40)) }
    }

    /// An error of one sentence, with the line by which an installer says what is wrong.
    pub(crate) fn installed(self) -> Result<()> {
        if self.succeeded() {
            return Ok(());
        }
        bail!("`{}` failed ({}): {}", self.words, self.status, cause(&self.lines))
    }

    /// The error that says how it ended and shows its last lines.
    pub(crate) fn failure(&self, shown: usize) -> anyhow::Error {
        let end = self.lines.len().saturating_sub(shown);
        Failure { words: self.words.clone(), status: self.status, shown: self.lines[end..].to_vec() }.into()
    }

    /// The error that says how it ended and shows `shown`.
    pub(crate) fn failure_showing(&self, shown: Vec<String>) -> anyhow::Error {
        Failure { words: self.words.clone(), status: self.status, shown }.into()
    }
}

/// apt-get says `E: …`, pip `ERROR: …`, npm `npm error …` after a line that only names a code.
fn cause(lines: &[String]) -> &str {
    let marked = lines.iter().find_map(|line| {
        let said = ["E: ", "ERROR: ", "npm error "].iter().find_map(|mark| line.strip_prefix(mark))?;
        (!said.starts_with("code ")).then_some(said)
    });
    marked.or_else(|| lines.last().map(String::as_str)).unwrap_or("it said nothing")
}

#[derive(Debug)]
struct Failure {
    words: String,
    status: ExitStatus,
    shown: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}` failed ({})", self.words, self.status)?;
        for line in &self.shown {
            write!(formatter, "\n    {line}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Result<Output> {
        Program::new("sh").arg("-c").arg(script).watch(&Line::quiet("process-tests").unwrap())
    }

    #[test]
    fn keeps_both_streams_in_order_and_the_exit_code() {
        let output = shell("echo one; echo two >&2; exit 3").unwrap();
        assert_eq!(output.lines, ["one", "two"]);
        assert!(!output.succeeded());
        let error = output.success().err().unwrap().to_string();
        assert!(error.contains("exit status: 3") && error.contains("two"), "{error}");
    }

    #[test]
    fn ends_what_a_program_leaves_running() {
        let output = shell("sleep 600 & echo $!").unwrap();
        assert!(output.succeeded());
        let state = Path::new("/proc").join(&output.lines[0]).join("stat");
        let deadline = Instant::now() + GRACE;
        // An orphan is reaped by init, which may take its time: a zombie holds nothing.
        while std::fs::read_to_string(&state).is_ok_and(|state| !state.contains(") Z ")) {
            assert!(Instant::now() < deadline, "process {} still runs", output.lines[0]);
            std::thread::yield_now();
        }
    }

    #[test]
    fn finds_the_line_that_says_what_is_wrong() {
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(
            cause(&lines("Reading lists\nE: Unable to locate package x\nE: more")),
            "Unable to locate package x"
        );
        assert_eq!(cause(&lines("npm error code E404\nnpm error 404 Not Found\nnpm error A log")), "404 Not Found");
        assert_eq!(cause(&lines("a\nb")), "b");
    }

    #[test]
    fn strips_colours_and_redrawn_lines() {
        assert_eq!(plain("\u{1b}[1;32mok\u{1b}[0m done"), "ok done");
        assert_eq!(plain("10 %\r100 %"), "100 %");
    }
}
