//! Strategies: one way each to be let in.

use std::borrow::Cow;
use std::collections::HashMap;
use std::net::IpAddr;

use ipnet::IpNet;

use super::constraint::{Constraint, range};
use super::context::{Field, Fields, Moment};
use super::hash::{Prefix, ROLLOUT_SEED};
use super::model;
use super::variant::Variants;
use crate::text::TextSet;

/// A compiled strategy.
#[derive(Debug)]
pub(crate) struct Strategy {
    constraints: Box<[Constraint]>,
    test: Test,
    pub(crate) variants: Variants,
}

#[derive(Debug)]
enum Test {
    Everybody,
    Nobody,
    /// A share of the ids, out of a hundred.
    Share(Box<Rollout>),
    /// A share of the evaluations, out of a hundred.
    Chance(u32),
    Users(TextSet),
    Addresses(Box<[IpNet]>),
    /// Names of hosts, in lower case, and the property that says which this is.
    Hosts(Field, TextSet),
}

#[derive(Debug)]
struct Rollout {
    percentage: u32,
    by: Stickiness,
    prefix: Prefix,
}

/// By what ids are drawn.
#[derive(Debug)]
pub(crate) enum Stickiness {
    /// The user, else the session, else chance.
    Default,
    Random,
    By(Field),
}

/// What to draw by, for one context.
pub(crate) enum Draw<'c> {
    Id(Cow<'c, str>),
    Chance,
    /// The field is missing.
    Nothing,
}

impl Strategy {
    /// Compiles a strategy of the feature named `feature`.
    pub(crate) fn compile(data: &model::Strategy, feature: &str, segments: &HashMap<i64, &model::Segment>) -> Self {
        let mut constraints: Vec<_> = data.constraints.iter().map(Constraint::compile).collect();
        let mut complete = !data.disabled;
        for id in &data.segments {
            match segments.get(id) {
                Some(segment) => constraints.extend(segment.constraints.iter().map(Constraint::compile)),
                None => complete = false,
            }
        }
        let parameter = |name: &str| data.parameters.get(name).map(String::as_str);
        let group = parameter("groupId").filter(|group| !group.is_empty()).unwrap_or(feature);
        let by = Stickiness::named(parameter("stickiness"));
        Self {
            constraints: constraints.into(),
            test: if complete { Test::compile(data, feature) } else { Test::Nobody },
            variants: Variants::compile(&data.variants, group, by),
        }
    }

    /// Whether it lets the context in.
    #[inline]
    pub(crate) fn lets_in<C: Fields>(&self, context: &C, moment: Moment) -> bool {
        self.test.holds(context, moment) && self.constraints.iter().all(|constraint| constraint.holds(context, moment))
    }
}

impl Test {
    fn compile(data: &model::Strategy, feature: &str) -> Self {
        let parameter = |name: &str| data.parameters.get(name).map(String::as_str);
        let items = |name: &str| parameter(name).unwrap_or_default().split(',').map(str::trim);
        let share = |percentage: &str, by, group: Option<&str>| match parameter(percentage).map(str::parse) {
            Some(Ok(percentage)) => Self::Share(Box::new(Rollout {
                percentage,
                by,
                prefix: Prefix::new(group.unwrap_or(feature), ROLLOUT_SEED),
            })),
            _ => Self::Nobody,
        };
        let group = parameter("groupId");
        match data.name.as_str() {
            "default" => Self::Everybody,
            "flexibleRollout" => {
                let group = group.filter(|group| !group.is_empty());
                share("rollout", Stickiness::named(parameter("stickiness")), group)
            }
            "gradualRolloutUserId" if group.is_some() => share("percentage", Stickiness::By(Field::UserId), group),
            "gradualRolloutSessionId" if group.is_some() => {
                share("percentage", Stickiness::By(Field::SessionId), group)
            }
            "gradualRolloutRandom" => {
                parameter("percentage").and_then(|text| text.parse().ok()).map_or(Self::Nobody, Self::Chance)
            }
            "userWithId" => Self::Users(items("userIds").filter(|id| !id.is_empty()).collect()),
            "remoteAddress" => Self::Addresses(items("IPs").filter_map(|text| range(text).ok()).collect()),
            "applicationHostname" => {
                let lower: Vec<String> = items("hostNames").map(str::to_lowercase).collect();
                let names = lower.iter().map(String::as_str).filter(|name| !name.is_empty());
                Self::Hosts(Field::named("hostname"), names.collect())
            }
            // A custom strategy is known to the SDKs that were given it, never here.
            _ => Self::Nobody,
        }
    }

    #[inline]
    fn holds<C: Fields>(&self, context: &C, moment: Moment) -> bool {
        match self {
            Self::Everybody => true,
            Self::Nobody => false,
            Self::Share(rollout) => rollout.lets_in(context, moment),
            Self::Chance(percentage) => rolled(moment.chance, ROLLOUT_SEED, 100).is_some_and(|at| at <= *percentage),
            Self::Users(ids) => context.field(&Field::UserId).is_some_and(|id| ids.contains(&id)),
            Self::Addresses(ranges) => context
                .field(&Field::RemoteAddress)
                .and_then(|text| text.parse::<IpAddr>().ok())
                .is_some_and(|address| ranges.iter().any(|range| range.contains(&address))),
            Self::Hosts(field, names) => context.field(field).is_some_and(|name| names.contains(&name.to_lowercase())),
        }
    }
}

impl Rollout {
    #[inline]
    fn lets_in<C: Fields>(&self, context: &C, moment: Moment) -> bool {
        let at = match self.by.draw(context) {
            Draw::Id(id) => self.prefix.normalised(&id, 100),
            Draw::Chance => rolled(moment.chance, ROLLOUT_SEED, 100),
            Draw::Nothing => None,
        };
        at.is_some_and(|at| at <= self.percentage)
    }
}

impl Stickiness {
    pub(crate) fn named(name: Option<&str>) -> Self {
        match name {
            None | Some("" | "default") => Self::Default,
            Some("random") => Self::Random,
            Some(field) => Self::By(Field::named(field)),
        }
    }

    #[inline]
    pub(crate) fn draw<'c, C: Fields>(&self, context: &'c C) -> Draw<'c> {
        match self {
            Self::Default => context
                .field(&Field::UserId)
                .or_else(|| context.field(&Field::SessionId))
                .map_or(Draw::Chance, Draw::Id),
            Self::Random => Draw::Chance,
            Self::By(field) => context.field(field).map_or(Draw::Nothing, Draw::Id),
        }
    }
}

/// A number from 1 to `modulus` from what chance gave, independent for each `seed` (SplitMix64's finaliser).
#[inline]
pub(crate) fn rolled(chance: u64, seed: u32, modulus: u32) -> Option<u32> {
    let mut mixed = chance.wrapping_add(u64::from(seed).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    let rest = (mixed ^ mixed >> 31).checked_rem(u64::from(modulus))?;
    u32::try_from(rest + 1).ok()
}
