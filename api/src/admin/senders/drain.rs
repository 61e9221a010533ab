//! Moving what waits for a sender to others.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write;
use std::sync::Arc;

use futures_util::future::try_join_all;
use mysms_core::domain::{
    Class, LineId, Message, MessageId, NoSender, Registry, Sender, SenderAddress, SenderState,
    Status, Turn, UserId, UserSettings, Wanted, Weight,
};
use mysms_core::pace::{Desk as Turnstile, Entrant};
use mysms_core::store::{Kind, QueueId, Result as StoreResult, editing};
use runtime::exit::Exit;
use runtime::operator::Progress;

use super::{Desk, Outcome, failed, unknown};
use crate::admin::AdminError;

/// Texts that are moved at a time.
const BATCH: usize = 200;

/// Of so many texts that nobody else can send the rest is left alone.
const MOST_STUCK: usize = 10_000;

pub(super) async fn run(
    desk: Desk<'_>,
    address: &SenderAddress,
    to: Option<&SenderAddress>,
) -> Outcome {
    let ports = desk.ports;
    let before = desk.registry().await?;
    let Some(sender) = before.get(address.as_str()).cloned() else {
        return Ok(unknown(address));
    };
    if let Some(to) = to {
        match before.get(to.as_str()) {
            None => return Ok(unknown(to)),
            Some(other) if other.address == *address || other.state != SenderState::Active => {
                return Ok(failed(format!("{to} takes no new texts.")));
            }
            Some(_) => {}
        }
    }
    ports.record("senders drain", Some(address)).await?;
    let change = |stored: Option<Sender>| {
        let mut drained = stored.unwrap_or_else(|| sender.clone());
        if drained.state == SenderState::Active {
            drained.state = SenderState::Draining;
        }
        Ok::<_, String>(drained)
    };
    let key = (Kind::Sender, address.as_str());
    let edited = editing::edit(&*ports.stores.records, key, ports.clock.now(), change).await?;
    if let Err(why) = edited {
        return Ok(failed(why));
    }
    let mut move_all = Drain {
        desk,
        registry: desk.registry().await?,
        turnstile: Turnstile::new(ports.stores.turns.clone()),
        to,
        weights: weights(desk).await?,
        loads: HashMap::new(),
        moved: BTreeMap::new(),
        stuck: HashMap::new(),
    };
    move_all.run(address).await?;
    Ok(move_all.told(address))
}

/// The users whose weight is another than usual.
async fn weights(desk: Desk<'_>) -> StoreResult<HashMap<UserId, Weight>> {
    let stored = desk.ports.stores.records.records(Kind::Settings).await?;
    let weight = |record: &mysms_core::store::Stored| {
        let settings: UserSettings = record.read().ok()?;
        Some((record.key.parse().ok()?, settings.weight))
    };
    Ok(stored.iter().filter_map(weight).collect())
}

struct Drain<'a> {
    desk: Desk<'a>,
    registry: Arc<Registry>,
    turnstile: Turnstile,
    to: Option<&'a SenderAddress>,
    weights: HashMap<UserId, Weight>,
    /// The seconds that each sender has to do.
    loads: HashMap<SenderAddress, f64>,
    moved: BTreeMap<SenderAddress, u64>,
    /// What nobody else can send, and why.
    stuck: HashMap<MessageId, NoSender>,
}

impl Drain<'_> {
    async fn run(&mut self, address: &SenderAddress) -> Result<(), AdminError> {
        self.read_loads().await?;
        let ledger = self.desk.ports.stores.ledger.clone();
        let mut progress = Progress::default();
        loop {
            // What is stuck is found again each time.
            let limit = self.stuck.len() + BATCH;
            let account = &self.desk.home.account;
            let queued = ledger.open_from(account, address.as_str(), Status::Queued, limit);
            let queued = queued.await?;
            let new = |message: &Message| !self.stuck.contains_key(&message.id);
            let queued: Vec<_> = queued.into_iter().filter(new).collect();
            if queued.is_empty() || self.stuck.len() > MOST_STUCK {
                return Ok(());
            }
            self.move_some(queued).await?;
            let moved: u64 = self.moved.values().sum();
            progress.tell(|| format!("{moved} texts are moved so far."))?;
        }
    }

    async fn read_loads(&mut self) -> StoreResult<()> {
        for sender in self.registry.senders() {
            let mut waiting = 0;
            for class in Class::ALL {
                let queue = queue(sender, class);
                let (standing, _) = self.desk.ports.stores.turns.queue(&queue).await?;
                waiting += standing.waiting();
            }
            let load = seconds(&self.registry, sender, waiting);
            self.loads.insert(sender.address.clone(), load);
        }
        Ok(())
    }

    async fn move_some(&mut self, queued: Vec<Message>) -> StoreResult<()> {
        let now = self.desk.ports.clock.now();
        let (mut places, mut entrants) = (HashMap::new(), Vec::new());
        for message in &queued {
            let sender = match self.choose(message) {
                Ok(sender) => sender.clone(),
                Err(why) => {
                    self.stuck.insert(message.id, why);
                    continue;
                }
            };
            let segments = message
                .body
                .as_ref()
                .map_or(0, mysms_core::domain::Body::segments);
            let more = seconds(&self.registry, &sender, segments.into());
            *self.loads.entry(sender.address.clone()).or_default() += more;
            if message.turn.is_some() || message.needs_turn(now) {
                let weight = self.weights.get(&message.owner).copied();
                let entrant = Entrant {
                    queue: queue(&sender, message.class),
                    user: message.owner,
                    weight: weight.unwrap_or_default(),
                    segments,
                    now,
                };
                entrants.push((message.id, entrant));
            }
            places.insert(message.id, sender.address);
        }
        let turns = self.enter(&entrants).await?;
        let moves = places.into_iter().map(|(id, address)| {
            let turn = turns.get(&id).copied();
            (id, (address, turn))
        });
        let moves: HashMap<_, _> = moves.collect();
        let ledger = &self.desk.ports.stores.ledger;
        let gone = ledger.move_to(queued, &moves, now).await?;
        for (address, _) in gone.iter().filter_map(|message| moves.get(&message.id)) {
            *self.moved.entry(address.clone()).or_default() += 1;
        }
        let gone: HashSet<_> = gone.iter().map(|message| message.id).collect();
        for (id, entrant) in entrants {
            // A worker has it, or it was canceled.
            if !gone.contains(&id) {
                let segments = entrant.segments.into();
                let turns = &self.desk.ports.stores.turns;
                turns
                    .withdraw(&entrant.queue, entrant.user, segments)
                    .await?;
            }
        }
        Ok(())
    }

    fn choose(&self, message: &Message) -> Result<&Sender, NoSender> {
        let recipient = message.recipient.as_ref().ok_or(NoSender::None)?;
        let wanted = Wanted {
            user: message.owner,
            recipient,
            from: self.to,
            among: None,
            last: None,
        };
        let load = |sender: &Sender| self.loads.get(&sender.address).copied();
        self.registry
            .choose(wanted, |sender| load(sender).unwrap_or_default())
    }

    async fn enter(
        &self,
        entrants: &[(MessageId, Entrant)],
    ) -> StoreResult<HashMap<MessageId, Turn>> {
        let entering = entrants.iter().map(async |(id, entrant)| {
            let (turn, _) = self.turnstile.enter(entrant.clone()).await?;
            Ok((*id, turn))
        });
        let entered: StoreResult<Vec<_>> = try_join_all(entering).await;
        Ok(entered?.into_iter().collect())
    }

    fn told(&self, address: &SenderAddress) -> (String, Exit) {
        let mut text =
            format!("{address} takes no new texts; every process knows it within two seconds.\n");
        let all: u64 = self.moved.values().sum();
        let _ = writeln!(text, "{all} texts were moved.");
        for (to, count) in &self.moved {
            let _ = writeln!(text, "  {count} to {to}");
        }
        if self.stuck.is_empty() {
            return (text, Exit::Done);
        }
        let _ = writeln!(text, "{} texts stay where they are:", self.stuck.len());
        let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
        for why in self.stuck.values() {
            *reasons.entry(reason(*why, self.to)).or_default() += 1;
        }
        for (why, count) in reasons {
            let _ = writeln!(text, "  {count} because {why}");
        }
        (text, Exit::Failed)
    }
}

/// Why a text cannot leave from another sender.
fn reason(why: NoSender, to: Option<&SenderAddress>) -> String {
    match (why, to) {
        (NoSender::Unknown, Some(to)) => format!("their users may not send from {to}"),
        (NoSender::Elsewhere | NoSender::NameRefused, Some(to)) => {
            format!("{to} does not serve their recipients' countries")
        }
        (NoSender::Off | NoSender::Draining, Some(to)) => format!("{to} takes no new texts"),
        _ => "no other sender serves their recipients' countries".to_owned(),
    }
}

fn queue(sender: &Sender, class: Class) -> QueueId {
    let line = LineId::new(&sender.account, sender.address.as_str());
    QueueId { line, class }
}

/// How long some segments take a sender.
fn seconds(registry: &Registry, sender: &Sender, segments: u64) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "nobody waits for as many segments as a float cannot count"
    )]
    let segments = segments as f64;
    registry
        .rate_of(sender)
        .map_or(0.0, |rate| segments / f64::from(rate))
}
