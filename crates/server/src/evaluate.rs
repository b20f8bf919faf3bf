//! `steadfast evaluate`: answers from a file, offline, as an SDK would.

use std::io::{BufRead, Write};
use std::path::Path;

use anyhow::{Context as _, Result};
use evaluation::{Payload, Snapshot, answer_line};

/// Reads requests from `input`, one JSON object a line, and writes one answer a line; blank lines are passed over.
///
/// A line that is not a request ends it with an error that names the line: the answers so far are written.
pub fn run(payload: &Path, input: impl BufRead, mut output: impl Write) -> Result<()> {
    let text = std::fs::read_to_string(payload).with_context(|| format!("{} cannot be read", payload.display()))?;
    let payload = Payload::from_json(&text).with_context(|| format!("{} is not a payload", payload.display()))?;
    let snapshot = Snapshot::compile(&payload);
    for (number, line) in input.lines().enumerate() {
        let line = line.context("standard input cannot be read")?;
        if line.trim().is_empty() {
            continue;
        }
        let answer = answer_line(&snapshot, &line).with_context(|| format!("line {}", number + 1))?;
        writeln!(output, "{answer}")?;
    }
    output.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAYLOAD: &str =
        r#"{"flags": {"f": {"key": "f", "on": true, "variations": [true, false], "fallthrough": {"variation": 0}}}}"#;

    fn answers(input: &str) -> (Result<()>, String) {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("payload.json");
        std::fs::write(&file, PAYLOAD).unwrap();
        let mut output = Vec::new();
        let result = run(&file, input.as_bytes(), &mut output);
        (result, String::from_utf8(output).unwrap())
    }

    #[test]
    fn answers_a_line_a_request() {
        let input = "{\"flag\":\"f\",\"context\":{\"kind\":\"user\",\"key\":\"u\"},\"default\":false,\"type\":\"bool\"}\n\n\
                     {\"flag\":\"f\",\"context\":{\"kind\":\"user\",\"key\":\"u\"},\"default\":\"x\",\"type\":\"string\"}\n";
        let (result, output) = answers(input);
        result.unwrap();
        let lines: Vec<serde_json::Value> = output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(
            lines[0],
            serde_json::json!({"value": true, "variationIndex": 0, "reason": {"kind": "FALLTHROUGH"}})
        );
        assert_eq!(
            lines[1],
            serde_json::json!({"value": "x", "variationIndex": null, "reason": {"kind": "ERROR", "errorKind": "WRONG_TYPE"}})
        );
    }

    #[test]
    fn a_line_that_is_no_request_is_named() {
        let (result, output) = answers("{\"flag\":\"f\"}\nnonsense\n");
        assert_eq!(output.lines().count(), 1);
        assert_eq!(result.unwrap_err().to_string(), "line 2");
    }
}
