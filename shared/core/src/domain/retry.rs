//! Sending the text of a failed message once more, as a message of its own.

use std::time::Duration;

use super::{Idempotency, IdempotencyKey, Message, MessageId, NewMessage, Status, Timestamp};

impl Message {
    /// A new message with the same text to the same number, sent now and valid for `validity`. Its user
    /// finds it by the same reference and tags.
    ///
    /// `None` unless this one ended as `failed` or `undelivered` and still has its text. Two of them
    /// have the same idempotency key, so the ledger stores only one.
    pub fn retry(&self, now: Timestamp, validity: Duration) -> Option<NewMessage> {
        let ended = matches!(self.status, Status::Failed | Status::Undelivered);
        if !ended || !self.visible {
            return None;
        }
        Some(NewMessage {
            id: MessageId::generate(now),
            owner: self.owner,
            account: self.account.clone(),
            sender: self.sender.clone(),
            class: self.class,
            turn: None,
            recipient: self.recipient.clone()?,
            body: self.body.clone()?,
            media: self.media.clone(),
            sent_at: now,
            send_at: None,
            time_zone: self.time_zone.clone(),
            not_before: None,
            // There is no job to be given the right of way.
            wake_at: now,
            expires_at: now + validity,
            idempotency: Some(Idempotency::of_retry(self.id)),
            retry_of: Some(self.id),
            reference: self.reference.clone(),
            tags: self.tags.clone(),
        })
    }
}

impl Idempotency {
    /// What the one retry of a message has. No request of a user has its hash.
    pub fn of_retry(id: MessageId) -> Self {
        Self {
            key: IdempotencyKey::of_retry(id),
            body_hash: format!("retry of {id}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Reference, Tag, Tags};

    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    fn failed() -> Message {
        let mut message = Message::from(NewMessage {
            expires_at: NOW + Duration::from_secs(10),
            reference: Some(Reference::parse("order 17".to_owned()).unwrap()),
            tags: Tags::of([Tag::parse("shop:1").unwrap()]).unwrap(),
            ..NewMessage::example(NOW)
        });
        assert!(message.expire(NOW + Duration::from_secs(10)));
        message
    }

    #[test]
    fn a_retry_is_a_new_message_with_the_same_text() {
        let failed = failed();
        let later = NOW + Duration::from_hours(1);
        let validity = Duration::from_hours(4);
        let retry = failed.retry(later, validity).unwrap();
        assert!(retry.id > failed.id);
        assert_eq!(retry.retry_of, Some(failed.id));
        assert_eq!((retry.sent_at, retry.wake_at), (later, later));
        assert_eq!(retry.expires_at, later + validity);
        assert_eq!(
            (retry.owner, &retry.account),
            (failed.owner, &failed.account)
        );
        let text = (Some(retry.recipient), Some(retry.body));
        assert_eq!(text, (failed.recipient.clone(), failed.body.clone()));
        let noted = (retry.reference, retry.tags);
        assert_eq!(noted, (failed.reference.clone(), failed.tags.clone()));

        let again = failed.retry(later, validity).unwrap();
        assert_ne!(again.id, retry.id);
        assert_eq!(again.idempotency, retry.idempotency);
    }

    #[test]
    fn what_has_not_failed_or_was_deleted_is_not_retried() {
        let retry = |message: &Message| message.retry(NOW, Duration::from_hours(4));
        let mut deleted = failed();
        assert!(deleted.delete(NOW));
        assert_eq!(retry(&deleted), None);
        for status in Status::ALL {
            let mut message = failed();
            message.status = status;
            let ended = matches!(status, Status::Failed | Status::Undelivered);
            assert_eq!(retry(&message).is_some(), ended, "{status}");
        }
    }
}
