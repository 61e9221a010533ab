//! Events as they stand in a stream
//! (<https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream>).

use bytes::Bytes;
use mysms_core::domain::{self, Message};
use mysms_core::provider::Glossary;
use serde_json::json;
use utoipa::openapi::schema::{AnyOfBuilder, ObjectBuilder, Type};

use super::cursor::Cursor;
use super::source::DisabledEndpoint;
use view::MessageView;

use crate::consent::ListedView;
use crate::openapi::schema::{
    Address, DisabledBy, EndpointId, MessageId, Timestamp, reference, schemas,
};

/// Bytes of events that are passed on in one piece, unless a single event has more.
const CHUNK: usize = 16 * 1024;

schemas! {
    /// The data of an event: of `message` a message, of `conversation.read` up to where a conversation was
    /// read, of `deleted` its id, of `webhook.disabled` which webhook it is, of `opt_out.changed` what
    /// somebody wants, of `ready`, `reset`, `inbox` and `conversations.marked` nothing.
    EventData [
        MessageView<'static>, ConversationReadEvent, DeletedEvent, WebhookDisabledEvent, ListedView,
        ReadyEvent, ResetEvent, InboxEvent, ConversationsMarkedEvent
    ] => AnyOfBuilder::new()
        .item(reference::<MessageView<'static>>())
        .item(reference::<ConversationReadEvent>())
        .item(reference::<DeletedEvent>())
        .item(reference::<WebhookDisabledEvent>())
        .item(reference::<ListedView>())
        .item(reference::<ReadyEvent>())
        .item(reference::<ResetEvent>())
        .item(reference::<InboxEvent>())
        .item(reference::<ConversationsMarkedEvent>());

    /// The data of `conversation.read`: what was received from somebody has been seen, up to this message.
    ConversationReadEvent [Address, MessageId] => ObjectBuilder::new()
        .schema_type(Type::Object)
        .property("counterpart", reference::<Address>())
        .property("up_to", reference::<MessageId>())
        .required("counterpart")
        .required("up_to");

    /// The data of `deleted`: this message is gone.
    DeletedEvent [MessageId] => ObjectBuilder::new()
        .schema_type(Type::Object)
        .property("id", reference::<MessageId>())
        .required("id");

    /// The data of `webhook.disabled`: this webhook is called no more.
    WebhookDisabledEvent [EndpointId, Timestamp, DisabledBy] => ObjectBuilder::new()
        .schema_type(Type::Object)
        .property("id", reference::<EndpointId>())
        .property("disabled_at", reference::<Timestamp>())
        .property("disabled_by", reference::<DisabledBy>())
        .required("id")
        .required("disabled_at")
        .required("disabled_by");

    /// The data of `ready`, which is empty: whatever changes from here on is told.
    ReadyEvent => nothing();

    /// The data of `inbox`, which is empty: what belongs to nobody has changed, so read it again.
    InboxEvent => nothing();

    /// The data of `conversations.marked`, which is empty: what is noted on conversations has changed, so read their
    /// list again.
    ConversationsMarkedEvent => nothing();

    /// The data of `reset`, which is empty: too much has changed to be told one by one, so read the list
    /// again.
    ResetEvent => nothing();
}

fn nothing() -> ObjectBuilder {
    let nothing = ObjectBuilder::new().schema_type(Type::Object);
    nothing.max_properties(Some(0))
}

/// Something that a client is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    name: &'static str,
    /// JSON, which has no line breaks of its own.
    data: String,
}

impl Event {
    /// A new client may read its list now: whatever changes from here on, it is told.
    pub(crate) fn ready() -> Self {
        Self::bare("ready")
    }

    /// Too much changed to be told one by one, or too long ago: the client has to read its list.
    pub(crate) fn reset() -> Self {
        Self::bare("reset")
    }

    /// What the user noted on conversations has changed.
    pub(crate) fn marked() -> Self {
        Self::bare("conversations.marked")
    }

    fn bare(name: &'static str) -> Self {
        let data = "{}".to_owned();
        Self { name, data }
    }

    /// A message as it is now.
    pub(crate) fn of(message: &Message, glossary: Glossary) -> serde_json::Result<Self> {
        Ok(if message.visible {
            Self {
                name: "message",
                data: serde_json::to_string(&MessageView::new(message, glossary))?,
            }
        } else {
            Self {
                name: "deleted",
                data: json!({ "id": message.id }).to_string(),
            }
        })
    }

    /// What was received from somebody has been seen, up to a message.
    pub(crate) fn read(counterpart: &domain::Address, up_to: domain::MessageId) -> Self {
        Self {
            name: "conversation.read",
            data: json!({ "counterpart": counterpart.as_str(), "up_to": up_to }).to_string(),
        }
    }

    /// A webhook is called no more.
    pub(crate) fn disabled(endpoint: &DisabledEndpoint) -> Self {
        let DisabledEndpoint { id, at, by } = endpoint;
        let data = json!({ "id": id, "disabled_at": at, "disabled_by": by });
        Self {
            name: "webhook.disabled",
            data: data.to_string(),
        }
    }

    fn write(&self, bytes: &mut Vec<u8>, id: Cursor) {
        let Self { name, data } = self;
        bytes.extend_from_slice(format!("event: {name}\nid: {id}\ndata: {data}\n\n").as_bytes());
    }
}

/// Writes events that take a client from one place to the next: only with the last of them it has
/// got there.
pub(crate) fn write(events: &[Event], from: Cursor, to: Cursor) -> Vec<Bytes> {
    let (mut chunks, mut chunk) = (Vec::new(), Vec::new());
    for (place, event) in events.iter().enumerate() {
        let is_last = place + 1 == events.len();
        event.write(&mut chunk, if is_last { to } else { from });
        if is_last || chunk.len() >= CHUNK {
            chunks.push(std::mem::take(&mut chunk).into());
        }
    }
    chunks
}

/// What belongs to nobody has changed. That is no place in what changes for the user, so it has no id.
pub(crate) fn inbox() -> Bytes {
    Bytes::from_static(b"event: inbox\ndata: {}\n\n")
}

/// What somebody wants has changed. Likewise it has no id.
pub(crate) fn opt_out_changed(data: &str) -> Bytes {
    format!("event: opt_out.changed\ndata: {data}\n\n").into()
}

/// How long a client waits before it comes back after the end of a stream, in milliseconds.
pub(crate) fn retry(after: u32) -> Bytes {
    format!("retry: {after}\n\n").into()
}

/// Shows that the stream is alive, and how far it is. It has no data, so it is no event.
pub(crate) fn heartbeat(id: Cursor) -> Bytes {
    format!(": alive\nid: {id}\n\n").into()
}

#[cfg(test)]
mod tests {
    use mysms_core::domain::Timestamp;

    use super::*;

    #[test]
    fn only_the_last_event_has_the_new_place() {
        let at = |millis| Cursor(Timestamp::from_millis(millis));
        let events = [Event::ready(), Event::reset()];
        let written = write(&events, at(1), at(2)).concat();
        let expected = "event: ready\nid: 1\ndata: {}\n\nevent: reset\nid: 2\ndata: {}\n\n";
        assert_eq!(String::from_utf8(written).unwrap(), expected);
        assert!(write(&[], at(1), at(2)).is_empty());
    }

    #[test]
    fn many_events_are_several_pieces() {
        let cursor = Cursor(Timestamp::EPOCH);
        let events = vec![Event::ready(); 2000];
        let chunks = write(&events, cursor, cursor);
        assert!(chunks.iter().all(|chunk| chunk.len() < CHUNK + 100));
        assert!(chunks.len() > 2);
        let whole = chunks.concat();
        assert_eq!(
            whole.windows(7).filter(|part| part == b"event: ").count(),
            2000
        );
    }
}
