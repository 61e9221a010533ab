//! How an attempt ends.

use mysms_core::domain::{Event, NewMessage, OwnError, Settlement, Status};

use super::adapters::Store;
use super::fixtures::{at, claim, message, not_sent, rejected, token, unknown};

pub(super) async fn a_rejected_message_has_failed(store: &Store) {
    let id = store.sending(message(1), token(1)).await;
    assert!(store.settle(id, token(1), rejected(), at(2)).await);
    let failed = store.get(id).await;
    assert_eq!(failed.status, Status::Failed);
    assert_eq!(failed.error_code.as_deref(), Some("21211"));
    assert_eq!((failed.lease, failed.wake_at), (None, None));
    assert_eq!(failed.updated_at, at(2));
    let last = failed.timeline.last().unwrap();
    assert_eq!(
        (last.event, last.status),
        (Event::Rejected, Some(Status::Failed))
    );
    assert_eq!(last.code.as_deref(), Some("21211"));
    assert_eq!(last.detail.as_deref(), Some("the number is not valid"));
}

pub(super) async fn what_is_not_wanted_any_more_fails_unsent(store: &Store) {
    let id = store.sending(message(1), token(1)).await;
    let opted_out = Settlement::OptedOut;
    assert!(!store.settle(id, token(2), opted_out.clone(), at(2)).await);
    assert!(store.settle(id, token(1), opted_out, at(2)).await);
    let failed = store.get(id).await;
    assert_eq!(failed.status, Status::Failed);
    assert_eq!(
        failed.error_code.as_deref(),
        Some(OwnError::RecipientOptedOut.as_str())
    );
    assert_eq!((failed.lease, failed.wake_at), (None, None));
    let last = failed.timeline.last().unwrap();
    assert_eq!(
        (last.event, last.status),
        (Event::OptedOut, Some(Status::Failed))
    );
    assert_eq!(
        last.code.as_deref(),
        Some(OwnError::RecipientOptedOut.as_str())
    );
    assert!(!store.claim(id, claim(token(3), at(60))).await);
}

pub(super) async fn what_was_not_sent_waits_for_its_time(store: &Store) {
    let id = store.sending(message(1), token(1)).await;
    assert!(
        store
            .settle(id, token(1), not_sent(at(60), at(2)), at(2))
            .await
    );
    let waiting = store.get(id).await;
    assert_eq!(waiting.status, Status::Queued);
    assert_eq!(waiting.not_before, at(60));
    assert_eq!(waiting.wake_at, Some(at(60)));
    assert_eq!(waiting.lease, None);
    assert_eq!(waiting.attempts, 1);
    let last = waiting.timeline.last().unwrap();
    assert_eq!(
        (last.event, last.status),
        (Event::NotSent, Some(Status::Queued))
    );
    assert!(!store.claim(id, claim(token(2), at(57))).await);
    assert!(store.claim(id, claim(token(2), at(58))).await);
}

pub(super) async fn an_unknown_outcome_keeps_the_lease(store: &Store) {
    let id = store.sending(message(1), token(1)).await;
    let before = store.get(id).await;
    assert!(store.settle(id, token(1), unknown(), at(2)).await);
    let after = store.get(id).await;
    assert_eq!(after.status, Status::Sending);
    assert_eq!((after.lease, after.wake_at), (before.lease, before.wake_at));
    let (last, earlier) = after.timeline.split_last().unwrap();
    assert_eq!(last.event, Event::OutcomeUnknown);
    assert_eq!(earlier, before.timeline);
}

pub(super) async fn a_message_deleted_while_sending_ends_when_that_is_settled(store: &Store) {
    let ends = [
        (rejected(), Status::Failed),
        (Settlement::OptedOut, Status::Failed),
        (not_sent(at(60), at(9)), Status::Canceled),
        (
            Settlement::GiveUp {
                expired_before: at(999_999),
            },
            Status::Failed,
        ),
    ];
    for (number, (settlement, status)) in (1..).zip(ends) {
        let id = store.sending(message(number), token(number)).await;
        store.delete(id, at(5)).await;
        let in_doubt = store.get(id).await;
        assert!(in_doubt.body.is_some(), "it is looked for by its text");
        assert!(store.settle(id, token(number), settlement, at(9)).await);
        let ended = store.get(id).await;
        assert_eq!(ended.status, status);
        assert_eq!((ended.lease, ended.wake_at), (None, None));
        assert_eq!(
            (ended.body, ended.recipient, ended.counterpart),
            (None, None, None)
        );
    }
}

pub(super) async fn a_deleted_message_absent_twice_is_not_sent_again(store: &Store) {
    use super::fixtures::look_again;
    use mysms_core::domain::Absence;

    let id = store.sending(message(1), token(1)).await;
    store.delete(id, at(5)).await;
    store
        .settle(
            id,
            token(1),
            look_again(Absence::NotInList, at(120)),
            at(90),
        )
        .await;
    let look = store.take_resolve(id, claim(token(2), at(120))).await;
    assert!(look.unwrap().body.is_some());
    assert!(
        store
            .settle(id, token(2), Settlement::RequeueAbsent, at(121))
            .await
    );
    let ended = store.get(id).await;
    assert_eq!(ended.status, Status::Canceled);
    assert_eq!((ended.wake_at, ended.body), (None, None));
    assert!(!store.claim(id, claim(token(3), at(9999))).await);
}

pub(super) async fn a_timeline_keeps_its_last_hundred_entries(store: &Store) {
    let endless = NewMessage {
        expires_at: at(9_999_999),
        ..message(1)
    };
    let id = store.sending(endless, token(0)).await;
    for look in 1..=120 {
        let now = at(look * 100);
        assert!(
            store
                .take_resolve(id, claim(token(look), now))
                .await
                .is_some()
        );
        let again = Settlement::LookAgain {
            absence: mysms_core::domain::Absence::Unclear,
            detail: Some(format!("look {look}")),
            until: now,
        };
        assert!(store.settle(id, token(look), again, now).await);
    }
    let timeline = store.get(id).await.timeline;
    assert_eq!(timeline.len(), 100);
    assert_eq!(timeline[0].detail.as_deref(), Some("look 21"));
    assert_eq!(timeline[99].detail.as_deref(), Some("look 120"));
}
