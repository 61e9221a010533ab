use std::collections::BTreeMap;

use async_trait::async_trait;
use mysms_core::domain::{
    Address, Direction, Exchange, Inbound, Message, Position, Status, UserId,
};
use mysms_core::store::{
    Conversation, Conversations, Excerpt, Order, Overview, Received, Result, With,
};

use super::Reference;

#[async_trait]
impl Conversations for Reference {
    async fn receive(&self, inbound: &Inbound) -> Result<Received> {
        let mut state = self.state();
        let same = state.select(|message| {
            let provider = message.provider.as_ref();
            provider.is_some_and(|known| known.sid == inbound.sid)
        });
        if let Some(message) = same.into_iter().next() {
            let known = message.id != inbound.id;
            return Ok(Received { message, known });
        }
        let (authors, senders) = (inbound.authors(), inbound.senders());
        let ours = |address: &str| senders.iter().any(|sender| sender == address);
        let both_ways = state.select(|message| {
            let sender = message.sender.as_deref();
            let from_here = sender.is_none_or(ours);
            let to_here = message.visible && message.our_address().is_some_and(ours);
            let author = message.counterpart.as_ref().map(Address::as_str);
            author.is_some_and(|author| authors.iter().any(|known| known == author))
                && match message.direction {
                    Direction::Outbound => from_here,
                    Direction::Inbound => to_here,
                }
        });
        let exchanges = both_ways.iter().filter_map(Exchange::of).collect();
        let owner = inbound.owner(exchanges);
        let message = inbound.clone().message_for(owner);
        state.messages.insert(message.id, message.clone());
        Ok(Received {
            message,
            known: false,
        })
    }

    async fn conversations(&self, owner: UserId, wanted: &Overview) -> Result<Vec<Conversation>> {
        let mut shown = self
            .state()
            .select(|message| message.owner == owner && message.visible);
        shown.sort_by_key(Message::position);
        let mut all: BTreeMap<String, Conversation> = BTreeMap::new();
        for message in shown {
            let counterpart = message.counterpart.clone().unwrap();
            let key = counterpart.as_str().to_owned();
            let before = all.get(&key).map_or(0, |known| known.unread);
            let unread = before + u64::from(message.unread);
            let last = Message {
                timeline: Vec::new(),
                ..message
            };
            all.insert(
                key,
                Conversation {
                    counterpart,
                    last,
                    unread,
                },
            );
        }
        let mut newest: Vec<_> = all.into_values().collect();
        newest.retain(|known| {
            let part = wanted.number.as_ref();
            let before = wanted.before;
            part.is_none_or(|part| known.counterpart.as_str().contains(part.digits()))
                && wanted.among.includes(&known.counterpart)
                && before.is_none_or(|before| known.last.position() < before)
        });
        newest.sort_by_key(|known| std::cmp::Reverse(known.last.position()));
        newest.truncate(wanted.limit);
        Ok(newest)
    }

    async fn last_positions(
        &self,
        owner: UserId,
        counterparts: &[Address],
    ) -> Result<Vec<(Address, Position)>> {
        let state = self.state();
        let last = counterparts.iter().filter_map(|counterpart| {
            let shown = state.select(|message| {
                message.owner == owner
                    && message.visible
                    && message.counterpart.as_ref() == Some(counterpart)
            });
            let last = shown.iter().map(Message::position).max();
            last.map(|position| (counterpart.clone(), position))
        });
        Ok(last.collect())
    }

    async fn counterparts(&self, owner: UserId, with: &With) -> Result<Vec<Address>> {
        let mut shown = self
            .state()
            .select(|message| message.owner == owner && message.visible);
        shown.sort_by_key(Message::position);
        let mut found: BTreeMap<Address, bool> = BTreeMap::new();
        for message in shown {
            let is_sent = message.direction == Direction::Outbound;
            let counterpart = message.counterpart.clone().unwrap();
            let fits = found.entry(counterpart).or_default();
            match with {
                With::Unread => *fits |= message.unread,
                With::Failed if is_sent => {
                    *fits = matches!(message.status, Status::Failed | Status::Undelivered);
                }
                With::Failed => {}
                With::Queued => *fits |= message.status == Status::Queued,
            }
        }
        found.retain(|_, fits| *fits);
        Ok(found.into_keys().collect())
    }

    async fn exchanged(&self, owner: UserId, wanted: &Excerpt) -> Result<Vec<Message>> {
        let mut shown = self.state().select(|message| {
            message.owner == owner
                && message.visible
                && message.counterpart.as_ref() == Some(&wanted.counterpart)
        });
        shown.sort_by_key(Message::position);
        if wanted.order == Order::NewestFirst {
            shown.reverse();
        }
        let rest = shown.into_iter().filter(|message| match wanted.after {
            None => true,
            Some(after) if wanted.order == Order::OldestFirst => message.position() > after,
            Some(after) => message.position() < after,
        });
        let without_timeline = |message| Message {
            timeline: Vec::new(),
            ..message
        };
        Ok(rest.take(wanted.limit).map(without_timeline).collect())
    }
}
