//! What is done about one thing, once what it needs has been settled: made anew, made as wished, or left as it is.

use evaluation::model::{FlagData, SegmentData};
use kernel::{FlagKey, SegmentKey};

use super::super::details::{Details, FlagDetails};
use super::super::refusal::Refusal;
use super::super::report::Outcome;
use super::super::translate::{self, Wanted};
use super::super::{compare, words};
use super::{MOST_VERSION, Place, Planned, Planner, Settled};
use crate::apply::apply;
use crate::describe::{describe, listed};
use crate::instruction::{CreateFlag, CreateSegment, Instruction, ReplaceConfiguration, ReplaceSegment};
use crate::model::{Configuration, Defaults, Flag, Serve, State, Subject};
use crate::reason::{InstructionError, Invalid};
use crate::store::flags::StoredFlag;
use crate::validate::{strays, validate};

impl<'p> Planner<'p> {
    pub(super) fn segment(&mut self, data: &SegmentData, details: &Details) -> Settled {
        let key = SegmentKey::new(data.key.as_str())?;
        version(data.version)?;
        let mut wanted = translate::segment(data)?;
        let mut notes = Vec::new();
        let details = details.segments.get(&data.key);
        if let Some(details) = details {
            words::of_segment(&mut wanted, details, &mut notes);
        }
        let there = self.existing.segments.get(&key);
        let (outcome, instruction) = match there.filter(|there| !there.body.deleted) {
            None => (Outcome::Created, Instruction::CreateSegment(CreateSegment { segment: wanted })),
            Some(there) => {
                let parts = compare::segment(&there.body, &mut wanted, details.is_some());
                if parts.is_empty() {
                    self.around.segments.insert(key);
                    return Ok((Outcome::Unchanged, notes));
                }
                self.allow(parts, &mut notes)?;
                (Outcome::Changed, Instruction::ReplaceSegment(ReplaceSegment { segment: wanted }))
            }
        };
        let subject = Subject::Segment(self.place.project.clone(), self.place.environment.clone(), key.clone());
        let before = there.map(|there| State::Segment(there.body.clone()));
        let planned = self.decide(subject, before, vec![instruction], None)?;
        self.changes.push(Planned { version: there.map(|there| there.version), ..planned });
        self.around.segments.insert(key);
        Ok((outcome, notes))
    }

    pub(super) fn flag(&mut self, data: &FlagData, details: &Details) -> Settled {
        let key = FlagKey::new(data.key.as_str())?;
        version(data.version)?;
        let mut wanted = translate::flag(data)?;
        let details = details.flags.get(&data.key);
        for rule in &mut wanted.configuration.rules {
            if let Some(text) = details.and_then(|details| details.rules.get(&rule.id)) {
                rule.description = words::of_rule(text, &mut wanted.notes);
            }
        }
        self.settle(&key, wanted, details)
    }

    /// A flag as it shall be, whatever its rules; `details` are words for it.
    pub(super) fn settle(&mut self, key: &FlagKey, mut wanted: Wanted, details: Option<&FlagDetails>) -> Settled {
        let (outcome, flag, changes) = match self.living(key) {
            None => self.create(key, &mut wanted, details)?,
            Some(there) if there.body.bucketing != wanted.bucketing => {
                return Err(Refusal::OtherRules(there.body.bucketing));
            }
            Some(there) => self.adapt(key, there, &mut wanted, details)?,
        };
        self.changes.extend(changes);
        self.around.variations.insert(key.clone(), flag.variations.len());
        self.around.bucketing.insert(key.clone(), flag.bucketing);
        Ok((outcome, wanted.notes))
    }

    /// A flag that is not here, or deleted: it starts anew.
    fn create(
        &mut self,
        key: &FlagKey,
        wanted: &mut Wanted,
        details: Option<&FlagDetails>,
    ) -> Result<(Outcome, Flag, Vec<Planned>), Refusal> {
        let mut flag = created(key, wanted);
        if let Some(details) = details {
            words::of_flag(&mut flag, details, &mut wanted.notes);
        }
        let there = self.existing.flags.get(key);
        let before = there.map(|there| State::Flag(there.body.clone()));
        let create = Instruction::CreateFlag(CreateFlag { flag });
        let planned = self.decide(self.subject(key), before, vec![create], None)?;
        let State::Flag(flag) = planned.applied.after.clone() else { unreachable!("a created flag is a flag") };
        let configurations = self.existing.configurations.get(key).cloned().unwrap_or_default();
        let planned = Planned { version: there.map(|there| there.version), configurations, ..planned };
        let mut changes = vec![planned];
        let initial = Configuration::initial(&flag);
        if initial == wanted.configuration {
            self.judge(key, &flag, initial)?;
        } else {
            changes.push(self.configure(key, &flag, initial, wanted)?);
        }
        Ok((Outcome::Created, flag, changes))
    }

    /// A flag that is here: only what differs is changed, and only if that is wished for. What was never configured in this
    /// environment differs from nothing.
    fn adapt(
        &mut self,
        key: &FlagKey,
        there: &StoredFlag,
        wanted: &mut Wanted,
        details: Option<&FlagDetails>,
    ) -> Result<(Outcome, Flag, Vec<Planned>), Refusal> {
        let mut notes = std::mem::take(&mut wanted.notes);
        let difference = compare::flag(&there.body, wanted, details, &mut notes)?;
        let all = self.existing.configurations.get(key).map_or(&[][..], Vec::as_slice);
        let here = all.iter().find(|one| one.environment == self.place.environment);
        let current = here.map_or_else(|| Configuration::initial(&there.body), |here| here.body.clone());
        let parts = compare::configuration(&current, &mut wanted.configuration);
        let overwritten = here.map(|_| parts.clone()).unwrap_or_default();
        let differing = [difference.parts, overwritten].concat();
        if !differing.is_empty() {
            self.allow(differing, &mut notes)?;
        }
        wanted.notes = notes;
        let (mut flag, mut changes) = (there.body.clone(), Vec::new());
        let untouched = difference.instructions.is_empty();
        if !untouched {
            let before = Some(State::Flag(there.body.clone()));
            let planned = self.decide(self.subject(key), before, difference.instructions, None)?;
            let State::Flag(after) = planned.applied.after.clone() else { unreachable!("a changed flag is a flag") };
            flag = after;
            changes.push(Planned { version: Some(there.version), configurations: all.to_vec(), ..planned });
        }
        if !parts.is_empty() {
            let planned = self.configure(key, &flag, current, wanted)?;
            let flag = untouched.then(|| there.clone());
            changes.push(Planned { version: here.map(|here| here.version), flag, ..planned });
        }
        let outcome = if changes.is_empty() { Outcome::Unchanged } else { Outcome::Changed };
        Ok((outcome, flag, changes))
    }

    fn configure(
        &mut self,
        key: &FlagKey,
        flag: &Flag,
        before: Configuration,
        wanted: &Wanted,
    ) -> Result<Planned, Refusal> {
        let configuration = wanted.configuration.clone();
        let replace = Instruction::ReplaceConfiguration(ReplaceConfiguration { configuration });
        let Place { project, environment } = self.place;
        let subject = Subject::Configuration(project.clone(), environment.clone(), key.clone());
        self.decide(subject, Some(State::Configuration(before)), vec![replace], Some(flag))
    }

    /// Applies instructions and judges what comes out, as every change is.
    fn decide(
        &mut self,
        subject: Subject,
        before: Option<State>,
        instructions: Vec<Instruction>,
        flag: Option<&Flag>,
    ) -> Result<Planned, Refusal> {
        let applied = apply(subject.noun(), before.as_ref(), &instructions)
            .map_err(|InstructionError { reason, .. }| Invalid::at("", reason))?;
        self.around.flag = flag.cloned();
        if let State::Configuration(configuration) = &applied.after {
            self.around.strays = strays(configuration);
        }
        validate(subject.key(), &applied.after, &self.around)?;
        let sentences = describe(&instructions, before.as_ref(), flag);
        let (version, flag, configurations) = (None, None, Vec::new());
        Ok(Planned { subject, before, version, flag, configurations, instructions, applied, sentences })
    }

    /// Whether a configuration that needs no change of its own may be.
    fn judge(&mut self, key: &FlagKey, flag: &Flag, configuration: Configuration) -> Result<(), Refusal> {
        self.around.flag = Some(flag.clone());
        Ok(validate(key.as_str(), &State::Configuration(configuration), &self.around)?)
    }

    /// The flag of this key, unless it is deleted.
    pub(super) fn living(&self, key: &FlagKey) -> Option<&'p StoredFlag> {
        self.existing.flags.get(key).filter(|there| !there.body.deleted)
    }

    fn subject(&self, key: &FlagKey) -> Subject {
        Subject::Flag(self.place.project.clone(), key.clone())
    }

    /// What is here is changed only if that is wished for.
    fn allow(&self, differing: Vec<String>, notes: &mut Vec<String>) -> Result<(), Refusal> {
        if !self.replace {
            return Err(Refusal::Differs(differing));
        }
        if differing.iter().any(|part| part == "its variations") {
            notes.push("its variations change in every environment".to_owned());
        }
        notes.push(format!("changes {}", listed(&differing)));
        Ok(())
    }
}

/// The flag as it starts in all environments: where nobody configures it, off, serving what it served last of all.
fn created(key: &FlagKey, wanted: &Wanted) -> Flag {
    let configuration = &wanted.configuration;
    let last = wanted.values.len().saturating_sub(1);
    let on_variation = match &configuration.fallthrough {
        Serve::Variation(index) => *index,
        Serve::Rollout(_) => 0,
    };
    let defaults = Defaults {
        on_variation: on_variation.min(last),
        off_variation: configuration.off_variation.unwrap_or(last).min(last),
    };
    let mut flag = Flag::boolean(key.as_str());
    flag.kind = wanted.kind;
    flag.bucketing = wanted.bucketing;
    flag.variations = wanted.values.iter().enumerate().map(|(at, value)| words::variation(at, value)).collect();
    flag.defaults = defaults;
    // What nobody said is not claimed.
    flag.temporary = false;
    flag.client_side_availability = wanted.availability;
    flag.salt.clone_from(&configuration.salt);
    flag
}

fn version(version: u64) -> Result<(), Refusal> {
    if version > MOST_VERSION { Err(Refusal::Version(version)) } else { Ok(()) }
}
