//! What this crate's tests share: a release of `checkout` from `off` (1) to `on` (0) along the standard pipeline.

use flags::model::{Clause, Configuration, Operator, Rule, Serve};
use kernel::{
    Actor, ActorKind, ContextKind, EnvironmentKey, FlagKey, MetricKey, PipelineKey, ProjectKey, ReleaseId, Timestamp,
};
use metrics::{Arm, ComparedMetric, Counted, WindowRow};
use statistics::Tolerance;

use crate::enact::{Move, enact};
use crate::model::{Guard, OnRegression, Original, PipelineBody, Plan, Progress, Release, ReleaseState};

pub(crate) fn person() -> Actor {
    Actor { kind: ActorKind::Person, id: "per_1".to_owned(), name: "Ann".to_owned() }
}

/// Off, with a rule of somebody else.
pub(crate) fn configuration() -> Configuration {
    let clause = Clause {
        context_kind: ContextKind::user(),
        attribute: "country".to_owned(),
        op: Operator::In,
        values: vec!["CH".into()],
        negate: false,
    };
    let rule = Rule {
        id: "swiss".to_owned(),
        description: String::new(),
        clauses: vec![clause],
        serve: Serve::Variation(1),
        track_events: false,
    };
    Configuration {
        rules: vec![rule],
        fallthrough: Serve::Variation(0),
        off_variation: Some(1),
        salt: "salt".to_owned(),
        ..Configuration::initial(&flags::model::Flag::boolean("Checkout"))
    }
}

pub(crate) fn plan() -> Plan {
    Plan {
        pipeline: PipelineKey::new("standard").unwrap(),
        steps: PipelineBody::standard().steps,
        notes: Vec::new(),
        treatment: 0,
        control: 1,
        treatment_name: "on".to_owned(),
        control_name: "off".to_owned(),
        seed: 61,
        context_kind: ContextKind::user(),
        guards: vec![Guard {
            metric: MetricKey::new("payment-failed").unwrap(),
            weight: 1.0,
            tolerance: Tolerance::default(),
            on_regression: OnRegression::RollBack,
        }],
        metrics: compared_metrics(),
        alpha: 0.01,
        service: None,
        deployment: None,
        original: Original { on: false, fallthrough: Serve::Variation(0) },
        recovery_seconds: 120,
        comment: "Try it.".to_owned(),
        started_by: person(),
    }
}

pub(crate) fn compared_metrics() -> Vec<ComparedMetric> {
    vec![ComparedMetric { key: MetricKey::new("payment-failed").unwrap(), event_key: "payment-failed".to_owned() }]
}

/// At its first step, the segment.
pub(crate) fn release() -> Release {
    let now = Timestamp::from_secs(1_800_000_000);
    Release {
        id: ReleaseId::from_stored("rel_1"),
        project: ProjectKey::new("shop").unwrap(),
        environment: EnvironmentKey::new("production").unwrap(),
        flag: FlagKey::new("checkout").unwrap(),
        state: ReleaseState::Walking,
        version: 1,
        created_at: now,
        ended_at: None,
        plan: plan(),
        progress: Progress::begin(now),
    }
}

/// At another step: 1 is 1 %, 2 is 10 %, 3 is 50 %, 4 is everyone.
pub(crate) fn release_at(step: usize) -> Release {
    let start = release();
    enact(&start, Move::Advance { to: step }, "", start.created_at)
}

/// A row of a window of one second; `counted` is a metric, or empty for new units.
pub(crate) fn row(counted: &str, arm: Arm, start: Timestamp, n: u64, k: u64) -> WindowRow {
    let counted = match counted {
        "" => Counted::NewUnits,
        metric => Counted::Metric(MetricKey::new(metric).unwrap()),
    };
    WindowRow { counted, arm, start, finish: start.plus(metrics::model::WINDOW), n, k }
}

/// What the judge says after windows of a kind, at the 1 % step.
pub(crate) mod judgement {
    use statistics::Judgement;

    use super::*;
    use crate::judging::Judging;

    /// Windows of `(new users, units, bad)` of control and treatment.
    fn after(windows: u32, control: (u64, u64, u64), treatment: (u64, u64, u64)) -> Judgement {
        let plan = plan();
        let start = Timestamp::from_secs(1_000);
        let mut judging = Judging::start(&plan, 1, start);
        let rows = (0..windows).flat_map(|n| {
            let at = start.plus(metrics::model::WINDOW * n);
            let arm = |arm, (new, n, k)| [row("", arm, at, new, 0), row("payment-failed", arm, at, n, k)];
            arm(Arm::Control, control).into_iter().chain(arm(Arm::Treatment, treatment))
        });
        let rows = rows.filter(|row| row.n > 0).collect();
        judging.fold(&plan, &metrics::ClosedWindows { until: start.plus(metrics::model::WINDOW * windows), rows });
        judging.judge(&plan, 1)
    }

    pub(crate) fn healthy() -> Judgement {
        after(100, (99, 99, 0), (1, 1, 0))
    }

    pub(crate) fn regressed() -> Judgement {
        after(10, (198, 198, 1), (2, 2, 1))
    }

    pub(crate) fn suspect() -> Judgement {
        after(2, (198, 198, 1), (2, 2, 1))
    }

    pub(crate) fn telemetry_lost() -> Judgement {
        after(60, (0, 0, 0), (0, 0, 0))
    }

    pub(crate) fn too_few_units() -> Judgement {
        after(5, (99, 99, 0), (1, 1, 0))
    }

    pub(crate) fn split_broken() -> Judgement {
        after(10, (100, 100, 0), (50, 50, 0))
    }

    #[test]
    fn each_is_what_it_is_called() {
        use statistics::Verdict;
        let verdicts = [healthy(), regressed(), suspect(), telemetry_lost(), too_few_units(), split_broken()];
        let expected = [
            Verdict::Healthy,
            Verdict::Regressed,
            Verdict::Suspect,
            Verdict::Unknown,
            Verdict::Unknown,
            Verdict::Unknown,
        ];
        assert_eq!(verdicts.map(|judgement| judgement.verdict), expected);
    }
}
