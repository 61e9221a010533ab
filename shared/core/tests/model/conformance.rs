//! The domain does to a message what the model does to its row: every operation, on every row that
//! the model reaches.
//!
//! Which message gets a fact is the ledgers' business, and so not compared here.

use std::collections::{HashSet, VecDeque};

use mysms_core::domain::Status;

use super::Model;
use super::bounds::Bounds;
use super::claiming::Claiming;
use super::compared::Compared;
use super::fingerprint::{self, Fingerprints};
use super::provider::{Listed, Shown, Sid};
use super::real;
use super::rules::Rules;
use super::senders::{Claimant, Sender};
use super::state::{
    Lease, LeaseKind, Message, OwnSid, Phase, Presence, Requests, State, Task, Token, Write,
};

/// Enough for rows of every kind.
const ROWS: Bounds = Bounds {
    tasks: 1,
    crashes: 1,
    users: true,
    opt_outs: true,
    rejections: true,
    not_sent: true,
    callbacks: true,
    later_statuses: true,
    expiry: true,
    unreadable: true,
    rewritten: true,
    ..Bounds::PLAIN
};

/// Something done to one row.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Operation {
    Claim(Claimant, Token),
    Write(Write, Token),
    /// Like [`Write::Requeue`], but what was not sent has to wait, so that it loses its turn.
    RequeueLater(Token),
    Fact(u8, Status),
    Expire,
    RefuseQueued,
    Cancel,
    Delete,
    /// To the other sender, where it has a turn or none.
    Move {
        turn: bool,
    },
    /// Turns and quiet hours are nothing to the model: they say when a message leaves.
    TakeTurn,
    LeaveLine,
    WaitUntil,
}

/// The token that holds a row that is held, and one that never does.
const CURRENT: Token = Token(0);
const STALE: Token = Token(1);

/// A row's own SID, and another.
const OWN: u8 = 0;
const SECOND: u8 = 1;

#[test]
fn the_domain_does_what_the_model_does() {
    let rows = rows();
    for status in Status::ALL {
        let reached = rows.iter().any(|row| row.status == status);
        assert!(reached, "{status}");
    }
    for row in rows {
        for operation in operations() {
            let by_model = Compared::of_row(&by_model(row, operation));
            for turn in [false, true] {
                let message = real::perform(row, turn, operation);
                let by_domain = Compared::of_message(&message);
                let case = format!("{operation:?} on {row:?}, with a turn: {turn}");
                assert_eq!(by_domain, by_model, "{case}");
                assert!(real::is_found(&message), "{case}: {message:?}");
            }
        }
    }
}

/// The rows that the model reaches, from each sender, but for what only the model knows of them.
fn rows() -> HashSet<Message> {
    let model = Model {
        bounds: ROWS,
        rules: Rules::ALL,
    };
    let mut met = Fingerprints::default();
    let mut rows = HashSet::new();
    let mut waiting = VecDeque::from(ROWS.beginnings());
    while let Some(state) = waiting.pop_front() {
        if met.insert(fingerprint::of(&state.canonical())).1 {
            rows.extend(state.messages.iter().copied().flat_map(plain));
            let moves = model.steps_from(&state).into_iter();
            waiting.extend(moves.map(|(_, next)| next));
        }
    }
    rows
}

fn plain(row: Message) -> [Message; 2] {
    Sender::ALL.map(|sender| Message {
        sender,
        lease: row.lease.map(|lease| Lease {
            token: lease.token.map(|_| CURRENT),
            kind: LeaseKind::Claim,
            over: lease.over,
        }),
        sid: row.sid.map(|own| OwnSid { number: OWN, ..own }),
        window: 0,
        horizon: None,
        in_flight: [Requests::default(); 2],
        ..row
    })
}

fn operations() -> impl Iterator<Item = Operation> {
    let writes = [
        Write::Reject,
        Write::Refuse,
        Write::Requeue,
        Write::TakeResolve { outdated: false },
        Write::TakeResolve { outdated: true },
        Write::Adopt(OWN),
        Write::LookAgain { absent: false },
        Write::LookAgain { absent: true },
        Write::RequeueAbsent,
        Write::GiveUp,
        Write::TakePoll,
        Write::NextPoll { at: true },
        Write::NextPoll { at: false },
    ];
    let by_token = move |token| {
        let writes = writes.map(|write| Operation::Write(write, token));
        let claims = Claimant::ALL.map(|by| Operation::Claim(by, token));
        let requeue = [Operation::RequeueLater(token)];
        writes.into_iter().chain(claims).chain(requeue)
    };
    let said = Status::ALL
        .into_iter()
        .filter(|status| *status >= Status::Accepted);
    let facts = said.flat_map(|status| [OWN, SECOND].map(|sid| Operation::Fact(sid, status)));
    let others = [
        Operation::Expire,
        Operation::RefuseQueued,
        Operation::Cancel,
        Operation::Delete,
        Operation::Move { turn: false },
        Operation::Move { turn: true },
        Operation::TakeTurn,
        Operation::LeaveLine,
        Operation::WaitUntil,
    ];
    let writes = [CURRENT, STALE].into_iter().flat_map(by_token);
    writes.chain(facts).chain(others)
}

fn by_model(row: Message, operation: Operation) -> Message {
    let model = Model {
        bounds: Bounds {
            attempts: u8::MAX,
            ..ROWS
        },
        rules: Rules::ALL,
    };
    let mut state = State {
        messages: vec![row],
        tasks: Vec::new(),
        sids: vec![accepted(row.sid.map(|_| 0)), accepted(None)],
        late_write: None,
        crashes_left: 0,
        lost_answers_left: 0,
        late_writes_left: 0,
        rollbacks_left: 0,
        moves_left: 0,
        ghosts: 0,
        opted_out: false,
        heard: false,
    };
    let mut write = |write, token, from| {
        let task = Task {
            message: 0,
            phase: Phase::Writing(write),
            token: Some(token),
            from,
        };
        model.perform(&mut state, task, 0);
    };
    match operation {
        Operation::Claim(by, token) => write(Write::Claim(Claiming::by(by)), token, by.sender),
        Operation::Write(what, token) => write(what, token, row.sender),
        Operation::RequeueLater(token) => write(Write::Requeue, token, row.sender),
        Operation::Fact(sid, status) => model.apply_fact(&mut state, 0, sid, status),
        Operation::Expire => model.expire(&mut state.messages[0]),
        Operation::RefuseQueued => model.refuse_queued(&mut state.messages[0]),
        Operation::Cancel => model.cancel(&mut state.messages[0]),
        Operation::Delete if row.presence == Presence::Visible => {
            model.delete(&mut state.messages[0]);
        }
        Operation::Move { .. } => model.move_away(&mut state.messages[0]),
        Operation::Delete | Operation::TakeTurn | Operation::LeaveLine | Operation::WaitUntil => {}
    }
    state.messages[0]
}

fn accepted(owner: Option<u8>) -> Sid {
    Sid {
        origin: 0,
        from: Sender::Home,
        listed: Listed::Now,
        shown: Shown::AsSent,
        status: Status::Accepted,
        owner,
    }
}
