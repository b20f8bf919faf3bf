//! The features of an environment, compiled once and evaluated many times.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::context::{Context, Fields, Moment, Translated};
use super::model::{self, ClientFeatures};
use super::strategy::{Stickiness, Strategy};
use super::variant::{Variant, Variants};

/// Features, immutable and shareable between threads.
///
/// ```
/// use evaluation::unleash::{Context, Features, Moment, model::ClientFeatures};
///
/// let data = ClientFeatures::from_json(
///     r#"{"version": 2, "features": [{"name": "new-ui", "enabled": true, "strategies": [
///         {"name": "userWithId", "parameters": {"userIds": "ada, bob"}}]}]}"#,
/// )?;
/// let features = Features::compile(&data);
/// let context = Context { user_id: Some("ada".to_owned()), ..Context::default() };
/// assert!(features.evaluate("new-ui", &context, Moment::default()).is_some_and(|outcome| outcome.is_on()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Features {
    list: Vec<Feature>,
    /// Names come from administrators, so a fixed hash seed is no weakness.
    by_name: HashMap<Box<str>, u32, FixedState>,
}

/// A compiled feature.
#[derive(Debug)]
struct Feature {
    name: Box<str>,
    enabled: bool,
    strategies: Box<[Strategy]>,
    variants: Variants,
    dependencies: Box<[Dependency]>,
}

#[derive(Debug)]
struct Dependency {
    /// The parent's index, if it exists.
    parent: Option<u32>,
    enabled: bool,
    variants: Box<[Box<str>]>,
}

/// What an evaluation came to.
#[derive(Clone, Copy, Debug)]
pub struct Outcome<'f> {
    /// Whether the feature is on for the context, and why.
    pub verdict: Verdict,
    /// What the context gets, if it is on and there are variants.
    pub variant: Option<&'f Variant>,
}

/// Why a feature is on or off for a context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Off for everybody.
    Disabled,
    /// The dependency at this index is not as it must be.
    DependencyFailed(usize),
    /// There are strategies, and none lets the context in.
    NoStrategy,
    /// On for everybody: there are no strategies.
    Everybody,
    /// The strategy at this index lets the context in.
    Strategy(usize),
}

impl Outcome<'_> {
    /// Whether the feature is on for the context.
    pub fn is_on(&self) -> bool {
        matches!(self.verdict, Verdict::Everybody | Verdict::Strategy(_))
    }
}

impl Features {
    /// Compiles features. Nothing is refused: what cannot be read never holds. Of two of one name the last counts.
    pub fn compile(data: &ClientFeatures) -> Self {
        let segments = data.segments.iter().map(|segment| (segment.id, segment)).collect();
        let by_name: HashMap<_, _, _> =
            data.features.iter().zip(0..).map(|(feature, at)| (feature.name.as_str().into(), at)).collect();
        let list = data.features.iter().map(|feature| Feature::compile(feature, &segments, &by_name)).collect();
        Self { list, by_name }
    }

    /// Evaluates a feature for a context; `None` if there is no such feature.
    #[inline]
    pub fn evaluate(&self, name: &str, context: &Context, moment: Moment) -> Option<Outcome<'_>> {
        self.find(name).map(|feature| self.outcome(feature, context, moment))
    }

    /// Evaluates a feature for a LaunchDarkly context, seen through Unleash's field names: the user's key is `userId`,
    /// `ip` is `remoteAddress`, and what has no name in Unleash is a property.
    #[inline]
    pub fn evaluate_for(&self, name: &str, context: &crate::Context, moment: Moment) -> Option<Outcome<'_>> {
        self.find(name).map(|feature| self.outcome(feature, &Translated::new(context), moment))
    }

    /// Why the feature at this index is on or off for a LaunchDarkly context, at the context's moment.
    #[inline]
    pub(crate) fn verdict_for(&self, index: u32, context: &crate::Context) -> Verdict {
        let feature = self.list.get(index as usize);
        let outcome = feature.map(|feature| self.outcome(feature, &Translated::new(context), context.moment()));
        outcome.map_or(Verdict::Disabled, |outcome| outcome.verdict)
    }

    /// The names of all features, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.list.iter().map(|feature| &*feature.name)
    }

    #[inline]
    fn find(&self, name: &str) -> Option<&Feature> {
        self.by_name.get(name).and_then(|index| self.list.get(*index as usize))
    }

    #[inline]
    fn outcome<'f, C: Fields>(&'f self, feature: &'f Feature, context: &C, moment: Moment) -> Outcome<'f> {
        if feature.enabled
            && let Some(failed) = feature.dependencies.iter().position(|one| !self.is_met(one, context, moment))
        {
            return Outcome { verdict: Verdict::DependencyFailed(failed), variant: None };
        }
        feature.outcome(context, moment)
    }

    /// One level deep: a parent that depends on others itself satisfies nobody.
    fn is_met<C: Fields>(&self, dependency: &Dependency, context: &C, moment: Moment) -> bool {
        let Some(parent) = dependency.parent.and_then(|index| self.list.get(index as usize)) else { return false };
        if !parent.dependencies.is_empty() {
            return false;
        }
        let outcome = parent.outcome(context, moment);
        match dependency.enabled {
            false => !outcome.is_on(),
            true if dependency.variants.is_empty() => outcome.is_on(),
            true => {
                // A feature that is on and has no variant answers with this one.
                let came_to = outcome.variant.map_or("disabled", Variant::name);
                outcome.is_on() && dependency.variants.iter().any(|name| **name == *came_to)
            }
        }
    }
}

impl Feature {
    fn compile(
        data: &model::Feature,
        segments: &HashMap<i64, &model::Segment>,
        by_name: &HashMap<Box<str>, u32, FixedState>,
    ) -> Self {
        let stickiness = data.variants.first().and_then(|variant| variant.stickiness.as_deref());
        let dependencies = data.dependencies.iter().map(|one| Dependency {
            parent: by_name.get(one.feature.as_str()).copied(),
            enabled: one.enabled.unwrap_or(true),
            variants: one.variants.iter().map(|name| name.as_str().into()).collect(),
        });
        Self {
            name: data.name.as_str().into(),
            enabled: data.enabled,
            strategies: data.strategies.iter().map(|one| Strategy::compile(one, &data.name, segments)).collect(),
            variants: Variants::compile(&data.variants, &data.name, Stickiness::named(stickiness)),
            dependencies: dependencies.collect(),
        }
    }

    /// Apart from dependencies.
    #[inline]
    fn outcome<C: Fields>(&self, context: &C, moment: Moment) -> Outcome<'_> {
        let off = |verdict| Outcome { verdict, variant: None };
        if !self.enabled {
            return off(Verdict::Disabled);
        }
        if self.strategies.is_empty() {
            return Outcome { verdict: Verdict::Everybody, variant: self.variants.choose(context, moment) };
        }
        // Each strategy draws for itself.
        let matched = (0_u64..).zip(&self.strategies).position(|(at, one)| one.lets_in(context, moment.at(at)));
        let Some(at) = matched else { return off(Verdict::NoStrategy) };
        let own = &self.strategies[at].variants;
        let variants = if own.is_empty() { &self.variants } else { own };
        Outcome { verdict: Verdict::Strategy(at), variant: variants.choose(context, moment) }
    }
}

impl Moment {
    /// The same moment with another draw, for the strategy at `index`.
    fn at(self, index: u64) -> Self {
        Self { chance: self.chance ^ index.wrapping_mul(0xD1B5_4A32_D192_ED03), ..self }
    }
}
