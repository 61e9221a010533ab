//! Events as the endpoints of users are told them (<https://www.standardwebhooks.com>).

use mysms_core::domain::{EventType, Message, MessageId, Telling, Timestamp};
use mysms_core::provider::Glossary;
use serde::Serialize;
use utoipa::ToSchema;

use crate::timeline::{Step, steps};
use crate::{MessageView, schema};

/// What is posted to an endpoint.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookEvent)]
pub struct EventView<'a> {
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "message.updated")]
    kind: EventType,
    /// When it happened.
    #[schema(value_type = schema::Timestamp)]
    timestamp: Timestamp,
    data: EventData<'a>,
}

/// What the event is about.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum EventData<'a> {
    Message(Box<ToldMessage<'a>>),
    Deleted(DeletedMessage),
}

/// A message as it is now, with what happened to it since it was told last.
#[derive(Serialize, ToSchema)]
#[schema(as = EventMessage)]
pub struct ToldMessage<'a> {
    #[serde(flatten)]
    message: MessageView<'a>,
    /// Oldest first.
    timeline: Vec<Step>,
    /// The version that was told before this one; null if none was. A receiver that has not got it has
    /// missed something.
    #[schema(required, minimum = 0, example = 3)]
    previous_version: Option<u32>,
}

/// What is left of a message that was deleted.
#[derive(Serialize, ToSchema)]
pub struct DeletedMessage {
    #[schema(value_type = schema::MessageId)]
    id: MessageId,
    #[schema(minimum = 0, example = 5)]
    version: u32,
    #[schema(value_type = Option<schema::Timestamp>, required)]
    deleted_at: Option<Timestamp>,
    #[schema(required, minimum = 0, example = 4)]
    previous_version: Option<u32>,
}

impl<'a> EventView<'a> {
    /// `told`: what the endpoint was told of the message before.
    pub fn new(
        kind: EventType,
        message: &'a Message,
        told: Option<&Telling>,
        glossary: Glossary,
    ) -> Self {
        let previous_version = told.map(|told| told.version);
        let data = if message.visible {
            let known = told.map_or(0, |told| told.told_steps(message));
            EventData::Message(Box::new(ToldMessage {
                message: MessageView::new(message, glossary),
                timeline: steps(message, glossary).split_off(known),
                previous_version,
            }))
        } else {
            EventData::Deleted(DeletedMessage {
                id: message.id,
                version: message.version,
                deleted_at: message.deleted_at,
                previous_version,
            })
        };
        Self {
            kind,
            timestamp: message.updated_at,
            data,
        }
    }
}
