//! Who waits behind whom: classes before each other, users beside each other, turns one after the other.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::future::try_join_all;
use lab::Account;

use super::Scale;
use super::book::{Arrival, Book};
use super::exact::pace;
use super::field::{Field, Sender};
use super::probes::Probes;
use super::report::{Bound, Proof, count};
use super::shares::{Portion, worst_delay_behind_later_turns, worst_share};
use super::texts::{Class, Sent, send_all};
use super::waiting::{Queue, Versions, changed};

/// Has one user's bulk texts waiting.
pub(super) const BUSY: Sender = Sender::new("71001", 100.0);
/// Has bulk texts of several users waiting.
pub(super) const SHARED: Sender = Sender::new("71002", 100.0);
/// Has nothing but what is sent one by one.
pub(super) const IDLE: Sender = Sender::new("71003", 100.0);

/// How fast the busy one's rest drains.
const FASTEST: f64 = 1000.0;

const SIZES: [u32; 6] = [1, 3, 2, 1, 2, 3];

/// How far a user's share may be from an equal one, in percent.
const UNEQUAL: f64 = 5.0;

/// A worker may take so much, whatever waits, in MB.
const MEMORY: f64 = 64.0;

/// What an API took before may become so much more, whatever waits: allocators keep what was freed.
const MORE_MEMORY: f64 = 1.25;

/// A slot may be taken a quarter of a second ahead, and what did not leave in its own leaves with the
/// next one; so late a text may come behind one that was to leave after it.
const OUT_OF_TURN_MS: f64 = 1000.0;

/// Without a text for so long, the rest is lost.
const STANDSTILL: Duration = Duration::from_mins(1);

/// What waits.
pub(super) struct Backlogs {
    bulk: Vec<Sent>,
    /// Of each user of the shared sender.
    shared: Vec<Vec<Sent>>,
    /// The memory of an API before they came, and with them, in MB.
    api: [f64; 2],
}

/// What was seen while they drained.
pub(super) struct Drained {
    backlogs: Backlogs,
    probes: Probes,
    /// What waited when the probes began, and when they ended.
    versions: [Versions; 2],
    /// The most that an API and a worker took, in MB.
    peaks: [f64; 2],
}

impl Backlogs {
    /// Stores them. No worker may run, so that those that share a sender begin together.
    pub(super) async fn store(
        field: &Field,
        scale: &Scale,
        bulk: &Account,
        users: &[Account],
    ) -> anyhow::Result<Self> {
        let api = &*field.stack.api;
        let before = api_memory(field)?;
        let texts = field.texts(BUSY.address, Class::Bulk, &[1], scale.bulk);
        let bulk = send_all(bulk, api, &texts).await?;
        // Each user has a little more than the one before.
        let shared = (0..).zip(users).map(async |(n, user)| {
            let segments = scale.least_shared + n * scale.least_shared / 8;
            let texts = field.texts(SHARED.address, Class::Bulk, &SIZES, segments);
            send_all(user, api, &texts).await
        });
        Ok(Self {
            shared: try_join_all(shared).await?,
            bulk,
            api: [before, api_memory(field)?],
        })
    }

    /// Lets them drain, while single texts are sent; at last the bulk at the highest rate there is.
    pub(super) async fn drain(
        self,
        field: &Field,
        scale: &Scale,
        book: &mut Book,
        front: &Account,
        progress: &impl Fn(String),
    ) -> anyhow::Result<Drained> {
        let queue = Queue::of(&field.stack, BUSY.address).await?;
        let first = queue.versions().await?;
        progress(format!(
            "{} bulk texts wait; single texts are sent",
            first.len()
        ));
        let senders = [BUSY.address, IDLE.address];
        let probes = Probes::send(field, front, senders, scale.probes, scale.probing).await?;
        let versions = [first, queue.versions().await?];
        let mut peaks = memory(field)?;
        progress("the users who share a sender drain".to_owned());
        book.wait_for(self.shared.iter().flatten(), STANDSTILL)
            .await?;
        peaks = larger(peaks, memory(field)?);
        if scale.fastest {
            progress(format!(
                "what is left drains at {FASTEST} segments a second"
            ));
            field.set_rate(BUSY.address, FASTEST).await?;
        }
        book.wait_for(self.bulk.iter().chain(probes.sent()), STANDSTILL)
            .await?;
        Ok(Drained {
            backlogs: self,
            probes,
            versions,
            peaks: larger(peaks, memory(field)?),
        })
    }
}

impl Drained {
    pub(super) async fn judge(
        &self,
        field: &Field,
        scale: &Scale,
        book: &Book,
    ) -> anyhow::Result<Vec<Proof>> {
        let bulk = self.backlogs.bulk.len();
        let mut classes = Proof::of(format!("classes: {bulk} bulk texts wait at 100/s"));
        self.probes.judge(&mut classes, book);
        let none = Bound::AtMost(0.0);
        let lost = book.lost(self.backlogs.bulk.iter().chain(self.probes.sent()));
        classes.must("texts lost", count(lost), none);
        let [before, after] = &self.versions;
        let written = changed(before, after);
        // One that missed its place in a slot was claimed, and waits again.
        let few = Bound::AtMost(count(before.len() / 100));
        classes.should("waiting texts that were written to", count(written), few);
        self.judge_memory(&mut classes, scale);
        let late = out_of_turn(field, book, BUSY.address).await?;
        late_behind(&mut classes, late);

        let mut proofs = vec![classes, self.judge_shares(field, scale, book).await?];
        if scale.fastest {
            proofs.push(judge_fastest(book));
        }
        Ok(proofs)
    }

    fn judge_memory(&self, proof: &mut Proof, scale: &Scale) {
        let [before, after] = self.backlogs.api;
        proof.tell("memory of the api before they came, MB", before);
        proof.tell("memory of the api with them, MB", after);
        let [api, worker] = self.peaks;
        let bound = |most| {
            if scale.fastest {
                Bound::AtMost(most)
            } else {
                Bound::Anything
            }
        };
        let flat = bound(before * MORE_MEMORY);
        proof.should("memory of the api while they drain, MB", api, flat);
        proof.should("memory of a worker, MB", worker, bound(MEMORY));
    }

    async fn judge_shares(
        &self,
        field: &Field,
        scale: &Scale,
        book: &Book,
    ) -> anyhow::Result<Proof> {
        let users = self.backlogs.shared.len();
        let mut proof = Proof::of(format!("turns: {users} users share 100/s"));
        let mut owners = HashMap::new();
        for (user, sent) in self.backlogs.shared.iter().enumerate() {
            owners.extend(sent.iter().map(|sent| (&*sent.text.to, user)));
        }
        let lines = book.of_sender(SHARED.address);
        let portions = lines.iter().filter_map(|line| {
            Some(Portion {
                at: line.arrived_at_ms,
                user: *owners.get(&*line.to)?,
                segments: line.segments,
            })
        });
        let portions: Vec<_> = portions.collect();
        let worst = worst_share(&portions, users, scale.share_window).unwrap_or(f64::NAN);
        let seconds = scale.share_window.as_secs();
        let what = format!("share furthest from equal, in any {seconds} s, %");
        proof.should(what, 100.0 * worst, Bound::AtMost(UNEQUAL));
        let late = out_of_turn(field, book, SHARED.address).await?;
        late_behind(&mut proof, late);
        let arrivals: Vec<Arrival> = lines.iter().map(|line| Arrival::from(*line)).collect();
        pace(&mut proof, &arrivals, SHARED.rate, 3);
        let lost = book.lost(self.backlogs.shared.iter().flatten());
        proof.must("texts lost", count(lost), Bound::AtMost(0.0));
        Ok(proof)
    }
}

fn late_behind(proof: &mut Proof, late_ms: i64) {
    #[expect(clippy::cast_precision_loss, reason = "a few minutes in milliseconds")]
    let late = late_ms as f64;
    let what = "latest behind a text with a higher turn, ms";
    proof.should(what, late, Bound::AtMost(OUT_OF_TURN_MS));
}

fn judge_fastest(book: &Book) -> Proof {
    let mut proof = Proof::of(format!("pace: the rest of the bulk at {FASTEST}/s"));
    let lines = book.of_sender(BUSY.address);
    let arrivals: Vec<Arrival> = lines.iter().map(|line| Arrival::from(*line)).collect();
    pace(&mut proof, &arrivals, FASTEST, 1);
    let reached = super::book::most_within(&arrivals, Duration::from_secs(30));
    #[expect(clippy::cast_precision_loss, reason = "some thousands")]
    let reached = reached as f64 / 30.0;
    proof.tell("reached over 30 seconds, segments/s", reached);
    proof
}

/// How late a bulk text of a sender came at most behind one whose turn was after its own.
async fn out_of_turn(field: &Field, book: &Book, sender: &'static str) -> anyhow::Result<i64> {
    let turns = Queue::of(&field.stack, sender).await?.turns().await?;
    let lines = book.of_sender(sender);
    let texts = lines
        .iter()
        .filter_map(|line| Some((line.arrived_at_ms, *turns.get(&line.to)?)));
    let texts: Vec<_> = texts.collect();
    anyhow::ensure!(!texts.is_empty(), "turns of the texts from {sender}");
    Ok(worst_delay_behind_later_turns(&texts))
}

fn api_memory(field: &Field) -> anyhow::Result<f64> {
    memory(field).map(|[api, _]| api)
}

/// What an API and the largest worker take now, in MB.
fn memory(field: &Field) -> anyhow::Result<[f64; 2]> {
    let usages = field.stack.usages()?;
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let megabytes = |kib: u64| kib as f64 / 1024.0;
    Ok([usages.api.resident_kib, usages.workers.resident_kib].map(megabytes))
}

fn larger([one, two]: [f64; 2], [other_one, other_two]: [f64; 2]) -> [f64; 2] {
    [one.max(other_one), two.max(other_two)]
}
