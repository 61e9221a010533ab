//! Senders with rates: time that passes as the test says, texts with turns, and pacers that are driven step
//! by step.

use std::cell::Cell;
use std::sync::mpsc;
use std::time::Duration;

use mysms_core::clock::Clock;
use mysms_core::domain::{
    Body, Class, LineId, MessageId, NewMessage, PhoneNumber, Rate, Sender, SenderAddress,
    Timestamp, UserId, UserSettings, Weight,
};
use mysms_core::pace::{Desk, Entrant};
use mysms_core::store::{Inserted, Kind, QueueId, written};
use tokio::time::Instant;

use super::{ACCOUNT, ANNA, Rig, SENDER};
use crate::pacing::{Next, Pacer};

/// For how long, in real time, a tick waits for texts that are about to be sent. One that waits for a time itself
/// is not waited for.
const PREPARED_WITHIN: Duration = Duration::from_millis(500);

thread_local! {
    /// The texts of this test that a worker has claimed, and that wait for the ledger before they are sent.
    static PREPARING: Cell<i32> = const { Cell::new(0) };
}

/// So many more texts are about to be sent.
pub(crate) fn preparing(more: i32) {
    PREPARING.set(PREPARING.get() + more);
}

/// How often a line is drawn from where the draws wait for what they began.
const DRAWN_EVERY: Duration = Duration::from_millis(100);

/// Time moves in steps of this length.
const TICK: Duration = Duration::from_millis(1);

/// A sender with a rate, in segments a second.
pub(crate) fn sender(address: &str, rate: f64) -> Sender {
    Sender {
        rate: Some(Rate::try_from(rate).unwrap()),
        ..Sender::usual(ACCOUNT, SenderAddress::parse(address).unwrap())
    }
}

/// Keeps the time from moving by itself while the ledger is waited for. Dropped with the rig.
pub(super) struct Standstill(#[expect(dead_code, reason = "it is held")] mpsc::Sender<()>);

impl Standstill {
    pub(super) fn begin() -> Self {
        tokio::time::pause();
        let (held, dropped) = mpsc::channel();
        // The runtime moves its time only when it has nothing to do, and this is something.
        tokio::task::spawn_blocking(move || dropped.recv());
        Self(held)
    }
}

/// A text as it is accepted where texts wait for their turn.
#[derive(Debug, Clone)]
pub(crate) struct Accepted {
    pub(crate) owner: UserId,
    pub(crate) sender: &'static str,
    pub(crate) class: Class,
    pub(crate) number: &'static str,
    pub(crate) segments: usize,
    pub(crate) send_at: Option<Timestamp>,
    pub(crate) valid_for: Duration,
}

impl Default for Accepted {
    fn default() -> Self {
        Self {
            owner: UserId::NOBODY,
            sender: SENDER,
            class: Class::Transactional,
            number: ANNA,
            segments: 1,
            send_at: None,
            valid_for: Duration::from_hours(4),
        }
    }
}

impl Rig {
    /// A worker in a world of these senders, in which time moves only as the test says.
    pub(crate) async fn paced(senders: &[Sender]) -> Self {
        Self::paced_with(senders, &[]).await
    }

    pub(crate) async fn paced_with(
        senders: &[Sender],
        settings: &[(&'static str, &'static str)],
    ) -> Self {
        let mut rig = Self::with(settings).await;
        rig.standstill = Some(Standstill::begin());
        for sender in senders {
            rig.set(sender).await;
        }
        rig.context.gate.refresh().await.unwrap();
        rig
    }

    /// Stores a sender, and lets the worker know.
    pub(crate) async fn set(&self, sender: &Sender) {
        self.set_unheard(sender).await;
        self.look().await;
    }

    /// Stores a sender; the worker has not looked yet.
    pub(crate) async fn set_unheard(&self, sender: &Sender) {
        self.store(
            Kind::Sender,
            sender.address.as_str(),
            Some(written(sender).unwrap()),
        )
        .await;
    }

    pub(crate) async fn remove(&self, sender: &str) {
        self.store(Kind::Sender, sender, None).await;
        self.look().await;
    }

    /// What the worker does every two seconds.
    pub(crate) async fn look(&self) {
        crate::pacing::look(&self.context, false).await.unwrap();
        self.context.gate.refresh().await.unwrap();
        crate::maintenance::report(&self.context).await;
    }

    /// Stores what a user has set, and lets the worker know.
    pub(crate) async fn weigh(&self, user: UserId, settings: &UserSettings) {
        self.store(
            Kind::Settings,
            &user.to_string(),
            Some(written(settings).unwrap()),
        )
        .await;
        self.look().await;
    }

    async fn store(&self, kind: Kind, key: &str, value: Option<String>) {
        let records = &self.stores.records;
        let known = records.record(kind, key, self.clock.now()).await.unwrap();
        let seen = known.record.map_or(0, |record| record.version);
        let replaced = records.replace(kind, key, seen, value.as_deref());
        assert!(replaced.await.unwrap());
    }

    /// Accepts a text as the API does: with a turn, if it may leave at once.
    pub(crate) async fn put(&self, text: Accepted) -> MessageId {
        let now = self.clock.now();
        let body = match text.segments {
            1 => "hello".to_owned(),
            more => "x".repeat(153 * more),
        };
        let body = Body::parse(body).unwrap();
        assert_eq!(body.segments() as usize, text.segments);
        let entrant = Entrant {
            queue: queue(text.sender, text.class),
            user: text.owner,
            weight: Weight::ONE,
            segments: body.segments(),
            now,
        };
        let mut turn = None;
        if text.send_at.is_none() {
            let desk = Desk::new(self.stores.turns.clone());
            turn = Some(desk.enter(entrant).await.unwrap().0);
        }
        let id = MessageId::generate(now);
        let stored = self.stores.ledger.insert(NewMessage {
            id,
            owner: text.owner,
            account: ACCOUNT.to_owned(),
            sender: Some(text.sender.to_owned()),
            class: text.class,
            turn,
            recipient: PhoneNumber::parse(text.number).unwrap(),
            body,
            send_at: text.send_at,
            wake_at: now + self.context.config.enqueue_grace,
            expires_at: text.send_at.unwrap_or(now) + text.valid_for,
            ..NewMessage::example(now)
        });
        assert_eq!(stored.await.unwrap(), Inserted::Stored);
        id
    }

    pub(crate) async fn put_many(&self, count: usize, text: &Accepted) -> Vec<MessageId> {
        let mut ids = Vec::new();
        for _ in 0..count {
            ids.push(self.put(text.clone()).await);
        }
        ids
    }

    pub(crate) fn pacer(&self, sender: &str) -> Pacer {
        Pacer::new(self.context.clone(), SenderAddress::known(sender))
    }

    /// A tick of all clocks, and what happens in it. Before it a text that a worker claimed has come as far as it
    /// comes without time: otherwise it would depend on the machine whether it is in time for its place.
    async fn tick(&self) {
        let began = std::time::Instant::now();
        while PREPARING.get() > 0 && began.elapsed() < PREPARED_WITHIN {
            tokio::task::yield_now().await;
        }
        self.clock.advance(TICK);
        tokio::time::advance(TICK).await;
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
    }

    /// Lets so much time pass, in which what was begun goes on.
    pub(crate) async fn pass(&self, time: Duration) {
        for _ in 0..time.as_millis() / TICK.as_millis() {
            self.tick().await;
        }
    }

    /// Lets time pass until something has ended that may wait for a time.
    pub(crate) async fn meanwhile<T>(&self, something: impl Future<Output = T>) -> T {
        let passing = async {
            loop {
                self.tick().await;
            }
        };
        tokio::select! {
            biased;
            ended = something => ended,
            () = passing => unreachable!("time passes for ever"),
        }
    }

    /// Lets some pacers, of whichever workers, do their work for so long. What they began may not have
    /// ended.
    pub(crate) async fn run(&self, pacers: &mut [Pacer], time: Duration) {
        let mut next = vec![Instant::now(); pacers.len()];
        let end = Instant::now() + time;
        while Instant::now() < end {
            for (pacer, next) in pacers.iter_mut().zip(&mut next) {
                while *next <= Instant::now() {
                    match pacer.draw().await.unwrap() {
                        Next::Again => {}
                        Next::After(wait) => *next = Instant::now() + wait.max(TICK),
                        // As long as something waits the sweeper wakes it.
                        Next::Idle => *next = Instant::now() + Duration::from_secs(1),
                        Next::Gone => *next = end,
                    }
                }
            }
            self.tick().await;
        }
    }

    /// Draws of a sender's line for so long, one a tenth of a second, each with all that it began: so nothing is too
    /// late for its place, however slow the machine is.
    pub(crate) async fn draw_for(&self, sender: &str, time: Duration) {
        let end = Instant::now() + time;
        while Instant::now() < end {
            self.draw(sender).await;
            self.pass(DRAWN_EVERY).await;
        }
    }

    /// One draw of a sender's line, and all that it began.
    pub(crate) async fn draw(&self, sender: &str) -> Next {
        let next = self.pacer(sender).draw().await.unwrap();
        self.end().await;
        next
    }

    /// Waits for what is in flight. Time passes only for what waits for a time.
    pub(crate) async fn end(&self) {
        let tracker = self.context.lifecycle.tracker();
        for round in 1_u64.. {
            if tracker.is_empty() {
                break;
            }
            tokio::task::yield_now().await;
            if round.is_multiple_of(1000) {
                self.tick().await;
            }
        }
    }

    /// How many segments the provider was asked to send within the busiest time of this length.
    pub(crate) fn busiest(&self, window: Duration) -> u32 {
        let sent = self.provider.requests();
        let from = |begin: usize| {
            let within = sent[begin..].iter();
            let within = within.take_while(|it| it.at < sent[begin].at + window);
            within.map(|it| it.segments).sum()
        };
        (0..sent.len()).map(from).max().unwrap_or(0)
    }

    pub(crate) async fn percent(&self, sender: &str) -> u32 {
        let line = LineId::new(ACCOUNT, sender);
        let (line, now) = self.context.lines.line(&line).await.unwrap();
        line.percent(now)
    }
}

pub(crate) fn queue(sender: &str, class: Class) -> QueueId {
    QueueId {
        line: LineId::new(ACCOUNT, sender),
        class,
    }
}
