//! What ends a user's tokens all at once: a new password, and the end of the account.

use std::sync::Arc;

use mysms_core::domain::{IssuedToken, NewUser, Revocation, SessionId, TokenId, Username};
use mysms_core::store::{PasswordChange, SignUp};

use super::adapters::Store;
use super::fixtures::{at, race, user};

pub(super) const FIRST: &str = "$argon2id$first";

pub(super) async fn grace(store: &Store) {
    let new = NewUser {
        id: user(1),
        username: Username::parse("Grace").unwrap(),
        password_hash: FIRST.to_owned(),
        created_at: at(0),
        invite: None,
    };
    let signed_up = store.accounts.sign_up(new).await.unwrap();
    assert_eq!(signed_up, SignUp::Created);
}

pub(super) fn change(from: &str, to: &str, second: u64) -> PasswordChange {
    PasswordChange {
        from: from.to_owned(),
        to: to.to_owned(),
        now: at(second),
    }
}

pub(super) async fn change_password(store: &Store, change: PasswordChange) -> Option<u32> {
    let changed = store.accounts.change_password(user(1), change).await;
    changed.unwrap()
}

pub(super) async fn close(store: &Store, hash: &str, second: u64) -> bool {
    let closed = store
        .accounts
        .close_account(user(1), hash, at(second))
        .await;
    closed.unwrap()
}

/// A token of a login that saw this generation.
fn token(generation: Option<u32>, issued: u64) -> IssuedToken {
    IssuedToken {
        id: TokenId::generate(),
        session: SessionId::generate(),
        user: user(1),
        generation,
        issued_at: at(issued),
    }
}

async fn has_ended(store: &Store, token: IssuedToken) -> bool {
    let asked = store.revocations.is_revoked(&token).await.unwrap();
    let listed = store.revocations.revoked_since(at(0)).await.unwrap();
    let by_list = listed.iter().any(|ended| ended.ends(&token));
    assert_eq!(asked, by_list, "both ways to ask say the same");
    asked
}

pub(super) async fn a_new_password_takes_the_place_of_the_one_it_was_meant_for(store: &Store) {
    grace(store).await;
    let known = store.accounts.by_id(user(1)).await.unwrap().unwrap();
    assert_eq!(known.generation, 0);
    assert_eq!(
        change_password(store, change("$other", "$x", 5)).await,
        None
    );
    assert_eq!(
        change_password(store, change(FIRST, "$2", 5)).await,
        Some(1)
    );
    // Whoever verified the first one before that is too late.
    assert_eq!(change_password(store, change(FIRST, "$3", 6)).await, None);
    assert_eq!(change_password(store, change("$2", "$4", 7)).await, Some(2));
    let name = Username::parse("grace").unwrap();
    let known = store.accounts.by_name(&name).await.unwrap().unwrap();
    assert_eq!(known.password_hash, "$4");
    assert_eq!(known.generation, 2);
    let nobody = store
        .accounts
        .change_password(user(2), change("$4", "$5", 8));
    assert_eq!(nobody.await.unwrap(), None);
}

pub(super) async fn another_hash_of_a_password_ends_no_token(store: &Store) {
    grace(store).await;
    let replace = async |from, to| {
        let replaced = store.accounts.replace_hash(user(1), from, to).await;
        replaced.unwrap();
        let known = store.accounts.by_id(user(1)).await.unwrap().unwrap();
        (known.password_hash, known.generation)
    };
    assert_eq!(replace("$other", "$2").await, (FIRST.to_owned(), 0));
    for _ in 0..2 {
        assert_eq!(replace(FIRST, "$2").await, ("$2".to_owned(), 0));
    }
    assert!(!has_ended(store, token(Some(0), 1)).await);
    // A change that was under way has to begin again.
    assert_eq!(change_password(store, change(FIRST, "$3", 5)).await, None);
    assert!(close(store, "$2", 6).await);
    store
        .accounts
        .replace_hash(user(1), "", "$4")
        .await
        .unwrap();
    assert!(!close(store, "$4", 7).await);
}

pub(super) async fn one_of_twenty_racing_changes_wins(store: &Store) {
    grace(store).await;
    let won = race(|number| {
        let accounts = Arc::clone(&store.accounts);
        async move {
            let change = change(FIRST, &format!("${number}"), number);
            accounts.change_password(user(1), change).await.unwrap()
        }
    })
    .await;
    let winners: Vec<_> = won.iter().flatten().collect();
    assert_eq!(winners, [&1]);
}

pub(super) async fn a_new_password_ends_the_tokens_before_it(store: &Store) {
    grace(store).await;
    assert!(!has_ended(store, token(Some(0), 1)).await);
    change_password(store, change(FIRST, "$2", 5)).await;
    // The login that was overtaken gets its token later, but from the old password.
    for ended in [token(Some(0), 1), token(Some(0), 9), token(None, 5)] {
        assert!(has_ended(store, ended).await, "{ended:?}");
    }
    for good in [token(Some(1), 5), token(None, 6)] {
        assert!(!has_ended(store, good).await, "{good:?}");
    }
    let foreign = IssuedToken {
        user: user(2),
        ..token(Some(0), 1)
    };
    assert!(!has_ended(store, foreign).await);
}

pub(super) async fn all_sessions_end_together(store: &Store) {
    grace(store).await;
    let end = async |number, second| {
        let ended = store.accounts.end_sessions(user(number), at(second)).await;
        ended.unwrap()
    };
    assert_eq!(end(1, 5).await, Some(1));
    assert!(has_ended(store, token(Some(0), 9)).await);
    assert!(!has_ended(store, token(Some(1), 5)).await);
    assert_eq!(
        change_password(store, change(FIRST, "$2", 6)).await,
        Some(2)
    );
    assert_eq!(end(1, 7).await, Some(3));
    assert!(close(store, "$2", 8).await);
    assert_eq!(end(1, 9).await, None);
    assert_eq!(end(2, 9).await, None);
}

pub(super) async fn a_closed_account_is_gone_and_its_name_free(store: &Store) {
    grace(store).await;
    assert!(!close(store, "$other", 5).await);
    assert!(!has_ended(store, token(Some(0), 1)).await);
    assert!(close(store, FIRST, 5).await);
    assert!(has_ended(store, token(Some(0), 9)).await);
    assert!(store.accounts.by_id(user(1)).await.unwrap().is_none());
    let name = Username::parse("Grace").unwrap();
    assert!(store.accounts.by_name(&name).await.unwrap().is_none());
    // Neither the old password nor the empty one opens it again.
    for hash in [FIRST, ""] {
        assert_eq!(change_password(store, change(hash, "$2", 6)).await, None);
        assert!(!close(store, hash, 6).await);
    }

    let new = NewUser {
        id: user(2),
        username: Username::parse("grace").unwrap(),
        password_hash: FIRST.to_owned(),
        created_at: at(7),
        invite: None,
    };
    let again = store.accounts.sign_up(new).await.unwrap();
    assert_eq!(again, SignUp::Created);
    let known = store.accounts.by_name(&name).await.unwrap().unwrap();
    assert_eq!(known.id, user(2));
    // A second closed account is no less closed.
    assert!(
        store
            .accounts
            .close_account(user(2), FIRST, at(8))
            .await
            .unwrap()
    );
}

pub(super) async fn a_closed_account_waits_until_it_is_erased(store: &Store) {
    grace(store).await;
    let waiting = async |second| {
        let waiting = store.accounts.to_be_erased(at(second), 9).await;
        waiting.unwrap()
    };
    store.accounts.erased(user(1), at(4)).await.unwrap();
    assert!(close(store, FIRST, 5).await);
    assert_eq!(waiting(5).await, []);
    assert_eq!(waiting(6).await, [user(1)]);
    store.accounts.erased(user(1), at(7)).await.unwrap();
    assert_eq!(waiting(9).await, []);
    assert!(has_ended(store, token(Some(0), 1)).await);
}

pub(super) async fn the_end_of_a_token_is_known_by_its_time(store: &Store) {
    let ended = [SessionId::generate(), SessionId::generate()];
    for (id, second) in ended.into_iter().zip([5, 15]) {
        let revoke = store.revocations.revoke(id, at(100), at(second));
        revoke.await.unwrap();
    }
    let since = async |second| {
        let mut found = store.revocations.revoked_since(at(second)).await.unwrap();
        found.sort_unstable();
        found
    };
    let until = at(100);
    let expected = |ids: &[SessionId]| {
        let mut all: Vec<_> = ids
            .iter()
            .map(|&id| Revocation::Session { id, until })
            .collect();
        all.sort_unstable();
        all
    };
    assert_eq!(since(5).await, expected(&ended));
    assert_eq!(since(6).await, expected(&ended[1..]));
    assert_eq!(since(16).await, []);
    for _ in 0..2 {
        let one = IssuedToken {
            session: ended[0],
            ..token(Some(0), 1)
        };
        assert!(has_ended(store, one).await, "with all of its session");
    }
    // As it is ended by a process that knows of no sessions.
    let lone = IssuedToken {
        id: TokenId::from_uuid(ended[0].as_uuid()),
        ..token(Some(0), 1)
    };
    assert!(has_ended(store, lone).await);
    assert!(!has_ended(store, token(Some(0), 1)).await);
}
