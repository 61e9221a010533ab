//! A clock that is watched while the process runs.

mod judge;

pub use judge::{Sighting, unsafe_beside};

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mysms_core::clock::{Clock, Fitness, SteadyClock};
use mysms_core::domain::Timestamp;
use mysms_core::store::Upkeep;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use self::judge::{Judge, Opinion, Reading};
use crate::lifecycle::{Lifecycle, TaskResult};
use crate::metrics::Metrics;

/// The pause between two looks at the clocks.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// How long the ledger may take to tell its time.
const PATIENCE: Duration = Duration::from_secs(2);

/// The time that a process goes by, watched for as long as it runs: it goes on evenly while the
/// machine's clock is set, and it says when it is not to be trusted.
///
/// A process whose clock is far from the others' takes leases for over that are not, or gives such as
/// are over already, and a text is sent twice; or it ends texts before their time.
pub struct WatchedClock {
    clock: SteadyClock,
    /// The longest that a lease given before a change of our time can last.
    quiet: Duration,
    state: Mutex<State>,
}

struct State {
    judge: Judge,
    trouble: Option<String>,
    settled_at: Option<Instant>,
}

impl WatchedClock {
    /// `quiet` is how long after an attempt its outcome may still be looked into wrongly: a lease and
    /// the pause between two looks.
    pub fn start(quiet: Duration) -> Self {
        Self {
            clock: SteadyClock::start(),
            quiet,
            state: Mutex::new(State {
                judge: Judge::new(quiet),
                trouble: None,
                settled_at: None,
            }),
        }
    }

    /// Keeps looking at the clocks until the soft stop.
    pub fn watch(
        self: &Arc<Self>,
        upkeep: Arc<dyn Upkeep>,
        metrics: Arc<Metrics>,
        lifecycle: &Lifecycle,
    ) {
        let looks = Arc::clone(self).keep_looking(upkeep, metrics, lifecycle.soft());
        lifecycle.spawn("clock", looks);
    }

    async fn keep_looking(
        self: Arc<Self>,
        upkeep: Arc<dyn Upkeep>,
        metrics: Arc<Metrics>,
        stop: CancellationToken,
    ) -> TaskResult {
        let looks = async {
            loop {
                self.look(&*upkeep, &metrics).await;
                sleep(LOOK_INTERVAL).await;
            }
        };
        stop.run_until_cancelled(looks).await;
        Ok(())
    }

    async fn look(&self, upkeep: &dyn Upkeep, metrics: &Metrics) {
        let asked = Instant::now();
        let Ok(Ok(time)) = timeout(PATIENCE, upkeep.time()).await else {
            // Without the ledger nothing can be begun, and its clock may be all that is right.
            return;
        };
        let within = asked.elapsed();
        let reading = Reading {
            own: self.clock.now(),
            wall: self.clock.wall(),
            ledger: time.map(|at| Sighting { at, within }),
        };
        self.heed(reading, metrics);
    }

    fn heed(&self, reading: Reading, metrics: &Metrics) {
        let mut state = self.state();
        let trouble = match state.judge.judge(reading) {
            Opinion::Right => None,
            Opinion::Wrong(reason) => Some(reason),
            Opinion::Follow => {
                self.clock.follow_wall();
                state.settled_at = Some(Instant::now() + self.quiet);
                tracing::warn!(
                    from = %reading.own, to = %reading.wall,
                    "this process goes by the machine's clock as it is now; doubts wait until all \
                     leases from before are over"
                );
                None
            }
        };
        match (&state.trouble, &trouble) {
            (None, Some(reason)) => {
                tracing::error!(reason, "nothing is begun until the clock is right");
            }
            (Some(_), None) => tracing::info!("the clock is right again"),
            _ => {}
        }
        metrics.set_clock_right(trouble.is_none());
        state.trouble = trouble;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for WatchedClock {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn wall(&self) -> Timestamp {
        self.clock.wall()
    }

    fn fitness(&self) -> Fitness {
        let state = self.state();
        match (&state.trouble, state.settled_at) {
            (Some(reason), _) => Fitness::Unfit(reason.clone()),
            (None, Some(at)) if Instant::now() < at => Fitness::Settling,
            (None, _) => Fitness::Fit,
        }
    }
}
