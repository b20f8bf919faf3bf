//! Instructions for a flag in one environment.

use std::collections::BTreeSet;

use super::{Refused, not_applicable, strategies, swap};
use crate::instruction::{
    AddPrerequisite, AddRule, Instruction, MoveRule, OffVariation, PrerequisiteRef, ReplaceConfiguration, ReplaceRule,
    RuleRef, SetMigration, TargetKeys, TargetOrder, Tracking,
};
use crate::model::{Configuration, Noun, Prerequisite, Rule, TargetPlace};
use crate::reason::Reason;

pub(super) fn step(configuration: &mut Configuration, instruction: &Instruction) -> Result<Vec<Instruction>, Refused> {
    match instruction {
        Instruction::TurnFlagOn {} => {
            Ok(swap(&mut configuration.on, &true).map(|_| Instruction::OFF).into_iter().collect())
        }
        Instruction::TurnFlagOff {} => {
            Ok(swap(&mut configuration.on, &false).map(|_| Instruction::ON).into_iter().collect())
        }
        Instruction::SetOffVariation(OffVariation { variation }) => {
            let back = swap(&mut configuration.off_variation, variation);
            Ok(back.map(|variation| Instruction::SetOffVariation(OffVariation { variation })).into_iter().collect())
        }
        Instruction::SetFallthrough(serve) => {
            Ok(swap(&mut configuration.fallthrough, serve).map(Instruction::SetFallthrough).into_iter().collect())
        }
        Instruction::AddRule(AddRule { rule, before }) => add_rule(&mut configuration.rules, rule, before.as_deref()),
        Instruction::ReplaceRule(ReplaceRule { rule }) => {
            let at = find(&configuration.rules, &rule.id, "rule")?;
            let back = swap(&mut configuration.rules[at], rule);
            Ok(back.map(|rule| Instruction::ReplaceRule(ReplaceRule { rule })).into_iter().collect())
        }
        Instruction::RemoveRule(RuleRef { rule_id }) => remove_rule(&mut configuration.rules, rule_id),
        Instruction::MoveRule(MoveRule { rule_id, before }) => {
            move_rule(&mut configuration.rules, rule_id, before.as_deref())
        }
        Instruction::AddTargets(keys) => Ok(add_targets(configuration, keys)),
        Instruction::RemoveTargets(keys) => Ok(remove_targets(configuration, keys)),
        Instruction::ClearTargets(TargetPlace { context_kind, variation }) => {
            let values = configuration.targets.get(context_kind, *variation).cloned().unwrap_or_default();
            let keys = TargetKeys { context_kind: context_kind.clone(), variation: *variation, values };
            Ok(remove_targets(configuration, &keys))
        }
        Instruction::SetTargetOrder(TargetOrder { order }) => {
            let back = swap(&mut configuration.target_order, order);
            Ok(back.map(|order| Instruction::SetTargetOrder(TargetOrder { order })).into_iter().collect())
        }
        Instruction::AddPrerequisite(add) => add_prerequisite(&mut configuration.prerequisites, add),
        Instruction::RemovePrerequisite(PrerequisiteRef { key }) => {
            remove_prerequisite(&mut configuration.prerequisites, key.as_str())
        }
        Instruction::SetTracking(tracking) => Ok(set_tracking(configuration, tracking)),
        Instruction::SetMigration(SetMigration { migration }) => {
            let back = swap(&mut configuration.migration, migration);
            Ok(back.map(|migration| Instruction::SetMigration(SetMigration { migration })).into_iter().collect())
        }
        Instruction::ReplaceStrategies(_) | Instruction::ReplaceVariants(_) | Instruction::ReplaceDependencies(_) => {
            strategies::step(configuration, instruction)
        }
        Instruction::ReplaceConfiguration(ReplaceConfiguration { configuration: new }) => {
            Ok(replace(configuration, new.clone()))
        }
        other => Err(not_applicable(other, Noun::Configuration)),
    }
}

fn find(rules: &[Rule], id: &str, field: &'static str) -> Result<usize, Refused> {
    rules.iter().position(|rule| rule.id == id).ok_or_else(|| (field, Reason::RuleUnknown(id.to_owned())))
}

/// The place before the rule named `before`; the end when none is named.
fn place(rules: &[Rule], before: Option<&str>) -> Result<usize, Refused> {
    before.map_or(Ok(rules.len()), |id| find(rules, id, "before"))
}

fn add_rule(rules: &mut Vec<Rule>, rule: &Rule, before: Option<&str>) -> Result<Vec<Instruction>, Refused> {
    if rules.iter().any(|other| other.id == rule.id) {
        return Err(("rule", Reason::RuleTwice(rule.id.clone())));
    }
    let at = place(rules, before)?;
    rules.insert(at, rule.clone());
    Ok(vec![Instruction::RemoveRule(RuleRef { rule_id: rule.id.clone() })])
}

fn remove_rule(rules: &mut Vec<Rule>, id: &str) -> Result<Vec<Instruction>, Refused> {
    let at = find(rules, id, "ruleId")?;
    let rule = rules.remove(at);
    let before = rules.get(at).map(|next| next.id.clone());
    Ok(vec![Instruction::AddRule(AddRule { rule, before })])
}

fn move_rule(rules: &mut Vec<Rule>, id: &str, before: Option<&str>) -> Result<Vec<Instruction>, Refused> {
    let from = find(rules, id, "ruleId")?;
    if before == Some(id) {
        return Ok(vec![]);
    }
    place(rules, before)?;
    let rule = rules.remove(from);
    let was_before = rules.get(from).map(|next| next.id.clone());
    let to = place(rules, before)?;
    rules.insert(to, rule);
    let back = MoveRule { rule_id: id.to_owned(), before: was_before };
    Ok(if from == to { vec![] } else { vec![Instruction::MoveRule(back)] })
}

/// A key has one variation of its kind, so keys that have another are moved.
fn add_targets(configuration: &mut Configuration, keys: &TargetKeys) -> Vec<Instruction> {
    let TargetKeys { context_kind, variation, values } = keys;
    let targets = &mut configuration.targets;
    let others: BTreeSet<usize> = targets
        .iter()
        .filter(|(kind, other, _)| *kind == context_kind && other != variation)
        .map(|(_, other, _)| other)
        .collect();
    let mut back = Vec::new();
    for other in others {
        let moved = targets.remove(context_kind, other, values);
        if !moved.is_empty() {
            let keys = TargetKeys { context_kind: context_kind.clone(), variation: other, values: moved };
            back.push(Instruction::AddTargets(keys));
        }
    }
    let added = targets.add(context_kind, *variation, values.clone());
    if !added.is_empty() {
        let keys = TargetKeys { context_kind: context_kind.clone(), variation: *variation, values: added };
        back.insert(0, Instruction::RemoveTargets(keys));
    }
    back
}

fn remove_targets(configuration: &mut Configuration, keys: &TargetKeys) -> Vec<Instruction> {
    let removed = configuration.targets.remove(&keys.context_kind, keys.variation, &keys.values);
    if removed.is_empty() {
        return vec![];
    }
    vec![Instruction::AddTargets(TargetKeys { values: removed, ..keys.clone() })]
}

fn add_prerequisite(list: &mut Vec<Prerequisite>, add: &AddPrerequisite) -> Result<Vec<Instruction>, Refused> {
    let find = |key: &str| list.iter().position(|other| other.key.as_str() == key);
    if find(add.key.as_str()).is_some() {
        return Err(("key", Reason::PrerequisiteTwice(add.key.to_string())));
    }
    let at = match &add.before {
        None => list.len(),
        Some(before) => {
            find(before.as_str()).ok_or_else(|| ("before", Reason::PrerequisiteUnknown(before.to_string())))?
        }
    };
    list.insert(at, Prerequisite { key: add.key.clone(), variation: add.variation });
    Ok(vec![Instruction::RemovePrerequisite(PrerequisiteRef { key: add.key.clone() })])
}

fn remove_prerequisite(list: &mut Vec<Prerequisite>, key: &str) -> Result<Vec<Instruction>, Refused> {
    let at = list
        .iter()
        .position(|other| other.key.as_str() == key)
        .ok_or_else(|| ("key", Reason::PrerequisiteUnknown(key.to_owned())))?;
    let Prerequisite { key, variation } = list.remove(at);
    let before = list.get(at).map(|next| next.key.clone());
    Ok(vec![Instruction::AddPrerequisite(AddPrerequisite { key, variation, before })])
}

fn set_tracking(configuration: &mut Configuration, tracking: &Tracking) -> Vec<Instruction> {
    let Tracking { track_events, track_events_fallthrough, debug_events_until, sampling_ratio, exclude_from_summaries } =
        tracking;
    let fallthrough = track_events_fallthrough.as_ref();
    let summaries = exclude_from_summaries.as_ref();
    let back = Tracking {
        track_events: track_events.as_ref().and_then(|new| swap(&mut configuration.track_events, new)),
        track_events_fallthrough: fallthrough.and_then(|new| swap(&mut configuration.track_events_fallthrough, new)),
        debug_events_until: debug_events_until.and_then(|new| swap(&mut configuration.debug_events_until, &new)),
        sampling_ratio: sampling_ratio.and_then(|new| swap(&mut configuration.sampling_ratio, &new)),
        exclude_from_summaries: summaries.and_then(|new| swap(&mut configuration.exclude_from_summaries, new)),
    };
    if back == Tracking::default() { vec![] } else { vec![Instruction::SetTracking(back)] }
}

fn replace(configuration: &mut Configuration, mut new: Configuration) -> Vec<Instruction> {
    if new.salt.is_empty() {
        new.salt.clone_from(&configuration.salt);
    }
    let back = swap(configuration, &new);
    back.map(|configuration| Instruction::ReplaceConfiguration(ReplaceConfiguration { configuration }))
        .into_iter()
        .collect()
}
