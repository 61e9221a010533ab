//! The delivery protocol as a model: workers, ledger and provider as one state machine, searched
//! through every state within some bounds.
//!
//! In every state and on every step the [`invariants`] must hold: no text is taken twice, none is
//! shown other than it is, and whatever has happened the system alone, without callbacks, users or
//! jobs, can settle every message from there. Each rule in [`rules`] can be switched off, and
//! [`counterexamples`] shows what happens then.
//!
//! What is abstract:
//! - *Time* is nothing but an order of events, [`time`]. A worker may pause anywhere for any length;
//!   the alarm may ring, and a backoff be over, at any moment. The timing inequality is one
//!   constraint: the lease of an attempt ends only when its request can neither be taken nor be
//!   newly listed any more ([`bounds::Timing`] can weaken it).
//! - *The queue* is that any worker may claim any message at any moment, because jobs are lost,
//!   doubled, late and out of order. The sweeper is the same, but needs the alarm; only it counts
//!   when the system is to settle a message by itself.
//! - *A write* is atomic and judges the row as it is. Its answer may be lost, so that it is repeated,
//!   and it may be applied late, or by a primary that is cut off, and rolled back. What was
//!   acknowledged survives; what may be answered meanwhile is for the machine of [`replica`].
//! - *Endpoints* that are told what changed are for the machine of [`hooks`].
//! - *All messages go to one number*, from one of two [`senders`]. Where an operator moves messages from
//!   one to the other, a claim has two steps: the row is read, and what was made of it is swapped by its
//!   version. Nobody else sends the same text, and the provider rewrites no text to be like another one.
//! - *Pace and turns* are left out, like quiet hours, paused senders and the breaker: they only withhold
//!   claims, and here a claim may be withheld for any time anyway. That whoever waits for a turn is found
//!   again is for [`conformance`].
//! - *Texts, codes and the timeline* are left out too, and that we erase what is deleted: only what the
//!   provider erases is here, and other accounts, and clocks that
//!   differ.
//!
//! The model is an oracle and shares no rule with the domain; [`conformance`] compares the two,
//! operation by operation. That the ledgers keep to the domain is for the contract tests.
//! `make model` runs larger bounds and prints the counterexamples.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "this is a test: a broken assumption ends it, and its report is for a person"
)]

mod bounds;
mod claiming;
mod compared;
mod conformance;
mod counterexamples;
mod delivery;
mod drains;
mod erasing;
mod facts;
mod fingerprint;
mod holds;
mod hooks;
mod invariants;
mod ledger;
mod looking;
mod moves;
mod outside;
mod polling;
mod provider;
mod real;
mod replica;
mod rules;
mod runs;
mod search;
mod senders;
mod sending;
mod state;
mod step;
mod symmetry;
mod time;

use bounds::Bounds;
use rules::Rules;

/// What may happen, and by which rules.
struct Model {
    bounds: Bounds,
    rules: Rules,
}
