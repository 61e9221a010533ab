//! The system has the provider erase what users deleted.
//!
//! That nothing is begun in between which may see the text needs no step of its own: whoever begins later looks
//! at nothing that was taken before.

use mysms_core::domain::{Erasure, Status};

use super::Model;
use super::moves::{Moves, number};
use super::provider::{Listed, Shown};
use super::state::{Message, Phase, Presence, State};
use super::step::Step;

impl Moves<'_> {
    pub(crate) fn of_erasures(&mut self) {
        let Some(what) = self.model.bounds.erasure else {
            return;
        };
        for place in 0..self.from.sids.len() {
            let name = number(place);
            if self.is_erasable(place) && !self.model.is_evidence(self.from, name) {
                self.add(Step::Erase { sid: name }, |state| {
                    let sid = &mut state.sids[place];
                    match what {
                        Erasure::Content => sid.shown = Shown::Unreadable,
                        Erasure::Record => sid.listed = Listed::Gone,
                    }
                });
            }
        }
    }

    /// Whether a deleted message that came to rest has this SID, or the provider told it of this one too. A
    /// list that is being judged shows what it showed.
    fn is_erasable(&self, place: usize) -> bool {
        let (sid, name) = (self.from.sids[place], number(place));
        let owner = self.from.owner_of(name);
        let row = &self.from.messages[owner.unwrap_or(usize::from(sid.origin))];
        let rests = row.presence == Presence::Tombstone && row.status != Status::Sending;
        let is_judged = self.from.tasks.iter().any(|task| match task.phase {
            Phase::Listed(sids) | Phase::Counted { sids, .. } => sids & (1 << name) != 0,
            _ => false,
        });
        let is_there = sid.listed == Listed::Now && sid.shown != Shown::Unreadable;
        rests && row.sid.is_some() && is_there && !is_judged
    }
}

impl Model {
    /// Whether a look for a message, now or after another attempt, may show a SID.
    fn is_evidence(&self, state: &State, place: u8) -> bool {
        let may_meet = |row: &Message| {
            let open = matches!(row.status, Status::Queued | Status::Sending);
            open && row.attempts > 0 && row.window <= place
        };
        self.rules.erasures_spare_evidence && state.messages.iter().any(may_meet)
    }
}
