//! A payload of flags: evaluated without a panic; what an import takes of it, every SDK can read, and it evaluates as it did.

use evaluation::{Context, NoBigSegments, Payload, Snapshot};
use flags::emit;
use flags::import::{Details, Existing, Plan, Wish, plan};
use kernel::{FlagKey, Revision, SegmentKey};

use crate::front::place;
use crate::imported::Imported;
use crate::strict;

/// Contexts that the corpus' flags tell apart.
const CONTEXTS: [&str; 5] = [
    r#"{"kind":"user","key":"ada"}"#,
    r#"{"kind":"user","key":"bob","email":"bob@example.com","age":41,"version":"2.1.0","tags":["a","b"]}"#,
    r#"{"kind":"org","key":"acme","plan":"gold","since":"2026-01-02T03:04:05Z"}"#,
    r#"{"kind":"multi","user":{"key":"eve","anonymous":true},"org":{"key":"acme"}}"#,
    r#"{"key":"old","custom":{"plan":"gold"}}"#,
];

/// The bytes as what `/sdk/latest-all` gives.
pub fn check(bytes: &[u8]) {
    let Some(payload) = std::str::from_utf8(bytes).ok().and_then(|text| Payload::from_json(text).ok()) else { return };
    let was = Snapshot::compile(&payload);
    for context in contexts() {
        for flag in was.flags() {
            was.evaluate(flag.key(), &context, &NoBigSegments);
        }
    }
    edited(&payload, &was);
    let wish = Wish { payload: &payload, details: &Details::default(), replace: false };
    let taken = taken(plan(&place(), wish, &Existing::default()));
    strict::reads(&taken);
    alike(&was, &Snapshot::compile(&taken));
}

/// What an edit of each flag shares with the snapshot before evaluates as if all were compiled anew.
fn edited(payload: &Payload, was: &Snapshot) {
    for at in 0..payload.flags.len().min(8) {
        let mut edit = payload.clone();
        edit.flags[at].on = !edit.flags[at].on;
        edit.flags[at].prerequisites.reverse();
        edit.flags[at].prerequisites.truncate(1);
        let changed = [edit.flags[at].key.clone()].into();
        let (shared, anew) = (was.recompile(&edit, &changed), Snapshot::compile(&edit));
        assert_eq!(shared.flags().len(), anew.flags().len());
        alike(&anew, &shared);
    }
}

/// What SDKs receive once the plan is carried out.
fn taken(plan: Plan) -> Payload {
    let Imported { flags, segments } = Imported::of(plan);
    let flag =
        |(key, flag, configuration): &(FlagKey, _, _)| emit::flag(key.as_str(), Revision(1), flag, configuration);
    let segment = |(key, segment): &(SegmentKey, _)| emit::segment(key.as_str(), Revision(1), segment);
    Payload {
        flags: flags.iter().map(flag).collect(),
        segments: segments.iter().map(segment).collect(),
        ..Payload::default()
    }
}

/// What was taken has the same value and variation for every context.
fn alike(was: &Snapshot, is: &Snapshot) {
    for context in contexts() {
        for flag in is.flags() {
            let before = was.evaluate(flag.key(), &context, &NoBigSegments);
            let after = is.evaluate(flag.key(), &context, &NoBigSegments);
            let pair = |one: &evaluation::Evaluation<'_>| (one.value.cloned(), one.variation_index);
            assert_eq!(pair(&before), pair(&after), "{} for {context:?}", flag.key());
        }
    }
}

fn contexts() -> impl Iterator<Item = Context> {
    CONTEXTS.iter().map(|text| Context::from_json(text).expect("they are contexts"))
}
