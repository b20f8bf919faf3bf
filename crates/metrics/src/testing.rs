//! What this crate's tests share.

use std::borrow::Cow;

use kernel::{ContextKind, EnvironmentKey, FlagKey, MetricKey, ProjectKey, Timestamp};

use crate::model::{ComparedArms, ComparedMetric, Comparison, Place};

pub(crate) fn place() -> Place {
    Place { project: ProjectKey::new("shop").unwrap(), environment: EnvironmentKey::new("production").unwrap() }
}

pub(crate) fn metric_key(key: &str) -> MetricKey {
    MetricKey::new(key).unwrap()
}

pub(crate) fn arms() -> ComparedArms {
    ComparedArms {
        treatment: 1,
        control: 0,
        context_kind: ContextKind::user(),
        metrics: vec![ComparedMetric { key: metric_key("failed-payments"), event_key: "payment-failed".to_owned() }],
    }
}

/// Flag `checkout` in [`place`], variation 1 against 0, since version 10.
pub(crate) fn comparison() -> Comparison {
    Comparison {
        id: "rel_1".to_owned(),
        place: place(),
        flag: FlagKey::new("checkout").unwrap(),
        arms: arms(),
        since_version: 10,
        step_version: 10,
        cursor: 0,
        closed_until: Timestamp::EPOCH,
        judged_until: Timestamp::EPOCH,
        halvings: 0,
    }
}

pub(crate) fn contexts(user: &'static str) -> Vec<(Cow<'static, str>, Cow<'static, str>)> {
    vec![("user".into(), user.into())]
}
