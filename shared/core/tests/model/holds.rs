//! The protocol as it is: no invariant breaks, no text is sent twice, and from every state the
//! system settles every message by itself.
//!
//! Together the small bounds allow whatever a counterexample in `counterexamples` needs, so that it
//! is the missing rule that makes it possible.

use mysms_core::domain::Erasure;

use super::bounds::{Bounds, Clocks, Files, Timing};
use super::rules::Rules;
use super::runs::{bounds, holds, holds_by};

const PLAIN: Bounds = Bounds::PLAIN;

const ONE: Bounds = Bounds {
    crashes: 1,
    lost_answers: 1,
    clocks: Clocks::Ahead,
    users: true,
    opt_outs: true,
    rejections: true,
    not_sent: true,
    callbacks: true,
    list_fails: true,
    expiry: true,
    ..PLAIN
};

const TWINS: Bounds = Bounds {
    texts: &[0, 0],
    callbacks: true,
    ..PLAIN
};

#[test]
fn one_message_whatever_happens() {
    let large = Bounds {
        attempts: 3,
        tasks: 3,
        crashes: 2,
        late_writes: 1,
        ..ONE
    };
    holds("one message", bounds(ONE, large));
}

#[test]
fn twins_that_are_deleted_and_erased() {
    for erasure in [Erasure::Content, Erasure::Record] {
        let small = Bounds {
            erasure: Some(erasure),
            in_doubt: 2,
            users: true,
            not_sent: true,
            callbacks: false,
            tasks: 1,
            ..TWINS
        };
        let large = Bounds {
            tasks: 2,
            callbacks: true,
            ..small
        };
        holds("twins, erased", bounds(small, large));
    }
}

#[test]
fn two_texts_that_are_deleted_and_erased() {
    let small = Bounds {
        erasure: Some(Erasure::Content),
        texts: &[0, 1],
        in_doubt: 2,
        users: true,
        callbacks: false,
        tasks: 1,
        ..TWINS
    };
    let large = Bounds { tasks: 2, ..small };
    holds("two texts, erased", bounds(small, large));
}

#[test]
fn one_message_sent_three_times() {
    let small = Bounds {
        attempts: 3,
        crashes: 1,
        lost_answers: 1,
        late_writes: 1,
        rollbacks: 1,
        clocks: Clocks::Behind,
        not_sent: true,
        callbacks: true,
        ..PLAIN
    };
    let large = Bounds {
        attempts: 4,
        tasks: 4,
        crashes: 2,
        users: true,
        ..small
    };
    holds("one message, many attempts", bounds(small, large));
}

/// With the weaker inequality one message is safe; twins are not, see `counterexamples`.
#[test]
fn one_message_while_the_provider_is_quiet_only_at_the_second_look() {
    let small = Bounds {
        attempts: 3,
        late_writes: 1,
        callbacks: true,
        timing: Timing::QuietAtSecondLook,
        ..PLAIN
    };
    let large = Bounds {
        tasks: 3,
        crashes: 1,
        lost_answers: 1,
        not_sent: true,
        users: true,
        ..small
    };
    holds(
        "one message, quiet at the second look",
        bounds(small, large),
    );
}

#[test]
fn one_message_with_later_statuses() {
    let small = Bounds {
        crashes: 1,
        users: true,
        callbacks: true,
        later_statuses: true,
        expiry: true,
        ..PLAIN
    };
    let large = Bounds {
        tasks: 3,
        late_writes: 1,
        list_fails: true,
        not_sent: true,
        ..small
    };
    holds("one message, later statuses", bounds(small, large));
}

#[test]
fn one_message_with_an_unreadable_body() {
    let small = Bounds {
        unreadable: true,
        rewritten: true,
        expiry: true,
        callbacks: true,
        ..PLAIN
    };
    let large = Bounds {
        unreadable: true,
        rewritten: true,
        attempts: 3,
        tasks: 3,
        lost_answers: 1,
        ..ONE
    };
    holds("one message, unreadable body", bounds(small, large));
}

#[test]
fn twins_canceled_and_deleted() {
    let small = Bounds {
        users: true,
        callbacks: false,
        claims: 3,
        ..TWINS
    };
    let large = Bounds {
        claims: u8::MAX,
        crashes: 1,
        callbacks: true,
        opt_outs: true,
        ..small
    };
    holds("twins, users", bounds(small, large));
}

/// The window of the list begins early, because clocks differ.
#[test]
fn twins_with_a_list_from_before_their_time() {
    let small = Bounds {
        wide_window: true,
        ..TWINS
    };
    let large = Bounds {
        crashes: 1,
        users: true,
        rejections: true,
        not_sent: true,
        ..small
    };
    holds("twins, wide window", bounds(small, large));
}

#[test]
fn twins_with_writes_applied_late() {
    let small = Bounds {
        late_writes: 1,
        rollbacks: 1,
        in_doubt: 2,
        claims: 3,
        callbacks: false,
        ..TWINS
    };
    let large = Bounds {
        late_writes: 1,
        rollbacks: 1,
        lost_answers: 1,
        tasks: 3,
        claims: 4,
        callbacks: false,
        ..TWINS
    };
    holds("twins, late writes", bounds(small, large));
}

#[test]
fn twins_expired_and_given_up() {
    let small = Bounds {
        expiry: true,
        list_fails: true,
        tasks: 1,
        ..TWINS
    };
    let large = Bounds {
        tasks: 2,
        crashes: 1,
        ..small
    };
    holds("twins, expiry", bounds(small, large));
}

#[test]
fn twins_with_later_statuses() {
    let small = Bounds {
        later_statuses: true,
        attempts: 1,
        tasks: 1,
        ..TWINS
    };
    let large = Bounds {
        later_statuses: true,
        ..TWINS
    };
    holds("twins, later statuses", bounds(small, large));
}

#[test]
fn different_files_that_are_listed_alike() {
    let small = Bounds {
        texts: &[0, 1],
        files: Some(Files::WithWords),
        claims: 2,
        callbacks: true,
        expiry: true,
        ..PLAIN
    };
    let large = Bounds {
        claims: u8::MAX,
        crashes: 1,
        not_sent: true,
        opt_outs: true,
        ..small
    };
    holds("files, alike", bounds(small, large));
}

#[test]
fn identical_files_are_twins() {
    let small = Bounds {
        files: Some(Files::WithWords),
        tasks: 1,
        ..TWINS
    };
    holds("files, twins", bounds(small, Bounds { tasks: 2, ..small }));
}

/// They need not heed each other, and so need not wait for each other either.
#[test]
fn files_without_words() {
    let rules = Rules {
        other_files_prove_nothing: false,
        given_up_files_count: false,
        ..Rules::ALL
    };
    for texts in [&[0, 1], &[0, 0]] {
        let small = Bounds {
            texts,
            files: Some(Files::Alone),
            in_doubt: 2,
            claims: 3,
            tasks: 1,
            users: true,
            expiry: true,
            ..PLAIN
        };
        let large = Bounds {
            tasks: 2,
            callbacks: true,
            crashes: 1,
            not_sent: true,
            ..small
        };
        holds_by(rules, "files without words", bounds(small, large));
    }
}

#[test]
fn batches_with_one_token() {
    let small = Bounds {
        texts: &[0, 1],
        batches: true,
        claims: 3,
        lost_answers: 1,
        not_sent: true,
        ..PLAIN
    };
    let large = Bounds {
        texts: &[0, 0],
        claims: u8::MAX,
        tasks: 3,
        callbacks: true,
        ..small
    };
    holds("batches", bounds(small, large));
}

#[test]
fn two_texts_of_which_one_ends_with_the_other() {
    let small = Bounds {
        texts: &[0, 1],
        unreadable: true,
        expiry: true,
        in_doubt: 2,
        tasks: 1,
        ..PLAIN
    };
    let large = Bounds {
        in_doubt: 0,
        tasks: 2,
        callbacks: true,
        ..small
    };
    holds("two texts, unreadable bodies", bounds(small, large));
}

/// Nothing but the list can tell, and it shows either as it was sent.
#[test]
fn two_texts_in_doubt_are_settled_without_being_given_up() {
    let small = Bounds {
        texts: &[0, 1],
        in_doubt: 2,
        claims: 4,
        ..PLAIN
    };
    let large = Bounds {
        in_doubt: 0,
        claims: u8::MAX,
        crashes: 1,
        ..small
    };
    holds("two texts in doubt", bounds(small, large));
}

#[test]
fn twins_of_which_the_list_shows_one_otherwise() {
    let small = Bounds {
        unreadable: true,
        expiry: true,
        in_doubt: 1,
        claims: 3,
        tasks: 1,
        callbacks: false,
        ..TWINS
    };
    let large = Bounds {
        rewritten: true,
        in_doubt: 2,
        claims: 4,
        tasks: 2,
        callbacks: true,
        ..small
    };
    holds("twins, one listed otherwise", bounds(small, large));
}

#[test]
fn twins_beside_another_text() {
    let small = Bounds {
        texts: &[0, 0, 1],
        in_doubt: 3,
        claims: 4,
        tasks: 1,
        ..PLAIN
    };
    let large = Bounds {
        texts: &[0, 0, 0],
        unreadable: true,
        expiry: true,
        ..small
    };
    holds("twins and another", bounds(small, large));
}

#[test]
fn three_identical_texts_in_doubt() {
    let small = Bounds {
        texts: &[0, 0, 0],
        in_doubt: 3,
        claims: 4,
        ..PLAIN
    };
    let large = Bounds {
        in_doubt: 0,
        claims: u8::MAX,
        callbacks: true,
        ..small
    };
    holds("three identical texts", bounds(small, large));
}
