//! The senders of a run with several, who sends what from which, and what operators do to them.

use std::time::Duration;

use rand::RngExt as _;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom as _, SliceRandom as _};
use tokio::time::{Instant, sleep};
use twilio_sim::TEST_SENDER;

use super::setting::DRAINED_MS;
use super::strike::{Harm, Strike, Victim, spread};
use super::texts::Text;
use crate::messenger::Messenger;

/// How long an operator tries again while the database is away.
const PATIENCE: Duration = Duration::from_mins(1);

/// Before an operator tries again.
const PAUSE: Duration = Duration::from_millis(500);

/// The rate of a slow sender, in segments a second.
const SLOW: u32 = 5;

/// What texts leave from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sender {
    pub(super) address: &'static str,
    /// Segments a second: so many that a run is not much longer for them, even while complaints of the
    /// provider keep them at a sixteenth.
    pub(super) rate: u32,
}

/// The first is the environment's.
pub(super) const SENDERS: [Sender; 3] = [
    Sender {
        address: TEST_SENDER,
        rate: 800,
    },
    Sender {
        address: "+15005550010",
        rate: 600,
    },
    Sender {
        address: "71001",
        rate: 1000,
    },
];

/// The users who send, if there are several senders.
pub(super) const USERS: usize = 3;

/// How a text is to be sent, where its user says so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Manner {
    pub(super) user: usize,
    pub(super) from: Option<&'static str>,
    pub(super) class: Option<&'static str>,
}

/// Of so many texts one is to leave from a sender that its user names.
const NAMED_IN: u32 = 2;

/// Spreads texts over users, senders and classes.
pub(super) fn spread_texts(rng: &mut StdRng, texts: &mut [Text]) {
    const CLASSES: [Option<&str>; 6] = [
        Some("otp"),
        Some("transactional"),
        None,
        None,
        Some("bulk"),
        Some("bulk"),
    ];
    for text in texts {
        let named = rng.random_ratio(1, NAMED_IN);
        let sender = SENDERS.choose(rng).filter(|_| named);
        text.manner = Manner {
            user: rng.random_range(0..USERS),
            from: sender.map(|sender| sender.address),
            class: CLASSES.choose(rng).copied().flatten(),
        };
    }
}

/// Drains of each sender and changes of its rate, spread over the run.
pub(super) fn strikes(rng: &mut StdRng, texts: usize) -> Vec<Strike> {
    let each = 1 + texts / 2_000;
    let mut harms = Vec::new();
    for _ in 0..each {
        for sender in 0..SENDERS.len() {
            harms.push((Victim::Sender(sender), Harm::Drain));
            harms.push((Victim::Sender(sender), Harm::Slow));
        }
    }
    harms.shuffle(rng);
    spread(rng, texts, harms, |rng, _, _| {
        Duration::from_millis(rng.random_range(DRAINED_MS))
    })
}

/// Somebody who uses the messenger's commands.
pub(super) struct Operator(Messenger);

impl Operator {
    pub(super) fn new(messenger: &Messenger) -> Self {
        Self(messenger.clone())
    }

    /// Makes all senders known.
    pub(super) async fn add_all(&self) -> anyhow::Result<()> {
        for sender in &SENDERS {
            let rate = sender.rate.to_string();
            let is_known = sender.address == TEST_SENDER;
            let command = if is_known { "set" } else { "add" };
            let command = ["senders", command, sender.address, "--rate", &rate];
            self.tell(&command).await?;
        }
        Ok(())
    }

    /// Does something to a sender for a time.
    pub(super) async fn strike(&self, sender: &Sender, strike: &Strike) -> anyhow::Result<()> {
        let (slow, usual) = (SLOW.to_string(), sender.rate.to_string());
        let address = sender.address;
        let drain = strike.harm == Harm::Drain;
        if drain {
            self.tell(&["senders", "drain", address]).await?;
        } else {
            self.tell(&["senders", "set", address, "--rate", &slow])
                .await?;
        }
        sleep(strike.lasts).await;
        if drain {
            self.tell(&["senders", "set", address, "--state", "active"])
                .await
        } else {
            self.tell(&["senders", "set", address, "--rate", &usual])
                .await
        }
    }

    async fn tell(&self, command: &[&str]) -> anyhow::Result<()> {
        let until = Instant::now() + PATIENCE;
        loop {
            let done = self.0.admin(command).await;
            if done.is_ok() || Instant::now() > until {
                return done;
            }
            sleep(PAUSE).await;
        }
    }
}
