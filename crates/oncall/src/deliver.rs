//! What becomes of a page when its provider takes it, or does not.

use std::time::Duration;

use kernel::{Actor, Timestamp};

use crate::effect::{Effect, PageOutcome};
use crate::model::{ContactMethodId, Entry, EventKind, Incident, Page, PageState, PlannedPage};

const FIRST_RETRY: Duration = Duration::from_secs(1);
const LONGEST_RETRY: Duration = Duration::from_mins(1);

/// How long to wait after so many failed attempts (from 1): 1 s, 2 s, 4 s … up to a minute, each up to a quarter longer by `chance`.
pub fn backoff(failed: u32, chance: u64) -> Duration {
    let doubled = FIRST_RETRY.saturating_mul(1 << failed.saturating_sub(1).min(6));
    let base = doubled.min(LONGEST_RETRY.mul_f64(0.8));
    base + base.mul_f64(0.25 * (chance as f64 / u64::MAX as f64))
}

/// What is known when an attempt has ended.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// What the page is about.
    pub incident: &'a Incident,
    /// The page, as it was before the attempt ended.
    pub page: &'a Page,
    /// Whom it is for, by name.
    pub name: &'a str,
    /// By which way, as `e-mail to ada@example.com`.
    pub way: &'a str,
    /// When the attempt ended.
    pub now: Timestamp,
}

/// The provider took it.
///
/// Somebody may have acknowledged while it was under way; then it says so, since it reaches them all the same.
pub fn sent(attempt: Attempt<'_>) -> Effect {
    let Attempt { incident, page, name, way, now } = attempt;
    let mut effect = Effect::on(incident.clone());
    effect.incident.times.paged.get_or_insert(now);
    let tries = if page.attempts == 0 { String::new() } else { format!(" at attempt {}", page.attempts + 1) };
    let late = if page.state == PageState::Cancelled { ", too late to call it off" } else { "" };
    let sentence = format!("{name} was told by {way}{tries}{late}.");
    effect.write(Entry::new(now, EventKind::Page, Actor::system(), sentence).page(page.id.clone()));
    effect.page = Some(PageOutcome::Sent { page: page.id.clone(), at: now });
    effect
}

/// What else is known when an attempt has failed.
#[derive(Clone, Copy, Debug)]
pub struct Failure<'a> {
    /// Why.
    pub error: &'a str,
    /// The person's contact methods, first choice first.
    pub methods: &'a [ContactMethodId],
    /// The pages of the incident so far.
    pub pages: &'a [Page],
}

/// The provider did not take it: it will be tried again, and the first failure also tries the person's next method.
///
/// When everything that the step could try has failed at least once, the next level of the round is not made to wait
/// (`oncall.md` §3.7): its turn comes now.
pub fn failed(attempt: Attempt<'_>, failure: Failure<'_>) -> Effect {
    let Attempt { incident, page, name, way, now } = attempt;
    let mut effect = Effect::on(incident.clone());
    effect.page = Some(PageOutcome::Failed { page: page.id.clone(), error: failure.error.to_owned() });
    let still_needed = incident.is_open() && incident.acknowledgement.is_none() && incident.times.recovered.is_none();
    if page.attempts > 0 || !still_needed {
        return effect;
    }
    let sentence = format!("{name} could not be told by {way}: {}. It is tried again and again.", failure.error);
    effect.write(Entry::new(now, EventKind::Page, Actor::system(), sentence).page(page.id.clone()));
    if let Some(method) = next_method(page, &failure) {
        let sentence = format!("{name}'s next contact method is tried as well.");
        effect.write(Entry::new(now, EventKind::Page, Actor::system(), sentence));
        let person = page.person.clone();
        effect.pages.push(PlannedPage { person, contact_method: method, step: page.step });
    } else if step_failed(incident, page, failure.pages) && incident.progress.next_at.is_some_and(|at| at > now) {
        effect.incident.progress.next_at = Some(now);
        let sentence =
            format!("Nobody of level {} could be told; the next level is not made to wait.", page.step.level);
        effect.write(Entry::new(now, EventKind::Passed, Actor::system(), sentence));
    }
    effect
}

/// The first method of the person, by choice, that has no page in this step yet.
fn next_method(page: &Page, failure: &Failure<'_>) -> Option<ContactMethodId> {
    let tried = |method: &ContactMethodId| {
        let same = |other: &&Page| other.step == page.step && other.person == page.person;
        failure.pages.iter().filter(same).any(|other| other.contact_method == *method)
    };
    failure.methods.iter().find(|method| !tried(method)).cloned()
}

/// Whether `page` was the last of the present step that had not failed yet, and a level of the same round follows.
fn step_failed(incident: &Incident, page: &Page, pages: &[Page]) -> bool {
    let current = incident.progress.last == Some(page.step);
    let follows = page.step.level < incident.policy.height();
    let others = pages.iter().filter(|other| other.step == page.step && other.id != page.id);
    current && follows && others.into_iter().all(|other| other.state == PageState::Queued && other.attempts > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Acknowledgement, Step};
    use crate::testing::{after, incident, page, person};

    fn methods() -> [ContactMethodId; 2] {
        [1, 2].map(|n| ContactMethodId::from_stored(format!("con_ada{n}")))
    }

    fn fail(incident: &Incident, page: &Page, pages: &[Page]) -> Effect {
        let attempt = Attempt { incident, page, name: "Ada", way: "e-mail to ada@example.com", now: after(5) };
        failed(attempt, Failure { error: "connection refused", methods: &methods(), pages })
    }

    fn paged_incident() -> Incident {
        let mut incident = incident();
        incident.progress.last = Some(Step { round: 0, level: 1 });
        incident.progress.next_at = Some(after(300));
        incident
    }

    #[test]
    fn waits_double_up_to_a_minute_and_never_exceed_it() {
        let seconds = |failed| backoff(failed, 0).as_secs();
        assert_eq!([1, 2, 3, 6, 7, 1_000].map(seconds), [1, 2, 4, 32, 48, 48]);
        assert_eq!(backoff(1_000, u64::MAX), Duration::from_mins(1));
    }

    #[test]
    fn the_first_failure_also_tries_the_next_contact_method_and_later_ones_are_quiet() {
        let first = page(1);
        let effect = fail(&paged_incident(), &first, std::slice::from_ref(&first));
        assert_eq!(effect.pages.iter().map(|page| page.contact_method.as_str()).collect::<Vec<_>>(), ["con_ada2"]);
        assert!(effect.entries[0].sentence.contains("connection refused"), "{:?}", effect.entries);
        let again = Page { attempts: 1, ..first };
        let quiet = fail(&paged_incident(), &again, std::slice::from_ref(&again));
        assert_eq!((quiet.pages.len(), quiet.entries.len()), (0, 0));
        assert!(matches!(quiet.page, Some(PageOutcome::Failed { .. })));
    }

    #[test]
    fn what_fails_after_somebody_acknowledged_tries_nothing_else() {
        let mut known = paged_incident();
        known.acknowledgement = Some(Acknowledgement { by: person("Ada"), at: after(4) });
        let effect = fail(&known, &page(1), &[page(1)]);
        assert_eq!((effect.pages.len(), effect.entries.len()), (0, 0));
    }

    #[test]
    fn when_nobody_of_a_level_could_be_told_the_next_level_does_not_wait() {
        let failed_before = Page { attempts: 3, ..page(2) };
        let effect = fail(&paged_incident(), &page(1), &[page(1), failed_before]);
        assert_eq!(effect.incident.progress.next_at, Some(after(5)));
        for other in [page(2), Page { state: PageState::Sent, ..page(2) }] {
            let effect = fail(&paged_incident(), &page(1), &[page(1), other]);
            assert_eq!(effect.incident.progress.next_at, Some(after(300)));
        }
    }

    #[test]
    fn the_last_level_of_a_round_keeps_its_delay_so_that_an_outage_does_not_burn_the_rounds() {
        let mut incident = paged_incident();
        let step = Step { round: 0, level: 2 };
        incident.progress.last = Some(step);
        let pages = [Page { step, ..page(1) }, Page { step, attempts: 1, ..page(2) }];
        assert_eq!(fail(&incident, &pages[0], &pages).incident.progress.next_at, Some(after(300)));
    }

    #[test]
    fn the_first_page_that_is_taken_starts_the_clock_of_acknowledgement() {
        let page = Page { attempts: 2, ..page(1) };
        let incident = paged_incident();
        let attempt = Attempt { incident: &incident, page: &page, name: "Ada", way: "e-mail", now: after(9) };
        let effect = sent(attempt);
        assert_eq!(effect.incident.times.paged, Some(after(9)));
        assert_eq!(effect.entries[0].sentence, "Ada was told by e-mail at attempt 3.");
        let later = sent(Attempt { incident: &effect.incident, now: after(99), ..attempt });
        assert_eq!(later.incident.times.paged, Some(after(9)));
    }
}
