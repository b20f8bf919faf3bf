//! What a page says: what is wrong, which change caused it, what was taken back, and where to acknowledge or undo.

use kernel::{Timestamp, words};
use serde_json::{Value, json};

use crate::model::{Incident, Page, Urgency};

/// What a page is written from.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Where people reach Steadfast, without a slash at the end.
    pub base: &'a str,
    /// The incident.
    pub incident: &'a Incident,
    /// What is wrong, in the sentence of the guard or monitor.
    pub summary: &'a str,
    /// Whatever the sender of the alert added.
    pub details: Option<&'a Value>,
    /// The page itself.
    pub page: &'a Page,
    /// Whom it is for, by name.
    pub name: &'a str,
    /// The change that caused it, in words, when it is known.
    pub change: Option<&'a ChangeWords>,
}

/// A change in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeWords {
    /// Its position in the change log.
    pub seq: i64,
    /// Who made it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// What it did, one sentence for each instruction.
    pub sentences: Vec<String>,
}

/// A page in the three forms that channels send.
#[derive(Clone, Debug, PartialEq)]
pub struct Letter {
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// The body of a Standard Webhook: `{type, timestamp, data}`.
    pub event: serde_json::Value,
}

/// So many of the sender's details are in the mail; the incident and the webhook have them all.
const SHOWN_DETAILS: usize = 20;
/// So long is each of them at most, in characters.
const DETAIL_LENGTH: usize = 500;

/// Writes the page.
pub fn letter(facts: Facts<'_>) -> Letter {
    let lines = lines(facts);
    Letter { subject: subject(facts), text: text(&lines), html: html(&lines), event: event(facts) }
}

/// Writes the page that tests a contact method.
pub fn test_letter(base: &str, name: &str, at: Timestamp) -> Letter {
    let lines = [
        Line::Head("This is a test".to_owned()),
        Line::Say(format!("{name}, Steadfast can reach you here. There is nothing to do.")),
        Line::Link("Steadfast", format!("{base}/on-call")),
    ];
    let event = json!({ "type": "page.test", "timestamp": at, "data": { "person": name } });
    Letter { subject: "[test] Steadfast can reach you".to_owned(), text: text(&lines), html: html(&lines), event }
}

fn subject(Facts { incident, .. }: Facts<'_>) -> String {
    let mark = match (incident.urgency, &incident.undone) {
        (Urgency::High, _) => "urgent",
        (Urgency::Low, Some(_)) => "taken back",
        (Urgency::Low, None) => "low",
    };
    format!("[{mark}] {} (#{})", incident.title, incident.number)
}

enum Line {
    Head(String),
    Say(String),
    Quote(String),
    Link(&'static str, String),
}

fn lines(facts: Facts<'_>) -> Vec<Line> {
    let Facts { base, incident, page, change, .. } = facts;
    let mut lines = what_is_wrong(facts);
    lines.push(Line::Say(format!(
        "Incident {} of {}, {} urgency, level {}.",
        incident.number,
        incident.service,
        incident.urgency.as_str(),
        page.step.level
    )));
    match change {
        Some(change) => {
            lines.push(Line::Say(format!(
                "Caused by change {} by {} at {}:",
                change.seq,
                change.by,
                words::instant(change.at)
            )));
            lines.extend(change.sentences.iter().cloned().map(Line::Quote));
        }
        None => lines.push(Line::Say("No change is known to have caused it; the incident shows suspects.".to_owned())),
    }
    if let Some(undone) = &incident.undone {
        let (change, by, at) = (undone.change, &undone.by.name, words::instant(undone.at));
        lines.push(Line::Say(match incident.times.relapsed {
            None => format!("Already taken back by change {change} ({by}) at {at}."),
            Some(_) => format!("Change {change} ({by}) took it back at {at}, but that did not help."),
        }));
    } else if change.is_some() {
        lines.push(Line::Say("It has not been taken back.".to_owned()));
    }
    with_links(lines, base, facts)
}

fn what_is_wrong(Facts { incident, summary, details, .. }: Facts<'_>) -> Vec<Line> {
    let mut lines = vec![Line::Head(incident.title.clone())];
    lines.extend(beyond_title(&incident.title, summary).map(Line::Say));
    let details = details.map(said).unwrap_or_default();
    if !details.is_empty() {
        lines.push(Line::Say("Its sender adds:".to_owned()));
        let more = details.len().saturating_sub(SHOWN_DETAILS);
        lines.extend(details.into_iter().take(SHOWN_DETAILS).map(Line::Quote));
        lines.extend((more > 0).then(|| Line::Say(format!("{more} more details are in the incident."))));
    }
    lines
}

/// What the summary says besides the title, which is its first line when a monitor sent it.
fn beyond_title(title: &str, summary: &str) -> Option<String> {
    let summary = summary.trim();
    let rest = summary.strip_prefix(title).filter(|rest| rest.is_empty() || rest.starts_with(['\r', '\n']));
    let rest = rest.unwrap_or(summary).trim();
    (!rest.is_empty()).then(|| rest.to_owned())
}

/// Each member on a line of its own.
fn said(details: &Value) -> Vec<String> {
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let cut = |text: String| match text.char_indices().nth(DETAIL_LENGTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    };
    match details {
        Value::Null => vec![],
        Value::Object(members) => {
            members.iter().map(|(name, value)| cut(format!("{name}: {}", plain(value)))).collect()
        }
        other => vec![cut(plain(other))],
    }
}

fn with_links(mut lines: Vec<Line>, base: &str, facts: Facts<'_>) -> Vec<Line> {
    if let Some(link) = page_link(facts) {
        lines.push(Line::Link("Acknowledge", link.clone()));
        if can_undo(facts.incident) {
            lines.push(Line::Link("Undo the change", format!("{link}#undo")));
        }
    }
    lines.push(Line::Link("Incident", format!("{base}/incidents/{}", facts.incident.id)));
    lines
}

/// Opening it shows, and only its buttons act: mail scanners and link previews follow links (`oncall.md` §2.10).
fn page_link(Facts { base, page, .. }: Facts<'_>) -> Option<String> {
    page.code.as_ref().map(|code| format!("{base}/pages/{code}"))
}

/// Whether there is a change to take back.
pub fn can_undo(incident: &Incident) -> bool {
    incident.cause.is_some() && incident.undone.is_none()
}

fn text(lines: &[Line]) -> String {
    let line = |line: &Line| match line {
        Line::Head(text) | Line::Say(text) => format!("{text}\n"),
        Line::Quote(text) => format!("    {text}\n"),
        Line::Link(label, url) => format!("\n{label}:\n{url}\n"),
    };
    lines.iter().map(line).collect()
}

fn html(lines: &[Line]) -> String {
    let line = |line: &Line| match line {
        Line::Head(text) => format!("<h1 style=\"font-size:1.25em\">{}</h1>\n", escape(text)),
        Line::Say(text) => format!("<p>{}</p>\n", escape(text).replace('\n', "<br>\n")),
        Line::Quote(text) => format!("<blockquote>{}</blockquote>\n", escape(text)),
        Line::Link(label, url) => format!("<p><a href=\"{}\">{label}</a></p>\n", escape(url)),
    };
    let body: String = lines.iter().map(line).collect();
    format!("<!doctype html>\n<html lang=\"en\"><body style=\"font-family:sans-serif\">\n{body}</body></html>\n")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn event(facts: Facts<'_>) -> serde_json::Value {
    let Facts { base, incident, summary, details, page, name, change } = facts;
    let link = page_link(facts);
    let change = change.map(|change| {
        let undone_by = incident.undone.as_ref().map(|undone| undone.change);
        json!({ "seq": change.seq, "by": change.by, "at": change.at, "sentences": change.sentences, "undoneBy": undone_by })
    });
    json!({
        "type": "incident.paged",
        "timestamp": page.created_at,
        "data": {
            "pageId": page.id,
            "person": { "id": page.person, "name": name },
            "round": page.step.round,
            "level": page.step.level,
            "incident": {
                "id": incident.id, "number": incident.number, "title": incident.title, "summary": summary,
                "service": incident.service, "urgency": incident.urgency, "state": incident.state(), "details": details,
            },
            "change": change,
            "links": {
                "acknowledge": link,
                "undo": link.as_ref().filter(|_| can_undo(incident)).map(|link| format!("{link}#undo")),
                "incident": format!("{base}/incidents/{}", incident.id),
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn change() -> ChangeWords {
        ChangeWords {
            seq: 41,
            by: "the release of checkout-v2".to_owned(),
            at: testing::START,
            sentences: vec!["Serve <v2> to 10 %.".to_owned()],
        }
    }

    fn write(incident: &Incident, change: Option<&ChangeWords>) -> Letter {
        tell(incident, change, "Errors rose.", None)
    }

    fn tell(incident: &Incident, change: Option<&ChangeWords>, summary: &str, details: Option<&Value>) -> Letter {
        let page = testing::page(1);
        let base = "https://steadfast.example";
        letter(Facts { base, incident, summary, details, page: &page, name: "Ada", change })
    }

    #[test]
    fn the_alert_of_a_monitor_is_told_once_and_with_its_details() {
        let mut incident = testing::incident();
        (incident.cause, incident.title) = (None, "Orders lag".to_owned());
        let details = json!({ "lagSeconds": 1200, "queue": "orders <eu>" });
        let one_line = tell(&incident, None, "Orders lag", Some(&details));
        let begins = "Orders lag\nIts sender adds:\n    lagSeconds: 1200\n    queue: orders <eu>\nIncident 7 of shop,";
        assert!(one_line.text.starts_with(begins), "{}", one_line.text);
        assert!(one_line.html.contains("queue: orders &lt;eu&gt;"), "{}", one_line.html);
        assert_eq!(one_line.event["data"]["incident"]["details"], details);
        let more = tell(&incident, None, "Orders lag\nThe consumer\nstopped.", None);
        assert!(more.text.starts_with("Orders lag\nThe consumer\nstopped.\nIncident 7"), "{}", more.text);
        let another = tell(&incident, None, "Orders lag behind.", None);
        assert!(another.text.starts_with("Orders lag\nOrders lag behind.\n"), "{}", another.text);
    }

    #[test]
    fn many_and_long_details_do_not_drown_the_links() {
        let many = (0..25).map(|n| (format!("d{n:02}"), json!("x".repeat(600)))).collect();
        let text = tell(&testing::incident(), None, "Errors rose.", Some(&Value::Object(many))).text;
        assert!(text.contains("d19: ") && !text.contains("d20: "), "{text}");
        assert!(text.contains("5 more details are in the incident.") && text.len() < 12_000, "{}", text.len());
    }

    #[test]
    fn a_page_names_the_change_and_links_to_its_undo() {
        let letter = write(&testing::incident(), Some(&change()));
        for part in [
            "Caused by change 41 by the release of checkout-v2",
            "    Serve <v2> to 10 %.\n",
            "It has not been taken back.",
            "Acknowledge:\nhttps://steadfast.example/pages/c0de1\n",
            "Undo the change:\nhttps://steadfast.example/pages/c0de1#undo\n",
        ] {
            assert!(letter.text.contains(part), "{part} is missing in:\n{}", letter.text);
        }
        assert!(letter.html.contains("Serve &lt;v2&gt; to 10 %."), "{}", letter.html);
        assert_eq!(letter.event["data"]["links"]["undo"], "https://steadfast.example/pages/c0de1#undo");
        assert_eq!(letter.event["data"]["change"]["seq"], 41);
    }

    #[test]
    fn what_was_taken_back_is_said_and_not_offered_again() {
        let letter = write(&testing::healed_incident(), Some(&change()));
        assert_eq!(letter.subject, "[taken back] errors regressed (#7)");
        assert!(
            letter.text.contains("Already taken back by change 42 (the release of checkout-v2)"),
            "{}",
            letter.text
        );
        assert!(!letter.text.contains("Undo"), "{}", letter.text);
        assert!(letter.event["data"]["links"]["undo"].is_null());
    }

    #[test]
    fn what_was_taken_back_in_vain_says_so() {
        let mut incident = testing::healed_incident();
        incident.times.relapsed = Some(testing::after(120));
        let text = write(&incident, Some(&change())).text;
        assert!(text.contains("Change 42 (the release of checkout-v2) took it back at "), "{text}");
        assert!(text.contains(" UTC, but that did not help."), "{text}");
    }

    #[test]
    fn without_a_known_change_it_says_so() {
        let mut incident = testing::incident();
        incident.cause = None;
        let letter = write(&incident, None);
        assert!(letter.text.contains("No change is known to have caused it"), "{}", letter.text);
        assert!(!letter.text.contains("#undo"), "{}", letter.text);
    }
}
