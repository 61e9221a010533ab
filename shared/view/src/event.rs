//! Events as the endpoints of users are told them (<https://www.standardwebhooks.com>).

use mysms_core::domain::{EventType, Message, MessageId, Status, Telling, Timestamp};
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
    Deleted(DeletedMessage<'a>),
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

/// What is left of a message that was deleted: how it ended, but not what was written, nor to whom.
#[derive(Serialize, ToSchema)]
pub struct DeletedMessage<'a> {
    #[schema(value_type = schema::MessageId)]
    id: MessageId,
    #[schema(minimum = 0, example = 5)]
    version: u32,
    #[schema(value_type = Option<schema::Timestamp>, required)]
    deleted_at: Option<Timestamp>,
    /// How far it had come. One that was being sent may still rise; then it is told once more.
    #[schema(value_type = schema::Status)]
    status: Status,
    /// The provider's number or a word of ours; always a string.
    #[schema(required, example = "30003")]
    error_code: Option<&'a str>,
    /// What happened to it since it was told last, oldest first.
    timeline: Vec<Step>,
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
        let known = told.map_or(0, |told| told.told_steps(message));
        let timeline = steps(message, glossary).split_off(known);
        let data = if message.visible {
            EventData::Message(Box::new(ToldMessage {
                message: MessageView::new(message, glossary),
                timeline,
                previous_version,
            }))
        } else {
            EventData::Deleted(DeletedMessage {
                id: message.id,
                version: message.version,
                deleted_at: message.deleted_at,
                status: message.status,
                error_code: message.error_code.as_deref(),
                timeline,
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
