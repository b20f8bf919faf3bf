//! What must hold for every schedule, against an oracle that only watches the clock on the wall.

mod common;

use std::time::Duration;

use calendar::{
    Effect, Layer, Override, OverrideId, Rotation, Schedule, Turn, Unit, Version, Zone, next_change_after, on_call_at,
    shifts,
};
use common::{EVERY_DAY, layer, people, person, restriction};
use jiff::civil::DateTime;
use kernel::Timestamp;
use proptest::prelude::*;

const ZONES: [&str; 10] = [
    "UTC",
    "America/Chicago",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Casablanca",
    "Europe/Dublin",
    "Asia/Kathmandu",
    "America/Sao_Paulo",
    "Europe/Berlin",
    "America/St_Johns",
];

const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);

fn zone() -> impl Strategy<Value = Zone> {
    prop::sample::select(&ZONES[..]).prop_map(|name| Zone::new(name).expect("a zone of the list"))
}

/// Minutes of the years 2005 to 2034.
fn instant() -> impl Strategy<Value = Timestamp> {
    (18_408_960..34_186_560_i64).prop_map(|minutes| Timestamp::from_secs(minutes * 60))
}

/// A minute within two days of a change of the clocks, if the zone still has one.
fn near_a_change(zone: &Zone, instant: Timestamp, minutes: i64) -> Timestamp {
    let rules = jiff::tz::TimeZone::get(zone.name()).expect("a zone of the list");
    let change = rules.following(instant.to_jiff()).next().map(|change| Timestamp::from_jiff(change.timestamp()));
    let change = change.unwrap_or(instant);
    Timestamp::from_micros(change.as_micros() + minutes * 60_000_000)
}

fn turn() -> impl Strategy<Value = Turn> {
    let unit = prop_oneof![Just(Unit::Hours), Just(Unit::Days), Just(Unit::Weeks)];
    (1..30_u32, unit).prop_map(|(every, unit)| Turn { every, unit })
}

fn rotation() -> impl Strategy<Value = Rotation> {
    (zone(), instant(), turn(), 1..5_usize, 0..5_u32).prop_map(|(zone, anchor, turn, size, first)| Rotation {
        participants: people(&"ABCDE"[..size]),
        anchor: zone.wall_clock(anchor),
        zone,
        turn,
        first,
    })
}

fn any_layer() -> impl Strategy<Value = Layer> {
    let clock = || (0..24_u32, 0..60_u32).prop_map(|(hour, minute)| format!("{hour:02}:{minute:02}"));
    let window = (0..7_usize, 1..7_usize, clock(), clock())
        .prop_map(|(day, days, from, to)| restriction(&EVERY_DAY[day..(day + days).min(7)], &from, &to));
    (rotation(), 0..3_i32, prop::collection::vec(window, 0..3))
        .prop_map(|(rotation, priority, restrictions)| Layer { restrictions, ..layer("layer", priority, rotation) })
}

fn effect() -> impl Strategy<Value = Effect> {
    let name = || prop::sample::select(&['A', 'B', 'C', 'Z'][..]).prop_map(person);
    prop_oneof![
        (name(), name()).prop_map(|(person, with)| Effect::Replace { person, with }),
        prop::option::of(name()).prop_map(|person| Effect::TakeWindow { person }),
        name().prop_map(|person| Effect::Add { person }),
        name().prop_map(|person| Effect::Remove { person }),
    ]
}

/// A schedule with two versions and some overrides around an instant at which it is worth asking.
fn scene() -> impl Strategy<Value = (Schedule, Timestamp)> {
    let overrides = prop::collection::vec((0..20_160_i64, 1..5_000_i64, effect()), 0..5);
    let layers = || prop::collection::vec(any_layer(), 1..4);
    (layers(), layers(), overrides, instant(), -2_880..2_880_i64).prop_map(
        |(first, second, overrides, around, minutes)| {
            let start = near_a_change(&first[0].rotation.zone, around, minutes);
            let after = |minutes: i64| Timestamp::from_micros(start.as_micros() + minutes * 60_000_000);
            let version = |effective_from, layers| Version { effective_from, layers };
            let overrides = overrides.into_iter().enumerate().map(|(place, (from, length, effect))| Override {
                id: OverrideId::from_stored(place.to_string()),
                created_at: Timestamp::from_secs(i64::try_from(place / 2).expect("small")),
                from: after(from),
                to: after(from + length),
                effect,
            });
            let versions = vec![version(after(-3_000), first), version(after(7_001), second)];
            (Schedule { versions, overrides: overrides.collect() }, start)
        },
    )
}

/// The turn at `until`, by watching: of all that the wall clock has shown so far, the latest counts. Starts a day and a
/// bit before, as no clock goes back by more.
fn watched_turn(rotation: &Rotation, until: Timestamp) -> i64 {
    let mut at = until.minus(DAY + 2 * 60 * MINUTE);
    let mut shown = DateTime::MIN;
    while at <= until {
        shown = shown.max(rotation.zone.wall_clock(at));
        at = at.plus(MINUTE);
    }
    let unit = match rotation.turn.unit {
        Unit::Hours => 3_600,
        Unit::Days => 86_400,
        Unit::Weeks => 604_800,
    };
    let length = unit * i64::from(rotation.turn.every);
    shown.duration_since(rotation.anchor).as_secs().div_euclid(length)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn turns_are_those_of_someone_who_watches_the_clock(
        rotation in rotation(), around in instant(), minutes in -1_600..1_600_i64,
    ) {
        let asked = near_a_change(&rotation.zone, around, minutes);
        prop_assert_eq!(rotation.turn_at(asked), watched_turn(&rotation, asked), "{:?} at {}", rotation, asked);
        prop_assert!(rotation.handoff(rotation.turn_at(asked)) <= asked);
        prop_assert!(rotation.handoff(rotation.turn_at(asked) + 1) > asked);
    }

    #[test]
    fn a_day_is_24_hours_and_a_week_seven_days(rotation in rotation(), around in instant(), minutes in -1_600..1_600_i64) {
        let asked = near_a_change(&rotation.zone, around, minutes);
        let with = |every, unit| Rotation { turn: Turn { every, unit }, ..rotation.clone() };
        prop_assert_eq!(with(1, Unit::Days).turn_at(asked), with(24, Unit::Hours).turn_at(asked)); // 11
        prop_assert_eq!(with(1, Unit::Weeks).turn_at(asked), with(7, Unit::Days).turn_at(asked));
    }

    #[test]
    fn every_instant_lies_in_exactly_one_shift_which_says_what_is_said_of_the_instant(
        (schedule, start) in scene(), minutes in prop::collection::vec(0..20_160_u32, 40),
    ) {
        let end = start.plus(14 * DAY);
        let shifts = shifts(&schedule, start, end).expect("two weeks");
        prop_assert_eq!((shifts[0].from, shifts[shifts.len() - 1].to), (start, end));
        for pair in shifts.windows(2) {
            prop_assert_eq!(pair[0].to, pair[1].from);
            prop_assert!((&pair[0].people, &pair[0].reason) != (&pair[1].people, &pair[1].reason));
        }
        let edges = shifts.iter().flat_map(|shift| [shift.from, shift.to.minus(Duration::from_micros(1))]);
        for asked in minutes.into_iter().map(|minute| start.plus(minute * MINUTE)).chain(edges) {
            let holding: Vec<_> = shifts.iter().filter(|shift| shift.from <= asked && asked < shift.to).collect();
            prop_assert_eq!(holding.len(), 1);
            let on_call = on_call_at(&schedule, asked);
            prop_assert_eq!((&on_call.people, &on_call.reason), (&holding[0].people, &holding[0].reason), "{}", asked);
        }
    }

    #[test]
    fn the_next_change_is_where_the_shift_ends((schedule, start) in scene(), minute in 0..10_080_u32) {
        let asked = start.plus(minute * MINUTE);
        let shifts = shifts(&schedule, asked, asked.plus(30 * DAY)).expect("a month");
        if let Some(next) = shifts.get(1) {
            prop_assert_eq!(next_change_after(&schedule, asked), Some(next.from));
            prop_assert_ne!(on_call_at(&schedule, next.from), on_call_at(&schedule, asked));
        } else {
            prop_assert!(next_change_after(&schedule, asked).is_none_or(|change| change >= asked.plus(30 * DAY)));
        }
    }

    #[test]
    fn a_part_of_the_answer_is_the_answer_to_a_part((schedule, start) in scene(), (a, b) in (0..10_000_u32, 1..10_000_u32)) {
        let (from, to) = (start.plus(a * MINUTE), start.plus((a + b) * MINUTE));
        let part = shifts(&schedule, from, to).expect("a week");
        let whole = shifts(&schedule, start, start.plus(14 * DAY)).expect("two weeks");
        let cut = whole.into_iter().filter(|shift| shift.from < to && from < shift.to);
        let cut = cut.map(|shift| calendar::Shift { from: shift.from.max(from), to: shift.to.min(to), ..shift });
        prop_assert_eq!(part, cut.collect::<Vec<_>>());
    }

    #[test]
    fn the_order_of_overrides_does_not_matter((schedule, start) in scene(), minute in 0..20_160_u32) {
        let mirrored = Schedule { overrides: schedule.overrides.iter().rev().cloned().collect(), ..schedule.clone() };
        let asked = start.plus(minute * MINUTE);
        prop_assert_eq!(on_call_at(&schedule, asked), on_call_at(&mirrored, asked));
    }

    #[test]
    fn a_new_line_up_changes_neither_the_past_nor_the_person_on_call(
        rotation in rotation(), around in instant(), minutes in -1_600..1_600_i64, newcomer in any::<bool>(),
    ) {
        let now = near_a_change(&rotation.zone, around, minutes);
        let mut schedule = common::schedule(vec![layer("primary", 0, rotation.clone())]);
        let before = schedule.clone();
        let mut line_up: Vec<_> = rotation.participants.iter().rev().cloned().collect();
        if newcomer {
            line_up.insert(0, person('Z'));
        }
        let revised = Rotation { participants: line_up, first: 0, ..rotation.clone() };
        schedule.revise(vec![layer("primary", 0, revised)], now).expect("only the line-up changes");
        prop_assert_eq!(on_call_at(&schedule, now).people, on_call_at(&before, now).people);
        let past = now.minus(3 * DAY);
        prop_assert_eq!(shifts(&schedule, past, now), shifts(&before, past, now));
    }
}
