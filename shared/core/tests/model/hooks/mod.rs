//! How endpoints are told what changed: a machine of its own, about one endpoint, the worker that follows it
//! and a few messages.
//!
//! A change is decided at a time and stored later, within some lateness, so it may turn up behind changes that
//! were read before. The worker reads in the order of the times, tells the receiver, notes that, and moves its
//! place, which it stores now and then; it may die between any two of these. The receiver may refuse an event.
//! Left out are the lease, that several events are told at once, the near end of the second look (it only
//! finds sooner what this one finds), and what is set aside, which waits for its user.

mod machine;
mod step;

use machine::{Telling, Violation};

use super::runs::{is_right, is_wrong};

/// The rules that can be switched off.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each rule is switched off by itself"
)]
#[derive(Debug, Clone, Copy)]
struct Rules {
    /// The place moves only over what is noted.
    noted_before_moving: bool,
    /// There is a second look, which trails behind.
    second_look: bool,
    /// It trails by as much as a change can be stored late.
    trails_by_lateness: bool,
    /// What is noted is not told again.
    noted_is_compared: bool,
    /// What was refused is remembered with the place that moves over it.
    refused_is_pending: bool,
    /// What is told again is read anew.
    pending_is_read_anew: bool,
    /// A message that is being told is not passed over, because it was read already.
    busy_is_waited_for: bool,
}

const ALL: Rules = Rules {
    noted_before_moving: true,
    second_look: true,
    trails_by_lateness: true,
    noted_is_compared: true,
    refused_is_pending: true,
    pending_is_read_anew: true,
    busy_is_waited_for: true,
};

/// With nobody who dies, and nothing that is refused.
const CALM: Telling = Telling {
    rules: ALL,
    changes: 2,
    deaths: 0,
    refusals: 0,
};

/// Something is refused once.
const REFUSED: Telling = Telling {
    refusals: 1,
    ..CALM
};

#[test]
fn what_was_stored_is_told_and_never_goes_back() {
    let machine = Telling {
        deaths: 1,
        ..REFUSED
    };
    is_right("an endpoint that is told", &machine);
}

#[test]
fn without_notes_before_the_place_moves_an_event_is_lost() {
    let rules = Rules {
        noted_before_moving: false,
        ..ALL
    };
    let name = "without_notes_before_the_place_moves_an_event_is_lost";
    is_wrong(
        name,
        &Telling {
            rules,
            deaths: 1,
            ..CALM
        },
        Violation::NeverTold,
    );
}

#[test]
fn without_a_second_look_what_is_stored_late_is_lost() {
    let rules = Rules {
        second_look: false,
        ..ALL
    };
    let name = "without_a_second_look_what_is_stored_late_is_lost";
    is_wrong(name, &Telling { rules, ..CALM }, Violation::NeverTold);
}

#[test]
fn a_second_look_that_does_not_trail_loses_what_is_stored_late() {
    let rules = Rules {
        trails_by_lateness: false,
        ..ALL
    };
    let name = "a_second_look_that_does_not_trail_loses_what_is_stored_late";
    is_wrong(name, &Telling { rules, ..CALM }, Violation::NeverTold);
}

#[test]
fn without_comparing_notes_the_second_look_tells_twice() {
    let rules = Rules {
        noted_is_compared: false,
        ..ALL
    };
    let name = "without_comparing_notes_the_second_look_tells_twice";
    is_wrong(name, &Telling { rules, ..CALM }, Violation::ToldTwice);
}

#[test]
fn what_is_refused_and_not_pending_is_lost() {
    let rules = Rules {
        refused_is_pending: false,
        ..ALL
    };
    let name = "what_is_refused_and_not_pending_is_lost";
    is_wrong(name, &Telling { rules, ..REFUSED }, Violation::NeverTold);
}

#[test]
fn what_is_told_again_without_being_read_loses_what_came_since() {
    let rules = Rules {
        pending_is_read_anew: false,
        ..ALL
    };
    let name = "what_is_told_again_without_being_read_loses_what_came_since";
    is_wrong(name, &Telling { rules, ..REFUSED }, Violation::NeverTold);
}

#[test]
fn what_changes_while_it_is_told_again_is_lost_if_it_is_passed_over() {
    let rules = Rules {
        busy_is_waited_for: false,
        ..ALL
    };
    let name = "what_changes_while_it_is_told_again_is_lost_if_it_is_passed_over";
    is_wrong(name, &Telling { rules, ..REFUSED }, Violation::NeverTold);
}

#[test]
fn what_is_told_again_without_being_read_goes_back_once_a_worker_died() {
    let rules = Rules {
        pending_is_read_anew: false,
        ..ALL
    };
    let name = "what_is_told_again_without_being_read_goes_back_once_a_worker_died";
    let machine = Telling {
        rules,
        deaths: 1,
        ..REFUSED
    };
    is_wrong(name, &machine, Violation::WentBack);
}
