//! The protocol as it is, while an operator moves messages to another sender: whenever that happens, each
//! text leaves from the sender that its message has, once.

use super::bounds::Bounds;
use super::runs::{bounds, holds};

const MOVED: Bounds = Bounds {
    moves: 2,
    strangers: true,
    ..Bounds::PLAIN
};

#[test]
fn one_message_that_is_moved_to_and_fro() {
    let small = Bounds {
        not_sent: true,
        late_writes: 1,
        ..MOVED
    };
    let large = Bounds {
        attempts: 3,
        tasks: 3,
        crashes: 1,
        lost_answers: 1,
        users: true,
        callbacks: true,
        ..small
    };
    holds("one message, moved", bounds(small, large));
}

#[test]
fn twins_of_which_one_is_moved() {
    let small = Bounds {
        texts: &[0, 0],
        moves: 1,
        strangers: false,
        claims: 3,
        ..MOVED
    };
    let large = Bounds {
        crashes: 1,
        callbacks: true,
        unreadable: true,
        expiry: true,
        claims: 4,
        ..small
    };
    holds("twins, moved", bounds(small, large));
}
