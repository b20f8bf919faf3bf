//! What there is: releases, their decisions, and their evidence for the chart.

use std::collections::BTreeMap;
use std::time::Duration;

use kernel::{MetricKey, Page, PageRequest, ReleaseId, Timestamp};
use metrics::model::{MAX_UNITS, WINDOW};
use metrics::unit::BYTES_PER_UNIT;
use metrics::{Arm, Counted};
use serde::Serialize;
use statistics::Judgement;
use utoipa::ToSchema;

use super::Releases;
use crate::error::Error;
use crate::model::{DecisionRecord, Release};
use crate::store::{self, release::Filter};

/// At most so many points a guard.
const MOST_POINTS: u32 = 300;

/// What a release's guards have seen.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// Each guard, in the plan's order.
    pub guards: Vec<GuardEvidence>,
    /// What the judge says, whole; absent before anything was compared.
    #[schema(value_type = Option<Object>)]
    pub judgement: Option<Judgement>,
    /// What the judge says, in one sentence.
    pub sentence: Option<String>,
    /// How many units are remembered for it.
    pub units: UnitsView,
}

/// What one guard has seen.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GuardEvidence {
    /// Its metric.
    #[schema(value_type = String)]
    pub metric: MetricKey,
    /// The evidence at which it alone takes the release back.
    pub threshold: f64,
    /// The evidence of harm now.
    pub evidence: f64,
    /// How it came to that, from the beginning; stretches in which it saw nobody are left out.
    pub series: Vec<EvidenceSample>,
}

/// What a guard saw in one stretch of time.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EvidenceSample {
    /// When the stretch began.
    #[schema(value_type = String, format = DateTime)]
    pub start: Timestamp,
    /// Who keeps what was.
    pub control: Counts,
    /// Who gets what is new.
    pub treatment: Counts,
    /// The strongest evidence of harm in it; 1 says nothing.
    pub evidence: f64,
}

/// Units, and the bad ones among them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Counts {
    /// Units seen.
    pub n: u64,
    /// Units with their first bad outcome.
    pub k: u64,
}

/// What is remembered of units, and its bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UnitsView {
    /// Units that have met an arm; none any more some time after the end.
    pub count: i64,
    /// Memory that each takes.
    pub bytes_per_unit: usize,
    /// At most so many; beyond it a fair sample is kept.
    pub limit: usize,
}

impl Releases {
    /// One release.
    pub async fn release(&self, id: &ReleaseId) -> Result<Release, Error> {
        store::release::get(&self.db, id).await?.ok_or(Error::NotFound("release"))
    }

    /// Releases, the newest first.
    pub async fn releases(&self, filter: &Filter, page: &PageRequest) -> Result<Page<Release>, Error> {
        if let Some(place) = &filter.place {
            self.flags.environment(&place.project, &place.environment).await?;
        }
        let rows = store::release::list(&self.db, filter, page).await?;
        Ok(page.page(rows, |release| release.id.to_string()))
    }

    /// The decisions of a release, the first first.
    pub async fn decisions(&self, id: &ReleaseId, page: &PageRequest) -> Result<Page<DecisionRecord>, Error> {
        self.release(id).await?;
        let rows = store::decision::list(&self.db, id, page).await?;
        Ok(page.page(rows, |decision| decision.n.to_string()))
    }

    /// What the guards of a release have seen, in at most 300 points each.
    pub async fn evidence(&self, id: &ReleaseId) -> Result<Evidence, Error> {
        let release = self.release(id).await?;
        let judging = store::judgement::get(&self.db, id).await?;
        let judgement = judging.map(|judging| judging.judge(&release.plan, release.progress.step));
        let closed = self.metrics.windows(id.as_str(), Timestamp::EPOCH).await?;
        let mut samples = Samples::new(&release, self.now());
        for row in closed.into_iter().flat_map(|closed| closed.rows) {
            let Counted::Metric(metric) = &row.counted else { continue };
            let sample = samples.at(metric, row.start);
            let counts = if row.arm == Arm::Control { &mut sample.control } else { &mut sample.treatment };
            *counts = Counts { n: counts.n + row.n, k: counts.k + row.k };
        }
        for (metric, start, ln) in store::judgement::points(&self.db, id).await? {
            let sample = samples.at(&metric, start);
            sample.evidence = sample.evidence.max(statistics::Evidence::from_ln(ln).value());
        }
        let guards = release.plan.guards.iter().map(|guard| samples.guard(&guard.metric, &release, judgement.as_ref()));
        let guards = guards.collect();
        let count = self.metrics.count_units(id.as_str()).await?;
        let units = UnitsView { count, bytes_per_unit: BYTES_PER_UNIT, limit: MAX_UNITS };
        Ok(Evidence { guards, sentence: judgement.as_ref().map(ToString::to_string), judgement, units })
    }
}

/// Samples by metric and stretch.
struct Samples {
    width: Duration,
    by_metric: BTreeMap<MetricKey, BTreeMap<Timestamp, EvidenceSample>>,
}

impl Samples {
    /// Stretches so wide that the release so far has 300 of them; whole minutes once they are longer than one.
    fn new(release: &Release, now: Timestamp) -> Self {
        let span = release.ended_at.unwrap_or(now).since(release.created_at);
        let seconds = (span / MOST_POINTS).as_secs() + 1;
        let width = if seconds > 60 {
            Duration::from_mins(seconds.div_ceil(60))
        } else {
            WINDOW * u32::try_from(seconds).unwrap_or(1)
        };
        Self { width, by_metric: BTreeMap::new() }
    }

    fn at(&mut self, metric: &MetricKey, start: Timestamp) -> &mut EvidenceSample {
        let start = start.floor(self.width);
        let empty = EvidenceSample { start, control: Counts::default(), treatment: Counts::default(), evidence: 0.0 };
        self.by_metric.entry(metric.clone()).or_default().entry(start).or_insert(empty)
    }

    fn guard(&mut self, metric: &MetricKey, release: &Release, judgement: Option<&Judgement>) -> GuardEvidence {
        let mut series: Vec<_> = self.by_metric.remove(metric).unwrap_or_default().into_values().collect();
        // A window that was closed but not judged yet has the evidence of those before.
        let mut known = 1.0;
        for sample in &mut series {
            if sample.evidence > 0.0 {
                known = sample.evidence;
            }
            sample.evidence = known;
        }
        let reading =
            judgement.and_then(|judgement| judgement.guards.iter().find(|guard| guard.guard == metric.as_str()));
        let weights: f64 = release.plan.guards.iter().map(|guard| guard.weight).sum();
        let weight = release.plan.guards.iter().find(|guard| guard.metric == *metric).map_or(1.0, |guard| guard.weight);
        GuardEvidence {
            metric: metric.clone(),
            threshold: reading.map_or(weights / (weight * release.plan.alpha), |reading| reading.threshold),
            evidence: reading.map_or(1.0, |reading| reading.harm.value()),
            series,
        }
    }
}
