use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use mysms_core::domain::UserId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// So many things at a time for each user: whoever asks for more at once waits for their own, and
/// nobody else does.
#[derive(Debug)]
pub(crate) struct Turns {
    each: usize,
    users: Mutex<HashMap<UserId, Arc<Semaphore>>>,
}

/// A user's turn, until it is dropped.
pub(crate) struct Turn(#[expect(dead_code, reason = "it is held")] Option<OwnedSemaphorePermit>);

/// From so many users on it is looked who is gone.
const SWEEP: usize = 1024;

impl Turns {
    pub(crate) fn new(each: usize) -> Self {
        Self {
            each,
            users: Mutex::default(),
        }
    }

    /// Waits until few enough turns of this user last.
    pub(crate) async fn turn(&self, user: UserId) -> Turn {
        let own = {
            let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
            if users.len() >= SWEEP {
                users.retain(|_, turns| Arc::strong_count(turns) > 1);
            }
            let own = users.entry(user);
            Arc::clone(own.or_insert_with(|| Arc::new(Semaphore::new(self.each))))
        };
        // It is never closed.
        Turn(own.acquire_owned().await.ok())
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use mysms_core::domain::Timestamp;

    use super::*;

    #[tokio::test]
    async fn a_user_waits_for_themselves_alone_and_nobody_is_remembered_for_long() {
        let turns = Turns::new(2);
        let user = || UserId::generate(Timestamp::from_millis(1));
        let (john, jane) = (user(), user());
        let turn = turns.turn(john).await;
        let _other = turns.turn(john).await;
        assert!(turns.turn(john).now_or_never().is_none());
        assert!(turns.turn(jane).now_or_never().is_some());
        drop(turn);
        assert!(turns.turn(john).now_or_never().is_some());
        for _ in 0..3 * SWEEP {
            turns.turn(user()).await;
        }
        assert!(turns.users.lock().unwrap().len() <= SWEEP);
    }
}
