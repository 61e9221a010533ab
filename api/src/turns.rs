use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use shared::domain::UserId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// One thing at a time for each user: whoever asks for many at once waits for their own, and nobody
/// else does.
#[derive(Debug, Default)]
pub(crate) struct Turns(Mutex<HashMap<UserId, Arc<Semaphore>>>);

/// A user's turn, until it is dropped.
pub(crate) struct Turn(#[expect(dead_code, reason = "it is held")] Option<OwnedSemaphorePermit>);

/// From so many users on it is looked who is gone.
const SWEEP: usize = 1024;

impl Turns {
    /// Waits until no other turn of this user lasts.
    pub(crate) async fn turn(&self, user: UserId) -> Turn {
        let own = {
            let mut users = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if users.len() >= SWEEP {
                users.retain(|_, turns| Arc::strong_count(turns) > 1);
            }
            let own = users.entry(user);
            Arc::clone(own.or_insert_with(|| Arc::new(Semaphore::new(1))))
        };
        // It is never closed.
        Turn(own.acquire_owned().await.ok())
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use shared::domain::Timestamp;

    use super::*;

    #[tokio::test]
    async fn a_user_waits_for_themselves_alone_and_nobody_is_remembered_for_long() {
        let turns = Turns::default();
        let user = || UserId::generate(Timestamp::from_millis(1));
        let (john, jane) = (user(), user());
        let turn = turns.turn(john).await;
        assert!(turns.turn(john).now_or_never().is_none());
        assert!(turns.turn(jane).now_or_never().is_some());
        drop(turn);
        assert!(turns.turn(john).now_or_never().is_some());
        for _ in 0..3 * SWEEP {
            turns.turn(user()).await;
        }
        assert!(turns.0.lock().unwrap().len() <= SWEEP);
    }
}
