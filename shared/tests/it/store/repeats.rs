//! Every operation may be repeated with the same arguments after an unclear answer.

use shared::domain::{
    Absence, Lane, LeaseToken, Message, MessageId, NewMessage, NewUser, NextPoll, Revocation,
    Status, Timestamp, TokenId, Username,
};
use shared::store::{
    Adoption, FactOutcome, Filter, Inserted, Old, Order, Overdue, Page, Pause, Reserved, SignUp,
};

use super::adapters::Store;
use super::fixtures::{
    ACCOUNT, at, claim, fact, id, idempotency, look_again, message, sid, token, user,
};
use super::holding::every_settlement;
use super::passwords::{FIRST, change, change_password, close, grace};
use super::quotas::{reservation, reserve, spent};
use super::restoring::doubt;
use super::senders::{pause, sender, take_probe};

/// All that a case may have stored.
async fn documents(store: &Store) -> (Vec<Message>, Vec<Pause>) {
    let ids: Vec<_> = (1..=9).map(id).collect();
    let pauses = store.senders.paused().await.unwrap();
    (store.documents(&ids).await, pauses)
}

/// Runs an operation twice. The first time it has to change something, the second time nothing.
/// Returns both answers.
async fn twice<T>(store: &Store, operation: impl AsyncFn() -> T) -> (T, T) {
    let before = documents(store).await;
    let first = operation().await;
    let after = documents(store).await;
    assert_ne!(after, before, "the operation does what it is here for");
    let second = operation().await;
    assert_eq!(documents(store).await, after);
    (first, second)
}

pub(super) async fn repeat_insert_is_harmless(store: &Store) {
    let with_key = || NewMessage {
        idempotency: Some(idempotency("order-17")),
        ..message(1)
    };
    let insert = async || store.ledger.insert(with_key()).await.unwrap();
    let answers = twice(store, insert).await;
    assert_eq!(answers, (Inserted::Stored, Inserted::Stored));

    let claimed = store.claim(id(1), claim(token(1), at(1))).await;
    assert!(claimed);
    let sending = documents(store).await;
    assert_eq!(insert().await, Inserted::Stored, "whatever happened since");
    assert_eq!(documents(store).await, sending);

    store.delete(id(1), at(2)).await;
    let deleted = documents(store).await;
    assert_eq!(insert().await, Inserted::Stored);
    assert_eq!(documents(store).await, deleted);
}

pub(super) async fn repeat_claim_is_harmless(store: &Store) {
    let ids = [
        store.insert(message(1)).await,
        store.insert(message(2)).await,
    ];
    let claim = async || {
        let terms = claim(token(1), at(1));
        let mut claimed = store.ledger.claim(&ids, ACCOUNT, terms).await.unwrap();
        claimed.sort_by_key(|message| message.id);
        claimed
    };
    let (first, second) = twice(store, claim).await;
    assert_eq!(first.len(), 2);
    assert_eq!(first, second, "it tells what the token holds");
}

pub(super) async fn repeat_expire_is_harmless(store: &Store) {
    let short = NewMessage {
        expires_at: at(60),
        ..message(1)
    };
    let id = store.insert(short).await;
    twice(store, async || {
        store.ledger.expire(id, at(60)).await.unwrap()
    })
    .await;
}

/// A message held by a token, with one fruitless look behind it.
async fn looked_for_once(store: &Store, number: u64) -> (MessageId, LeaseToken) {
    let (first, second) = (token(number), token(number + 100));
    let id = store.sending(message(number), first).await;
    let absent = look_again(Absence::NotInList, at(90));
    assert!(store.settle(id, first, absent, at(80)).await);
    assert!(
        store
            .take_resolve(id, claim(second, at(90)))
            .await
            .is_some()
    );
    (id, second)
}

pub(super) async fn repeat_settle_is_harmless(store: &Store) {
    for (number, settlement) in (1..).zip(every_settlement()) {
        let (id, token) = looked_for_once(store, number).await;
        let settle = async || store.settle(id, token, settlement.clone(), at(200)).await;
        let (first, _) = twice(store, settle).await;
        assert!(first, "{settlement:?}");
    }
}

/// The answer to the first may be late: another may have gone on meanwhile.
pub(super) async fn repeat_settle_is_harmless_after_a_new_claim(store: &Store) {
    let id = store.sending(message(1), token(1)).await;
    let settle = async || {
        let again = super::fixtures::not_sent(at(5), at(5));
        store.settle(id, token(1), again, at(5)).await
    };
    assert!(settle().await);
    assert!(store.claim(id, claim(token(2), at(5))).await);
    let claimed = documents(store).await;
    assert!(!settle().await);
    assert_eq!(documents(store).await, claimed);
}

pub(super) async fn repeat_apply_fact_is_harmless(store: &Store) {
    let id = store.sending(message(1), token(1)).await;
    for word in ["accepted", "sent", "undelivered", "delivered"] {
        let said = fact(id, sid(1), word, at(5));
        twice(store, async || store.fact(&said).await).await;
    }
}

pub(super) async fn repeat_surplus_fact_is_harmless(store: &Store) {
    let id = store.accepted(message(1), sid(1)).await;
    for word in ["accepted", "failed", "delivered"] {
        let said = fact(id, sid(2), word, at(5));
        let (_, second) = twice(store, async || store.fact(&said).await).await;
        let taken_twice = false;
        let owner = user(1);
        let known = FactOutcome::Surplus {
            id,
            owner,
            taken_twice,
        };
        assert_eq!(second, known);
    }
}

pub(super) async fn repeat_take_resolve_is_harmless(store: &Store) {
    let id = store.sending(message(1), token(1)).await;
    let take = async || store.take_resolve(id, claim(token(2), at(90))).await;
    let (first, second) = twice(store, take).await;
    assert!(first.is_some());
    assert_eq!(first, second);
}

pub(super) async fn repeat_adopt_is_harmless(store: &Store) {
    let id = store.sending(message(1), token(1)).await;
    let listed = fact(id, sid(1), "sent", at(5));
    let adopt = async || store.ledger.adopt(id, token(1), &listed).await.unwrap();
    let (first, _) = twice(store, adopt).await;
    assert_eq!(first, Adoption::Adopted);
}

pub(super) async fn repeat_take_poll_is_harmless(store: &Store) {
    let id = store.accepted(message(1), sid(1)).await;
    let take = async || {
        store
            .ledger
            .take_poll(id, at(3600), at(3690))
            .await
            .unwrap()
    };
    twice(store, take).await;
}

pub(super) async fn repeat_next_poll_is_harmless(store: &Store) {
    let id = store.accepted(message(1), sid(1)).await;
    for (polls, at) in [(1, Some(at(9000))), (2, None)] {
        let next = NextPoll { at, polls };
        let answers = twice(store, async || {
            store.ledger.next_poll(id, next).await.unwrap()
        });
        assert_eq!(answers.await, (true, true));
    }
    assert_eq!(store.get(id).await.polls, 2);
}

pub(super) async fn repeat_push_alarm_is_harmless(store: &Store) {
    let id = store.insert(message(1)).await;
    twice(store, async || {
        let push = store.upkeep.push_alarm(id, Status::Queued, at(15), at(20));
        push.await.unwrap()
    })
    .await;
}

pub(super) async fn repeat_purge_is_harmless(store: &Store) {
    store.insert(message(1)).await;
    store.delete(id(1), at(5)).await;
    let purge = async || store.upkeep.purge(at(6), 9).await.unwrap();
    if store.purges_by_itself() {
        assert_eq!((purge().await, purge().await), (0, 0));
    } else {
        assert_eq!(twice(store, purge).await, (1, 0));
    }
}

pub(super) async fn repeat_erase_old_is_harmless(store: &Store) {
    let id = store.insert(message(1)).await;
    store.history.cancel(user(1), id, at(1)).await.unwrap();
    let old = Old {
        after: MessageId::boundary(Timestamp::EPOCH),
        before: at(5),
        limit: 9,
    };
    let erase = async || store.upkeep.erase_old(old, at(6)).await.unwrap().count;
    assert_eq!(twice(store, erase).await, (1, 0));
}

pub(super) async fn repeat_cancel_is_harmless(store: &Store) {
    let id = store.insert(message(1)).await;
    let cancel = async || store.history.cancel(user(1), id, at(5)).await.unwrap();
    let (first, second) = twice(store, cancel).await;
    assert_eq!(first, second);
}

pub(super) async fn repeat_delete_is_harmless(store: &Store) {
    store.insert(message(1)).await;
    store.sending(message(2), token(2)).await;
    store.accepted(message(3), sid(3)).await;
    for number in 1..=3 {
        let delete = async || {
            store
                .history
                .delete(user(1), id(number), at(5))
                .await
                .unwrap()
        };
        assert_eq!(twice(store, delete).await, (true, false));
    }
}

pub(super) async fn repeat_delete_all_is_harmless(store: &Store) {
    store.insert(message(1)).await;
    store.sending(message(2), token(2)).await;
    let delete_all = async || store.history.delete_all(user(1), at(5)).await.unwrap();
    assert_eq!(twice(store, delete_all).await, (2, 0));
}

pub(super) async fn repeat_doubt_is_harmless(store: &Store) {
    store.insert(message(1)).await;
    store.sending(message(2), token(2)).await;
    assert_eq!(twice(store, async || doubt(store, 9).await).await, (2, 0));
}

pub(super) async fn repeat_sign_up_is_harmless(store: &Store) {
    let grace = NewUser {
        id: user(1),
        username: Username::parse("Grace").unwrap(),
        password_hash: "$argon2id$".to_owned(),
        created_at: at(0),
    };
    for _ in 0..2 {
        let answer = store.accounts.sign_up(grace.clone()).await.unwrap();
        assert_eq!(answer, SignUp::Created);
    }
    let known = store.accounts.by_id(user(1)).await.unwrap().unwrap();
    assert_eq!(known.username.as_str(), "Grace");
}

/// What ended tokens, as others see it.
async fn ended(store: &Store) -> Vec<Revocation> {
    let mut ended = store.revocations.revoked_since(at(0)).await.unwrap();
    ended.sort_unstable();
    ended
}

pub(super) async fn repeat_change_password_is_harmless(store: &Store) {
    grace(store).await;
    let second = async || change_password(store, change(FIRST, "$2", 5)).await;
    assert_eq!(second().await, Some(1));
    let after = ended(store).await;
    assert_eq!(second().await, Some(1));
    assert_eq!(ended(store).await, after);
    // Once the password is another again, its repeat is no more than a refusal.
    assert_eq!(change_password(store, change("$2", "$3", 6)).await, Some(2));
    assert_eq!(second().await, None);
    let known = store.accounts.by_id(user(1)).await.unwrap().unwrap();
    assert_eq!(known.password_hash, "$3");
}

pub(super) async fn repeat_close_is_harmless(store: &Store) {
    grace(store).await;
    assert!(close(store, FIRST, 5).await);
    let after = ended(store).await;
    assert!(close(store, FIRST, 5).await);
    assert_eq!(ended(store).await, after);
    assert!(!close(store, FIRST, 6).await, "somebody else closed it");
    assert_eq!(ended(store).await, after);
}

pub(super) async fn repeat_erased_is_harmless(store: &Store) {
    grace(store).await;
    assert!(close(store, FIRST, 5).await);
    for second in [7, 8] {
        store.accounts.erased(user(1), at(second)).await.unwrap();
        let waiting = store.accounts.to_be_erased(at(9), 9).await.unwrap();
        assert_eq!(waiting, []);
    }
    assert_eq!(ended(store).await.len(), 1);
}

pub(super) async fn repeat_revoke_is_harmless(store: &Store) {
    let id = TokenId::generate();
    for _ in 0..2 {
        store.revocations.revoke(id, at(100), at(5)).await.unwrap();
        let until = at(100);
        assert_eq!(ended(store).await, [Revocation::Token { id, until }]);
    }
}

pub(super) async fn repeat_reserve_is_harmless(store: &Store) {
    let first = reservation(6, 0);
    for _ in 0..2 {
        assert_eq!(reserve(store, &first).await, Reserved::Granted);
        assert_eq!(spent(store, 1).await, 6);
    }
    // Also when others have spent the rest meanwhile.
    assert_eq!(reserve(store, &reservation(4, 1)).await, Reserved::Granted);
    assert_eq!(reserve(store, &first).await, Reserved::Granted);
    assert_eq!(spent(store, 1).await, 10);
}

pub(super) async fn repeat_reduce_is_harmless(store: &Store) {
    let first = reservation(6, 0);
    assert_eq!(reserve(store, &first).await, Reserved::Granted);
    for _ in 0..2 {
        store.quotas.reduce(&first, 1).await.unwrap();
        assert_eq!(spent(store, 1).await, 1);
    }
    // A reservation that arrives once more after that counts nothing again.
    assert_eq!(reserve(store, &first).await, Reserved::Granted);
    assert_eq!(spent(store, 1).await, 1);
}

pub(super) async fn repeat_pause_is_harmless(store: &Store) {
    for again in [pause(15, 0), pause(46, 1)] {
        twice(store, async || {
            store.senders.pause(again.clone()).await.unwrap();
        })
        .await;
    }
}

pub(super) async fn repeat_take_probe_is_harmless(store: &Store) {
    store.senders.pause(pause(15, 0)).await.unwrap();
    let probe = async || take_probe(store, 1, 15, 60).await;
    assert_eq!(twice(store, probe).await, (true, true));
}

pub(super) async fn repeat_resume_is_harmless(store: &Store) {
    store.senders.pause(pause(15, 0)).await.unwrap();
    twice(store, async || {
        store.senders.resume(&sender()).await.unwrap();
    })
    .await;
}

pub(super) async fn to_read_changes_nothing(store: &Store) {
    store.insert(message(1)).await;
    store.sending(message(2), token(2)).await;
    store.accepted(message(3), sid(3)).await;
    store.senders.pause(pause(15, 0)).await.unwrap();
    let before = documents(store).await;
    let late = at(999_999);
    for lane in Lane::ALL {
        assert_eq!(
            store
                .ledger
                .due(ACCOUNT, lane, late, 9)
                .await
                .unwrap()
                .len(),
            1
        );
    }
    let page = Page {
        order: Order::NewestFirst,
        after: None,
        limit: 9,
        filter: Filter::default(),
    };
    let shown = store.history.page(user(1), page).await.unwrap();
    assert_eq!(shown.messages.len(), 3);
    assert!(store.history.find(user(1), id(1)).await.unwrap().is_some());
    let key = idempotency("order-17").key;
    assert_eq!(store.ledger.keyed(user(1), &key).await.unwrap(), None);
    assert_eq!(store.ledger.owners(&[sid(3)]).await.unwrap().len(), 1);
    let doubtful = Overdue::Doubtful {
        now: late,
        expired_before: late,
    };
    for overdue in [Overdue::Unsent { now: late }, doubtful] {
        assert_eq!(store.upkeep.overdue(overdue, 9).await.unwrap().len(), 1);
    }
    assert_eq!(store.upkeep.open_accounts().await.unwrap(), [ACCOUNT]);
    assert!(store.senders.find(&sender()).await.unwrap().is_some());
    assert_eq!(documents(store).await, before);
}
