//! Messages whose outcome is unknown.

use std::sync::Arc;

use shared::domain::{
    Absence, Claim, Event, Lease, LeaseToken, MessageId, NewMessage, Provider, Status,
};
use shared::store::{Adoption, Settlement};

use super::adapters::Store;
use super::fixtures::{
    LEASE, at, claim, fact, id, look_again, message, millis, not_sent, race, rejected, sid, token,
    unknown,
};

pub(super) async fn a_message_is_taken_only_when_its_lease_is_over(store: &Store) {
    let id = store.sending(message(1), token(1)).await;
    let before = store.get(id).await;
    let too_early = claim(token(2), at(90) - millis(1));
    assert_eq!(store.take_resolve(id, too_early).await, None);
    assert_eq!(store.get(id).await, before);

    let taken = store
        .take_resolve(id, claim(token(2), at(90)))
        .await
        .unwrap();
    assert_eq!(taken, store.get(id).await);
    let lease = Lease {
        token: Some(token(2)),
        until: at(90) + LEASE,
    };
    assert_eq!(taken.lease, Some(lease));
    assert_eq!(taken.wake_at, Some(lease.until));
    assert_eq!(taken.status, Status::Sending);
    assert_eq!(taken.attempts, 1, "to look is no attempt");
}

pub(super) async fn only_messages_in_doubt_are_taken(store: &Store) {
    store.insert(message(1)).await;
    store.accepted(message(2), sid(2)).await;
    for number in [1, 2, 9] {
        let taken = store
            .take_resolve(id(number), claim(token(5), at(9999)))
            .await;
        assert_eq!(taken, None);
    }
}

pub(super) async fn one_of_twenty_racing_resolvers_takes_it(store: &Store) {
    let id = store.sending(message(1), token(100)).await;
    let taken = race(|number| {
        let ledger = Arc::clone(&store.ledger);
        async move {
            ledger
                .take_resolve(id, claim(token(number), at(90)))
                .await
                .unwrap()
        }
    })
    .await;
    let taken: Vec<_> = taken.into_iter().flatten().collect();
    assert_eq!(taken, [store.get(id).await]);
}

/// Every settlement, with its own condition fulfilled.
pub(super) fn every_settlement() -> [Settlement; 7] {
    [
        rejected(),
        not_sent(at(300), at(200)),
        unknown(),
        look_again(Absence::NotInList, at(300)),
        look_again(Absence::Unclear, at(300)),
        Settlement::RequeueAbsent,
        Settlement::GiveUp {
            expired_before: at(999_999),
        },
    ]
}

pub(super) async fn the_old_holder_of_a_lease_is_refused(store: &Store) {
    let id = store.sending(message(1), token(1)).await;
    store
        .settle(id, token(1), look_again(Absence::NotInList, at(90)), at(60))
        .await;
    store
        .take_resolve(id, claim(token(2), at(90)))
        .await
        .unwrap();
    assert_refused(store, id, token(1)).await;
}

pub(super) async fn nobody_holds_a_message_between_two_looks(store: &Store) {
    let id = store.sending(message(1), token(1)).await;
    store
        .settle(id, token(1), look_again(Absence::NotInList, at(90)), at(60))
        .await;
    assert_refused(store, id, token(1)).await;
}

pub(super) async fn a_token_of_another_message_is_refused(store: &Store) {
    let id = store.sending(message(1), token(1)).await;
    store.sending(message(2), token(2)).await;
    assert_refused(store, id, token(2)).await;
}

pub(super) async fn a_message_that_is_not_being_sent_is_held_by_nobody(store: &Store) {
    let queued = store.sending(message(1), token(1)).await;
    assert!(
        store
            .settle(queued, token(1), not_sent(at(9), at(8)), at(8))
            .await
    );
    let accepted = store.sending(message(2), token(1)).await;
    store.fact(&fact(accepted, sid(2), "accepted", at(1))).await;
    for id in [queued, accepted] {
        assert_refused(store, id, token(1)).await;
    }
}

async fn assert_refused(store: &Store, id: MessageId, token: LeaseToken) {
    let before = store.get(id).await;
    for settlement in every_settlement() {
        let refused = !store.settle(id, token, settlement.clone(), at(200)).await;
        assert!(refused, "{settlement:?}");
    }
    let found = fact(id, sid(77), "accepted", at(200));
    let adoption = store.ledger.adopt(id, token, &found).await.unwrap();
    assert_eq!(adoption, Adoption::NotHeld);
    assert_eq!(store.get(id).await, before);
}

/// Looks without a result, one after the other; the message is in nobody's hands at `at(300)`.
async fn looked_for(store: &Store, absences: &[Absence]) -> MessageId {
    let id = store.sending(message(1), token(1)).await;
    for absence in absences {
        let look = LeaseToken::generate();
        let terms = Claim {
            token: look,
            now: at(300),
            until: at(390),
        };
        store.take_resolve(id, terms).await.unwrap();
        assert!(
            store
                .settle(id, look, look_again(*absence, at(300)), at(300))
                .await
        );
    }
    store
        .take_resolve(id, claim(token(9), at(300)))
        .await
        .unwrap();
    id
}

pub(super) async fn a_fruitless_look_leaves_it_until_the_next(store: &Store) {
    let id = store.sending(message(1), token(1)).await;
    store
        .take_resolve(id, claim(token(2), at(90)))
        .await
        .unwrap();
    let absent = look_again(Absence::NotInList, at(130));
    assert!(store.settle(id, token(2), absent, at(100)).await);
    let left = store.get(id).await;
    let lease = Lease {
        token: None,
        until: at(130),
    };
    assert_eq!(left.lease, Some(lease));
    assert_eq!(left.wake_at, Some(at(130)));
    assert_eq!(left.status, Status::Sending);
    assert_eq!(left.timeline.last().unwrap().event, Event::NotInList);
    let early = store.take_resolve(id, claim(token(3), at(129))).await;
    assert_eq!(early, None);
    assert!(
        store
            .take_resolve(id, claim(token(3), at(130)))
            .await
            .is_some()
    );
}

pub(super) async fn only_a_complete_list_without_it_counts(store: &Store) {
    use Absence::{NotInList, Unclear};
    let id = looked_for(store, &[Unclear, NotInList, Unclear, NotInList]).await;
    assert_eq!(store.get(id).await.unseen, 2);
}

pub(super) async fn it_is_sent_again_only_after_a_first_fruitless_look(store: &Store) {
    let id = looked_for(store, &[Absence::Unclear]).await;
    let before = store.get(id).await;
    assert!(
        !store
            .settle(id, token(9), Settlement::RequeueAbsent, at(301))
            .await
    );
    assert_eq!(store.get(id).await, before);

    let absent = look_again(Absence::NotInList, at(310));
    assert!(store.settle(id, token(9), absent, at(301)).await);
    store
        .take_resolve(id, claim(token(10), at(310)))
        .await
        .unwrap();
    assert!(
        store
            .settle(id, token(10), Settlement::RequeueAbsent, at(311))
            .await
    );
    let again = store.get(id).await;
    assert_eq!(again.status, Status::Queued);
    assert_eq!(again.not_before, at(311));
    assert_eq!(again.wake_at, Some(at(311)));
    assert_eq!((again.lease, again.unseen), (None, 0));
    assert!(store.claim(id, claim(token(11), at(311))).await);
}

pub(super) async fn a_doubt_is_given_up_only_after_its_time(store: &Store) {
    let short = NewMessage {
        expires_at: at(100),
        ..message(1)
    };
    let id = store.sending(short, token(1)).await;
    let before = store.get(id).await;
    let too_early = Settlement::GiveUp {
        expired_before: at(100) - millis(1),
    };
    assert!(!store.settle(id, token(1), too_early, at(500)).await);
    assert_eq!(store.get(id).await, before);

    let in_time = Settlement::GiveUp {
        expired_before: at(100),
    };
    assert!(store.settle(id, token(1), in_time, at(500)).await);
    let given_up = store.get(id).await;
    assert_eq!(given_up.status, Status::Failed);
    assert_eq!(given_up.error_code.as_deref(), Some("outcome_unknown"));
    assert_eq!((given_up.lease, given_up.wake_at), (None, None));
    assert_eq!(given_up.timeline.last().unwrap().event, Event::GivenUp);
}

pub(super) async fn the_holder_adopts_what_the_list_showed(store: &Store) {
    let id = store.sending(message(1), token(1)).await;
    let listed = fact(id, sid(5), "sent", at(95));
    let adoption = store.ledger.adopt(id, token(1), &listed).await.unwrap();
    assert_eq!(adoption, Adoption::Adopted);
    let adopted = store.get(id).await;
    let provider = Provider {
        sid: sid(5),
        at: at(95),
        adopted: true,
    };
    assert_eq!(adopted.provider, Some(provider));
    assert_eq!(adopted.status, Status::Sent);
    assert_eq!(adopted.lease, None);
    assert_eq!(adopted.wake_at, listed.poll_at);
    let events: Vec<_> = adopted.timeline.iter().map(|entry| entry.event).collect();
    assert!(
        events.ends_with(&[Event::Adopted, Event::Provider]),
        "{events:?}"
    );
}

pub(super) async fn a_sid_with_an_owner_is_not_adopted(store: &Store) {
    store.accepted(message(1), sid(1)).await;
    let in_doubt = store.sending(message(2), token(2)).await;
    let before = store.documents(&[id(1), id(2)]).await;
    let listed = fact(in_doubt, sid(1), "delivered", at(95));
    let adoption = store
        .ledger
        .adopt(in_doubt, token(2), &listed)
        .await
        .unwrap();
    assert_eq!(adoption, Adoption::SidTaken);
    assert_eq!(store.documents(&[id(1), id(2)]).await, before);
}

pub(super) async fn one_of_twenty_racing_adoptions_gets_the_sid(store: &Store) {
    for number in 0..20 {
        store.sending(message(number), token(number)).await;
    }
    let adoptions = race(|number| {
        let ledger = Arc::clone(&store.ledger);
        async move {
            let listed = fact(id(number), sid(5), "sent", at(95));
            let adoption = ledger.adopt(id(number), token(number), &listed).await;
            (id(number), adoption.unwrap())
        }
    })
    .await;
    let adopted = adoptions
        .iter()
        .filter(|(_, adoption)| *adoption == Adoption::Adopted);
    let winners: Vec<_> = adopted.map(|(id, _)| *id).collect();
    assert_eq!(winners.len(), 1);
    assert!(
        adoptions
            .iter()
            .all(|(_, adoption)| *adoption != Adoption::NotHeld)
    );
    let owners = store.ledger.owners(&[sid(5)]).await.unwrap();
    assert_eq!(
        owners.iter().map(|owner| owner.id).collect::<Vec<_>>(),
        winners
    );
}

pub(super) async fn owners_are_told_with_the_time_of_their_sid(store: &Store) {
    let first = store.sending(message(1), token(1)).await;
    store.fact(&fact(first, sid(1), "accepted", at(7))).await;
    store.fact(&fact(first, sid(1), "sent", at(8))).await;
    store.accepted(message(2), sid(2)).await;
    store.delete(id(2), at(20)).await;
    let mut owners = store
        .ledger
        .owners(&[sid(3), sid(2), sid(1)])
        .await
        .unwrap();
    owners.sort_by_key(|owner| owner.id);
    let told: Vec<_> = owners
        .into_iter()
        .map(|owner| (owner.sid, owner.id, owner.at))
        .collect();
    assert_eq!(told, [(sid(1), id(1), at(7)), (sid(2), id(2), at(0))]);
    assert!(store.ledger.owners(&[]).await.unwrap().is_empty());
}
