use serde::Serialize;
use shared::config::SIMULATOR_ACCOUNT_SID;
use shared::domain::{
    Body, Encoding, Message, MessageId, MessageSid, PhoneNumber, Status, Timestamp,
};
use shared::twilio::explain;

use super::timeline::{Step, steps};

/// A message as its user sees it.
#[derive(Serialize)]
pub(super) struct MessageView<'a> {
    id: MessageId,
    recipient: Option<&'a str>,
    content: Option<&'a str>,
    sent_at: Timestamp,
    status: Status,
    segments: Option<u32>,
    encoding: Option<Encoding>,
    attempts: u32,
    /// The provider's number or a word of ours; always a string.
    error_code: Option<&'a str>,
    error_message: Option<&'static str>,
    provider_sid: Option<&'a MessageSid>,
    updated_at: Timestamp,
    delivered_at: Option<Timestamp>,
    /// The failed message that an operator sent again as this one.
    retry_of: Option<MessageId>,
    /// The text stayed in the simulator.
    simulated: bool,
}

/// A message with all that happened to it.
#[derive(Serialize)]
pub(super) struct DetailedView<'a> {
    #[serde(flatten)]
    message: MessageView<'a>,
    timeline: Vec<Step>,
}

/// The answer to a message that was accepted.
#[derive(Serialize)]
pub(super) struct AcceptedView<'a> {
    pub message: &'static str,
    pub id: MessageId,
    pub status: Status,
    pub recipient: &'a PhoneNumber,
    pub content: &'a Body,
    pub sent_at: Timestamp,
    pub segments: u32,
    pub encoding: Encoding,
    pub simulated: bool,
}

impl<'a> From<&'a Message> for MessageView<'a> {
    fn from(message: &'a Message) -> Self {
        let body = message.body.as_ref();
        let error_code = message.error_code.as_deref();
        let provider = message.provider.as_ref();
        Self {
            id: message.id,
            recipient: message.recipient.as_ref().map(PhoneNumber::as_str),
            content: body.map(Body::as_str),
            sent_at: message.sent_at,
            status: message.status,
            segments: body.map(Body::segments),
            encoding: body.map(Body::encoding),
            attempts: message.attempts,
            error_code,
            error_message: error_code.map(explain),
            provider_sid: provider.map(|provider| &provider.sid),
            updated_at: message.updated_at,
            delivered_at: message.delivered_at,
            retry_of: message.retry_of,
            simulated: is_simulated(&message.account),
        }
    }
}

impl<'a> From<&'a Message> for DetailedView<'a> {
    fn from(message: &'a Message) -> Self {
        Self {
            message: message.into(),
            timeline: steps(message),
        }
    }
}

/// The message's own account tells, because the process may have had another provider then.
pub(super) fn is_simulated(account: &str) -> bool {
    account == SIMULATOR_ACCOUNT_SID
}
