//! SIDs and facts: what the provider says, merged by rank, whoever holds the lease.

use mysms_core::domain::Status;

use super::Model;
use super::ledger::holds;
use super::moves::number;
use super::state::{Message, OwnSid, Phase, Presence, State, Task, Write};

impl Model {
    /// Gives a message a SID from the list, with the status that the provider has for it by now.
    pub(crate) fn adopt(&self, state: &mut State, task: Task, sid: u8) -> Option<Phase> {
        let row = &state.messages[usize::from(task.message)];
        let trusted = !self.rules.token_on_adopt || self.works_without_lease(task.token);
        if row.status != Status::Sending || !(trusted || holds(row, task.token)) {
            return None;
        }
        if state.owner_of(sid).is_some() {
            return Some(Phase::Writing(Write::LookAgain { absent: false }));
        }
        let status = state.sids[usize::from(sid)].status;
        self.merge(state, usize::from(task.message), sid, status, true);
        None
    }

    /// What the provider said about a SID in an answer or a callback for `message`.
    pub(crate) fn apply_fact(&self, state: &mut State, message: usize, sid: u8, status: Status) {
        let own = state.messages[message].sid;
        let gone = state.messages[message].presence == Presence::Gone;
        match state.owner_of(sid) {
            Some(owner) if owner == message => self.merge(state, owner, sid, status, false),
            Some(owner) => {
                if self.rules.facts_follow_the_sid {
                    self.merge(state, owner, sid, status, false);
                }
                if own.is_none() && !gone && !self.rules.taken_sid_keeps_sending {
                    self.raise(&mut state.messages[message], status);
                }
            }
            None if gone => {}
            None if own.is_none() => self.merge(state, message, sid, status, false),
            None => self.surplus(state, message, sid, status),
        }
    }

    /// The message has another SID than the one that the fact is about.
    fn surplus(&self, state: &mut State, message: usize, sid: u8, status: Status) {
        let row = &mut state.messages[message];
        let adopted = row.sid.is_some_and(|own| own.adopted);
        if status == Status::Delivered && !(adopted && self.rules.surplus_spares_adopted) {
            self.raise(row, status);
        }
        let text = row.text;
        let mut rows = state.messages.iter();
        let twin = rows.position(|row| row.text == text && row.status == Status::Sending);
        if let Some(twin) = twin.filter(|_| adopted && !self.rules.surplus_waits_for_its_twin) {
            self.merge(state, twin, sid, status, false);
        }
    }

    fn merge(&self, state: &mut State, message: usize, sid: u8, status: Status, adopted: bool) {
        let row = &mut state.messages[message];
        row.sid.get_or_insert(OwnSid {
            number: sid,
            adopted,
        });
        self.raise(row, status);
        let name = number(message);
        state.sids[usize::from(sid)].owner.get_or_insert(name);
    }

    fn raise(&self, row: &mut Message, status: Status) {
        let ends = row.status.is_terminal() && !self.rules.terminals_are_ordered;
        let up = row.status < status && !ends;
        if up {
            self.end(row, status);
        }
        if up || !self.rules.fact_alarm_needs_raise {
            let open = row.is_visible() && !status.is_terminal();
            row.alarm |= open && self.bounds.later_statuses;
        }
    }
}
