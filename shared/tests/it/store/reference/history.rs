use async_trait::async_trait;
use shared::domain::{Direction, Event, Message, MessageId, Status, Timestamp, UserId};
use shared::store::{Cancel, Filter, History, Order, Page, Part, Result};

use super::{Reference, end, entry, erase, log};

#[async_trait]
impl History for Reference {
    async fn find(&self, owner: UserId, id: MessageId) -> Result<Option<Message>> {
        let shown = self.state().select(|m| m.id == id && shows(m, owner));
        Ok(shown.into_iter().next())
    }

    async fn page(&self, owner: UserId, page: Page) -> Result<Part> {
        let mut shown = self
            .state()
            .select(|message| shows(message, owner) && passes(message, &page.filter));
        if page.order == Order::NewestFirst {
            shown.reverse();
        }
        let rest = shown.into_iter().filter(|message| match page.after {
            None => true,
            Some(seen) if page.order == Order::OldestFirst => message.id > seen,
            Some(seen) => message.id < seen,
        });
        let without_timeline = |message| Message {
            timeline: Vec::new(),
            ..message
        };
        Ok(Part {
            messages: rest.take(page.limit).map(without_timeline).collect(),
            searched_to: None,
        })
    }

    async fn cancel(&self, owner: UserId, id: MessageId, now: Timestamp) -> Result<Cancel> {
        self.update(
            id,
            |message| shows(message, owner) && message.status == Status::Queued,
            |message| {
                let canceled = entry(now, Event::Canceled, None);
                end(message, Status::Canceled, None, canceled);
            },
        );
        let found = self.find(owner, id).await?;
        Ok(match found {
            None => Cancel::NotFound,
            Some(message) if message.status == Status::Canceled => {
                Cancel::Canceled(Box::new(message))
            }
            Some(_) => Cancel::TooLate,
        })
    }

    async fn delete(&self, owner: UserId, id: MessageId, now: Timestamp) -> Result<bool> {
        Ok(self.update(
            id,
            |message| shows(message, owner),
            |message| delete(message, now),
        ))
    }

    async fn delete_all(&self, owner: UserId, now: Timestamp) -> Result<u64> {
        let shown = self.state().select(|message| shows(message, owner));
        for message in &shown {
            self.update(message.id, |_| true, |message| delete(message, now));
        }
        Ok(shown.len() as u64)
    }
}

fn shows(message: &Message, owner: UserId) -> bool {
    message.owner == owner && message.visible
}

fn passes(message: &Message, filter: &Filter) -> bool {
    let statuses = &filter.statuses;
    let tests = [
        statuses.is_empty() || statuses.contains(&message.status),
        filter.counterpart.is_none() || filter.counterpart == message.counterpart,
        filter.received || message.direction == Direction::Outbound,
        filter.since.is_none_or(|since| since <= message.sent_at),
        filter.until.is_none_or(|until| message.sent_at < until),
        match (&filter.text, &message.body) {
            (Some(needle), Some(body)) => needle.is_in(body),
            (Some(_), None) => false,
            (None, _) => true,
        },
    ];
    tests.into_iter().all(|passed| passed)
}

pub(super) fn delete(message: &mut Message, now: Timestamp) {
    message.visible = false;
    message.deleted_at = Some(now);
    let deleted = entry(now, Event::Deleted, None);
    match message.status {
        Status::Queued => end(message, Status::Canceled, None, deleted),
        Status::Sending => log(message, deleted),
        _ => {
            message.wake_at = None;
            erase(message);
            log(message, deleted);
        }
    }
}
