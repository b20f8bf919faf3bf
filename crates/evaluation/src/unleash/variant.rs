//! Variants: what those get who are let in.

use super::context::{Field, Fields, Moment};
use super::hash::{Prefix, VARIANT_SEED};
use super::model;
use super::strategy::{Draw, Stickiness, rolled};
use crate::text::TextSet;

/// A compiled variant. Callers read from it what the frontend API tells.
#[derive(Debug)]
pub struct Variant {
    name: Box<str>,
    payload: Option<model::Payload>,
    /// Where its share ends, counted from the first variant.
    end: u32,
    overrides: Box<[Override]>,
}

/// Contexts that get a variant in any case.
#[derive(Debug)]
struct Override {
    field: Field,
    values: TextSet,
}

/// Variants that are drawn together.
#[derive(Debug)]
pub(crate) struct Variants {
    list: Box<[Variant]>,
    prefix: Prefix,
    by: Stickiness,
    total: u32,
}

impl Variant {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What comes with it.
    pub fn payload(&self) -> Option<&model::Payload> {
        self.payload.as_ref()
    }
}

impl Variants {
    /// Compiles variants that are drawn under `group`. Negative weights are none.
    pub(crate) fn compile(data: &[model::Variant], group: &str, by: Stickiness) -> Self {
        let mut total = 0_u32;
        let list = data.iter().map(|variant| {
            total = total.saturating_add(u32::try_from(variant.weight.max(0)).unwrap_or(u32::MAX));
            let overrides = variant.overrides.iter().map(|one| Override {
                field: Field::named(&one.context_name),
                values: one.values.iter().map(String::as_str).collect(),
            });
            Variant {
                name: variant.name.as_str().into(),
                payload: variant.payload.clone(),
                end: total,
                overrides: overrides.collect(),
            }
        });
        let list = list.collect();
        Self { list, prefix: Prefix::new(group, VARIANT_SEED), by, total }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The one that the context gets.
    #[inline]
    pub(crate) fn choose<C: Fields>(&self, context: &C, moment: Moment) -> Option<&Variant> {
        if let Some(variant) = self.list.iter().find(|variant| variant.is_overridden(context)) {
            return Some(variant);
        }
        let at = match self.by.draw(context) {
            Draw::Id(id) => self.prefix.normalised(&id, self.total)?,
            // Unlike a rollout, a draw without an id is a draw by chance.
            Draw::Chance | Draw::Nothing => rolled(moment.chance, VARIANT_SEED, self.total)?,
        };
        self.list.iter().find(|variant| at <= variant.end)
    }
}

impl Variant {
    fn is_overridden<C: Fields>(&self, context: &C) -> bool {
        self.overrides.iter().any(|one| context.field(&one.field).is_some_and(|value| one.values.contains(&value)))
    }
}
