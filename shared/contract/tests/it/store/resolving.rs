//! Messages whose outcome is unknown.

use mysms_core::domain::{
    Absence, Body, Claim, Content, Event, Lease, LeaseToken, MessageId, NewMessage, Settlement,
    Status,
};

use super::adapters::Store;
use super::fixtures::{
    ACCOUNT, LEASE, OTHER_ACCOUNT, at, claim, id, look_again, message, millis, number,
    only_pictures, race, sid, text, token,
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
        let ledger = store.ledger.clone();
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

pub(super) async fn the_texts_being_sent_to_a_number_are_told(store: &Store) {
    let anna = number("+14155550199");
    let to_anna = |id| NewMessage {
        recipient: anna.clone(),
        body: text(&format!("text {id}")),
        ..message(id)
    };
    store.sending(to_anna(1), token(1)).await;
    let deleted = store.sending(to_anna(2), token(2)).await;
    store.delete(deleted, at(5)).await;
    let of_another = NewMessage {
        account: OTHER_ACCOUNT.to_owned(),
        ..to_anna(3)
    };
    store.sending(of_another, token(3)).await;
    store.sending(message(4), token(4)).await;
    store.insert(to_anna(5)).await;
    store.accepted(to_anna(6), sid(6)).await;
    let picture = NewMessage {
        recipient: anna.clone(),
        ..only_pictures(7, &["https://x/0"])
    };
    store.sending(picture, token(7)).await;

    let mut told = store.ledger.being_sent(ACCOUNT, &anna).await.unwrap();

    told.sort_by(|one, other| one.body.as_str().cmp(other.body.as_str()));
    let picture = Content {
        body: Body::empty(),
        media: only_pictures(7, &["https://x/0"]).media,
    };
    assert_eq!(
        told,
        [picture, text("text 1").into(), text("text 2").into()]
    );
}

pub(super) async fn what_was_given_up_for_a_number_is_told(store: &Store) {
    let anna = number("+14155550199");
    let to_anna = |id, url| NewMessage {
        recipient: anna.clone(),
        expires_at: at(100),
        ..only_pictures(id, &[url])
    };
    let give_up = async |message: NewMessage, token_number| {
        let id = store.sending(message, token(token_number)).await;
        let given_up = Settlement::GiveUp {
            expired_before: at(200),
        };
        assert!(
            store
                .settle(id, token(token_number), given_up, at(300))
                .await
        );
        store.get(id).await.last_claim_at.unwrap()
    };
    let claimed_at = give_up(to_anna(1, "https://x/1"), 1).await;
    let of_another = NewMessage {
        account: OTHER_ACCOUNT.to_owned(),
        ..to_anna(2, "https://x/2")
    };
    give_up(of_another, 2).await;
    let to_another = NewMessage {
        expires_at: at(100),
        ..only_pictures(3, &["https://x/3"])
    };
    give_up(to_another, 3).await;
    store.sending(to_anna(4, "https://x/4"), token(4)).await;

    let told = async |since| {
        let found = store.ledger.given_up(ACCOUNT, &anna, since);
        found.await.unwrap()
    };
    let picture = Content {
        body: Body::empty(),
        media: only_pictures(1, &["https://x/1"]).media,
    };
    assert_eq!(told(claimed_at).await, [picture]);
    assert_eq!(told(claimed_at + millis(1)).await, []);
    store.delete(id(1), at(400)).await;
    assert_eq!(told(claimed_at).await, [], "its text is erased");
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
    // It keeps its place among those that are due.
    assert_eq!(again.not_before, before.not_before);
    assert_eq!(again.wake_at, Some(again.sent_at));
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
