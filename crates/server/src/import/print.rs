//! The report of an import, for people at a terminal.

use std::io::{self, Write};

use flags::import::{Item, Outcome, Report};

/// Writes one line for each flag and segment that is not just unchanged, and the whole in one sentence.
pub(super) fn report(output: &mut impl Write, environment: &str, report: &Report) -> io::Result<()> {
    writeln!(output, "{environment}: {}", report.sentence)?;
    for (sort, items) in [("segment", &report.segments), ("flag", &report.flags)] {
        for item in items {
            line(output, sort, item)?;
        }
    }
    Ok(())
}

/// Says that there is nothing to report on yet.
pub(super) fn missing(output: &mut impl Write, environment: &str) -> io::Result<()> {
    writeln!(output, "{environment}: would be made, as Steadfast has no such environment; all in it would be new")
}

fn line(output: &mut impl Write, sort: &str, item: &Item) -> io::Result<()> {
    let word = match item.outcome {
        Outcome::Created => "created",
        Outcome::Changed => "changed",
        Outcome::Refused => "refused",
        Outcome::Unchanged => return Ok(()),
    };
    let words: Vec<&str> = item.why.iter().chain(&item.notes).map(String::as_str).collect();
    let words = if words.is_empty() { String::new() } else { format!(": {}", words.join("; ")) };
    writeln!(output, "  {word:<8} {sort:<8} {}{words}", item.key)
}
