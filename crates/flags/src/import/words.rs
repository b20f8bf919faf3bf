//! What people wrote, made to fit: a name that is too long is no reason to refuse what it names.

use serde_json::Value;

use super::details::{FlagDetails, SegmentDetails};
use crate::model::{Flag, Segment, Variation};
use crate::validate::limits::{DESCRIPTION, NAME, TAGS};

/// Writes what is said about a flag into it.
pub(super) fn of_flag(flag: &mut Flag, details: &FlagDetails, notes: &mut Vec<String>) {
    let maintainer = details.maintainer.as_ref().map(|who| format!("Maintained by {who}."));
    let description = [Some(details.description.clone()).filter(|text| !text.is_empty()), maintainer];
    let description = description.into_iter().flatten().collect::<Vec<_>>().join("\n\n");
    if !details.name.trim().is_empty() {
        flag.name = cut("name", &details.name, NAME, notes);
    }
    flag.description = cut("description", &description, DESCRIPTION, notes);
    flag.tags = tags(&details.tags, notes);
    flag.temporary = details.temporary;
    let count = flag.variations.len();
    if let Some(defaults) = details.defaults.filter(|them| them.on_variation < count && them.off_variation < count) {
        flag.defaults = defaults;
    }
    for (at, words) in details.variations.iter().enumerate().take(count) {
        let name = cut("name of a variation", &words.name, NAME, notes);
        if !name.is_empty() && flag.variations[..at].iter().any(|other| other.name == name) {
            notes.push(format!("variation {at} is called '{name}' like another, so it goes by its value"));
            flag.variations[at].name.clear();
        } else {
            flag.variations[at].name = name;
        }
        flag.variations[at].description = cut("description of a variation", &words.description, DESCRIPTION, notes);
    }
}

/// Writes what is said about a segment into it.
pub(super) fn of_segment(segment: &mut Segment, details: &SegmentDetails, notes: &mut Vec<String>) {
    if !details.name.trim().is_empty() {
        segment.name = cut("name", &details.name, NAME, notes);
    }
    segment.description = cut("description", &details.description, DESCRIPTION, notes);
    segment.tags = tags(&details.tags, notes);
}

/// What a rule is for, made to fit.
pub(super) fn of_rule(description: &str, notes: &mut Vec<String>) -> String {
    cut("description of a rule", description, DESCRIPTION, notes)
}

/// A variation without words; its id is the same at each import.
pub(super) fn variation(at: usize, value: &Value) -> Variation {
    Variation { id: format!("variation-{at}"), name: String::new(), description: String::new(), value: value.clone() }
}

fn tags(given: &[String], notes: &mut Vec<String>) -> Vec<String> {
    let mut tags = Vec::new();
    for tag in given.iter().filter(|tag| !tag.trim().is_empty()) {
        let tag = cut("tag", tag, NAME, notes);
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    if tags.len() > TAGS {
        notes.push(format!("of {} tags the first {TAGS} are kept", tags.len()));
        tags.truncate(TAGS);
    }
    tags
}

fn cut(what: &str, text: &str, most: usize, notes: &mut Vec<String>) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => {
            notes.push(format!("the {what} is cut to {most} characters"));
            text[..end].to_owned()
        }
    }
}
