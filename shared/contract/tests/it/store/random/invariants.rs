//! What holds after every operation, whatever it was.

use std::collections::HashSet;

use mysms_core::domain::{Message, MessageId, Status};

use super::operation::Operation;

/// Tells which invariant is broken, and by which message.
pub(super) fn check(
    before: &[Message],
    operation: &Operation,
    after: &[Message],
) -> Result<(), String> {
    of_all(after)?;
    let known = |id: MessageId| before.iter().find(|message| message.id == id);
    let mut changed = 0;
    for message in after {
        if let Some(earlier) = known(message.id) {
            of_change(earlier, operation, message)
                .map_err(|rule| format!("{rule}: {earlier:#?} became {message:#?}"))?;
            changed += usize::from(earlier != message);
        }
    }
    if changed > 1 && !operation.is_for_many() {
        return Err(format!("{changed} messages changed"));
    }
    Ok(())
}

/// What holds of all messages together.
pub(super) fn of_all(messages: &[Message]) -> Result<(), String> {
    for message in messages {
        of_message(message).map_err(|rule| format!("{rule}: {message:#?}"))?;
    }
    let owned = messages
        .iter()
        .filter_map(|message| message.provider.as_ref());
    let sids: Vec<_> = owned.map(|provider| &provider.sid).collect();
    let distinct: HashSet<_> = sids.iter().collect();
    if distinct.len() < sids.len() {
        return Err("a SID has two owners".to_owned());
    }
    Ok(())
}

/// What holds of each message.
pub(super) fn of_message(message: &Message) -> Result<(), &'static str> {
    use Status::{Accepted, Canceled, Delivered, Failed, Queued, Sending, Sent, Undelivered};

    let status = message.status;
    let has_sid = message.provider.is_some();
    let has_text = message.body.is_some() && message.recipient.is_some();
    let terminal = matches!(status, Canceled | Failed | Undelivered | Delivered);
    let rules = [
        (
            "a lease ⇔ sending",
            message.lease.is_some() == (status == Sending),
        ),
        (
            "terminal ⇒ no alarm",
            !terminal || message.wake_at.is_none(),
        ),
        (
            "queued or sending ⇒ an alarm",
            !matches!(status, Queued | Sending) || message.wake_at.is_some(),
        ),
        (
            "the provider has it ⇒ a SID",
            !matches!(status, Accepted | Sent | Undelivered | Delivered) || has_sid,
        ),
        (
            "queued or sending ⇒ no SID",
            !matches!(status, Queued | Sending) || !has_sid,
        ),
        (
            "queued with a turn ⇒ its alarm is its expiry",
            status != Queued
                || message.turn.is_none()
                || message.wake_at == Some(message.expires_at),
        ),
        (
            "to be erased ⇒ deleted, at rest, with a SID",
            message.erase_at.is_none() || message.rests_deleted(),
        ),
        ("queued ⇒ visible", status != Queued || message.visible),
        (
            "deleted ⇔ not visible",
            message.visible == message.deleted_at.is_none(),
        ),
        (
            "text ⇔ visible or still in doubt",
            has_text == (message.visible || status == Sending),
        ),
        (
            "delivered ⇔ a time of delivery",
            (status == Delivered) == message.delivered_at.is_some(),
        ),
        (
            "at most 100 timeline entries",
            message.timeline.len() <= 100,
        ),
    ];
    first_broken(&rules)
}

fn of_change(
    earlier: &Message,
    operation: &Operation,
    later: &Message,
) -> Result<(), &'static str> {
    let held = earlier.lease.and_then(|lease| lease.token);
    let by_holder = matches!(
        operation,
        Operation::Settle(id, token, ..) if *id == earlier.id && Some(*token) == held
    );
    let foreign = earlier.status == Status::Queued
        && matches!(
            operation,
            Operation::Claim(_, by, _) | Operation::ClaimThese(_, by, _)
                if by.others.iter().any(|other| Some(other.as_str()) == earlier.sender.as_deref())
        );
    let by_job = matches!(operation, Operation::Claim(..)) && earlier.segments_in_line().is_some();
    let requeued = earlier.status == Status::Sending && later.status == Status::Queued;
    let seen = |m: &Message| (m.status, m.error_code.clone(), m.unread, m.timeline.clone());
    let with_its_version = Message {
        version: earlier.version,
        ..later.clone()
    };
    let changed = u32::from(with_its_version != *earlier);
    let rules = [
        (
            "each change raises the version by one",
            later.version == earlier.version + changed,
        ),
        (
            "the time of the last change never goes back",
            later.updated_at >= earlier.updated_at,
        ),
        (
            "what its user sees changes in time",
            seen(later) == seen(earlier)
                || later.updated_at > earlier.updated_at
                // They see no tombstone.
                || matches!(operation, Operation::NoteErased(..)),
        ),
        (
            "the rank falls only by the holder's requeue",
            later.status >= earlier.status || (requeued && by_holder),
        ),
        (
            "a SID is never changed",
            earlier.provider.is_none() || earlier.provider == later.provider,
        ),
        (
            "what is deleted stays so",
            earlier.visible || earlier.deleted_at == later.deleted_at,
        ),
        (
            "attempts are never forgotten",
            earlier.attempts <= later.attempts,
        ),
        (
            "the window never begins later",
            earlier
                .first_attempt_at
                .is_none_or(|first| later.first_attempt_at <= Some(first)),
        ),
        (
            "nobody claims what leaves another sender, and no job what is in line",
            !(foreign || by_job) || later.status != Status::Sending,
        ),
        (
            "the expiry never moves nearer",
            earlier.expires_at <= later.expires_at,
        ),
        ("the class stays", earlier.class == later.class),
        (
            "the key stays used",
            earlier.idempotency == later.idempotency,
        ),
        (
            "the owner and the account stay",
            (earlier.owner, &earlier.account) == (later.owner, &later.account),
        ),
    ];
    first_broken(&rules)
}

fn first_broken(rules: &[(&'static str, bool)]) -> Result<(), &'static str> {
    let broken = rules.iter().find(|(_, holds)| !holds);
    broken.map_or(Ok(()), |(rule, _)| Err(rule))
}
