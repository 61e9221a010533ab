use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use shared::clock::Clock;
use shared::domain::{IssuedToken, Revocation, Timestamp, TokenId, UserId};
use shared::lifecycle::TaskResult;
use shared::store::{Result, Revocations};
use shared::telemetry::Chain;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::tokens::LONGEST_VALIDITY;
use crate::patience::Patience;

/// The pause between two looks at what ended in other processes.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// How old what this process knows may be. While it is older, each request asks the store.
const FRESH: Duration = Duration::from_secs(4);

/// How far a look goes back behind the one before: the clocks of two processes differ by less, and so
/// do the time that a revocation says and the one at which it was stored.
const OVERLAP: Duration = Duration::from_mins(2);

/// The tokens that have ended before their time, as far as this process knows.
///
/// Whatever ended in one process has ended in all within 5 seconds: what is known here is at most 4
/// seconds old, or the store is asked about each token; if it does not answer, neither do we.
pub(crate) struct Revoked {
    store: Arc<dyn Revocations>,
    known: RwLock<Known>,
    patience: Patience,
}

#[derive(Default)]
struct Known {
    tokens: HashMap<TokenId, Revocation>,
    users: HashMap<UserId, Revocation>,
    latest: Option<Look>,
}

/// When the store was last looked at, by the clock on the wall and by one that only goes forward.
#[derive(Clone, Copy)]
struct Look {
    at: Timestamp,
    begun: Instant,
}

impl Revoked {
    pub(crate) fn new(store: Arc<dyn Revocations>, patience: Patience) -> Self {
        Self {
            store,
            known: RwLock::default(),
            patience,
        }
    }

    /// Whether a token has ended; fails if that cannot be known at the moment.
    pub(crate) async fn has_ended(&self, token: &IssuedToken) -> Result<bool> {
        let (ended, fresh) = {
            let known = self.read();
            (known.has_ended(token), known.is_fresh())
        };
        if ended || fresh {
            return Ok(ended);
        }
        self.ask(token).await
    }

    /// Whether this process knows that a token has ended.
    pub(crate) fn knows_end_of(&self, token: &IssuedToken) -> bool {
        self.read().has_ended(token)
    }

    /// Asks the store, whatever is known here.
    pub(crate) async fn ask(&self, token: &IssuedToken) -> Result<bool> {
        self.patience.once(self.store.is_revoked(token)).await
    }

    /// Ends a token everywhere, and in this process at once.
    pub(crate) async fn revoke(
        &self,
        token: TokenId,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<()> {
        self.patience
            .repeat(|| self.store.revoke(token, until, now))
            .await?;
        self.note(Revocation::Token { id: token, until });
        Ok(())
    }

    /// Takes note of what has ended in the store.
    pub(crate) fn note(&self, revocation: Revocation) {
        self.write().add(revocation);
    }

    /// Looks at what has ended since the last look.
    pub(crate) async fn look(&self, now: Timestamp) -> Result<()> {
        let latest = self.read().latest;
        let since = latest.map_or(now - LONGEST_VALIDITY, |latest| latest.at);
        let begun = Instant::now();
        let found = self.store.revoked_since(since - OVERLAP);
        let found = self.patience.once(found).await?;
        let mut known = self.write();
        for revocation in found {
            known.add(revocation);
        }
        known.forget_expired(now);
        known.latest = Some(Look { at: now, begun });
        Ok(())
    }

    /// Keeps looking until `stop`.
    pub(crate) async fn watch(
        self: Arc<Self>,
        clock: Arc<dyn Clock>,
        stop: CancellationToken,
    ) -> TaskResult {
        let mut failing = false;
        let watch = async {
            loop {
                match self.look(clock.now()).await {
                    Ok(()) => failing = false,
                    Err(error) if !failing => {
                        failing = true;
                        tracing::warn!(
                            error = %Chain(&error),
                            "cannot see which tokens have ended; each request asks for itself"
                        );
                    }
                    Err(_) => {}
                }
                sleep(LOOK_INTERVAL).await;
            }
        };
        stop.run_until_cancelled(watch).await;
        Ok(())
    }

    fn read(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Known> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn has_ended(&self, token: &IssuedToken) -> bool {
        let alone = self.tokens.get(&token.id);
        let with_all = self.users.get(&token.user);
        alone
            .into_iter()
            .chain(with_all)
            .any(|revocation| revocation.ends(token))
    }

    fn is_fresh(&self) -> bool {
        self.latest
            .is_some_and(|latest| latest.begun.elapsed() < FRESH)
    }

    fn add(&mut self, revocation: Revocation) {
        match revocation {
            Revocation::Token { id, .. } => {
                self.tokens.insert(id, revocation);
            }
            Revocation::User { user, .. } => {
                let known = self.users.entry(user).or_insert(revocation);
                // The later generation is the greater one; an old look must not bring back less.
                *known = (*known).max(revocation);
            }
        }
    }

    fn forget_expired(&mut self, now: Timestamp) {
        self.tokens.retain(|_, revocation| matters(revocation, now));
        self.users.retain(|_, revocation| matters(revocation, now));
    }
}

/// Whether a token that has ended so could still be good otherwise.
fn matters(revocation: &Revocation, now: Timestamp) -> bool {
    match *revocation {
        Revocation::Token { until, .. } => until >= now,
        Revocation::User { at, .. } => at + LONGEST_VALIDITY >= now,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

    use async_trait::async_trait;
    use shared::store::StoreError;

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
        async fn revoke(&self, id: TokenId, until: Timestamp, _: Timestamp) -> Result<()> {
            self.answer(())?;
            self.ended
                .write()
                .unwrap()
                .push(Revocation::Token { id, until });
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
            let patience = Patience(Duration::from_millis(100));
            Arc::new(Revoked::new(store.clone(), patience))
        };
        (Arc::clone(&store), process(), process())
    }

    fn token() -> IssuedToken {
        IssuedToken {
            id: TokenId::generate(),
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
            shared::clock::ManualClock::at(NOW),
            CancellationToken::new(),
        );
        let watching = tokio_util::task::TaskTracker::new();
        watching.spawn(Arc::clone(&there).watch(Arc::new(clock), stop.clone()));
        sleep(Duration::from_millis(10)).await;
        let token = token();
        assert!(!there.has_ended(&token).await.unwrap());
        assert_eq!(store.asked.load(Ordering::SeqCst), 0, "it is in memory");

        here.revoke(token.id, later(), NOW).await.unwrap();
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
        here.revoke(token.id, later(), NOW).await.unwrap();
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
        here.note(Revocation::Token {
            id: token.id,
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
            id: TokenId::generate(),
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
        assert!(known.tokens.is_empty() && known.users.is_empty());
    }
}
