//! A change in plain words: one sentence for each instruction, as people say it before they do it.

mod clause;
mod serve;
mod strategy;
mod tracking;

pub use self::clause::clause;
pub use self::serve::{percent, serve};
pub use self::strategy::strategy;

use crate::instruction::{
    AddKey, AddPrerequisite, AddRule, AddVariation, CreateEnvironment, CreateFlag, CreateProject, CreateSegment,
    Instruction, KeyRef, MoveRule, OffVariation, PrerequisiteRef, ReplaceDependencies, ReplaceMembers, ReplaceRule,
    ReplaceRules, ReplaceStrategies, ReplaceVariants, RuleRef, SetMigration, TargetKeys, TargetOrder, UpdateDetails,
    UpdateMembers, UpdateVariation, VariationRef,
};
use crate::model::{Configuration, Flag, KeyKind, MemberList, Rule, State, TargetPlace};

/// What names mean where the instructions apply.
#[derive(Clone, Copy, Debug, Default)]
pub struct Vocabulary<'a> {
    /// The flag whose variations the instructions name.
    pub flag: Option<&'a Flag>,
    /// The configuration before them, whose rules they name.
    pub configuration: Option<&'a Configuration>,
}

/// Says what `instructions` do to a thing that is now as `before`.
pub fn describe(instructions: &[Instruction], before: Option<&State>, flag: Option<&Flag>) -> Vec<String> {
    let words = match before {
        Some(State::Flag(own)) => Vocabulary { flag: Some(own), configuration: None },
        Some(State::Configuration(configuration)) => Vocabulary { flag, configuration: Some(configuration) },
        _ => Vocabulary { flag, configuration: None },
    };
    instructions.iter().map(|instruction| words.sentence(instruction)).collect()
}

impl Vocabulary<'_> {
    fn sentence(&self, instruction: &Instruction) -> String {
        match instruction {
            Instruction::TurnFlagOn {} => "Turn the flag on".to_owned(),
            Instruction::TurnFlagOff {} => "Turn the flag off".to_owned(),
            Instruction::SetOffVariation(OffVariation { variation: Some(index) }) => {
                format!("Serve {} while the flag is off", self.variation(*index))
            }
            Instruction::SetOffVariation(_) => "Leave SDKs their own default while the flag is off".to_owned(),
            Instruction::SetFallthrough(to) => format!("Serve everyone else {}", serve(to, self.flag)),
            Instruction::AddRule(_)
            | Instruction::ReplaceRule(_)
            | Instruction::RemoveRule(_)
            | Instruction::MoveRule(_) => self.rule_sentence(instruction),
            Instruction::AddTargets(TargetKeys { context_kind, variation, values }) => {
                format!("Serve {} to {}", self.variation(*variation), keys(context_kind.as_str(), values.iter()))
            }
            Instruction::RemoveTargets(TargetKeys { context_kind, variation, values }) => format!(
                "Stop serving {} by name to {}",
                self.variation(*variation),
                keys(context_kind.as_str(), values.iter())
            ),
            Instruction::ClearTargets(TargetPlace { context_kind, variation }) => {
                format!("Stop serving {} by name to any {context_kind}", self.variation(*variation))
            }
            Instruction::SetTargetOrder(TargetOrder { order }) => self.order_sentence(order),
            Instruction::AddPrerequisite(AddPrerequisite { key, variation, .. }) => {
                format!("Require that flag {key} is on and serves variation {variation}")
            }
            Instruction::RemovePrerequisite(PrerequisiteRef { key }) => format!("No longer require flag {key}"),
            Instruction::SetTracking(tracking) => tracking::sentence(tracking),
            Instruction::SetMigration(SetMigration { migration: Some(_) }) => {
                "Make it a flag of a migration".to_owned()
            }
            Instruction::SetMigration(SetMigration { migration: None }) => {
                "Make it an ordinary flag, of no migration".to_owned()
            }
            Instruction::ReplaceStrategies(ReplaceStrategies { strategies }) => strategy::strategies(strategies),
            Instruction::ReplaceVariants(ReplaceVariants { variants }) => strategy::variants(variants),
            Instruction::ReplaceDependencies(ReplaceDependencies { dependencies }) => {
                strategy::dependencies(dependencies)
            }
            Instruction::ReplaceConfiguration(_) => "Replace the whole configuration".to_owned(),
            other => self.thing_sentence(other),
        }
    }

    fn rule_sentence(&self, instruction: &Instruction) -> String {
        match instruction {
            Instruction::AddRule(AddRule { rule, before: None }) => format!("Add the rule: {}", self.rule(rule)),
            Instruction::AddRule(AddRule { rule, before: Some(id) }) => {
                format!("Add the rule before {}: {}", self.rule_name(id), self.rule(rule))
            }
            Instruction::ReplaceRule(ReplaceRule { rule }) => {
                format!("Change {} to: {}", self.rule_name(&rule.id), self.rule(rule))
            }
            Instruction::RemoveRule(RuleRef { rule_id }) => format!("Remove {}", self.rule_name(rule_id)),
            Instruction::MoveRule(MoveRule { rule_id, before: Some(before) }) => {
                format!("Try {} before {}", self.rule_name(rule_id), self.rule_name(before))
            }
            Instruction::MoveRule(MoveRule { rule_id, before: None }) => {
                format!("Try {} last", self.rule_name(rule_id))
            }
            other => unreachable!("{} is no instruction about rules", other.name()),
        }
    }

    /// What concerns more than one environment, or no flag at all.
    fn thing_sentence(&self, instruction: &Instruction) -> String {
        match instruction {
            Instruction::CreateFlag(CreateFlag { flag }) => {
                let labels: Vec<String> = (0..flag.variations.len()).map(|at| quoted(&flag.label(at))).collect();
                format!("Create the {} flag {} with {}", flag.kind.as_str(), quoted(&flag.name), listed(&labels))
            }
            Instruction::DeleteFlag {} => "Delete the flag".to_owned(),
            Instruction::RestoreFlag {} => "Bring the deleted flag back".to_owned(),
            Instruction::AddVariation(AddVariation { variation }) => {
                format!("Add the variation {} with the value {}", quoted(&variation.label()), variation.value)
            }
            Instruction::UpdateVariation(update) => self.variation_sentence(update),
            Instruction::RemoveVariation(VariationRef { variation }) => {
                format!("Remove the variation {}", self.variation(*variation))
            }
            Instruction::SetDefaults(defaults) => format!(
                "Start new environments with {} when on and {} while off",
                self.variation(defaults.on_variation),
                self.variation(defaults.off_variation)
            ),
            Instruction::CreateSegment(CreateSegment { segment }) => {
                format!("Create the {}segment {}", if segment.unbounded { "big " } else { "" }, quoted(&segment.name))
            }
            Instruction::DeleteSegment {} => "Delete the segment".to_owned(),
            Instruction::RestoreSegment {} => "Bring the deleted segment back".to_owned(),
            Instruction::UpdateMembers(update) => members_sentence(update),
            Instruction::ReplaceSegment(_) => "Replace the whole segment".to_owned(),
            Instruction::ReplaceMembers(members) => replacement_sentence(members),
            Instruction::ReplaceRules(ReplaceRules { rules }) => rules_sentence(rules),
            Instruction::CreateProject(CreateProject { project }) => {
                format!("Create the project {}", quoted(&project.name))
            }
            Instruction::CreateEnvironment(CreateEnvironment { environment }) => {
                format!("Create the environment {}", quoted(&environment.name))
            }
            Instruction::AddKey(AddKey { key_kind, expire_others_at: None, .. }) => {
                format!("Add {}", key_word(*key_kind))
            }
            Instruction::AddKey(AddKey { key_kind, expire_others_at: Some(at), .. }) => {
                format!("Add {} and let the others expire at {at}", key_word(*key_kind))
            }
            Instruction::RevokeKey(KeyRef { key_id }) => format!("Revoke the key {key_id}"),
            Instruction::UpdateDetails(update) => details_sentence(update),
            other => unreachable!("{} is about one environment", other.name()),
        }
    }

    fn order_sentence(&self, order: &[TargetPlace]) -> String {
        let places = order.iter().map(|one| format!("{} of kind {}", self.variation(one.variation), one.context_kind));
        match places.collect::<Vec<_>>() {
            places if places.is_empty() => "Look at targets by kind and variation".to_owned(),
            places => format!("Look first at the targets of {}", places.join(", then ")),
        }
    }

    fn variation_sentence(&self, update: &UpdateVariation) -> String {
        let name = update.name.as_ref().map(|name| format!("call it {}", quoted(name)));
        let value = update.value.as_ref().map(|value| format!("give it the value {value}"));
        let description = update.description.as_ref().map(|_| "describe it anew".to_owned());
        let parts: Vec<String> = [name, value, description].into_iter().flatten().collect();
        format!("Change the variation {}: {}", self.variation(update.variation), listed(&parts))
    }

    fn variation(&self, index: usize) -> String {
        self.flag.map_or_else(|| format!("variation {index}"), |flag| quoted(&flag.label(index)))
    }

    /// A rule as a sentence: who gets what.
    fn rule(&self, rule: &Rule) -> String {
        let clauses: Vec<String> = rule.clauses.iter().map(clause).collect();
        format!("if {}, serve {}", clauses.join(" and "), serve(&rule.serve, self.flag))
    }

    /// A rule by what people see of it: its description, or its place.
    fn rule_name(&self, id: &str) -> String {
        let rules = self.configuration.map_or(&[][..], |configuration| &configuration.rules);
        match rules.iter().position(|rule| rule.id == id) {
            Some(at) if !rules[at].description.is_empty() => format!("the rule {}", quoted(&rules[at].description)),
            Some(at) => format!("rule {}", at + 1),
            None => "the new rule".to_owned(),
        }
    }
}

fn key_word(kind: KeyKind) -> &'static str {
    match kind {
        KeyKind::Sdk => "an SDK key",
        KeyKind::Mobile => "a mobile key",
        KeyKind::ClientSide => "a client-side id",
    }
}

fn members_sentence(update: &UpdateMembers) -> String {
    let UpdateMembers { list, context_kind, add, remove } = update;
    let (list, kind) = match list {
        MemberList::Included => ("included", context_kind.as_str()),
        MemberList::Excluded => ("excluded", context_kind.as_str()),
    };
    let added = (!add.is_empty()).then(|| format!("Add {} to the {list}", keys(kind, add.iter())));
    let removed = (!remove.is_empty()).then(|| format!("Remove {} from the {list}", keys(kind, remove.iter())));
    match (added, removed) {
        (Some(added), Some(removed)) => format!("{added}; {removed}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => format!("Leave the {list} as they are"),
    }
}

fn replacement_sentence(members: &ReplaceMembers) -> String {
    let ReplaceMembers { included, excluded, .. } = members;
    let out = if *excluded == 0 { String::new() } else { format!(" and {excluded} that are excluded") };
    format!("Replace all members by an upload of {included}{out}")
}

fn rules_sentence(rules: &[crate::model::SegmentRule]) -> String {
    let sentences = rules.iter().map(|rule| {
        let clauses: Vec<String> = rule.clauses.iter().map(clause).collect();
        let share = rule.weight.map_or_else(String::new, |weight| format!("{} of those where ", percent(weight)));
        format!("{share}{}", clauses.join(" and "))
    });
    let all: Vec<String> = sentences.collect();
    if all.is_empty() { "Remove all rules".to_owned() } else { format!("Take in by rule: {}", all.join("; or ")) }
}

fn details_sentence(update: &UpdateDetails) -> String {
    let name = update.name.as_ref().map(|name| format!("the name {}", quoted(name)));
    let description = update.description.as_ref().map(|_| "the description".to_owned());
    let tags = update.tags.as_ref().map(|tags| match tags.as_slice() {
        [] => "no tags".to_owned(),
        tags => format!("the tags {}", tags.join(", ")),
    });
    let temporary = update.temporary.map(|yes| format!("the mark {}", if yes { "temporary" } else { "permanent" }));
    let seen = update.client_side_availability.map(|seen| {
        match (seen.using_mobile_key, seen.using_environment_id) {
            (true, true) => "the audience servers, mobile and browsers",
            (true, false) => "the audience servers and mobile",
            (false, true) => "the audience servers and browsers",
            (false, false) => "the audience servers only",
        }
        .to_owned()
    });
    let maintainer = update.maintainer_id.as_ref().map(|who| match who {
        Some(_) => "another maintainer".to_owned(),
        None => "no maintainer".to_owned(),
    });
    let production =
        update.production.map(|yes| if yes { "the mark production" } else { "no mark production" }.to_owned());
    let secure = update.secure_mode.map(|yes| if yes { "secure mode" } else { "no secure mode" }.to_owned());
    let parts = [name, description, tags, temporary, seen, maintainer, production, secure];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "Leave the details as they are".to_owned() } else { format!("Set {}", listed(&parts)) }
}

/// `user "ada"`, `user "ada" and "bob"`, `1,204 user contexts`.
fn keys<'a>(kind: &str, keys: impl ExactSizeIterator<Item = &'a String>) -> String {
    const NAMED: usize = 3;
    if keys.len() > NAMED {
        return format!("{} contexts of kind {kind}", keys.len());
    }
    let names: Vec<String> = keys.map(|key| quoted(key)).collect();
    format!("{kind} {}", listed(&names))
}

/// Typographic quotes, so that a name stands out of its sentence; long ones are cut.
pub(crate) fn quoted(text: &str) -> String {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("“{}…”", &text[..end]),
        None => format!("“{text}”"),
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn listed(parts: &[String]) -> String {
    joined(parts, "and")
}

fn joined(parts: &[String], word: &str) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} {word} {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests;
