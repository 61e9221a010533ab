//! Leave to sign up.

use std::sync::Arc;

use mysms_core::domain::{Invite, InviteCode, NewUser, Timestamp, Username};
use mysms_core::store::SignUp;

use super::adapters::Store;
use super::fixtures::{at, race, user};

const HASH: &str = "$argon2id$v=19$of-the-invited";

/// Gives an invite that is good until second 100.
async fn invite(store: &Store, second: u64, note: &str) -> Invite {
    let invite = Invite {
        hash: InviteCode::generate().hash(),
        note: note.to_owned(),
        created_at: at(second),
        expires_at: at(100),
    };
    store.invites.invite(&invite).await.unwrap();
    invite
}

fn invited(number: u64, name: &str, invite: &Invite, now: Timestamp) -> NewUser {
    NewUser {
        id: user(number),
        username: Username::parse(name).unwrap(),
        password_hash: HASH.to_owned(),
        created_at: now,
        invite: Some(invite.hash.clone()),
    }
}

async fn sign_up(store: &Store, new: NewUser) -> SignUp {
    store.accounts.sign_up(new).await.unwrap()
}

async fn is_open(store: &Store, invite: &Invite, second: u64) -> bool {
    let open = store.invites.is_open(&invite.hash, at(second)).await;
    open.unwrap()
}

pub(super) async fn an_invite_makes_one_user(store: &Store) {
    let invite = invite(store, 1, "for Grace").await;
    assert!(is_open(store, &invite, 2).await);
    let grace = || invited(1, "grace", &invite, at(2));
    assert_eq!(sign_up(store, grace()).await, SignUp::Created);
    assert!(!is_open(store, &invite, 3).await);
    let ada = invited(2, "ada", &invite, at(3));
    assert_eq!(sign_up(store, ada).await, SignUp::InviteNotGood);
    assert!(store.accounts.by_id(user(2)).await.unwrap().is_none());
    // What is repeated after an unclear answer is answered as it was the first time.
    assert_eq!(sign_up(store, grace()).await, SignUp::Created);
    let never_given = Invite {
        hash: InviteCode::generate().hash(),
        ..invite.clone()
    };
    let ada = invited(2, "ada", &never_given, at(3));
    assert_eq!(sign_up(store, ada).await, SignUp::InviteNotGood);
}

pub(super) async fn one_of_twenty_racing_sign_ups_uses_the_invite(store: &Store) {
    let invite = invite(store, 1, "").await;
    let answers = race(|number| {
        let accounts = Arc::clone(&store.accounts);
        let new = invited(number + 1, &format!("user{number}"), &invite, at(2));
        async move { accounts.sign_up(new).await.unwrap() }
    })
    .await;
    let created = answers.iter().filter(|it| **it == SignUp::Created);
    assert_eq!(created.count(), 1);
    let refused = answers.iter().filter(|it| **it == SignUp::InviteNotGood);
    assert_eq!(refused.count(), 19);
}

pub(super) async fn a_taken_name_leaves_the_invite_as_it_was(store: &Store) {
    let (first, second) = (invite(store, 1, "").await, invite(store, 2, "").await);
    let grace = invited(1, "grace", &first, at(3));
    assert_eq!(sign_up(store, grace).await, SignUp::Created);
    let taken = invited(2, "GRACE", &second, at(4));
    assert_eq!(sign_up(store, taken).await, SignUp::NameTaken);
    assert!(is_open(store, &second, 5).await);
    let other = invited(2, "ada", &second, at(5));
    assert_eq!(sign_up(store, other).await, SignUp::Created);
    // Of two reasons every store tells the same.
    let both = invited(3, "grace", &second, at(6));
    assert_eq!(sign_up(store, both).await, SignUp::InviteNotGood);
}

pub(super) async fn an_invite_ends_at_its_time_or_when_it_is_taken_back(store: &Store) {
    let (late, revoked) = (invite(store, 1, "").await, invite(store, 2, "").await);
    assert!(is_open(store, &late, 99).await && !is_open(store, &late, 100).await);
    let grace = invited(1, "grace", &late, at(100));
    assert_eq!(sign_up(store, grace).await, SignUp::InviteNotGood);
    let revoke = async |invite: &Invite| {
        let done = store.invites.revoke_invite(&invite.hash.name()).await;
        done.unwrap()
    };
    assert!(revoke(&revoked).await);
    assert!(!revoke(&revoked).await, "it is gone");
    let grace = invited(1, "grace", &revoked, at(3));
    assert_eq!(sign_up(store, grace).await, SignUp::InviteNotGood);
    assert!(is_open(store, &late, 3).await, "another is left alone");
    let grace = invited(1, "grace", &late, at(3));
    assert_eq!(sign_up(store, grace).await, SignUp::Created);
    assert!(!revoke(&late).await, "it is used up");
}

pub(super) async fn they_are_listed_with_their_users(store: &Store) {
    assert_eq!(store.invites.invites().await.unwrap(), []);
    let (first, second) = (invite(store, 1, "one").await, invite(store, 2, "two").await);
    let grace = invited(1, "grace", &first, at(3));
    assert_eq!(sign_up(store, grace).await, SignUp::Created);
    let listed = store.invites.invites().await.unwrap();
    let shown: Vec<_> = listed
        .iter()
        .map(|known| (&known.invite, known.used_by))
        .collect();
    assert_eq!(shown, [(&second, None), (&first, Some(user(1)))]);
    store.invites.invite(&second).await.unwrap();
    assert_eq!(store.invites.invites().await.unwrap(), listed);
}

pub(super) async fn it_stays_used_up_when_its_user_leaves(store: &Store) {
    let invite = invite(store, 1, "").await;
    let grace = invited(1, "grace", &invite, at(2));
    assert_eq!(sign_up(store, grace).await, SignUp::Created);
    let closed = store.accounts.close_account(user(1), HASH, at(3)).await;
    assert!(closed.unwrap());
    let again = || invited(2, "grace", &invite, at(4));
    assert_eq!(sign_up(store, again()).await, SignUp::InviteNotGood);
    store.accounts.erased(user(1), at(5)).await.unwrap();
    assert_eq!(sign_up(store, again()).await, SignUp::InviteNotGood);
    // Nothing of it is left that could come back to life when the user is forgotten.
    assert_eq!(store.invites.invites().await.unwrap(), []);
}
