//! What may be answered when the ledger is a replica set: a machine of its own, about one record.
//!
//! A primary that is cut off still takes writes and shows them to whoever reads from it, until it
//! steps down; then what no majority had is rolled back. So an answer may rest only on what a
//! majority has, whether it was written or read.
//!
//! The record is a text of a user, who repeats the request until it is answered: it is inserted, or,
//! when something refuses it by now, looked for, because it may have been accepted before. Or it is a
//! text that the provider received, which is looked for before it is inserted; or the end of a token,
//! which every request with the token looks for. That an insert whose key is taken waits for a
//! majority, too, is what MongoDB was seen to do.
//!
//! Not a rule, because it has no counterexample of its own while reads are a majority's: that a store
//! which is away is passed on instead of being looked into for an answer.

mod machine;
mod set;

use machine::{Acceptance, Violation};

use super::runs::{is_right, is_wrong};

/// The rules that can be switched off.
#[derive(Debug, Clone, Copy)]
struct Rules {
    /// A write is answered once a majority has it.
    writes_are_a_majoritys: bool,
    /// A read shows what a majority has.
    reads_are_a_majoritys: bool,
}

const ALL: Rules = Rules {
    writes_are_a_majoritys: true,
    reads_are_a_majoritys: true,
};

const LOCAL_READS: Rules = Rules {
    reads_are_a_majoritys: false,
    ..ALL
};

const LOOKED_FOR: Acceptance = Acceptance {
    looked_for: true,
    rules: ALL,
    cuts: 3,
};

#[test]
fn what_was_answered_is_never_lost() {
    is_right("a record in a replica set", &LOOKED_FOR);
}

#[test]
fn without_writes_of_a_majority_a_text_is_lost_after_its_answer() {
    let rules = Rules {
        writes_are_a_majoritys: false,
        ..ALL
    };
    let machine = Acceptance {
        rules,
        ..LOOKED_FOR
    };
    let name = "without_writes_of_a_majority_a_text_is_lost_after_its_answer";
    is_wrong(name, &machine, Violation::Lost);
}

#[test]
fn without_reads_of_a_majority_a_text_is_lost_after_its_answer() {
    let machine = Acceptance {
        rules: LOCAL_READS,
        ..LOOKED_FOR
    };
    let name = "without_reads_of_a_majority_a_text_is_lost_after_its_answer";
    is_wrong(name, &machine, Violation::Lost);
}

/// A text that the provider received could be inserted first instead: then no local read counts.
#[test]
fn what_is_never_looked_for_is_never_lost() {
    let machine = Acceptance {
        looked_for: false,
        rules: LOCAL_READS,
        ..LOOKED_FOR
    };
    is_right("a record that is not looked for", &machine);
}
