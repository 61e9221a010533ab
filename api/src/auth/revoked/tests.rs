use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use async_trait::async_trait;
use mysms_core::domain::{TokenId, UserId};
use mysms_core::store::StoreError;
use tokio::time::sleep;

use super::known::FRESH;
use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// A store of one revocation that can be away, and counts who asks.
#[derive(Default)]
struct Store {
    ended: RwLock<Vec<Revocation>>,
    away: AtomicBool,
    asked: AtomicU32,
}

impl Store {
    fn answer<T>(&self, answer: T) -> Result<T> {
        if self.away.load(Ordering::SeqCst) {
            return Err(StoreError::unavailable("the store", "no route"));
        }
        Ok(answer)
    }
}

#[async_trait]
impl Revocations for Store {
    async fn revoke(&self, id: SessionId, until: Timestamp, _: Timestamp) -> Result<()> {
        self.answer(())?;
        self.ended
            .write()
            .unwrap()
            .push(Revocation::Session { id, until });
        Ok(())
    }

    async fn revoked_since(&self, _: Timestamp) -> Result<Vec<Revocation>> {
        self.answer(self.ended.read().unwrap().clone())
    }

    async fn is_revoked(&self, token: &IssuedToken) -> Result<bool> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let ended = self.ended.read().unwrap();
        self.answer(ended.iter().any(|revocation| revocation.ends(token)))
    }
}

fn two_processes() -> (Arc<Store>, Arc<Revoked>, Arc<Revoked>) {
    let store = Arc::new(Store::default());
    let process = || {
        let store_timeout = StoreTimeout(Duration::from_millis(100));
        Arc::new(Revoked::new(store.clone(), store_timeout))
    };
    (Arc::clone(&store), process(), process())
}

fn token() -> IssuedToken {
    IssuedToken {
        id: TokenId::generate(),
        session: SessionId::generate(),
        user: UserId::generate(NOW),
        generation: Some(0),
        issued_at: NOW,
    }
}

fn later() -> Timestamp {
    NOW + Duration::from_hours(1)
}

#[tokio::test(start_paused = true)]
async fn what_ended_in_one_process_has_ended_in_all_within_five_seconds() {
    let (store, here, there) = two_processes();
    let (clock, stop) = (
        mysms_core::clock::ManualClock::at(NOW),
        CancellationToken::new(),
    );
    let watching = tokio_util::task::TaskTracker::new();
    watching.spawn(Arc::clone(&there).watch(Arc::new(clock), stop.clone()));
    sleep(Duration::from_millis(10)).await;
    let token = token();
    assert!(!there.has_ended(&token).await.unwrap());
    assert_eq!(store.asked.load(Ordering::SeqCst), 0, "it is in memory");

    here.revoke(token.session, NOW).await.unwrap();
    assert!(here.has_ended(&token).await.unwrap(), "here at once");
    sleep(Duration::from_secs(5)).await;
    assert!(there.has_ended(&token).await.unwrap());
    assert_eq!(store.asked.load(Ordering::SeqCst), 0);
    stop.cancel();
    watching.close();
    watching.wait().await;
}

#[tokio::test(start_paused = true)]
async fn a_process_that_cannot_look_asks_about_each_token_and_lets_none_pass_unasked() {
    let (store, here, there) = two_processes();
    let (token, other) = (token(), token());
    assert!(!there.has_ended(&token).await.unwrap());
    assert_eq!(store.asked.load(Ordering::SeqCst), 1, "it never looked");
    there.look(NOW).await.unwrap();
    here.revoke(token.session, NOW).await.unwrap();
    sleep(FRESH).await;
    assert!(there.has_ended(&token).await.unwrap());
    assert_eq!(store.asked.load(Ordering::SeqCst), 2);

    store.away.store(true, Ordering::SeqCst);
    assert!(there.has_ended(&other).await.is_err());
    assert!(there.look(NOW).await.is_err());
    // What is known to have ended needs nobody's word.
    assert!(here.has_ended(&token).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn what_does_not_matter_any_more_is_forgotten() {
    let (_, here, _) = two_processes();
    let token = token();
    here.note(Revocation::Session {
        id: token.session,
        until: later(),
    });
    let by_generation = |generation| Revocation::User {
        user: token.user,
        generation,
        at: NOW,
    };
    here.note(by_generation(2));
    // An answer that comes late takes nothing back.
    here.note(by_generation(1));
    let second = IssuedToken {
        session: SessionId::generate(),
        generation: Some(1),
        ..token
    };
    here.look(later()).await.unwrap();
    assert!(here.has_ended(&token).await.unwrap());
    assert!(here.has_ended(&second).await.unwrap());
    here.look(NOW + LONGEST_VALIDITY + Duration::from_secs(1))
        .await
        .unwrap();
    let known = here.read();
    assert!(known.sessions.is_empty() && known.users.is_empty());
}
