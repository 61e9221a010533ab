//! What must hold in every state and on every step.

use mysms_core::domain::Status;

use super::Model;
use super::provider::Sid;
use super::state::{Ended, Message, Phase, Presence, State, Window, Write};
use super::step::{Answer, Step};

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Violation {
    /// The provider took more copies of a text than there are messages with it.
    SentTwice,
    /// The provider took a copy of a text, and of the messages with it too many have a SID or ended
    /// as not sent: not counted are those not settled and those given up, which may yet have it.
    ShownUnsent,
    /// A SID has had two messages: one of the two texts was never sent.
    SidOfTwoMessages,
    /// A message has the SID of a text that is not its own.
    ForeignSid,
    /// A status that only the provider can give, without a SID or other than the provider says.
    Mislabelled,
    SidChanged,
    /// A text is sent from another sender than the one that its message has, or had when it was claimed
    /// by somebody who knows both.
    FromAnotherSender,
    /// The status went back, other than from `sending` to `queued` by the holder of the lease.
    StatusWentBack,
    /// A lease on a message that is not `sending`, or none on one that is.
    LeaseWithoutSending,
    /// An alarm on a message that nobody need come back to.
    AlarmForNothing,
    /// None on a message that somebody must come back to.
    NoAlarm,
    /// The provider's word about a SID was taken and is nowhere to be seen.
    FactLost,
    /// A text was claimed after its recipient had opted out, and is about to be sent.
    ClaimedAgainstWill,
    /// A doubt is about to be queued again although its recipient had opted out.
    QueuedAgainstWill,
    /// From here the system cannot settle every message by itself.
    NeverSettled,
}

/// What is wrong with a state.
pub(crate) fn of_state(state: &State) -> Option<Violation> {
    let mut rows = state.messages.iter();
    rows.find_map(|row| of_message(row, &state.sids))
        .or_else(|| of_sids(state))
        .or_else(|| of_tasks(state))
}

/// Whoever has a claim and is about to send, or is sending.
fn of_tasks(state: &State) -> Option<Violation> {
    let astray = state.tasks.iter().any(|task| {
        let row = &state.messages[usize::from(task.message)];
        let sends = matches!(task.phase, Phase::Claimed(_) | Phase::Posting { .. });
        sends && row.token() == task.token && row.sender != task.from
    });
    astray.then_some(Violation::FromAnotherSender)
}

fn of_message(row: &Message, sids: &[Sid]) -> Option<Violation> {
    let sending = row.status == Status::Sending;
    let unsettled = sending || row.status == Status::Queued;
    if row.lease.is_some() != sending {
        Some(Violation::LeaseWithoutSending)
    } else if row.alarm && !(unsettled || row.is_open()) {
        Some(Violation::AlarmForNothing)
    } else if unsettled && !row.alarm {
        Some(Violation::NoAlarm)
    } else if !is_as_the_provider_says(row, sids) {
        Some(Violation::Mislabelled)
    } else if row
        .sid
        .is_some_and(|own| sids[usize::from(own.number)].from != row.sender)
    {
        Some(Violation::FromAnotherSender)
    } else {
        None
    }
}

fn is_as_the_provider_says(row: &Message, sids: &[Sid]) -> bool {
    let own = row.sid.map(|own| sids[usize::from(own.number)].status);
    match row.status {
        Status::Accepted | Status::Sent | Status::Undelivered | Status::Delivered => {
            own.is_some_and(|said| said >= row.status)
        }
        _ => true,
    }
}

fn of_sids(state: &State) -> Option<Violation> {
    for (message, row) in state.messages.iter().enumerate() {
        let Some(own) = row.sid else { continue };
        let sid = &state.sids[usize::from(own.number)];
        if sid.owner.map(usize::from) != Some(message) {
            return Some(Violation::SidOfTwoMessages);
        }
        if state.text_of(*sid) != row.text {
            return Some(Violation::ForeignSid);
        }
    }
    state
        .messages
        .iter()
        .find_map(|row| of_text(state, row.text))
}

/// Counts the copies of a text, because twins may swap their SIDs.
fn of_text(state: &State, text: u8) -> Option<Violation> {
    let sids = state.sids.iter().filter(|sid| state.text_of(**sid) == text);
    let ownerless = sids.clone().filter(|sid| sid.owner.is_none());
    let twins = (0..)
        .zip(&state.messages)
        .filter(|(_, row)| row.text == text);
    let in_doubt = twins.clone().filter(|(message, row)| {
        let gone = row.presence == Presence::Gone;
        let open = !row.status.is_terminal() || row.ended == Some(Ended::GivenUp) || gone;
        let has_one = |sid: &Sid| sid.owner == Some(*message);
        row.attempts > 0 && open && !state.sids.iter().any(has_one)
    });
    if sids.count() > twins.count() {
        Some(Violation::SentTwice)
    } else if ownerless.count() > in_doubt.count() {
        Some(Violation::ShownUnsent)
    } else {
        None
    }
}

/// What is wrong with a step.
pub(crate) fn of_step(before: &State, step: Step, after: &State) -> Option<Violation> {
    for (old, new) in before.messages.iter().zip(&after.messages) {
        let gone = new.presence == Presence::Gone;
        let kept = old.sid.is_none() || old.sid == new.sid || gone;
        if !kept {
            return Some(Violation::SidChanged);
        }
        let fell = new.status < old.status;
        if fell && !is_requeue_by_holder(old, new, step) {
            return Some(Violation::StatusWentBack);
        }
    }
    if before.opted_out
        && let Some(violation) = against_will(before, after)
    {
        return Some(violation);
    }
    if is_claimed_for_another(before, step, after) {
        return Some(Violation::FromAnotherSender);
    }
    let word = said(before, step)?;
    (!word.is_known(after)).then_some(Violation::FactLost)
}

fn is_claimed_for_another(before: &State, step: Step, after: &State) -> bool {
    let (Step::Write { task, .. } | Step::LateWrite { task }) = step else {
        return false;
    };
    let Phase::Writing(Write::Claim(claiming)) = task.phase else {
        return false;
    };
    let [old, new] = [before, after].map(|state| &state.messages[usize::from(task.message)]);
    let claimed = new.token() == task.token && old.token() != task.token;
    claimed && !claiming.claimant(task.from).sends(old)
}

/// Whether somebody has just decided to send a text, or to send it again. What was decided before the
/// recipient opted out is the provider's to refuse.
fn against_will(before: &State, after: &State) -> Option<Violation> {
    let mut decided = after.tasks.iter().filter(|task| {
        let mut known = before.tasks.iter();
        !known.any(|known| known.token == task.token && known.phase == task.phase)
    });
    decided.find_map(|task| match task.phase {
        Phase::Claimed(Window::Open) => Some(Violation::ClaimedAgainstWill),
        Phase::Writing(Write::RequeueAbsent) => Some(Violation::QueuedAgainstWill),
        _ => None,
    })
}

fn is_requeue_by_holder(old: &Message, new: &Message, step: Step) -> bool {
    let (Step::Write { task, .. } | Step::LateWrite { task }) = step else {
        return false;
    };
    let requeue = matches!(
        task.phase,
        Phase::Writing(Write::Requeue | Write::RequeueAbsent)
    );
    requeue
        && old.status == Status::Sending
        && new.status == Status::Queued
        && old.token() == task.token
}

/// What the provider said in an answer or a callback.
struct Word {
    message: usize,
    sid: u8,
    status: Status,
}

/// What the provider has said for good with this step.
fn said(before: &State, step: Step) -> Option<Word> {
    match step {
        Step::Write {
            task,
            answer: Answer::Arrives,
        } => match task.phase {
            Phase::Writing(Write::Accept(sid)) => Some(Word {
                message: usize::from(task.message),
                sid,
                status: Status::Accepted,
            }),
            _ => None,
        },
        Step::Callback { sid, status } => Some(Word {
            message: usize::from(before.sids[usize::from(sid)].origin),
            sid,
            status,
        }),
        _ => None,
    }
}

impl Word {
    /// Its SID's message shows it; or nobody has the SID yet, because the message that it was sent
    /// for has a twin's.
    fn is_known(&self, state: &State) -> bool {
        let named = &state.messages[self.message];
        state.owner_of(self.sid).map_or_else(
            || named.sid.is_some() || named.presence == Presence::Gone,
            |owner| state.messages[owner].status >= self.status,
        )
    }
}

impl Model {
    /// Every message is where it may stay, and nobody is busy with one. A message that is queued when
    /// the bounds end stays there too, unless it expires.
    pub(crate) fn is_at_rest(&self, state: &State) -> bool {
        let at_rest = |row: &Message| {
            let waits = row.status == Status::Queued && !self.bounds.expiry;
            let rests = row.status >= Status::Accepted && !row.alarm;
            rests || (waits && self.is_out_of_attempts(state, row))
        };
        state.tasks.is_empty() && state.messages.iter().all(at_rest)
    }
}
