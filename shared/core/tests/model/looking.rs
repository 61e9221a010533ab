//! A worker looks for a message in doubt: resolution lease, the provider's list, whose the SIDs are,
//! and what follows from it.

use mysms_core::domain::Status;

use super::Model;
use super::bounds::Files;
use super::moves::{Moves, number};
use super::provider::{Listed, Shown, Sid};
use super::senders::Sender;
use super::state::{Age, Ended, Message, Phase, State, Task, Write};
use super::step::Step;

/// What a listed SID is to the message looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Match,
    /// It may be ours: its body cannot be read, or is another.
    Unclear,
    Other,
}

impl Moves<'_> {
    pub(crate) fn begin_looking(&mut self) {
        for (message, row) in self.from.messages.iter().enumerate() {
            if row.lease.is_some_and(|lease| self.model.looks_over(lease)) {
                let leased = self.model.rules.resolution_lease;
                self.take_on(Task {
                    message: number(message),
                    phase: Phase::Writing(Write::TakeResolve { outdated: false }),
                    token: leased.then(|| self.new_token()),
                    from: Sender::Home,
                });
            }
        }
    }

    /// The list as it is now. Only SIDs without an owner are kept, because the others can never be
    /// adopted and prove nothing; if there are none, nothing remains to be read.
    pub(crate) fn list(&mut self, index: usize, task: Task) {
        let message = task.message;
        let row = &self.from.messages[usize::from(message)];
        let sids = self.from.sids.iter().enumerate();
        let open = sids.filter(|(place, sid)| {
            let kind = self.model.kind(self.from, row, number(*place), **sid);
            let unowned = self.from.owner_of(number(*place)).is_none();
            unowned && kind != Kind::Other
        });
        let set = open.fold(0_u8, |set, (place, _)| set | (1 << place));
        let step = |complete| Step::List { message, complete };
        let mut seen = vec![set];
        if set & self.from.ghosts != 0 {
            seen.push(set & !self.from.ghosts);
        }
        for set in seen {
            let next = self.model.listed(self.from, row, set);
            self.proceed(step(true), index, Some(next));
        }
        if self.model.bounds.list_fails {
            let next = self.model.unclear(row);
            self.proceed(step(false), index, Some(next));
        }
    }

    /// The texts in doubt are counted before the owners are read: whoever gets a SID in between makes
    /// the list stale.
    pub(crate) fn count_twins(&mut self, index: usize, task: Task, sids: u8) {
        let row = &self.from.messages[usize::from(task.message)];
        let rows = self.from.messages.iter();
        let alike = rows.filter(|other| other.status == Status::Sending && other.text == row.text);
        let twins = number(alike.count());
        let message = task.message;
        let next = if self.model.finds_others_alike(self.from, row) {
            self.model.unclear(row)
        } else {
            Phase::Counted { sids, twins }
        };
        self.proceed(Step::CountTwins { message }, index, Some(next));
    }

    pub(crate) fn read_owners(&mut self, index: usize, task: Task, sids: u8, twins: u8) {
        let row = &self.from.messages[usize::from(task.message)];
        let next = self.model.conclude(self.from, row, sids, twins);
        let message = task.message;
        self.proceed(Step::ReadOwners { message }, index, Some(next));
    }
}

impl Model {
    /// What is to be read after a list that shows these SIDs. Twins are counted only where matches are
    /// not all that there is.
    fn listed(&self, state: &State, row: &Message, sids: u8) -> Phase {
        let shows = |kind| {
            let mut places = (0..).zip(&state.sids);
            places.any(|(place, sid)| {
                sids & (1 << place) != 0 && self.kind(state, row, place, *sid) == kind
            })
        };
        if sids == 0 {
            self.absent(state, row)
        } else if shows(Kind::Match) && (shows(Kind::Unclear) || self.bounds.files.is_some()) {
            Phase::Listed(sids)
        } else {
            Phase::Counted { sids, twins: 0 }
        }
    }

    /// Whether other files are in doubt that the list shows like those of this message, so that it does
    /// not tell which of them a SID is.
    fn finds_others_alike(&self, state: &State, row: &Message) -> bool {
        let text = row.text;
        self.bounds.files.is_some()
            && self.rules.other_files_prove_nothing
            && (Self::other_files_are_in_doubt(state, text)
                || self.other_files_were_given_up(state, text))
    }

    fn other_files_are_in_doubt(state: &State, text: u8) -> bool {
        let mut others = state.messages.iter().filter(|other| other.text != text);
        others.any(|other| other.status == Status::Sending)
    }

    /// Whether other files were given up, of which a SID may be, too.
    fn other_files_were_given_up(&self, state: &State, text: u8) -> bool {
        let mut others = state.messages.iter().filter(|other| other.text != text);
        self.rules.given_up_files_count
            && others.any(|other| other.ended == Some(Ended::GivenUp) && other.is_visible())
    }

    /// What a list says about a message, now that the owners are known. A match need not be from before
    /// the end of the last lease: were it to, a text whose own SID a twin took would be absent.
    fn conclude(&self, state: &State, row: &Message, set: u8, twins: u8) -> Phase {
        let mut matches = Vec::new();
        let mut doubtful = false;
        for place in 0..number(state.sids.len()) {
            if set & (1 << place) == 0 {
                continue;
            }
            let sid = state.sids[usize::from(place)];
            let owned = state.owner_of(place).is_some();
            match self.kind(state, row, place, sid) {
                Kind::Match if owned && self.rules.stale_list_counts_nothing => {
                    return self.unclear(row);
                }
                Kind::Match if !owned => matches.push(place),
                Kind::Unclear if !owned => doubtful = true,
                _ => {}
            }
        }
        let chosen = if self.rules.oldest_match_first {
            matches.first()
        } else {
            matches.last()
        };
        match chosen {
            Some(_)
                if doubtful
                    && self.rules.matches_suffice_for_twins
                    && number(matches.len()) < twins =>
            {
                self.unclear(row)
            }
            Some(sid) => Phase::Writing(Write::Adopt(*sid)),
            None if doubtful => self.unclear(row),
            None => self.absent(state, row),
        }
    }

    /// The list proves nothing.
    fn unclear(&self, row: &Message) -> Phase {
        let hopeless = row.age == Age::Hopeless && self.rules.doubts_end;
        Phase::Writing(if hopeless {
            Write::GiveUp
        } else {
            Write::LookAgain { absent: false }
        })
    }

    /// A complete list does not show the message.
    fn absent(&self, state: &State, row: &Message) -> Phase {
        Phase::Writing(if !row.unseen {
            Write::LookAgain { absent: true }
        } else if state.opted_out && self.rules.doubts_heed_opt_outs {
            Write::Refuse
        } else {
            Write::RequeueAbsent
        })
    }

    fn kind(&self, state: &State, row: &Message, place: u8, sid: Sid) -> Kind {
        let theirs = state.text_of(sid);
        let same = theirs == row.text;
        let ends_alike = theirs > row.text && !self.rules.exact_match;
        let in_doubt = row.horizon.is_some_and(|horizon| place < horizon);
        let under = if self.rules.looks_ask_for_the_sender {
            row.sender
        } else {
            Sender::Home
        };
        if sid.listed != Listed::Now || sid.from != under || place < row.window {
            return Kind::Other;
        }
        let alone = self.bounds.files == Some(Files::Alone);
        let listed_alike = same || ends_alike || self.bounds.files.is_some();
        let (matches, unclear) = match sid.shown {
            Shown::AsSent if alone && self.rules.files_alone_are_no_match => (false, true),
            Shown::AsSent if listed_alike => (true, false),
            Shown::AsSent | Shown::Rewritten => (false, self.rules.other_bodies_are_not_absent),
            Shown::Unreadable => (
                !self.rules.unreadable_is_no_match,
                self.rules.unreadable_is_not_absent,
            ),
        };
        match (matches, unclear) {
            (true, _) => Kind::Match,
            (false, true) if in_doubt => Kind::Unclear,
            _ => Kind::Other,
        }
    }
}
