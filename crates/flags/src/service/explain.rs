//! Who gets what, and why: the snapshot that SDKs have, evaluated and explained.

use delivery::{EnvironmentSnapshot, Memberships, Place};
use evaluation::unleash::model::Payload;
use evaluation::{Context, Snapshot};
use kernel::{EnvironmentKey, FlagKey, PageRequest, ProjectKey};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{Error, FlagView, Flags};
use crate::Follower;
use crate::describe::quoted;
use crate::emit;
use crate::explain::{explain, members_note};
use crate::model::{Bucketing, VariantPayload};
use crate::readings::{Reading, readings, with_members};
use crate::steps::{Steps, steps};
use crate::store::flags::FlagFilter;

/// What a flag comes to, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    /// The flag.
    pub flag: FlagKey,
    /// What SDKs get; null for the caller's own default.
    pub value: Value,
    /// Which variation that is.
    pub variation_index: Option<usize>,
    /// What people call it.
    pub variation_name: Option<String>,
    /// In the words of SDKs.
    pub reason: Value,
    /// In plain words.
    pub explanation: String,
    /// By Unleash's rules: the variant that comes with being let in.
    pub variant: Option<ServedVariant>,
    /// How it went; told of one flag that was asked for by name, if SDKs have what is configured now.
    pub steps: Option<Steps>,
    /// What each family of SDKs makes of it; told of one flag that was asked for by name.
    pub readings: Vec<Reading>,
}

/// The variant that a context gets of a flag by Unleash's rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ServedVariant {
    /// What SDKs tell.
    pub name: String,
    /// What comes with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<VariantPayload>)]
    pub payload: Option<Payload>,
}

impl Flags {
    /// Evaluates one flag, or all of them, as SDKs of the environment would.
    pub async fn explain(
        &self,
        follower: &Follower,
        (project, environment): (&ProjectKey, &EnvironmentKey),
        context: &Context,
        only: Option<&FlagKey>,
    ) -> Result<Vec<Explained>, Error> {
        self.environment(project, environment).await?;
        // What the caller has just changed is to be seen.
        follower.refresh().await?;
        let place = Place { project: project.clone(), environment: environment.clone() };
        let snapshot = follower.snapshots().get(&place).ok_or(Error::NotFound("environment"))?;
        let views = match only {
            Some(flag) => vec![self.flag(project, flag).await?],
            None => self.every_flag(project, environment).await?,
        };
        let memberships = follower.snapshots().memberships(snapshot.compiled(), context).await;
        let whom = (context, &memberships);
        let explained = views.into_iter().filter_map(|view| {
            let details = only.and_then(|_| details(&snapshot, environment, whom, &view));
            let (steps, readings) = details.unwrap_or_default();
            Some(Explained { steps, readings, ..one(snapshot.compiled(), environment, whom, view)? })
        });
        Ok(explained.collect())
    }

    async fn every_flag(&self, project: &ProjectKey, environment: &EnvironmentKey) -> Result<Vec<FlagView>, Error> {
        let mut views = Vec::new();
        let mut page = PageRequest { after: None, limit: 1_000 };
        loop {
            let read = self.flags(project, Some(environment), &FlagFilter::default(), &page).await?;
            views.extend(read.items);
            match read.next {
                Some(next) => page.after = Some(next),
                None => return Ok(views),
            }
        }
    }
}

fn one(
    compiled: &Snapshot,
    environment: &EnvironmentKey,
    (context, memberships): (&Context, &Memberships),
    view: FlagView,
) -> Option<Explained> {
    let configured = view.environments.get(environment)?;
    let evaluation = compiled.evaluate(view.key.as_str(), context, memberships);
    let variant = variant(compiled, context, &view.key);
    let drawn = variant.as_ref().map(|one| format!(", with the variant {}", quoted(&one.name))).unwrap_or_default();
    let index = evaluation.variation_index.and_then(|index| usize::try_from(index).ok());
    Some(Explained {
        value: evaluation.value.cloned().unwrap_or(Value::Null),
        variation_index: index,
        variation_name: index.map(|index| view.flag.label(index)),
        reason: serde_json::to_value(evaluation.reason).expect("a reason is plain JSON"),
        explanation: explain(&view.flag, &configured.configuration, &evaluation.reason, index)
            + &drawn
            + members_note(evaluation.reason.big_segments_status),
        flag: view.key,
        variant,
        steps: None,
        readings: Vec::new(),
    })
}

/// What Unleash's SDKs would tell beside being let in.
fn variant(compiled: &Snapshot, context: &Context, key: &FlagKey) -> Option<ServedVariant> {
    let outcome = compiled.features().evaluate_for(key.as_str(), context, context.moment())?;
    outcome.variant.map(|one| ServedVariant { name: one.name().to_owned(), payload: one.payload().cloned() })
}

/// Steps and readings of one flag; `None` when it is not in the environment.
fn details(
    snapshot: &EnvironmentSnapshot,
    environment: &EnvironmentKey,
    (context, memberships): (&Context, &Memberships),
    view: &FlagView,
) -> Option<(Option<Steps>, Vec<Reading>)> {
    let configured = view.environments.get(environment)?;
    let compiled = snapshot.compiled();
    let trace = compiled.trace(view.key.as_str(), context, memberships)?;
    // Between the snapshot and the configuration somebody may have saved: then one has other rules than the other.
    let flag = compiled.flag(view.key.as_str())?;
    // Strategies are told by the explanation alone.
    let by_rules = view.flag.bucketing == Bucketing::LaunchDarkly;
    let is_told = by_rules && flag.has_steps() && flag.version() == emit::natural(configured.sdk_version);
    let steps = is_told.then(|| steps(&view.flag, &configured.configuration, &trace));
    let inexact = snapshot.unleash().left_out().get(view.key.as_str()).cloned();
    let readings = readings(&view.flag, snapshot.secure_mode(), trace.evaluation.value.is_some(), inexact);
    let asks_for_members = trace.evaluation.reason.big_segments_status.is_some();
    Some((steps, if asks_for_members { with_members(readings) } else { readings }))
}
