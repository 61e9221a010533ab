//! What the provider says: merged by rank, whatever the order, repetition or timing.

use mysms_core::domain::{Event, Fact, FactEffect, MessageId, NewMessage, Provider, Status};
use mysms_core::ledger::FactOutcome;

use super::adapters::Store;
use super::fixtures::{
    OTHER_ACCOUNT, at, claim, fact, id, message, not_sent, race, sid, token, user, with_code,
};

fn applied(id: MessageId, effect: FactEffect) -> FactOutcome {
    let owner = user(1);
    FactOutcome::Applied { id, owner, effect }
}

pub(super) async fn the_providers_answer_ends_the_attempt(store: &Store) {
    let id = store.sending(message(1), token(1)).await;
    let answer = fact(id, sid(1), "accepted", at(2));
    assert_eq!(store.fact(&answer).await, applied(id, FactEffect::Raised));
    let accepted = store.get(id).await;
    assert_eq!(accepted.status, Status::Accepted);
    assert_eq!(accepted.lease, None);
    let provider = Provider {
        sid: sid(1),
        at: at(2),
        adopted: false,
    };
    assert_eq!(accepted.provider, Some(provider));
    assert_eq!(accepted.wake_at, answer.poll_at);
    assert_eq!(Some(accepted.not_before), answer.poll_at);
    assert_eq!(accepted.updated_at, at(2));
    let last = accepted.timeline.last().unwrap();
    assert_eq!(
        (last.event, last.status),
        (Event::Provider, Some(Status::Accepted))
    );
    assert_eq!(last.sid, Some(sid(1)));
}

pub(super) async fn a_receipt_is_kept_with_its_time(store: &Store) {
    let id = store.accepted(message(1), sid(1)).await;
    store.fact(&fact(id, sid(1), "delivered", at(40))).await;
    let delivered = store.get(id).await;
    assert_eq!(delivered.status, Status::Delivered);
    assert_eq!(delivered.delivered_at, Some(at(40)));
    assert_eq!(delivered.wake_at, None);
    assert_eq!(
        delivered.provider.unwrap().at,
        at(0),
        "the SID is as old as it was"
    );
}

pub(super) async fn the_provider_may_know_better_than_we_do(store: &Store) {
    let requeued = store.sending(message(1), token(1)).await;
    assert!(
        store
            .settle(requeued, token(1), not_sent(at(9), at(8)), at(8))
            .await
    );
    let failed = store.insert(NewMessage {
        expires_at: at(10),
        ..message(2)
    });
    let failed = failed.await;
    assert!(store.ledger.expire(failed, at(10)).await.unwrap());
    for (id, sid) in [(requeued, sid(1)), (failed, sid(2))] {
        let receipt = fact(id, sid, "delivered", at(20));
        assert_eq!(store.fact(&receipt).await, applied(id, FactEffect::Raised));
        let delivered = store.get(id).await;
        assert_eq!(
            (delivered.status, delivered.error_code),
            (Status::Delivered, None)
        );
        assert!(
            !store.claim(id, claim(token(2), at(20))).await,
            "it is not sent again"
        );
    }
}

pub(super) async fn a_late_or_repeated_fact_sets_no_alarm(store: &Store) {
    let id = store.accepted(message(1), sid(1)).await;
    store.fact(&fact(id, sid(1), "sent", at(10))).await;
    let before = store.get(id).await;
    let late = fact(id, sid(1), "accepted", at(5000));
    assert_eq!(store.fact(&late).await, applied(id, FactEffect::Unchanged));
    assert_eq!(store.get(id).await, before);

    store.fact(&fact(id, sid(1), "failed", at(20))).await;
    let late = with_code("30001", fact(id, sid(1), "sent", at(6000)));
    assert_eq!(store.fact(&late).await, applied(id, FactEffect::Recorded));
    let after = store.get(id).await;
    assert_eq!((after.status, after.wake_at), (Status::Failed, None));
    assert_eq!(
        after.error_code, None,
        "the code belongs to the stronger status"
    );
}

pub(super) async fn a_sid_that_messages_race_for_has_one_owner(store: &Store) {
    for number in 0..20 {
        store.sending(message(number), token(number)).await;
    }
    let outcomes = race(|number| {
        let ledger = store.ledger.clone();
        let answer = fact(id(number), sid(5), "accepted", at(2));
        async move { ledger.apply_fact(&answer).await.unwrap() }
    })
    .await;
    let owners = store.ledger.owners(&[sid(5)]).await.unwrap();
    assert_eq!(owners.len(), 1);
    for outcome in outcomes {
        let FactOutcome::Applied { id, .. } = outcome else {
            panic!("{outcome:?}");
        };
        assert_eq!(id, owners[0].id);
    }
}

pub(super) async fn a_fact_goes_to_the_owner_of_the_sid(store: &Store) {
    let owner = store.accepted(message(1), sid(1)).await;
    let named = store.sending(message(2), token(2)).await;
    let has_own = store.accepted(message(3), sid(3)).await;
    let ids = [named, has_own];
    let before = store.documents(&ids).await;
    for (message, word) in [
        (Some(named), "sent"),
        (Some(has_own), "failed"),
        (None, "delivered"),
    ] {
        let said = Fact {
            message,
            ..fact(owner, sid(1), word, at(5))
        };
        assert_eq!(store.fact(&said).await, applied(owner, FactEffect::Raised));
    }
    assert_eq!(store.get(owner).await.status, Status::Delivered);
    assert_eq!(
        store.documents(&ids).await,
        before,
        "the one without a SID stays in doubt"
    );
}

pub(super) async fn a_fact_about_nothing_we_know_changes_nothing(store: &Store) {
    let id = store.sending(message(1), token(1)).await;
    let before = store.get(id).await;
    let nobody = fact(super::fixtures::id(9), sid(9), "delivered", at(5));
    assert_eq!(store.fact(&nobody).await, FactOutcome::NoMessage);
    let nameless = Fact {
        message: None,
        ..nobody
    };
    assert_eq!(store.fact(&nameless).await, FactOutcome::NoMessage);
    assert_eq!(store.get(id).await, before);
}

pub(super) async fn another_account_has_no_say(store: &Store) {
    let owner = store.accepted(message(1), sid(1)).await;
    let in_doubt = store.sending(message(2), token(2)).await;
    let before = store.documents(&[owner, in_doubt]).await;
    // About the SID of one, about a new SID for the other, and about a second SID for the first.
    for (id, sid) in [(owner, sid(1)), (in_doubt, sid(2)), (owner, sid(3))] {
        let foreign = Fact {
            account: OTHER_ACCOUNT.to_owned(),
            ..fact(id, sid, "delivered", at(5))
        };
        assert_eq!(
            store.fact(&foreign).await,
            FactOutcome::ForeignAccount { id }
        );
    }
    assert_eq!(store.documents(&[id(1), id(2)]).await, before);
}
