//! When turns begin, over every change of the clocks (cases of `oncall.md` §4.2, by number).
#![allow(clippy::unwrap_used)] // assertions shared by several tests

mod common;

use std::time::Duration;

use calendar::{Restriction, Unit, Zone, on_call_at, shifts};
use common::{CHICAGO, LORD_HOWE, NEW_YORK, layer, names, restriction, rotation, schedule, utc};
use kernel::Timestamp;

/// The instants of the handoffs after `from`, one for each expected.
#[track_caller]
fn assert_handoffs(rotation: &calendar::Rotation, from: &str, expected: &[&str]) {
    let mut at = utc(from);
    for expected in expected {
        at = rotation.handoff(rotation.turn_at(at) + 1);
        assert_eq!(at, utc(expected), "{at}");
    }
}

#[test]
fn a_daily_handoff_in_a_fold_is_the_first_of_the_two_and_the_day_has_25_hours() {
    let turns = rotation("AB", CHICAGO, "2020-10-30T01:30", 1, Unit::Days);
    assert_handoffs(&turns, "2020-10-30T06:30", &["2020-10-31T06:30", "2020-11-01T06:30", "2020-11-02T07:30"]); // 1
}

#[test]
fn a_daily_handoff_in_a_gap_is_the_end_of_the_gap() {
    let turns = rotation("AB", CHICAGO, "2020-03-06T02:30", 1, Unit::Days);
    assert_handoffs(&turns, "2020-03-06T08:30", &["2020-03-07T08:30", "2020-03-08T08:00", "2020-03-09T07:30"]); // 2
}

#[test]
fn hourly_handoffs_neither_coincide_in_a_gap_nor_repeat_in_a_fold() {
    let half_past = rotation("AB", CHICAGO, "2020-01-01T00:30", 1, Unit::Hours);
    let spring = ["2020-03-08T06:30", "2020-03-08T07:30", "2020-03-08T08:00", "2020-03-08T08:30", "2020-03-08T09:30"];
    assert_handoffs(&half_past, "2020-03-08T06:00", &spring); // 3
    let autumn = ["2020-11-01T05:30", "2020-11-01T06:30", "2020-11-01T08:30", "2020-11-01T09:30"];
    assert_handoffs(&half_past, "2020-11-01T05:00", &autumn); // 5
    let on_the_hour = rotation("AB", CHICAGO, "2020-01-01T00:00", 1, Unit::Hours);
    let spring = ["2020-03-08T07:00", "2020-03-08T08:00", "2020-03-08T09:00"];
    assert_handoffs(&on_the_hour, "2020-03-08T06:00", &spring); // 4
}

#[test]
fn a_turn_of_three_hours_lasts_two_in_spring_and_four_in_autumn() {
    let turns = rotation("AB", CHICAGO, "2017-01-01T00:00", 3, Unit::Hours);
    assert_handoffs(&turns, "2017-03-12T05:59", &["2017-03-12T06:00", "2017-03-12T08:00"]); // 6
    assert_handoffs(&turns, "2017-11-05T04:59", &["2017-11-05T05:00", "2017-11-05T09:00"]);
}

#[test]
fn a_week_has_167_or_169_hours_and_its_handoff_stays_on_the_clock() {
    let friday = rotation("AB", CHICAGO, "2017-03-03T08:00", 1, Unit::Weeks);
    assert_handoffs(&friday, "2017-03-10T13:59", &["2017-03-10T14:00", "2017-03-17T13:00"]); // 7
    let saturday = rotation("AB", CHICAGO, "2017-03-04T08:00", 1, Unit::Weeks);
    assert_handoffs(&saturday, "2017-11-04T12:59", &["2017-11-04T13:00", "2017-11-11T14:00"]);
    let tuesday = rotation("AB", CHICAGO, "2024-01-02T00:00", 1, Unit::Weeks);
    assert_handoffs(&tuesday, "2024-10-29T04:59", &["2024-10-29T05:00", "2024-11-05T06:00"]); // 18
    assert_handoffs(&tuesday, "2025-03-04T05:59", &["2025-03-04T06:00", "2025-03-11T05:00"]);
    let sunday = rotation("AB", "US/Central", "2016-01-03T01:30", 1, Unit::Weeks);
    assert_handoffs(&sunday, "2016-11-06T06:29", &["2016-11-06T06:30", "2016-11-13T07:30"]); // 19
}

#[test]
fn clocks_that_move_by_half_an_hour_are_right_too() {
    let daily = rotation("AB", LORD_HOWE, "2020-10-02T02:15", 1, Unit::Days);
    assert_handoffs(&daily, "2020-10-03T00:00", &["2020-10-03T15:30", "2020-10-04T15:15"]); // 9
    let hourly = rotation("AB", LORD_HOWE, "2021-01-01T00:30", 1, Unit::Hours);
    assert_handoffs(&hourly, "2021-04-03T14:00", &["2021-04-03T14:30", "2021-04-03T16:00"]); // 10
    let half_past_two = rotation("AB", LORD_HOWE, "2021-01-01T02:30", 1, Unit::Days);
    assert_handoffs(&half_past_two, "2021-04-03T15:00", &["2021-04-03T16:00"]);
}

#[test]
fn nine_in_the_morning_stays_nine_in_the_morning() {
    let turns = rotation("AB", NEW_YORK, "2026-01-01T09:00", 1, Unit::Days);
    assert_handoffs(&turns, "2026-03-06T15:00", &["2026-03-07T14:00", "2026-03-08T13:00"]); // 15
    let mondays = rotation("AB", NEW_YORK, "2026-01-05T08:00", 1, Unit::Weeks);
    let zone = Zone::new(NEW_YORK).unwrap();
    for week in 0..60 {
        assert_eq!(zone.wall_clock(mondays.handoff(week)).time(), "08:00".parse().unwrap()); // 16
    }
}

#[test]
fn turns_are_counted_from_the_anchor_in_both_directions() {
    let eight = rotation("AB", CHICAGO, "2021-01-01T10:00", 8, Unit::Hours);
    assert_handoffs(&eight, "2021-03-10T15:00", &["2021-03-10T16:00"]); // 12
    let twelve = rotation("AB", "UTC", "2021-01-01T00:00", 12, Unit::Hours);
    assert_handoffs(&twelve, "2021-01-03T06:00", &["2021-01-03T12:00"]); // 13
    let ten = rotation("ABC", "UTC", "2021-01-10T00:00", 10, Unit::Hours);
    assert_handoffs(&ten, "2021-01-11T06:00", &["2021-01-11T16:00"]); // 14
    assert_handoffs(&ten, "2021-01-08T18:00", &["2021-01-09T04:00"]);
    assert_eq!(ten.turn_at(utc("2021-01-08T18:00")), -3);
    assert_eq!(names(&[ten.on_turn(utc("2021-01-09T23:59")).unwrap().clone()]), "C");
}

#[test]
fn a_question_long_after_the_anchor_is_answered_at_once() {
    let turns = rotation("ABCDE", "UTC", "2020-01-01T00:00", 1, Unit::Hours);
    let asked = utc("2020-01-01T00:00").plus(Duration::from_hours(12_003));
    assert_eq!(turns.on_turn(asked).unwrap().as_str(), "D"); // 21
    assert_eq!(turns.turn_at(asked), 12_003);
}

#[test]
fn a_day_that_the_calendar_skipped_takes_its_turn_with_it() {
    // Apia had no 30 December 2011. 24.
    let turns = rotation("ABC", "Pacific/Apia", "2011-12-28T00:00", 1, Unit::Days);
    assert_eq!(turns.handoff(2), turns.handoff(3));
    let during = |text: &str| turns.on_turn(utc(text)).unwrap().as_str().to_owned();
    assert_eq!((during("2011-12-30T09:59"), during("2011-12-30T10:00")), ("B".to_owned(), "A".to_owned()));
    let schedule = schedule(vec![layer("daily", 0, turns)]);
    let shifts = shifts(&schedule, utc("2011-12-29T10:00"), utc("2012-01-01T10:00")).unwrap();
    assert!(shifts.iter().all(|shift| shift.from < shift.to));
    assert_eq!(shifts.iter().map(|shift| names(&shift.people)).collect::<String>(), "BAB");
}

#[test]
fn turns_are_dealt_fairly_and_in_order_over_a_year_of_clock_changes() {
    let turns = rotation("ABC", CHICAGO, "2024-01-01T02:30", 1, Unit::Days);
    let schedule = schedule(vec![layer("daily", 0, turns)]);
    let shifts = shifts(&schedule, utc("2024-01-01T08:30"), utc("2024-12-31T08:30")).unwrap();
    let order: String = shifts.iter().map(|shift| names(&shift.people)).collect();
    assert_eq!(order.len(), 365);
    assert!("ABC".repeat(122).starts_with(&order)); // 36
}

#[test]
fn one_participant_is_always_on_call_and_none_is_nobody() {
    let alone = schedule(vec![layer("one", 0, rotation("A", CHICAGO, "2024-01-01T09:00", 1, Unit::Hours))]);
    assert_eq!(shifts(&alone, utc("2024-01-01T00:00"), utc("2024-12-31T00:00")).unwrap().len(), 1); // 37
    let nobody = schedule(vec![layer("none", 0, rotation("", CHICAGO, "2024-01-01T09:00", 1, Unit::Days))]);
    assert!(on_call_at(&nobody, utc("2024-01-01T00:00")).people.is_empty());
}

#[track_caller]
fn assert_window(restriction: Restriction, zone: &str, around: &str, opens: &str, closes: &str) {
    let turns = rotation("A", zone, "2017-01-01T00:00", 1, Unit::Weeks);
    let restricted = calendar::Layer { restrictions: vec![restriction], ..layer("window", 0, turns) };
    let day = Duration::from_hours(24);
    let shifts = shifts(&schedule(vec![restricted]), utc(around).minus(day), utc(around).plus(day)).unwrap();
    let holds = |shift: &&calendar::Shift| shift.from <= utc(around) && utc(around) < shift.to;
    let window = shifts.iter().find(holds).unwrap();
    assert!(!window.people.is_empty());
    assert_eq!((window.from, window.to), (utc(opens), utc(closes)));
}

#[test]
fn windows_open_at_the_end_of_a_gap_and_close_at_the_second_of_a_fold() {
    let sunday = |from, to| restriction(&[calendar::Day::Sunday], from, to);
    let spring = sunday("02:30", "05:00");
    assert_window(spring, CHICAGO, "2018-03-11T09:00", "2018-03-11T08:00", "2018-03-11T10:00"); // 47
    let autumn = sunday("00:00", "01:30");
    assert_window(autumn, CHICAGO, "2018-11-04T06:45", "2018-11-04T05:00", "2018-11-04T07:30");
    let office = restriction(&common::EVERY_DAY, "09:00", "17:00");
    assert_window(office.clone(), NEW_YORK, "2026-03-07T15:00", "2026-03-07T14:00", "2026-03-07T22:00"); // 15
    assert_window(office, NEW_YORK, "2026-03-08T15:00", "2026-03-08T13:00", "2026-03-08T21:00");
    let night = restriction(&common::EVERY_DAY, "22:00", "06:00");
    assert_window(night.clone(), NEW_YORK, "2025-11-02T05:30", "2025-11-02T02:00", "2025-11-02T11:00"); // 17: 9 h
    assert_window(night, NEW_YORK, "2025-03-09T07:30", "2025-03-09T03:00", "2025-03-09T10:00"); // 7 h
}

#[test]
fn the_ends_of_time_are_answered_without_a_loop() {
    let turns = rotation("AB", CHICAGO, "2024-01-01T09:00", 1, Unit::Hours);
    let schedule = schedule(vec![layer("hourly", 0, turns)]);
    for instant in [i64::MIN, i64::MAX, jiff::Timestamp::MAX.as_microsecond(), jiff::Timestamp::MIN.as_microsecond()] {
        let instant = Timestamp::from_micros(instant);
        on_call_at(&schedule, instant);
        let soon = instant.plus(Duration::from_hours(24));
        assert_eq!(shifts(&schedule, instant, soon).is_ok(), soon > instant);
    }
}
