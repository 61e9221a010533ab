use async_trait::async_trait;
use mysms_core::domain::{Direction, Message, MessageId, UserId};
use mysms_core::store::{Filter, History, Order, Page, Part, Result, Ways};

use super::Reference;

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
}

fn shows(message: &Message, owner: UserId) -> bool {
    message.owner == owner && message.visible
}

fn passes(message: &Message, filter: &Filter) -> bool {
    let statuses = &filter.statuses;
    let tests = [
        statuses.is_empty() || statuses.contains(&message.status),
        filter.counterpart.is_none() || filter.counterpart == message.counterpart,
        filter.reference.is_none() || filter.reference == message.reference,
        filter
            .tags
            .iter()
            .all(|wanted| message.tags.iter().any(|own| own == wanted)),
        match filter.ways {
            Ways::Sent => message.direction == Direction::Outbound,
            Ways::Received => message.direction == Direction::Inbound,
            Ways::Both => true,
        },
        match (&filter.number, &message.counterpart) {
            (Some(part), Some(counterpart)) => counterpart.as_str().contains(part.digits()),
            (Some(_), None) => false,
            (None, _) => true,
        },
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
