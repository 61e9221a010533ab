//! The clients: they send every text of the script, each until the messenger says that it has it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lab::{Account, Answer, Wish};
use reqwest::StatusCode;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use super::outages::{Span, now};
use super::script::Script;
use super::witness::Reader;

/// Texts that wait for an answer at once, at most.
const CLIENTS: usize = 48;

/// Texts that wait to be sent, at most: on a slow machine the clients go slower, so that no text
/// expires only because so many are before it.
const WAITING: usize = 300;

/// How long a client tries to get an answer.
const PATIENCE: Duration = Duration::from_mins(3);

/// One text in so many is sent once more after it was accepted.
const REPEATED: usize = 20;

/// One text in so many is looked for once it was accepted, if somebody does so.
const READ_BACK: usize = 4;

/// What clients were told: the ids that each text was accepted under, in the order of the script.
/// More than one for a text means that its key did not hold.
pub(super) type Told = Vec<BTreeSet<String>>;

/// The clients' book while it is written.
pub(super) struct Clients {
    script: Arc<Script>,
    /// Who sends, by the number of the user.
    users: Vec<Account>,
    /// Where the APIs are.
    bases: Vec<String>,
    told: Mutex<Told>,
    /// When a text was accepted, each time.
    times: Mutex<Vec<i64>>,
    reader: Option<Arc<Reader>>,
    /// From when to when nobody sent anything.
    held: Mutex<Vec<Span>>,
    accepted: watch::Sender<usize>,
    waiting: watch::Sender<usize>,
    /// How many want the clients to be held back.
    holding: watch::Sender<usize>,
}

fn in_time(deadline: Instant, key: &str, why: &str) -> anyhow::Result<()> {
    let in_time = Instant::now() < deadline;
    anyhow::ensure!(in_time, "nobody accepts {key}, for the last time: {why}");
    Ok(())
}

impl Clients {
    pub(super) fn new(
        script: Arc<Script>,
        users: Vec<Account>,
        bases: Vec<String>,
        reader: Option<Arc<Reader>>,
    ) -> Arc<Self> {
        let told = Mutex::new(vec![BTreeSet::new(); script.texts.len()]);
        Arc::new(Self {
            script,
            users,
            bases,
            told,
            times: Mutex::default(),
            reader,
            held: Mutex::default(),
            holding: watch::Sender::new(0),
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

    /// Lets nobody send anything more until something comes about.
    pub(super) async fn hold_back_until<T>(&self, it: impl Future<Output = T>) -> T {
        let from = now();
        self.holding.send_modify(|holding| *holding += 1);
        let it = it.await;
        self.holding.send_modify(|holding| *holding -= 1);
        let span = Span { from, until: now() };
        let held = self.held.lock();
        held.unwrap_or_else(PoisonError::into_inner).push(span);
        it
    }

    /// From when to when the clients were held back.
    pub(super) fn held(&self) -> Vec<Span> {
        let held = self.held.lock();
        held.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn told(&self) -> Told {
        self.lock().clone()
    }

    /// When texts were accepted, in milliseconds since 1970.
    pub(super) fn times(&self) -> Vec<i64> {
        let times = self.times.lock();
        times.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sends all texts within about `time`; longer, if the messenger keeps them waiting.
    pub(super) async fn send_all(self: &Arc<Self>, time: Duration) -> anyhow::Result<()> {
        let count = self.script.texts.len();
        let pause = time / u32::try_from(count)?.max(1);
        let mut ticks = interval(pause.max(Duration::from_micros(1)));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut waiting, mut holding) = (self.waiting.subscribe(), self.holding.subscribe());
        let permits = Arc::new(Semaphore::new(CLIENTS));
        let mut clients = JoinSet::new();
        for n in 0..count {
            ticks.tick().await;
            waiting.wait_for(|waiting| *waiting < WAITING).await?;
            holding.wait_for(|holding| *holding == 0).await?;
            let permit = Arc::clone(&permits).acquire_owned().await?;
            let this = Arc::clone(self);
            clients.spawn(async move {
                let id = this.send(n).await?;
                drop(permit);
                if let Some(reader) = this.reader.as_ref().filter(|_| n.is_multiple_of(READ_BACK)) {
                    reader.read_back(this.user_of(n), &id).await;
                }
                anyhow::Ok(())
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

    async fn send(&self, n: usize) -> anyhow::Result<String> {
        let first = rand::random_range(0..self.bases.len());
        let (id, api) = self.send_until_accepted(n, first).await?;
        self.accepted.send_modify(|accepted| *accepted += 1);
        if n.is_multiple_of(REPEATED) {
            // The other one has not answered it before.
            self.send_until_accepted(n, api + 1).await?;
        }
        Ok(id)
    }

    /// Tries the APIs in turn, always with the same key; tells the id and which API accepted it.
    async fn send_until_accepted(&self, n: usize, first: usize) -> anyhow::Result<(String, usize)> {
        let text = &self.script.texts[n];
        let content = &self.script.contents[text.content];
        let wish = Wish {
            to: &content.to,
            text: &content.body,
            media_urls: &content.urls,
            key: &text.key,
            from: text.manner.from,
            class: text.manner.class,
        };
        let deadline = Instant::now() + PATIENCE;
        let mut api = first;
        loop {
            let base = &self.bases[api % self.bases.len()];
            match self.user_of(n).send(base, &wish).await {
                Answer::Accepted { id } => {
                    self.note_accepted(n, &id);
                    return Ok((id, api));
                }
                // Its sender is being drained; nothing was stored, so it is wanted again later.
                Answer::Refused(StatusCode::BAD_REQUEST) if wish.from.is_some() => {
                    in_time(deadline, &text.key, "its sender is drained")?;
                }
                Answer::Refused(why) => anyhow::bail!("{} was refused: {why}", text.key),
                Answer::Unclear(why) => in_time(deadline, &text.key, &why)?,
            }
            api += 1;
            sleep(Duration::from_millis(rand::random_range(50..400))).await;
        }
    }

    fn user_of(&self, n: usize) -> &Account {
        &self.users[self.script.texts[n].manner.user]
    }

    fn note_accepted(&self, n: usize, id: &str) {
        self.lock()[n].insert(id.to_owned());
        let times = self.times.lock();
        times.unwrap_or_else(PoisonError::into_inner).push(now());
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
