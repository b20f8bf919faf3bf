//! Instructions for a flag in one environment that is evaluated by Unleash's rules.

use super::{Refused, not_applicable, swap};
use crate::instruction::{Instruction, ReplaceDependencies, ReplaceStrategies, ReplaceVariants};
use crate::model::{Configuration, Noun};

pub(super) fn step(configuration: &mut Configuration, instruction: &Instruction) -> Result<Vec<Instruction>, Refused> {
    let back = match instruction {
        Instruction::ReplaceStrategies(ReplaceStrategies { strategies }) => {
            let back = swap(&mut configuration.strategies, strategies);
            back.map(|strategies| Instruction::ReplaceStrategies(ReplaceStrategies { strategies }))
        }
        Instruction::ReplaceVariants(ReplaceVariants { variants }) => {
            let back = swap(&mut configuration.variants, variants);
            back.map(|variants| Instruction::ReplaceVariants(ReplaceVariants { variants }))
        }
        Instruction::ReplaceDependencies(ReplaceDependencies { dependencies }) => {
            let back = swap(&mut configuration.dependencies, dependencies);
            back.map(|dependencies| Instruction::ReplaceDependencies(ReplaceDependencies { dependencies }))
        }
        other => return Err(not_applicable(other, Noun::Configuration)),
    };
    Ok(back.into_iter().collect())
}
