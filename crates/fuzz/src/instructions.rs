//! Instructions: what is accepted can be undone, kept and read again, and read by every SDK.

use evaluation::{Payload, Snapshot};
use flags::apply::apply;
use flags::emit;
use flags::instruction::{Instruction, complete};
use flags::model::{Configuration, Flag, Noun, Segment, State};
use flags::validate::{Surroundings, validate};
use kernel::{FlagKey, Revision, SegmentKey};
use serde::Deserialize;

use crate::strict;

/// `{"noun": "flag", "instructions": […]}`.
#[derive(Deserialize)]
struct Wish {
    noun: Noun,
    instructions: Vec<Instruction>,
}

/// The bytes as instructions to a configuration, a flag or a segment.
pub fn check(bytes: &[u8]) {
    let Ok(Wish { noun, mut instructions }) = serde_json::from_slice(bytes) else { return };
    let mut minted = 0;
    complete(&mut instructions, &mut || {
        minted += 1;
        format!("id-{minted}")
    });
    let before = before(noun);
    let Ok(applied) = apply(noun, before.as_ref(), &instructions) else { return };
    if validate("f", &applied.after, &around(noun)).is_err() {
        return;
    }
    if let Some(before) = before.filter(|_| !applied.inverse.is_empty()) {
        let back = apply(noun, Some(&applied.after), &applied.inverse).expect("what was done can be undone");
        assert_eq!(back.after, before, "undoing gives the state back");
    }
    keeps(&applied.after);
    let payload = emitted(&applied.after);
    strict::reads(&payload);
    Snapshot::compile(&payload);
}

/// What the database keeps is read as it was.
fn keeps(state: &State) {
    let kept = match state {
        State::Flag(body) => again(body).map(State::Flag),
        State::Configuration(body) => again(body).map(State::Configuration),
        State::Segment(body) => again(body).map(State::Segment),
        State::Project(body) => again(body).map(State::Project),
        State::Environment(body) => again(body).map(State::Environment),
    };
    assert_eq!(kept.as_ref().ok(), Some(state), "{:?}", kept.as_ref().err());
}

fn again<T: serde::Serialize + serde::de::DeserializeOwned>(body: &T) -> serde_json::Result<T> {
    serde_json::from_str(&serde_json::to_string(body)?)
}

fn before(noun: Noun) -> Option<State> {
    match noun {
        Noun::Flag => Some(State::Flag(flag())),
        // Whatever is kept has a salt.
        Noun::Configuration => {
            Some(State::Configuration(Configuration { salt: "s".to_owned(), ..Configuration::initial(&flag()) }))
        }
        Noun::Segment => {
            Some(State::Segment(Segment { name: "S".to_owned(), salt: "s".to_owned(), ..Segment::default() }))
        }
        Noun::Project | Noun::Environment => None,
    }
}

/// A flag with two variations among two flags and two segments.
fn around(noun: Noun) -> Surroundings {
    let named = |key| FlagKey::new(key).expect("a key");
    let segments = ["s", "t"].map(|key| SegmentKey::new(key).expect("a key"));
    Surroundings {
        flag: (noun == Noun::Configuration).then(flag),
        variations: [(named("p"), 2), (named("q"), 3)].into(),
        segments: segments.into(),
        ..Surroundings::default()
    }
}

fn flag() -> Flag {
    Flag::boolean("F")
}

fn emitted(state: &State) -> Payload {
    let mut payload = Payload::default();
    match state {
        State::Flag(flag) => {
            payload.flags.push(emit::flag("f", Revision(1), flag, &Configuration::initial(flag)));
        }
        State::Configuration(configuration) => {
            payload.flags.push(emit::flag("f", Revision(1), &flag(), configuration));
        }
        State::Segment(segment) => payload.segments.push(emit::segment("f", Revision(1), segment)),
        State::Project(_) | State::Environment(_) => {}
    }
    payload
}
