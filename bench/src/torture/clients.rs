//! The clients: they send every text of the script, each until the messenger says that it has it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use super::script::Script;
use crate::lab::{Account, Answer};

/// Texts that wait for an answer at once, at most.
const CLIENTS: usize = 48;

/// Texts that wait to be sent, at most: on a slow machine the clients go slower, so that no text
/// expires only because so many are before it.
const WAITING: usize = 300;

/// How long a client tries to get an answer.
const PATIENCE: Duration = Duration::from_mins(3);

/// One text in so many is sent once more after it was accepted.
const REPEATED: usize = 20;

/// What clients were told: the ids that each text was accepted under, in the order of the script.
/// More than one for a text means that its key did not hold.
pub(super) type Told = Vec<BTreeSet<String>>;

/// The clients' book while it is written.
pub(super) struct Clients {
    script: Arc<Script>,
    account: Account,
    /// Where the APIs are.
    bases: Vec<String>,
    told: Mutex<Told>,
    accepted: watch::Sender<usize>,
    waiting: watch::Sender<usize>,
}

impl Clients {
    pub(super) fn new(script: Arc<Script>, account: Account, bases: Vec<String>) -> Arc<Self> {
        let told = Mutex::new(vec![BTreeSet::new(); script.texts.len()]);
        Arc::new(Self {
            script,
            account,
            bases,
            told,
            accepted: watch::Sender::new(0),
            waiting: watch::Sender::new(0),
        })
    }

    /// How many texts were accepted so far.
    pub(super) fn accepted(&self) -> watch::Receiver<usize> {
        self.accepted.subscribe()
    }

    /// Tells how many texts wait to be sent.
    pub(super) fn note_waiting(&self, waiting: usize) {
        self.waiting.send_replace(waiting);
    }

    pub(super) fn told(&self) -> Told {
        self.lock().clone()
    }

    /// Sends all texts within about `time`; longer, if the messenger keeps them waiting.
    pub(super) async fn send_all(self: &Arc<Self>, time: Duration) -> anyhow::Result<()> {
        let count = self.script.texts.len();
        let pause = time / u32::try_from(count)?.max(1);
        let mut ticks = interval(pause.max(Duration::from_micros(1)));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut waiting = self.waiting.subscribe();
        let permits = Arc::new(Semaphore::new(CLIENTS));
        let mut clients = JoinSet::new();
        for n in 0..count {
            ticks.tick().await;
            waiting.wait_for(|waiting| *waiting < WAITING).await?;
            let permit = Arc::clone(&permits).acquire_owned().await?;
            let this = Arc::clone(self);
            clients.spawn(async move {
                let sent = this.send(n).await;
                drop(permit);
                sent
            });
            while let Some(sent) = clients.try_join_next() {
                sent??;
            }
        }
        while let Some(sent) = clients.join_next().await {
            sent??;
        }
        Ok(())
    }

    async fn send(&self, n: usize) -> anyhow::Result<()> {
        self.send_until_accepted(n).await?;
        self.accepted.send_modify(|accepted| *accepted += 1);
        if n.is_multiple_of(REPEATED) {
            self.send_until_accepted(n).await?;
        }
        Ok(())
    }

    /// Tries the APIs in turn, always with the same key.
    async fn send_until_accepted(&self, n: usize) -> anyhow::Result<()> {
        let text = &self.script.texts[n];
        let content = &self.script.contents[text.content];
        let deadline = Instant::now() + PATIENCE;
        let mut api = rand::random_range(0..self.bases.len());
        loop {
            let base = &self.bases[api % self.bases.len()];
            let answer = self
                .account
                .send(base, &content.to, &content.body, &text.key);
            match answer.await {
                Answer::Accepted { id } => {
                    self.lock()[n].insert(id);
                    return Ok(());
                }
                Answer::Refused(why) => anyhow::bail!("{} was refused: {why}", text.key),
                Answer::Unclear(why) => {
                    let in_time = Instant::now() < deadline;
                    in_time.then_some(()).with_context(|| {
                        format!("nobody accepts {}, for the last time: {why}", text.key)
                    })?;
                }
            }
            api += 1;
            sleep(Duration::from_millis(rand::random_range(50..400))).await;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
