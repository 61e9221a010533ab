//! Where texts get their turns.

use std::collections::HashMap;
use std::sync::Arc;

use batch_aint_one::Processor;

use crate::domain::{LineId, Timestamp, Turn, UserId, Weight};
use crate::store::{Batches, Mover, QueueId, QueueStanding, Result, StoreError, Turns};

const STORE: &str = "the lines";

/// A text that enters a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entrant {
    pub queue: QueueId,
    pub user: UserId,
    pub weight: Weight,
    pub segments: u32,
    pub now: Timestamp,
}

/// Gives turns out. Texts that come at the same time share round trips.
#[derive(Clone)]
pub struct Desk(Batches<Entering>);

impl Desk {
    pub fn new(turns: Arc<dyn Turns>) -> Self {
        Self(Batches::new("turn", Entering(turns), 1))
    }

    /// The turn of a text, and how its queue was before it came. A turn that is not used stays empty.
    pub async fn enter(&self, entrant: Entrant) -> Result<(Turn, QueueStanding)> {
        let line = entrant.queue.line.clone();
        self.0.call(STORE, line, entrant).await
    }
}

#[derive(Clone)]
struct Entering(Arc<dyn Turns>);

impl Processor for Entering {
    type Key = LineId;
    type Input = Entrant;
    type Output = (Turn, QueueStanding);
    type Error = StoreError;
    type Resources = ();

    async fn acquire_resources(&self, _line: LineId) -> Result<()> {
        Ok(())
    }

    /// One statement for each queue, and one for each of its users.
    async fn process(
        &self,
        _line: LineId,
        inputs: impl Iterator<Item = Entrant> + Send,
        (): (),
    ) -> Result<Vec<Self::Output>> {
        let entrants: Vec<_> = inputs.collect();
        let mut queues: HashMap<&QueueId, QueueStanding> = HashMap::new();
        let mut ends: HashMap<(&QueueId, UserId), Turn> = HashMap::new();
        for (queue, segments) in sums(&entrants, |entrant| &entrant.queue) {
            queues.insert(queue, self.0.enter(queue, segments).await?);
        }
        for (place, segments) in sums(&entrants, |entrant| (&entrant.queue, entrant.user)) {
            let first = entrants
                .iter()
                .find(|other| (&other.queue, other.user) == place);
            let Some(first) = first else { continue };
            let mover = Mover {
                user: first.user,
                weight: first.weight,
                segments,
                from: queues[place.0].virtual_time,
            };
            let begin = self.0.move_end(place.0, &mover, first.now).await?;
            ends.insert(place, begin);
        }
        let turns = entrants.iter().map(|entrant| {
            let standing = queues.entry(&entrant.queue).or_default();
            let before = *standing;
            standing.entered += u64::from(entrant.segments);
            let end = ends.entry((&entrant.queue, entrant.user)).or_default();
            let turn = *end;
            *end = turn.after(entrant.segments.into(), entrant.weight);
            (turn, before)
        });
        Ok(turns.collect())
    }
}

fn sums<'a, K: Eq + std::hash::Hash>(
    entrants: &'a [Entrant],
    key: impl Fn(&'a Entrant) -> K,
) -> HashMap<K, u64> {
    let mut sums = HashMap::new();
    for entrant in entrants {
        *sums.entry(key(entrant)).or_default() += u64::from(entrant.segments);
    }
    sums
}
