//! How many tests ran, read from what each test runner prints.

use std::fmt;
use std::ops::AddAssign;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// libtest: one `test result: ok. 12 passed; 0 failed; …` for each test program.
pub(crate) fn cargo(lines: &[String]) -> Tally {
    let results = lines.iter().filter_map(|line| line.trim().strip_prefix("test result: "));
    let counts = results.flat_map(|result| result.split([';', '.'])).filter_map(count);
    sum(counts, &["passed"], &["failed"])
}

/// Vitest: `Tests  1 failed | 22 passed (23)`.
pub(crate) fn vitest(lines: &[String]) -> Tally {
    let results = lines.iter().filter_map(|line| line.trim().strip_prefix("Tests "));
    let counts = results.flat_map(|result| result.split(['|', '('])).filter_map(count);
    sum(counts, &["passed"], &["failed"])
}

/// Playwright: one line for each outcome, as `  12 passed (30.1s)`. A flaky story is a failing one.
pub(crate) fn playwright(lines: &[String]) -> Tally {
    let counts = lines.iter().filter_map(|line| count(line.split('(').next()?));
    sum(counts, &["passed"], &["failed", "flaky", "interrupted", "did not run"])
}

/// Our conformance programs: `ok <name>`, `not ok <name>: why`.
pub(crate) fn conformance(lines: &[String]) -> Tally {
    let begin = |word: &str| lines.iter().filter(|line| line.starts_with(word)).count() as u64;
    Tally { passed: begin("ok "), failed: begin("not ok ") }
}

/// `12 passed` as its two parts.
fn count(text: &str) -> Option<(u64, &str)> {
    let (number, word) = text.trim().split_once(' ')?;
    Some((number.parse().ok()?, word.trim()))
}

fn sum<'a>(counts: impl Iterator<Item = (u64, &'a str)>, passed: &[&str], failed: &[&str]) -> Tally {
    let mut tally = Tally::default();
    for (number, word) in counts {
        tally.passed += if passed.contains(&word) { number } else { 0 };
        tally.failed += if failed.contains(&word) { number } else { 0 };
    }
    tally
}

/// What a person needs of a failed `cargo test`: each program's failures, or the end when it did not get that far.
pub(crate) fn cargo_failures(lines: &[String]) -> Vec<String> {
    let mut inside = false;
    let failures = lines.iter().filter(|line| {
        inside = (inside || *line == "failures:") && !line.starts_with("test result:");
        inside
    });
    let failures: Vec<_> = failures.cloned().collect();
    let shown = if failures.is_empty() { lines } else { &failures };
    shown[shown.len().saturating_sub(300)..].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn counts_every_test_program_of_cargo() {
        let output = "test a ... ok\n\ntest result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out; finished in 0.01s\n\
                      test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.50s";
        assert_eq!(cargo(&lines(output)), Tally { passed: 16, failed: 2 });
    }

    #[test]
    fn counts_vitest_and_not_its_files() {
        let output = " Test Files  1 failed | 4 passed (5)\n      Tests  1 failed | 22 passed (23)\n   Duration  2.10s";
        assert_eq!(vitest(&lines(output)), Tally { passed: 22, failed: 1 });
    }

    #[test]
    fn counts_a_flaky_story_as_failed() {
        let output = "Running 4 tests using 1 worker\n  1 flaky\n  1 did not run\n  2 passed (5.3s)";
        assert_eq!(playwright(&lines(output)), Tally { passed: 2, failed: 2 });
    }

    #[test]
    fn counts_the_lines_of_conformance_programs() {
        let output = "ok sees a switched flag\nnot ok survives a reconnect: no flag within 500 ms\nokay then";
        assert_eq!(conformance(&lines(output)), Tally { passed: 1, failed: 1 });
    }

    #[test]
    fn shows_the_failures_of_each_program() {
        let output = "test a ... FAILED\nfailures:\n---- a stdout ----\nwhy\nfailures:\n    a\ntest result: FAILED. 0 passed; 1 failed\ntest b ... ok";
        assert_eq!(cargo_failures(&lines(output)), ["failures:", "---- a stdout ----", "why", "failures:", "    a"]);
        assert_eq!(cargo_failures(&lines("error: no")), ["error: no"]);
    }
}
