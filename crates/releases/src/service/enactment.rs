//! Writes a decision down: the release, its evidence, the comparison, the words and the flag, in one batch.

use db::{Batch, Statement};
use flags::Change;
use flags::model::{Cause, Subject};
use flags::service::ConfiguredFlag;
use kernel::{IncidentId, Timestamp};
use metrics::model::WINDOW;
use metrics::{ComparedArms, Metrics};

use super::Releases;
use crate::compile::{expectation, instructions, is_in_place};
use crate::enact::{Move, enact};
use crate::error::Error;
use crate::judging::{EvidencePoint, Judging};
use crate::model::{HoldReason, Release};
use crate::store::{self, decision::NewDecision};

/// A decision that is to be written down.
pub(crate) struct Enactment<'a> {
    /// The release as the decision saw it.
    pub(crate) before: &'a Release,
    /// The flag as the decision saw it; `None` when it is gone.
    pub(crate) flag: Option<&'a ConfiguredFlag>,
    /// What the judge knew.
    pub(crate) judged: Option<Judged>,
    /// What is done.
    pub(crate) what: Move,
    /// Who, when, why.
    pub(crate) decision: NewDecision,
    /// The incident from which it was done.
    pub(crate) incident: Option<IncidentId>,
    /// The right to write, of the reconciler.
    pub(crate) fence: Option<Statement>,
}

/// What the judge knows, and what was known when it was read.
pub(crate) struct Judged {
    /// Windows before this instant had been folded when it was read.
    pub(crate) seen: Timestamp,
    /// The evidence.
    pub(crate) judging: Judging,
    /// What was folded since.
    pub(crate) points: Vec<EvidencePoint>,
}

impl Judged {
    /// Everything that keeps it: the state, the points for the chart, and that these windows may be merged.
    pub(crate) fn keep(&self, release: &Release) -> Vec<Statement> {
        let mut statements = vec![store::judgement::update(&release.id, self.seen, &self.judging)];
        let points = self.points.iter().map(|point| store::judgement::add_point(&release.id, &release.plan, point));
        statements.extend(points);
        statements.push(Metrics::judged(release.id.as_str(), self.judging.until));
        statements
    }
}

impl Releases {
    /// What the judge makes of the windows that were closed since; `None` when nothing is compared yet.
    pub(crate) async fn judged(&self, release: &Release) -> Result<Option<Judged>, Error> {
        let Some(mut judging) = store::judgement::get(&self.db, &release.id).await? else { return Ok(None) };
        let seen = judging.until;
        let closed = self.metrics.windows(release.id.as_str(), seen).await?;
        let points = closed.map(|closed| judging.fold(&release.plan, &closed)).unwrap_or_default();
        Ok(Some(Judged { seen, judging, points }))
    }

    /// Writes the decision down, and gives the release as it is then.
    pub(crate) async fn enact(&self, enactment: Enactment<'_>) -> Result<Release, Error> {
        let Enactment { before, flag, judged, what, decision, incident, fence } = enactment;
        let after = enact(before, what, &decision.sentence, decision.at);
        let changes = changes(before, &after, what, flag)?;
        let mut batch: Batch = fence.into_iter().collect();
        batch.push(store::release::update(&after, before.version));
        let at = (after.progress.decisions, after.progress.step);
        batch.push(store::decision::insert(&after.id, at, &decision, !changes.is_empty()));
        let judged_until = judged.as_ref().map_or(decision.at, |judged| judged.judging.until);
        let compared = comparison(Some((before, judged_until)), &after, decision.at);
        if let Some(judged) = judged {
            batch.extend(moved(judged, before, &after, what).keep(&after));
        }
        batch.extend(compared);
        batch.push(db::sequence::advance("release"));
        let Some(flag) = flag.filter(|_| !changes.is_empty()) else {
            self.db.commit(batch).await?;
            return Ok(after);
        };
        let subject = Subject::Configuration(after.project.clone(), after.environment.clone(), after.flag.clone());
        let cause = Cause { release_id: Some(after.id.clone()), incident_id: incident, ..Cause::default() };
        let change = Change::new(decision.actor, subject, changes).comment(decision.sentence).cause(cause);
        self.flags.change(change.expected(Some(flag.version)).with(batch)).await?;
        Ok(after)
    }
}

/// What is to change of the flag.
fn changes(
    before: &Release,
    after: &Release,
    what: Move,
    flag: Option<&ConfiguredFlag>,
) -> Result<Vec<flags::instruction::Instruction>, Error> {
    if matches!(what, Move::Hold { .. } | Move::Extend { .. }) {
        return Ok(Vec::new());
    }
    let in_place = in_place(before, flag);
    match (what, flag) {
        // Whoever changed the flag decided what it serves: an aborted release leaves it so.
        (Move::Abort, _) if !in_place => Ok(Vec::new()),
        (Move::RollBack, Some(flag)) if !in_place => Err(Error::EditedByHand { by: flag.version }),
        (_, None) => Err(Error::NotFound("flag")),
        (_, Some(flag)) => Ok(instructions(after, &flag.configuration, &expectation(after))),
    }
}

/// What the judge knows once the release has moved.
fn moved(mut judged: Judged, before: &Release, after: &Release, what: Move) -> Judged {
    let broken = before.progress.hold.as_ref().is_some_and(|hold| hold.reason == HoldReason::SplitBroken);
    match what {
        Move::Advance { .. } | Move::Complete { .. } => judged.judging.enter_step(&after.plan, after.progress.step),
        Move::Resume if broken => judged.judging.mend_split(),
        _ => {}
    }
    judged
}

/// Opens, steps or closes the comparison, as the release's move asks; in the batch of the flag's change. `before` is the
/// release as it was, with the instant before which its windows were folded.
pub(super) fn comparison(before: Option<(&Release, Timestamp)>, after: &Release, now: Timestamp) -> Vec<Statement> {
    let (id, plan) = (after.id.as_str(), &after.plan);
    let compared = |release: &Release| release.state.is_open() && plan.is_compared_at(release.progress.step);
    let was = before.filter(|(before, _)| compared(before));
    match (was, compared(after)) {
        (None, true) => {
            let from = now.floor(WINDOW);
            let judging = Judging::start(plan, after.progress.step, from);
            let open = Metrics::open(id, &after.place(), &after.flag, &arms(after), now);
            vec![open, store::judgement::start(&after.id, &judging)]
        }
        (Some((before, judged_until)), true) if before.progress.step != after.progress.step => {
            vec![Metrics::step(id, judged_until)]
        }
        (Some(_), false) => vec![Metrics::close(id, now)],
        _ => Vec::new(),
    }
}

fn arms(release: &Release) -> ComparedArms {
    let variation = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
    let plan = &release.plan;
    ComparedArms {
        treatment: variation(plan.treatment),
        control: variation(plan.control),
        context_kind: plan.context_kind.clone(),
        metrics: plan.metrics.clone(),
    }
}

/// Whether the flag does what the release made it do.
pub(crate) fn in_place(release: &Release, flag: Option<&ConfiguredFlag>) -> bool {
    flag.is_some_and(|flag| is_in_place(release, &flag.configuration, &expectation(release)))
}
