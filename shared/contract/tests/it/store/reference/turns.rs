use std::collections::BTreeMap;

use async_trait::async_trait;
use mysms_core::domain::{Timestamp, Turn, UserId, Weight};
use mysms_core::store::{LISTED_USERS, Mover, QueueId, QueueStanding, Reach, Result, Turns};

use super::Reference;

/// A queue, and how far the turns of its users reach.
#[derive(Default)]
pub(super) struct Queue {
    standing: QueueStanding,
    ends: BTreeMap<UserId, (Turn, Weight)>,
}

#[async_trait]
impl Turns for Reference {
    async fn enter(&self, queue: &QueueId, segments: u64) -> Result<QueueStanding> {
        let mut state = self.state();
        let standing = &mut state.queues.entry(queue.clone()).or_default().standing;
        let before = *standing;
        standing.entered += segments;
        Ok(before)
    }

    async fn move_end(&self, queue: &QueueId, mover: &Mover, _now: Timestamp) -> Result<Turn> {
        let mut state = self.state();
        let ends = &mut state.queues.entry(queue.clone()).or_default().ends;
        let end = ends.get(&mover.user).map(|(end, _)| *end);
        let begin = end.map_or(mover.from, |end| end.max(mover.from));
        let end = begin.after(mover.segments, mover.weight);
        ends.insert(mover.user, (end, mover.weight));
        Ok(begin)
    }

    async fn leave(&self, queue: &QueueId, segments: u64, turn: Option<Turn>) -> Result<()> {
        let mut state = self.state();
        let standing = &mut state.queues.entry(queue.clone()).or_default().standing;
        standing.left += segments;
        standing.virtual_time = standing.virtual_time.max(turn.unwrap_or_default());
        Ok(())
    }

    async fn give_back(&self, queue: &QueueId, user: UserId, segments: u64) -> Result<()> {
        let mut state = self.state();
        let ends = &mut state.queues.entry(queue.clone()).or_default().ends;
        if let Some((end, weight)) = ends.get_mut(&user) {
            let length = Turn::length(segments, *weight);
            *end = Turn::from_micros(end.as_micros() - length);
        }
        Ok(())
    }

    async fn emptied(&self, queue: &QueueId, entered: u64) -> Result<()> {
        let mut state = self.state();
        let standing = &mut state.queues.entry(queue.clone()).or_default().standing;
        if standing.entered <= entered {
            standing.left = standing.entered;
        }
        Ok(())
    }

    async fn queue(&self, queue: &QueueId) -> Result<(QueueStanding, Vec<Reach>)> {
        let mut state = self.state();
        let Queue { standing, ends } = state.queues.entry(queue.clone()).or_default();
        let reach = |(user, (end, weight)): (&UserId, &(Turn, Weight))| Reach {
            user: *user,
            end: *end,
            weight: *weight,
        };
        let mut reaches: Vec<_> = ends.iter().map(reach).collect();
        reaches.retain(|reach| reach.end > standing.virtual_time);
        reaches.sort_by_key(|reach| std::cmp::Reverse(reach.end));
        reaches.truncate(LISTED_USERS);
        Ok((*standing, reaches))
    }
}
