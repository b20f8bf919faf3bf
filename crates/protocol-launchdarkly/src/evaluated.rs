//! What client-side SDKs are given: every flag that they may see, evaluated for their context (`launchdarkly.md` §1.4).

use std::hash::{DefaultHasher, Hash, Hasher};

use delivery::{EnvironmentSnapshot, Memberships};
use evaluation::{Audience, Context, Flag, Reason};
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::client::Told;

/// One flag as it came out. False and absent members are left out; a null value means the default in the code.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Evaluated<'s> {
    #[serde(skip)]
    pub(crate) key: &'s str,
    pub(crate) value: Option<&'s Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) variation: Option<u32>,
    /// The place in the log up to which it holds: SDKs take what is newer. The second generation says it beside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<i64>,
    /// What events name.
    pub(crate) flag_version: u64,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) track_events: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) track_reason: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<Reason<'s>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) debug_events_until_date: Option<u64>,
    /// Its own prerequisites that were looked at, in order: SDKs send their events too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) prerequisites: Vec<&'s str>,
}

/// All flags that `audience` may see, in the order of their keys, for one context. A reason is there when somebody asked for
/// it, or when its event must carry it.
pub(crate) fn all<'s>(
    snapshot: &'s EnvironmentSnapshot,
    audience: Audience,
    whom: (&'s Context, &'s Memberships),
    with_reasons: bool,
) -> Vec<Evaluated<'s>> {
    these(snapshot.compiled().flags(), snapshot, audience, whom, with_reasons)
}

/// The same of some of the snapshot's flags.
pub(crate) fn these<'s>(
    flags: impl Iterator<Item = &'s Flag>,
    snapshot: &'s EnvironmentSnapshot,
    audience: Audience,
    (context, memberships): (&'s Context, &'s Memberships),
    with_reasons: bool,
) -> Vec<Evaluated<'s>> {
    let version = Some(snapshot.compiled_seq().0);
    let seen = flags.filter(|flag| audience.sees(flag));
    let states = seen.map(|flag| snapshot.compiled().state(flag, context, memberships));
    let evaluated = states.map(|state| Evaluated {
        key: state.flag.key(),
        value: state.evaluation.value,
        variation: state.evaluation.variation_index,
        version,
        flag_version: state.flag.version(),
        track_events: state.track_events(),
        track_reason: state.track_reason(),
        reason: (with_reasons || state.track_reason()).then_some(state.evaluation.reason),
        debug_events_until_date: state.flag.debug_events_until_date(),
        prerequisites: state.prerequisites,
    });
    evaluated.collect()
}

impl Evaluated<'_> {
    /// Stands for all that an SDK would notice. The versions are not of it, so that a change which alters nothing for this
    /// context is not sent; but where each evaluation sends an event, since that names the flag's version.
    ///
    /// Each stream asks for it of every flag at every change, so nothing is written down on the way but a rare reason.
    pub(crate) fn digest(&self) -> u64 {
        let Self { key: _, value, variation, version: _, flag_version, track_events, track_reason, .. } = self;
        let mut hasher = DefaultHasher::new();
        (value, variation, track_events, track_reason).hash(&mut hasher);
        (self.debug_events_until_date, &self.prerequisites, track_events.then_some(flag_version)).hash(&mut hasher);
        if let Some(reason) = &self.reason {
            serde_json::to_vec(reason).expect("a reason always serialises").hash(&mut hasher);
        }
        hasher.finish()
    }
}

/// `{key: evaluated}`: the body of a poll, the data of a `put`.
pub(crate) struct AsMap<'a, 's>(pub(crate) &'a [Evaluated<'s>]);

impl Serialize for AsMap<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|evaluated| (evaluated.key, evaluated)))
    }
}

/// Weak, because the bytes name a version that moves on by itself.
pub(crate) fn etag(flags: &[Evaluated<'_>]) -> String {
    format!("W/\"{:016x}\"", Told::all(flags).digest())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn evaluated(value: &Value) -> Evaluated<'_> {
        Evaluated {
            key: "a",
            value: Some(value),
            variation: Some(1),
            version: Some(9),
            flag_version: 7,
            track_events: false,
            track_reason: false,
            reason: None,
            debug_events_until_date: None,
            prerequisites: vec![],
        }
    }

    #[test]
    fn what_is_false_or_absent_is_left_out() {
        let value = json!(true);
        let mut flag = evaluated(&value);
        let plain = json!({"value": true, "variation": 1, "version": 9, "flagVersion": 7});
        assert_eq!(serde_json::to_value(&flag).unwrap(), plain);
        flag.prerequisites = vec!["b"];
        flag.track_events = true;
        let map = serde_json::to_value(AsMap(&[flag.clone()])).unwrap();
        let full = json!({"value": true, "variation": 1, "version": 9, "flagVersion": 7, "trackEvents": true, "prerequisites": ["b"]});
        assert_eq!(map, json!({ "a": full }));
        let nothing = Evaluated { value: None, variation: None, ..evaluated(&value) };
        assert_eq!(serde_json::to_value(&nothing).unwrap(), json!({"value": null, "version": 9, "flagVersion": 7}));
    }

    #[test]
    fn versions_are_noticed_only_where_events_name_them() {
        let value = json!("x");
        let flag = evaluated(&value);
        let later = Evaluated { version: Some(10), flag_version: 8, ..flag.clone() };
        assert_eq!(flag.digest(), later.digest());
        assert_eq!(etag(std::slice::from_ref(&flag)), etag(std::slice::from_ref(&later)));
        let tracked = Evaluated { track_events: true, ..flag.clone() };
        assert_ne!(flag.digest(), tracked.digest());
        assert_ne!(tracked.digest(), Evaluated { flag_version: 8, ..tracked.clone() }.digest());
        assert_eq!(tracked.digest(), Evaluated { version: Some(10), ..tracked.clone() }.digest());
        let other = json!("y");
        assert_ne!(flag.digest(), Evaluated { value: Some(&other), ..flag.clone() }.digest());
    }
}
