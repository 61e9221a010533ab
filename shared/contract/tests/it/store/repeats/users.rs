//! What users do with their messages and accounts.

use mysms_core::domain::{
    Consent, ContentType, Learned, Medium, NewUser, Revocation, SessionId, Username,
};
use mysms_core::ledger::Assignment;
use mysms_core::store::{Renewed, Reserved, SignUp};

use super::twice;
use crate::store::adapters::Store;
use crate::store::conversations::{ANNA, inbound};
use crate::store::fixtures::{
    SENDER, address, at, id, message, only_pictures, picture, sid, token, user,
};
use crate::store::opting_out::{said, stop};
use crate::store::passwords::{FIRST, change, change_password, close, grace};
use crate::store::quotas::{reservation, reserve, spent};
use crate::store::sessions::{gone_on, renewal, session};

pub(in crate::store) async fn repeat_cancel_is_harmless(store: &Store) {
    let id = store.insert(message(1)).await;
    let cancel = async || store.ledger.cancel(user(1), id, at(5)).await.unwrap();
    let (first, second) = twice(store, cancel).await;
    assert_eq!(first, second);
}

pub(in crate::store) async fn repeat_delete_is_harmless(store: &Store) {
    store.insert(message(1)).await;
    store.sending(message(2), token(2)).await;
    store.accepted(message(3), sid(3)).await;
    for number in 1..=3 {
        let delete = async || {
            let deleted = store.ledger.delete(user(1), id(number), at(5));
            deleted.await.unwrap().any()
        };
        assert_eq!(twice(store, delete).await, (true, false));
    }
}

pub(in crate::store) async fn repeat_learning_of_a_medium_is_harmless(store: &Store) {
    let id = store.insert(only_pictures(1, &["https://x/0"])).await;
    let learned = Learned {
        content_type: ContentType::parse("image/gif").ok(),
        size: Some(17),
    };
    let ledger = &store.ledger;
    let learn = async || {
        let learned = (0, learned.clone());
        let of_medium = ledger.learn_of_medium(user(1), id, learned, at(5));
        of_medium.await.unwrap()
    };
    let (first, second) = twice(store, learn).await;
    let medium = first.unwrap().media.get(0).cloned().unwrap();
    let expected = Medium {
        size: Some(17),
        ..picture("https://x/0")
    };
    assert_eq!(medium, expected, "what was known stays");
    assert_eq!(second, None);
}

pub(in crate::store) async fn repeat_delete_all_is_harmless(store: &Store) {
    store.insert(message(1)).await;
    store.sending(message(2), token(2)).await;
    let delete_all = async || {
        let deleted = store.ledger.delete_all(user(1), at(5)).await;
        deleted.unwrap().messages
    };
    assert_eq!(twice(store, delete_all).await, (2, 0));
}

pub(in crate::store) async fn repeat_sign_up_is_harmless(store: &Store) {
    let grace = NewUser {
        id: user(1),
        username: Username::parse("Grace").unwrap(),
        password_hash: "$argon2id$".to_owned(),
        created_at: at(0),
        invite: None,
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

pub(in crate::store) async fn repeat_change_password_is_harmless(store: &Store) {
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

pub(in crate::store) async fn repeat_end_sessions_is_harmless(store: &Store) {
    grace(store).await;
    let end = async |second| store.accounts.end_sessions(user(1), at(second)).await;
    assert_eq!(end(5).await.unwrap(), Some(1));
    let after = ended(store).await;
    assert_eq!(end(5).await.unwrap(), Some(1));
    assert_eq!(ended(store).await, after);
    assert_eq!(end(6).await.unwrap(), Some(2));
}

pub(in crate::store) async fn repeat_renew_is_harmless(store: &Store) {
    let session = session(1, 0);
    let renewal = renewal(&session, 5);
    for _ in 0..2 {
        store.sessions.begin(&session).await.unwrap();
        assert_eq!(store.sessions.renew(&renewal).await.unwrap(), Renewed::Done);
    }
    let known = store.sessions.session(user(1), session.id).await.unwrap();
    let known = known.unwrap();
    assert_eq!((known.token, known.renewed_at), (renewal.to, at(5)));
}

pub(in crate::store) async fn repeat_go_on_is_harmless(store: &Store) {
    let from = session(1, 0);
    store.sessions.begin(&from).await.unwrap();
    let to = gone_on(&from, 5);
    for _ in 0..2 {
        let gone_on = store.sessions.go_on(&from, &to).await;
        assert_eq!(gone_on.unwrap(), Renewed::Done);
    }
    let known = store.sessions.session(user(1), from.id).await.unwrap();
    assert_eq!(known, Some(to));
}

pub(in crate::store) async fn repeat_close_is_harmless(store: &Store) {
    grace(store).await;
    assert!(close(store, FIRST, 5).await);
    let after = ended(store).await;
    assert!(close(store, FIRST, 5).await);
    assert_eq!(ended(store).await, after);
    assert!(!close(store, FIRST, 6).await, "somebody else closed it");
    assert_eq!(ended(store).await, after);
}

pub(in crate::store) async fn repeat_erased_is_harmless(store: &Store) {
    grace(store).await;
    assert!(close(store, FIRST, 5).await);
    for second in [7, 8] {
        store.accounts.erased(user(1), at(second)).await.unwrap();
        let waiting = store.accounts.to_be_erased(at(9), 9).await.unwrap();
        assert_eq!(waiting, []);
    }
    assert_eq!(ended(store).await.len(), 1);
}

pub(in crate::store) async fn repeat_revoke_is_harmless(store: &Store) {
    let id = SessionId::generate();
    for _ in 0..2 {
        store.revocations.revoke(id, at(100), at(5)).await.unwrap();
        let until = at(100);
        assert_eq!(ended(store).await, [Revocation::Session { id, until }]);
    }
}

pub(in crate::store) async fn repeat_reserve_is_harmless(store: &Store) {
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

pub(in crate::store) async fn repeat_give_back_is_harmless(store: &Store) {
    let (first, second) = (reservation(6, 0), reservation(1, 0));
    for reservation in [&first, &second] {
        assert_eq!(reserve(store, reservation).await, Reserved::Granted);
    }
    for _ in 0..2 {
        store.quotas.give_back(&first).await.unwrap();
        assert_eq!(spent(store, 1).await, 1);
    }
    // A reservation that arrives once more after that counts nothing again.
    assert_eq!(reserve(store, &first).await, Reserved::Granted);
    assert_eq!(spent(store, 1).await, 1);
}

pub(in crate::store) async fn repeat_opt_out_is_harmless(store: &Store) {
    let unwilling = async || {
        let anna = [address("+14155550123")];
        let found = store.opt_outs.opted_out(SENDER, &anna).await;
        found.unwrap().len()
    };
    let note = async |wish, second| store.opt_outs.note(&wish, at(second)).await.unwrap();
    for second in [5, 6] {
        note(stop(1), second).await;
        assert_eq!(unwilling().await, 1);
    }
    let noted = store.opt_outs.opted_out_since(SENDER, at(6)).await;
    assert_eq!(noted.unwrap(), [], "the repeat changed nothing");
    note(said(Consent::Given, 2), 7).await;
    note(stop(1), 8).await;
    assert_eq!(unwilling().await, 0, "a late repeat undoes nothing");
}

pub(in crate::store) async fn repeat_assign_is_harmless(store: &Store) {
    store
        .conversations
        .receive(&inbound(1, ANNA))
        .await
        .unwrap();
    let (first, second) = twice(store, async || {
        store.ledger.assign(id(1), user(1), at(5)).await.unwrap()
    })
    .await;
    assert_eq!(first, second);
    assert!(matches!(first, Assignment::Assigned(_)));
}

pub(in crate::store) async fn repeat_refuse_queued_is_harmless(store: &Store) {
    store.insert(message(1)).await;
    store.insert(message(2)).await;
    store.opt_outs.note(&stop(1), at(4)).await.unwrap();
    let refuse = async || store.refuse_queued(&stop(1), at(5), 9).await.len();
    assert_eq!(twice(store, refuse).await, (2, 0));
}
