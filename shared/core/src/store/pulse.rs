//! Whether a store works, which only some work can show. Anybody may ask a process for it, so asking more
//! often must not cost the store more.

use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::Result;

/// How long an answer holds, so that any number of questions costs one try in this time.
const HOLDS: Duration = Duration::from_secs(1);

/// The latest answer.
#[derive(Default)]
pub struct Pulse(Mutex<Option<Answer>>);

struct Answer {
    at: Instant,
    worked: Result<()>,
}

impl Pulse {
    /// Tries some `work`, unless the latest answer holds. A caller that asks while another's try is under
    /// way waits for that answer.
    pub async fn feel(&self, work: impl Future<Output = Result<()>>) -> Result<()> {
        let mut last = self.0.lock().await;
        if let Some(answer) = &*last
            && answer.at.elapsed() < HOLDS
        {
            return answer.worked.clone();
        }
        let worked = work.await;
        *last = Some(Answer {
            at: Instant::now(),
            worked: worked.clone(),
        });
        worked
    }
}
