//! The pace is exact, whatever happens to the workers.

use std::time::Duration;

use lab::{Account, Service};
use tokio::time::{Instant, sleep, sleep_until};

use super::book::{Arrival, Book, most_within, used};
use super::field::{Field, Sender};
use super::report::{Bound, Proof, count};
use super::texts::{Class, Sent, send_all};

/// A slice holds what leaves in this time, and is what a second may be above the rate, in seconds.
const SLICE: f64 = 0.1;

/// The part of the rate that is used.
const USED: f64 = 0.99;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);

/// For how long a killed worker stays away, and how long a frozen one stands still.
const AWAY: Duration = Duration::from_secs(10);
const FROZEN: Duration = Duration::from_secs(5);

/// How long what a killed worker held may take to come back.
const COMING_BACK: Duration = Duration::from_secs(90);

/// A sender with more to send than it can.
pub(super) struct Busy {
    pub(super) sender: Sender,
    sent: Vec<Sent>,
    /// For how long there is enough.
    lasts: Duration,
    longest: u32,
}

impl Busy {
    /// Stores texts of these sizes, enough for so long.
    pub(super) async fn prepare(
        field: &Field,
        account: &Account,
        sender: &Sender,
        sizes: &[u32],
        lasts: Duration,
    ) -> anyhow::Result<Self> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "some thousands of segments"
        )]
        let enough = (sender.rate * (lasts.as_secs_f64() + 10.0)) as u64;
        let texts = field.texts(sender.address, Class::Transactional, sizes, enough.max(1));
        Ok(Self {
            sender: sender.clone(),
            sent: send_all(account, &field.stack.api, &texts).await?,
            lasts,
            longest: sizes.iter().copied().max().unwrap_or(1),
        })
    }

    /// Waits until all have come.
    pub(super) async fn wait(&self, book: &mut Book) -> anyhow::Result<()> {
        // A slow sender has a text every five seconds.
        book.wait_for(&self.sent, COMING_BACK).await
    }

    /// What the book says.
    pub(super) fn judge(&self, name: String, book: &Book) -> Proof {
        let mut proof = Proof::of(name);
        let lines = book.of_sender(self.sender.address);
        let arrivals: Vec<Arrival> = lines.iter().map(|line| Arrival::from(*line)).collect();
        pace(&mut proof, &arrivals, self.sender.rate, self.longest);
        let used = 100.0 * used(&arrivals, self.sender.rate, self.lasts);
        proof.should("used of the rate, %", used, Bound::AtLeast(97.0));
        let complaints = lines.iter().filter(|line| line.code.is_some()).count();
        let none = Bound::AtMost(0.0);
        proof.must(
            "texts that the provider complained of",
            count(complaints),
            none,
        );
        proof.must("texts lost", count(book.lost(&self.sent)), none);
        proof.tell("texts", count(self.sent.len()));
        proof
    }
}

/// No second is above the rate by more than a slice, or a text that is longer than that; no minute is
/// above the rate, but for a text that is longer than what is left free of it.
#[expect(clippy::cast_precision_loss, reason = "some thousands of segments")]
pub(super) fn pace(proof: &mut Proof, arrivals: &[Arrival], rate: f64, longest: u32) {
    let longest = f64::from(longest);
    let second = rate + longest.max(rate * SLICE);
    let most = most_within(arrivals, SECOND) as f64;
    proof.must("most segments in a second", most, Bound::AtMost(second));
    let minute = 60.0 * rate;
    let minute = minute.max(minute * USED + longest);
    let most = most_within(arrivals, MINUTE) as f64;
    proof.must("most segments in a minute", most, Bound::AtMost(minute));
}

/// Kills one worker and freezes another, while texts leave for `lasts`.
pub(super) async fn harm(workers: &mut [Service], lasts: Duration) -> anyhow::Result<()> {
    let [killed, frozen, ..] = workers else {
        anyhow::bail!("two workers to harm");
    };
    let began = Instant::now();
    sleep_until(began + lasts / 4).await;
    killed.kill_for(AWAY).await?;
    sleep_until(began + lasts * 5 / 8).await;
    frozen.freeze()?;
    sleep(FROZEN).await;
    frozen.thaw()
}
