//! Restrictions, layers, overrides and versions together (cases of `oncall.md` §4.2, by number).
#![allow(clippy::unwrap_used)] // questions shared by several tests

mod common;

use calendar::{
    Day, Effect, Gap, InvalidOverride, InvalidSchedule, InvalidWindow, Layer, Override, OverrideId, Reason, Schedule,
    Unit, gaps, next_change_after, on_call_at, shifts,
};
use common::{
    CHICAGO, NEW_YORK, WORKDAYS, always, daily, layer, names, people, person, restriction, rotation, schedule, told,
    utc,
};
use kernel::Timestamp;

/// An instant of the Tuesday on which most of these cases lie.
fn at(clock: &str) -> Timestamp {
    utc(&format!("2026-11-24T{clock}"))
}

/// Who is on call between two times of that Tuesday.
fn day_of(schedule: &Schedule, from: &str, to: &str) -> String {
    let to = if to == "24:00" { utc("2026-11-25T00:00") } else { at(to) };
    told(&shifts(schedule, at(from), to).unwrap())
}

fn exception(id: &str, from: &str, to: &str, effect: Effect) -> Override {
    let created_at = Timestamp::from_secs(i64::from(id.as_bytes()[0]));
    Override { id: OverrideId::from_stored(id), created_at, from: at(from), to: at(to), effect }
}

fn takes(id: &str, from: &str, to: &str, name: char) -> Override {
    exception(id, from, to, Effect::TakeWindow { person: Some(person(name)) })
}

fn replaces(id: &str, from: &str, to: &str, (old, new): (char, char)) -> Override {
    exception(id, from, to, Effect::Replace { person: person(old), with: person(new) })
}

fn with(mut schedule: Schedule, overrides: Vec<Override>) -> Schedule {
    schedule.overrides = overrides;
    schedule
}

fn on_call(schedule: &Schedule, instant: &str) -> String {
    names(&on_call_at(schedule, utc(instant)).people)
}

#[test]
fn restrictions_open_and_close_on_the_minute_also_over_midnight() {
    let windows = |days: &[Day], from, to| {
        schedule(vec![Layer { restrictions: vec![restriction(days, from, to)], ..layer("a", 0, always('A')) }])
    };
    // 2026-11-23 is a Monday.
    let day = windows(&[Day::Monday], "08:00", "20:00"); // 38
    let night = windows(&[Day::Monday], "20:00", "08:00"); // 39
    let whole_days = windows(&WORKDAYS, "08:00", "08:00"); // 40
    let nights = windows(&WORKDAYS, "20:00", "08:00"); // 41
    for (schedule, instant, expected) in [
        (&day, "2026-11-23T07:59", ""),
        (&day, "2026-11-23T08:00", "A"),
        (&day, "2026-11-23T19:59", "A"),
        (&day, "2026-11-23T20:00", ""),
        (&night, "2026-11-23T07:00", ""),
        (&night, "2026-11-24T07:00", "A"),
        (&night, "2026-11-24T08:00", ""),
        (&whole_days, "2026-11-23T07:00", ""),
        (&whole_days, "2026-11-28T07:00", "A"),
        (&whole_days, "2026-11-28T08:00", ""),
        (&nights, "2026-11-27T23:00", "A"),
        (&nights, "2026-11-28T07:00", "A"),
        (&nights, "2026-11-29T20:00", ""),
    ] {
        assert_eq!(on_call(schedule, instant), expected, "{instant}");
    }
    let week = shifts(&whole_days, utc("2026-11-23T00:00"), utc("2026-11-30T00:00")).unwrap();
    assert_eq!(told(&week), "00:00-08:00 -; 08:00-08:00 A; 08:00-00:00 -", "five whole days are one shift");
}

#[test]
fn a_weekend_from_friday_night_to_monday_morning_is_one_shift() {
    let nights = restriction(&[Day::Friday, Day::Saturday], "20:00", "20:00");
    let last = restriction(&[Day::Sunday], "20:00", "08:00");
    let weekend = schedule(vec![Layer { restrictions: vec![nights, last], ..layer("w", 0, always('A')) }]);
    let shifts = shifts(&weekend, utc("2026-11-25T12:00"), utc("2026-12-01T12:00")).unwrap(); // 42
    assert_eq!(shifts.len(), 3);
    assert_eq!((shifts[1].from, shifts[1].to), (utc("2026-11-27T20:00"), utc("2026-11-30T08:00")));
    assert_eq!(next_change_after(&weekend, utc("2026-11-25T12:00")), Some(utc("2026-11-27T20:00")));
}

#[test]
fn a_restriction_cuts_turns_but_does_not_shift_them() {
    let office = restriction(&common::EVERY_DAY, "09:00", "17:00");
    let monday_20 = rotation("AB", "UTC", "2026-11-16T20:00", 1, Unit::Weeks);
    let weekly = Layer { restrictions: vec![office.clone()], ..layer("w", 0, monday_20) };
    let shifts_of =
        |layer, from, to| shifts(&schedule(vec![layer]), utc(from), utc(to)).unwrap().into_iter().collect::<Vec<_>>();
    let week = shifts_of(weekly, "2026-11-23T00:00", "2026-12-01T00:00"); // 44
    let order: String = week.iter().map(|shift| names(&shift.people)).collect();
    assert_eq!(order, "ABBBBBBB", "Monday's window before the handoff is still A's");
    let three_days = rotation("AB", "UTC", "2026-11-23T00:00", 3, Unit::Days);
    let window = Layer { restrictions: vec![office], ..layer("d", 0, three_days) };
    let order = shifts_of(window, "2026-11-23T00:00", "2026-11-29T00:00"); // 43
    assert_eq!(order.iter().map(|shift| names(&shift.people)).collect::<String>(), "AAABBB");
    let daily = rotation("AB", "UTC", "2026-11-23T00:00", 1, Unit::Days);
    let workdays = restriction(&WORKDAYS, "00:00", "00:00");
    let working = Layer { restrictions: vec![workdays], ..layer("d", 0, daily) };
    let weeks = shifts_of(working, "2026-11-23T00:00", "2026-12-05T00:00"); // 46: the weekend's turns are B's and A's
    assert_eq!(weeks.iter().map(|shift| names(&shift.people)).collect::<String>(), "ABABABABAB");
}

#[test]
fn a_far_next_change_is_found_and_never_is_said() {
    let mondays = restriction(&[Day::Monday], "09:00", "10:00");
    let rare = schedule(vec![Layer { restrictions: vec![mondays], ..layer("m", 0, always('A')) }]);
    assert_eq!(next_change_after(&rare, utc("2026-11-24T12:00")), Some(utc("2026-11-30T09:00"))); // 45
    assert_eq!(next_change_after(&schedule(vec![layer("a", 0, always('A'))]), at("00:00")), None);
    let yearly = rotation("AB", "UTC", "2026-01-01T00:00", 52, Unit::Weeks);
    let next = next_change_after(&schedule(vec![layer("y", 0, yearly)]), utc("2026-01-02T00:00"));
    assert_eq!(next, Some(utc("2026-12-31T00:00")));
}

#[test]
fn a_higher_layer_masks_and_equal_ones_share() {
    // 49
    let mut layers = vec![
        daily('A', 1, "10:00", "15:00"),
        daily('B', 1, "11:00", "13:00"),
        daily('A', 1, "16:00", "19:00"),
        daily('A', 1, "21:00", "22:00"),
        daily('B', 1, "22:00", "00:00"),
        daily('C', 2, "12:00", "14:00"),
        daily('D', 2, "14:00", "15:00"),
        daily('D', 2, "17:00", "18:00"),
        daily('D', 2, "20:00", "23:00"),
    ];
    let overrides = vec![takes("e", "22:00", "23:00", 'E'), takes("f", "22:00", "22:30", 'A')];
    let busy = with(schedule(layers.clone()), overrides);
    busy.check().unwrap();
    let expected = "00:00-10:00 -; 10:00-11:00 A; 11:00-12:00 AB; 12:00-14:00 C; 14:00-15:00 D; 15:00-16:00 -; \
                    16:00-17:00 A; 17:00-18:00 D; 18:00-19:00 A; 19:00-20:00 -; 20:00-22:00 D; 22:00-22:30 A; \
                    22:30-23:00 E; 23:00-00:00 B";
    assert_eq!(day_of(&busy, "00:00", "24:00"), expected);
    layers.truncate(1);
    layers[0] = daily('A', 1, "10:00", "20:00");
    layers.extend([daily('B', 1, "12:00", "16:00"), daily('C', 2, "15:00", "18:00")]);
    let expected = "10:00-12:00 A; 12:00-15:00 AB; 15:00-18:00 C; 18:00-20:00 A"; // 50
    assert_eq!(day_of(&schedule(layers), "10:00", "20:00"), expected);
}

#[test]
fn a_lower_layer_fills_exactly_what_a_higher_one_leaves() {
    let first = daily('A', 2, "08:00", "12:00");
    let second = daily('B', 2, "12:00", "16:00");
    let fallback = layer("fallback", 0, always('C'));
    let expected = "00:00-08:00 C; 08:00-12:00 A; 12:00-16:00 B; 16:00-00:00 C"; // 60
    assert_eq!(day_of(&schedule(vec![fallback, first, second]), "00:00", "24:00"), expected);
}

#[test]
fn a_taken_window_beats_every_layer_and_fills_gaps() {
    let office = schedule(vec![daily('F', 9, "08:00", "10:00")]);
    let taken = with(office.clone(), vec![takes("t", "09:30", "11:00", 'B')]);
    assert_eq!(day_of(&taken, "08:00", "12:00"), "08:00-09:30 F; 09:30-11:00 B; 11:00-12:00 -"); // 52
    let nobody = exception("n", "08:15", "08:45", Effect::TakeWindow { person: None });
    let quiet = with(office, vec![nobody, takes("z", "08:25", "08:35", 'Z')]);
    let expected = "08:00-08:15 F; 08:15-08:25 -; 08:25-08:35 Z; 08:35-08:45 -; 08:45-10:00 F"; // 53
    assert_eq!(day_of(&quiet, "08:00", "10:00"), expected);
    let holes = gaps(&quiet, at("08:00"), at("11:00")).unwrap();
    let hole = |from, to, deliberate| Gap { from: at(from), to: at(to), deliberate };
    let expected = [hole("08:15", "08:25", true), hole("08:35", "08:45", true), hole("10:00", "11:00", false)];
    assert_eq!(holes, expected);
}

#[test]
fn a_replacement_holds_only_where_the_replaced_person_is_on_call() {
    let office = schedule(vec![daily('F', 0, "08:00", "09:00"), daily('G', 0, "09:00", "10:00")]);
    let replaced = with(office.clone(), vec![replaces("r", "08:30", "08:45", ('F', 'B'))]);
    assert_eq!(day_of(&replaced, "08:00", "10:00"), "08:00-08:30 F; 08:30-08:45 B; 08:45-09:00 F; 09:00-10:00 G"); // 54
    let absent = with(office, vec![replaces("r", "09:00", "10:00", ('F', 'B'))]);
    assert_eq!(day_of(&absent, "08:00", "10:00"), "08:00-09:00 F; 09:00-10:00 G");
    let covering = with(schedule(vec![layer("a", 0, always('F'))]), vec![replaces("r", "00:00", "23:59", ('F', 'B'))]);
    assert_eq!(day_of(&covering, "00:00", "23:59"), "00:00-23:59 B"); // 61, 62
}

#[test]
fn overrides_do_not_chain_and_their_order_does_not_matter() {
    let both = schedule(vec![daily('A', 0, "00:00", "12:00"), daily('B', 0, "12:00", "00:00")]);
    let overrides = vec![replaces("1", "00:00", "23:59", ('A', 'B')), replaces("2", "00:00", "23:59", ('B', 'C'))];
    let expected = "00:00-12:00 B; 12:00-23:59 C"; // 59
    assert_eq!(day_of(&with(both.clone(), overrides.clone()), "00:00", "23:59"), expected);
    assert_eq!(day_of(&with(both, overrides.into_iter().rev().collect()), "00:00", "23:59"), expected);
    let trio = schedule("RZN".chars().map(|name| layer(&name.to_string(), 0, always(name))).collect());
    let mixed = vec![
        replaces("1", "00:00", "23:00", ('R', 'B')),
        exception("2", "00:00", "23:00", Effect::Remove { person: person('Z') }),
        exception("3", "00:00", "23:00", Effect::Add { person: person('F') }),
    ];
    assert_eq!(day_of(&with(trio, mixed), "00:00", "23:00"), "00:00-23:00 BNF"); // 55
}

#[test]
fn of_two_that_disagree_the_later_made_counts() {
    let base = schedule(vec![layer("a", 0, always('A'))]);
    let overrides = vec![replaces("9", "01:00", "03:00", ('A', 'C')), replaces("1", "00:00", "02:00", ('A', 'B'))];
    assert_eq!(day_of(&with(base, overrides), "00:00", "04:00"), "00:00-01:00 B; 01:00-03:00 C; 03:00-04:00 A");
}

#[test]
fn an_override_that_ends_at_a_handoff_leaves_the_next_shift_alone() {
    let turns = rotation("AB", "UTC", "2026-11-23T09:00", 1, Unit::Days);
    let taken = with(schedule(vec![layer("d", 0, turns)]), vec![takes("t", "06:00", "09:00", 'C')]);
    assert_eq!(day_of(&taken, "00:00", "12:00"), "00:00-06:00 A; 06:00-09:00 C; 09:00-12:00 B"); // 59
}

#[test]
fn a_hole_of_a_minute_is_a_hole_and_touching_layers_have_none() {
    let touching = schedule(vec![daily('A', 0, "00:00", "12:00"), daily('B', 0, "12:00", "00:00")]);
    assert_eq!(gaps(&touching, at("00:00"), at("23:00")), Ok(vec![])); // 65
    let holed = schedule(vec![daily('A', 0, "00:00", "12:00"), daily('B', 0, "12:01", "00:00")]);
    let hole = Gap { from: at("12:00"), to: at("12:01"), deliberate: false };
    assert_eq!(gaps(&holed, at("00:00"), at("23:00")), Ok(vec![hole]));
}

#[test]
fn the_reason_names_the_layer_or_the_override() {
    let base = schedule(vec![layer("primary", 0, always('A'))]);
    let reason = |schedule: &Schedule, instant| on_call_at(schedule, instant).reason;
    assert_eq!(reason(&base, at("10:00")), Reason::Turn { layers: vec!["primary".into()] });
    assert_eq!(reason(&Schedule::default(), at("10:00")), Reason::NotYet);
    let taken = with(base, vec![takes("t", "09:00", "11:00", 'B')]);
    let overrides = vec![OverrideId::from_stored("t")];
    assert_eq!(reason(&taken, at("10:00")), Reason::Overridden { overrides });
}

#[test]
fn a_new_version_leaves_the_past_as_it_was() {
    let mut schedule = schedule(vec![layer("primary", 0, always('A'))]);
    let before = shifts(&schedule, at("00:00"), at("12:00")).unwrap();
    schedule.revise(vec![layer("primary", 0, always('B'))], at("12:00")).unwrap();
    assert_eq!(shifts(&schedule, at("00:00"), at("12:00")).unwrap(), before); // 58
    assert_eq!(day_of(&schedule, "00:00", "18:00"), "00:00-12:00 A; 12:00-18:00 B");
    let again = schedule.revise(vec![layer("primary", 0, always('C'))], at("12:00"));
    assert_eq!(again, Err(InvalidSchedule::VersionOrder { version: 2 }));
}

/// The order of the next turns when the line-up changes in the middle of B's, which is the second of `old`'s.
fn order_after(old: &str, new: &str) -> String {
    let turns = |names| rotation(names, CHICAGO, "2026-11-01T09:00", 1, Unit::Days);
    let noon = utc("2026-11-05T18:00");
    let mut schedule = schedule(vec![layer("primary", 0, turns(old))]);
    assert_eq!(names(&on_call_at(&schedule, noon).people), "B");
    schedule.revise(vec![layer("primary", 0, turns(new))], noon).unwrap();
    let days = shifts(&schedule, noon, utc("2026-11-08T18:00")).unwrap();
    days.iter().map(|shift| names(&shift.people)).collect()
}

#[test]
fn the_person_on_call_stays_until_the_handoff_whatever_else_changes() {
    assert_eq!(order_after("ABC", "BC"), "BCBC", "one before is deleted: 31");
    assert_eq!(order_after("ABC", "CBA"), "BACB", "reordered: 32");
    assert_eq!(order_after("ABC", "ABXC"), "BXCA", "extended");
    assert_eq!(order_after("ABC", "AC"), "CACA", "deleted: the next one begins at once");
    assert_eq!(order_after("ABC", "XY"), "XYXY", "all replaced");
}

/// Weekly turns that begin on Monday at nine, in `zone`.
fn weekly_in(names: &str, zone: &str) -> Layer {
    layer("primary", 0, rotation(names, zone, "2026-11-02T09:00", 1, Unit::Weeks))
}

#[test]
fn moving_the_zone_leaves_the_person_on_call_until_the_next_handoff_there() {
    // At Monday 10:00 in Berlin the new week has begun there; in Chicago the old one lasts until 16:00 in Berlin.
    let between = utc("2026-11-09T09:00");
    let mut schedule = schedule(vec![weekly_in("ABC", "Europe/Berlin")]);
    assert_eq!(names(&on_call_at(&schedule, between).people), "B");
    schedule.revise(vec![weekly_in("ABC", CHICAGO)], between).unwrap();
    let weeks = shifts(&schedule, between, utc("2026-11-16T15:00")).unwrap();
    assert_eq!(told(&weeks), "09:00-15:00 B; 15:00-15:00 C");
    assert_eq!(weeks[0].to, utc("2026-11-09T15:00"), "the next handoff is at nine in Chicago");
}

#[test]
fn moving_the_zone_keeps_the_place_of_a_person_who_comes_twice() {
    let third_week = utc("2026-11-18T12:00");
    let mut schedule = schedule(vec![weekly_in("ABAC", CHICAGO)]);
    schedule.revise(vec![weekly_in("ABAC", NEW_YORK)], third_week).unwrap();
    let weeks = shifts(&schedule, third_week, utc("2026-12-09T12:00")).unwrap();
    assert_eq!(weeks.iter().map(|shift| names(&shift.people)).collect::<String>(), "ACAB");
}

#[test]
fn a_line_up_may_change_with_its_zone_and_a_first_that_is_sent_with_the_zone_counts() {
    let between = utc("2026-11-09T09:00");
    let begin = || schedule(vec![weekly_in("ABC", "Europe/Berlin")]);
    let mut both = begin();
    both.revise(vec![weekly_in("CXB", CHICAGO)], between).unwrap();
    assert_eq!(names(&on_call_at(&both, between).people), "B");
    let mut said = begin();
    let mut asked = weekly_in("ABC", CHICAGO);
    asked.rotation.first = 2;
    said.revise(vec![asked], between).unwrap();
    assert_eq!(names(&on_call_at(&said, between).people), "C", "the first turn in Chicago is C's");
}

#[test]
fn moving_the_anchor_and_the_line_up_at_once_is_refused() {
    let turns = |names, anchor| layer("primary", 0, rotation(names, CHICAGO, anchor, 1, Unit::Weeks));
    let mut weekly = schedule(vec![turns("AB", "2026-11-02T09:00")]);
    let refused = weekly.revise(vec![turns("ABC", "2026-11-02T10:00")], at("12:00")); // 34
    assert_eq!(refused, Err(InvalidSchedule::AnchorAndLineUp { layer: 0 }));
    weekly.revise(vec![turns("AB", "2026-11-02T10:00")], at("12:00")).unwrap();
    weekly.revise(vec![turns("ABC", "2026-11-02T10:00")], at("13:00")).unwrap();
}

#[test]
fn what_makes_no_sense_is_refused_by_field() {
    type Spoil = fn(&mut Layer);
    let cases: [(Spoil, &str); 9] = [
        (|layer| layer.name.clear(), "layers[1].name"),
        (|layer| layer.name = "good".into(), "layers[1].name"),
        (|layer| layer.rotation.participants.clear(), "layers[1].rotation.participants"),
        (|layer| layer.rotation.first = 2, "layers[1].rotation.first"),
        (|layer| layer.rotation.turn.every = 0, "layers[1].rotation.turn.every"),
        (|layer| layer.rotation.turn.every = 53, "layers[1].rotation.turn.every"),
        (|layer| layer.rotation.anchor = "2026-01-01T09:00:01".parse().unwrap(), "layers[1].rotation.anchor"),
        (|layer| layer.restrictions = vec![restriction(&[], "08:00", "09:00")], "layers[1].restrictions[0].days"),
        (
            |layer| layer.restrictions = vec![restriction(&WORKDAYS, "08:00:30", "09:00")],
            "layers[1].restrictions[0].from",
        ),
    ];
    let weekly = || rotation("AB", CHICAGO, "2026-11-02T09:00", 1, Unit::Weeks);
    for (spoil, field) in cases {
        let mut layers = vec![layer("good", 0, weekly()), layer("spoilt", 0, weekly())];
        assert_eq!(schedule(layers.clone()).check(), Ok(()));
        spoil(&mut layers[1]);
        assert_eq!(schedule(layers).check().unwrap_err().field(), field);
    }
    assert_eq!(schedule(vec![]).check(), Err(InvalidSchedule::LayerCount));
    let backwards = shifts(&schedule(vec![]), at("12:00"), at("12:00"));
    assert_eq!(backwards, Err(InvalidWindow::Backwards));
    let too_long = shifts(&schedule(vec![]), at("12:00"), utc("2028-01-01T00:00"));
    assert_eq!(too_long, Err(InvalidWindow::TooLong));
}

#[test]
fn overrides_that_change_nothing_are_refused() {
    let schedule = with(schedule(vec![layer("a", 0, always('A'))]), vec![takes("t", "10:00", "11:00", 'B')]);
    let now = at("09:00");
    let check = |new: &Override| schedule.check_override(new, now);
    assert_eq!(check(&takes("u", "10:00", "10:30", 'B')), Ok(()));
    assert_eq!(
        check(&takes("u", "10:00", "11:00", 'B')),
        Err(InvalidOverride::Duplicate(OverrideId::from_stored("t")))
    );
    assert_eq!(check(&takes("u", "11:00", "10:00", 'B')), Err(InvalidOverride::Backwards));
    assert_eq!(check(&takes("u", "08:00", "09:00", 'B')), Err(InvalidOverride::Over));
    assert_eq!(check(&replaces("u", "10:00", "11:00", ('A', 'A'))), Err(InvalidOverride::SamePerson));
    let forever = Override { to: utc("2030-01-01T00:00"), ..takes("u", "10:00", "11:00", 'B') };
    assert_eq!(check(&forever), Err(InvalidOverride::TooLong));
}

#[test]
fn a_schedule_is_camel_case_json_and_comes_back() {
    let office = Layer {
        restrictions: vec![restriction(&WORKDAYS, "09:00", "17:00")],
        ..layer("primary", 1, rotation("AB", CHICAGO, "2026-11-02T09:00", 1, Unit::Weeks))
    };
    let schedule = with(schedule(vec![office]), vec![takes("t", "10:00", "11:00", 'B')]);
    let json = serde_json::to_value(&schedule).unwrap();
    let rotation = &json["versions"][0]["layers"][0]["rotation"];
    assert_eq!(rotation["anchor"], "2026-11-02T09:00:00");
    assert_eq!(rotation["zone"], "America/Chicago");
    assert_eq!(rotation["turn"], serde_json::json!({ "every": 1, "unit": "weeks" }));
    assert_eq!(json["overrides"][0]["effect"], serde_json::json!({ "kind": "takeWindow", "person": "B" }));
    assert_eq!(serde_json::from_value::<Schedule>(json.clone()).unwrap(), schedule);
    let text = json.to_string().replace("America/Chicago", "Mars/Olympus");
    let error = serde_json::from_str::<Schedule>(&text).unwrap_err().to_string();
    assert!(error.contains("\"Mars/Olympus\" is no time zone"), "{error}");
    let lower = json.to_string().replace("America/Chicago", "america/chicago");
    assert_eq!(serde_json::from_str::<Schedule>(&lower).unwrap(), schedule, "names are written as the database does");
    assert_eq!(people("AB"), schedule.versions[0].layers[0].rotation.participants);
}
