//! The messenger with its senders, the users who write, and the workers that are harmed.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use lab::{Account, Programs};
use reqwest::Method;
use serde::Deserialize;
use tokio::time::{Instant, sleep};
use twilio_sim::{OverRate, Terms};

use super::texts::{Class, Text};
use crate::messenger::{Setup, Stack};

/// The times of the leases are shorter than usual, so that what a killed worker held comes back within
/// the run: 15 seconds after the claim, and 5 more until it was looked for twice.
const TIMES: [(&str, &str); 4] = [
    ("START_WINDOW_SECONDS", "3"),
    ("PROVIDER_TIMEOUT_SECONDS", "3"),
    ("PROVIDER_QUIET_SECONDS", "9"),
    ("RESOLVE_INTERVAL_SECONDS", "5"),
];

/// A request to send a thousand texts is answered within this.
const ANSWER: Duration = Duration::from_mins(1);

const PAUSE: Duration = Duration::from_millis(200);

/// How long a changed sender may take to be known.
const PATIENCE: Duration = Duration::from_secs(30);

/// Something that texts leave from.
#[derive(Debug, Clone)]
pub(super) struct Sender {
    pub(super) address: &'static str,
    /// Segments a second.
    pub(super) rate: f64,
    pub(super) cap: Option<Cap>,
}

/// How much may leave a sender in a day.
#[derive(Debug, Clone)]
pub(super) struct Cap {
    pub(super) segments: u64,
    /// Whose midnight the day ends with, by its IANA name.
    pub(super) zone: &'static str,
    /// When that comes next, in milliseconds since 1970.
    pub(super) midnight: i64,
}

pub(super) struct Field {
    pub(super) stack: Stack,
    recipients: AtomicU32,
}

impl Sender {
    pub(super) const fn new(address: &'static str, rate: f64) -> Self {
        Self {
            address,
            rate,
            cap: None,
        }
    }

    /// What the provider is told of it: it complains of what comes more than a second too early, and of
    /// what is too much for a day.
    fn terms(&self) -> Terms {
        Terms {
            segments_per_second: Some(self.rate),
            over_rate: OverRate::Fail,
            segments_per_day: self.cap.as_ref().map(|cap| cap.segments),
            day_ends_at_ms: self.cap.as_ref().map(|cap| cap.midnight),
            ..Terms::default()
        }
    }
}

impl Field {
    /// Starts all but the workers; each process writes its log under `directory`.
    pub(super) async fn start(programs: &Programs, directory: &Path) -> anyhow::Result<Self> {
        let setup = Setup {
            settings: TIMES.map(|(name, value)| (name, value.to_owned())).into(),
            ..Setup::default()
        };
        Ok(Self {
            stack: Stack::start(programs, directory, setup).await?,
            recipients: AtomicU32::new(0),
        })
    }

    pub(super) async fn user(&self, name: &str) -> anyhow::Result<Account> {
        Account::sign_up(lab::http(ANSWER)?, &self.stack.api, name).await
    }

    /// Adds senders, at the provider and here, and waits until the API knows them.
    pub(super) async fn add(&self, user: &Account, senders: &[Sender]) -> anyhow::Result<()> {
        for sender in senders {
            let terms = sender.terms();
            self.stack
                .provider
                .set_sender(sender.address, &terms)
                .await?;
            let rate = sender.rate.to_string();
            let mut command = vec!["senders", "add", sender.address, "--rate", &rate];
            let cap = sender.cap.as_ref().map(|cap| cap.segments.to_string());
            if let (Some(cap), Some(segments)) = (&sender.cap, &cap) {
                command.extend(["--daily-cap", segments, "--cap-zone", cap.zone]);
            }
            self.stack.admin(&command).await?;
        }
        self.wait_until_known(user, senders).await
    }

    /// Gives a sender another rate, at the provider and here. The workers know it within seconds.
    pub(super) async fn set_rate(&self, address: &'static str, rate: f64) -> anyhow::Result<()> {
        let sender = Sender::new(address, rate);
        let terms = sender.terms();
        self.stack.provider.set_sender(address, &terms).await?;
        let rate = rate.to_string();
        let command = ["senders", "set", address, "--rate", &rate];
        self.stack.admin(&command).await
    }

    /// A text for somebody who has got none.
    pub(super) fn text(&self, from: &'static str, class: Class, segments: u32) -> Text {
        let n = self.recipients.fetch_add(1, Ordering::Relaxed);
        Text {
            to: format!("+1555{n:07}"),
            from,
            class,
            segments,
        }
    }

    /// Texts of these sizes again and again, for as long as they have `segments` together.
    pub(super) fn texts(
        &self,
        from: &'static str,
        class: Class,
        sizes: &[u32],
        segments: u64,
    ) -> Vec<Text> {
        let mut left = segments;
        let fitting = sizes.iter().cycle().map_while(|size| {
            let fits = left > 0;
            left = left.saturating_sub(u64::from(*size));
            fits.then_some(*size)
        });
        fitting.map(|size| self.text(from, class, size)).collect()
    }

    /// Starts workers until there are so many.
    pub(super) async fn start_workers(&mut self, count: usize) -> anyhow::Result<()> {
        while self.stack.workers().len() < count {
            self.stack.add_worker().await?;
        }
        Ok(())
    }

    /// Waits until a user may send from these.
    async fn wait_until_known(&self, user: &Account, senders: &[Sender]) -> anyhow::Result<()> {
        let until = Instant::now() + PATIENCE;
        loop {
            let request = user.request(Method::GET, &self.stack.api, "/senders");
            let answer = request.send().await?.error_for_status()?;
            let known: Vec<Known> = answer.json().await?;
            let is_known = |sender: &Sender| known.iter().any(|it| it.address == sender.address);
            if senders.iter().all(is_known) {
                return Ok(());
            }
            let in_time = Instant::now() < until;
            anyhow::ensure!(in_time, "the API does not know all senders");
            sleep(PAUSE).await;
        }
    }
}

/// A sender as the API shows it.
#[derive(Deserialize)]
struct Known {
    address: String,
}
