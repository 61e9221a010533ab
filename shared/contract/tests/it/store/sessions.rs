//! What users are shown of their logins, and tokens that are renewed twice.

use std::sync::Arc;

use mysms_core::domain::{Cookie, Origin, Renewal, Session, SessionId, TokenId};
use mysms_core::store::Renewed;
use uuid::Uuid;

use super::adapters::Store;
use super::fixtures::{at, race, user};

/// A session of a user, good for 100 seconds.
pub(super) fn session(number: u64, begun: u64) -> Session {
    Session {
        id: SessionId::generate(),
        user: user(number),
        generation: 0,
        token: TokenId::generate(),
        begun_at: at(begun),
        renewed_at: at(begun),
        until: at(begun + 100),
        origin: Origin {
            network: "203.0.113.0/24".to_owned(),
            agent: Some("curl/8".to_owned()),
        },
        cookie: None,
    }
}

pub(super) fn renewal(session: &Session, second: u64) -> Renewal {
    Renewal {
        session: session.id,
        from: session.token,
        to: TokenId::generate(),
        now: at(second),
        until: at(second + 100),
    }
}

/// The same with the next turn of its cookie, and another token, good for 1000 seconds.
pub(super) fn gone_on(session: &Session, second: u64) -> Session {
    let first = Cookie {
        turn: 0,
        since: at(second),
        is_kept: true,
    };
    Session {
        token: TokenId::generate(),
        renewed_at: at(second),
        until: at(second + 1000),
        cookie: Some(
            session
                .cookie
                .map_or(first, |cookie| cookie.next(at(second))),
        ),
        ..session.clone()
    }
}

async fn go_on(store: &Store, from: &Session, to: &Session) -> Renewed {
    store.sessions.go_on(from, to).await.unwrap()
}

async fn begun(store: &Store, session: Session) -> Session {
    store.sessions.begin(&session).await.unwrap();
    session
}

async fn renew(store: &Store, renewal: &Renewal) -> Renewed {
    store.sessions.renew(renewal).await.unwrap()
}

pub(super) async fn a_session_is_shown_to_its_user_field_by_field(store: &Store) {
    let first = begun(store, session(1, 0)).await;
    let mut second = session(1, 1);
    second.origin.agent = None;
    let second = begun(store, second).await;
    let foreign = begun(store, session(2, 2)).await;
    let shown = store.sessions.sessions_of(user(1), 0, at(9), 9).await;
    assert_eq!(shown.unwrap(), [second.clone(), first.clone()]);
    let latest = store.sessions.sessions_of(user(1), 0, at(9), 1).await;
    assert_eq!(latest.unwrap(), [second]);

    let find = async |number, id| store.sessions.session(user(number), id).await.unwrap();
    assert_eq!(find(1, first.id).await, Some(first));
    assert_eq!(find(1, foreign.id).await, None);
    assert_eq!(find(1, SessionId::from_uuid(Uuid::nil())).await, None);
}

pub(super) async fn a_renewed_session_is_the_latest_and_lasts_longer(store: &Store) {
    let first = begun(store, session(1, 0)).await;
    let second = begun(store, session(1, 1)).await;
    let renewal = renewal(&first, 50);
    assert_eq!(renew(store, &renewal).await, Renewed::Done);
    let ids = async |second| {
        let shown = store.sessions.sessions_of(user(1), 0, at(second), 9).await;
        let ids = shown.unwrap().into_iter().map(|session| session.id);
        ids.collect::<Vec<_>>()
    };
    assert_eq!(ids(101).await, [first.id, second.id]);
    assert_eq!(ids(150).await, [first.id]);
    assert_eq!(ids(151).await, []);
    let known = store.sessions.session(user(1), first.id).await.unwrap();
    let expected = Session {
        token: renewal.to,
        renewed_at: at(50),
        until: at(150),
        ..first
    };
    assert_eq!(known, Some(expected));
}

pub(super) async fn a_token_is_renewed_once(store: &Store) {
    let session = begun(store, session(1, 0)).await;
    let first = renewal(&session, 5);
    assert_eq!(renew(store, &first).await, Renewed::Done);
    assert_eq!(renew(store, &renewal(&session, 6)).await, Renewed::Before);
    let next = Renewal {
        from: first.to,
        ..renewal(&session, 7)
    };
    assert_eq!(renew(store, &next).await, Renewed::Done);
    assert_eq!(renew(store, &first).await, Renewed::Before, "it is old");
    // What begins again was there before.
    store.sessions.begin(&session).await.unwrap();
    assert_eq!(renew(store, &renewal(&session, 8)).await, Renewed::Before);
    let unknown = super::sessions::session(1, 0);
    assert_eq!(renew(store, &renewal(&unknown, 9)).await, Renewed::Unknown);
}

pub(super) async fn one_of_twenty_racing_renewals_wins(store: &Store) {
    let session = begun(store, session(1, 0)).await;
    let answers = race(|number| {
        let sessions = Arc::clone(&store.sessions);
        let renewal = renewal(&session, number);
        async move { sessions.renew(&renewal).await.unwrap() }
    })
    .await;
    let done = answers.iter().filter(|answer| **answer == Renewed::Done);
    assert_eq!(done.count(), 1);
    assert!(!answers.contains(&Renewed::Unknown));
}

pub(super) async fn what_has_ended_is_not_shown(store: &Store) {
    let ended = begun(store, session(1, 0)).await;
    let earlier = begun(store, session(1, 1)).await;
    let later = Session {
        generation: 1,
        ..session(1, 2)
    };
    let later = begun(store, later).await;
    let foreign = begun(store, session(2, 3)).await;
    let shown = async |number, generation| {
        let shown = store
            .sessions
            .sessions_of(user(number), generation, at(9), 9);
        shown.await.unwrap()
    };
    store.sessions.forget(ended.id).await.unwrap();
    store.sessions.forget(ended.id).await.unwrap();
    assert_eq!(shown(1, 0).await, [later.clone(), earlier]);
    assert_eq!(shown(1, 1).await, [later]);
    store.sessions.forget_all(user(1)).await.unwrap();
    assert_eq!(shown(1, 0).await, []);
    assert_eq!(shown(2, 0).await, [foreign]);
}

pub(super) async fn a_session_goes_on_by_its_cookie_turn_by_turn(store: &Store) {
    let first = begun(store, session(1, 0)).await;
    let other = begun(store, session(1, 1)).await;
    let second = gone_on(&first, 5);
    assert_eq!(go_on(store, &first, &second).await, Renewed::Done);
    let find = async |id| store.sessions.session(user(1), id).await.unwrap();
    assert_eq!(find(first.id).await.as_ref(), Some(&second));
    let stale = gone_on(&first, 6);
    assert_eq!(go_on(store, &first, &stale).await, Renewed::Before);
    let third = gone_on(&second, 7);
    assert_eq!(go_on(store, &second, &third).await, Renewed::Done);
    assert_eq!(
        go_on(store, &first, &second).await,
        Renewed::Before,
        "it is old"
    );
    assert_eq!(find(first.id).await, Some(third));
    assert_eq!(find(other.id).await, Some(other));
    let unknown = session(1, 0);
    let gone = go_on(store, &unknown, &gone_on(&unknown, 9)).await;
    assert_eq!(gone, Renewed::Unknown);
}

pub(super) async fn a_renewed_token_shortens_no_session_and_keeps_the_cookie(store: &Store) {
    let first = begun(store, session(1, 0)).await;
    let second = gone_on(&first, 5);
    assert_eq!(go_on(store, &first, &second).await, Renewed::Done);
    let renewal = renewal(&second, 6);
    assert_eq!(renew(store, &renewal).await, Renewed::Done);
    let known = store.sessions.session(user(1), first.id).await.unwrap();
    let expected = Session {
        token: renewal.to,
        renewed_at: at(6),
        ..second.clone()
    };
    assert_eq!(known, Some(expected));
    // Whoever read it before the renewal must not bring the old token back.
    let overtaken = gone_on(&second, 7);
    assert_eq!(go_on(store, &second, &overtaken).await, Renewed::Before);
}

pub(super) async fn one_of_twenty_racing_turns_wins(store: &Store) {
    let session = begun(store, session(1, 0)).await;
    let answers = race(|number| {
        let sessions = Arc::clone(&store.sessions);
        let (from, to) = (session.clone(), gone_on(&session, number));
        async move { sessions.go_on(&from, &to).await.unwrap() }
    })
    .await;
    let done = answers.iter().filter(|answer| **answer == Renewed::Done);
    assert_eq!(done.count(), 1);
}
