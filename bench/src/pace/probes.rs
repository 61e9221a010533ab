//! How soon single texts leave a busy sender, and an idle one.

use std::time::Duration;

use lab::Account;
use tokio::time::{MissedTickBehavior, interval};

use super::book::Book;
use super::field::Field;
use super::report::{Bound, Proof, count};
use super::shares::percentile;
use super::texts::{Class, Sent, send};

/// From the request to the provider: of 100 texts about something that their recipients did, 99 leave a
/// busy sender within this, in seconds.
const TRANSACTIONAL: f64 = 2.0;

/// By so much later than from an idle sender a login code may leave a busy one, in seconds.
const OTP_OVER_IDLE: f64 = 0.5;

/// Of so many texts one is a login code.
const OTP_IN: usize = 5;

/// Texts that were sent one by one, half of them from each of two senders, in turns, so that both had
/// the same machine.
pub(super) struct Probes {
    busy: &'static str,
    idle: &'static str,
    sent: Vec<Sent>,
}

impl Probes {
    /// Sends `texts` from each of the two, evenly within `time`.
    pub(super) async fn send(
        field: &Field,
        account: &Account,
        [busy, idle]: [&'static str; 2],
        texts: usize,
        time: Duration,
    ) -> anyhow::Result<Self> {
        let mut ticks = interval(time / u32::try_from(texts * 2)?);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut sent = Vec::with_capacity(texts * 2);
        for n in 0..texts {
            let class = match n % OTP_IN {
                0 => Class::Otp,
                _ => Class::Transactional,
            };
            for from in [busy, idle] {
                ticks.tick().await;
                let text = field.text(from, class, 1);
                sent.push(send(account, &field.stack.api, text).await?);
            }
        }
        Ok(Self { busy, idle, sent })
    }

    pub(super) fn sent(&self) -> &[Sent] {
        &self.sent
    }

    /// How soon 99 of 100 came to the provider.
    pub(super) fn judge(&self, proof: &mut Proof, book: &Book) {
        let arrivals = book.arrivals();
        let waits = |from: &str, class: Class| {
            let own = self.sent.iter();
            let own = own.filter(|sent| sent.text.from == from && sent.text.class == class);
            let came = own.filter_map(|sent| Some(arrivals.get(&*sent.text.to)? - sent.asked_at));
            let seconds = |ms: i64| Duration::from_millis(ms.unsigned_abs()).as_secs_f64();
            came.map(seconds).collect::<Vec<_>>()
        };
        for class in [Class::Transactional, Class::Otp] {
            let [busy, idle] = [self.busy, self.idle].map(|from| waits(from, class));
            let name = class.word();
            proof.tell(format!("{name} texts sent meanwhile"), count(busy.len()));
            for percent in [50, 99] {
                let soon = percentile(idle.clone(), percent);
                proof.tell(format!("{name}, idle sender: p{percent}, s"), soon);
            }
            let median = percentile(busy.clone(), 50);
            proof.tell(format!("{name}, busy sender: p50, s"), median);
            let limit = match class {
                Class::Otp => percentile(idle, 99) + OTP_OVER_IDLE,
                _ => TRANSACTIONAL,
            };
            let slowest = percentile(busy, 99);
            let what = format!("{name}, busy sender: p99, s");
            proof.should(what, slowest, Bound::AtMost(limit));
        }
    }
}
