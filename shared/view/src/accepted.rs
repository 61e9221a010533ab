use mysms_core::domain::{
    Body, Change, Class, Direction, Encoding, Media, Message, MessageId, PhoneNumber, Reference,
    Status, Tags, Timestamp,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{MediaView, MediumView, PauseView, is_simulated};
use crate::schema;

/// The answer to a message that was accepted.
#[derive(Serialize, ToSchema)]
#[schema(as = AcceptedMessage)]
pub struct AcceptedView<'a> {
    #[schema(example = "Message sent successfully")]
    message: &'static str,
    #[schema(value_type = schema::MessageId)]
    id: MessageId,
    #[schema(value_type = schema::Status)]
    status: Status,
    #[schema(value_type = schema::Recipient)]
    recipient: &'a PhoneNumber,
    /// As it leaves; null if the message is files alone.
    #[schema(value_type = Option<schema::Content>, required)]
    content: Option<Body>,
    #[schema(value_type = schema::Timestamp)]
    sent_at: Timestamp,
    /// When it is to be sent; null if at once.
    #[schema(value_type = Option<schema::Timestamp>, required)]
    send_at: Option<Timestamp>,
    /// After this it is not sent any more.
    #[schema(value_type = schema::Timestamp)]
    expires_at: Timestamp,
    #[schema(minimum = 1, example = 1)]
    segments: u32,
    #[schema(value_type = schema::Encoding)]
    encoding: Encoding,
    simulated: bool,
    /// What it leaves from.
    #[schema(value_type = Option<schema::SenderAddress>, required)]
    sender: Option<String>,
    #[schema(value_type = schema::Class)]
    class: Class,
    /// When it may leave at the earliest, if it waits for its `send_at` or for the end of quiet hours.
    #[schema(value_type = Option<schema::Timestamp>, required)]
    starts_at: Option<Timestamp>,
    /// When it is likely to leave; null if that is not known.
    #[schema(value_type = Option<schema::Timestamp>, required)]
    pub expected_at: Option<Timestamp>,
    /// By when it has left in nineteen of twenty cases.
    #[schema(value_type = Option<schema::Timestamp>, required)]
    pub expected_by: Option<Timestamp>,
    /// When it is given up, if it is likely not to leave before: `expires_at`, moved along by the quiet hours
    /// until then.
    #[schema(value_type = Option<schema::Timestamp>, required)]
    pub given_up_at: Option<Timestamp>,
    /// That nothing leaves its sender now; null if that is not so.
    #[schema(required)]
    pub paused: Option<PauseView>,
    /// What is likely to go wrong, in a sentence; null if nothing is.
    #[schema(required, example = "It is likely to expire before it can leave.")]
    pub warning: Option<&'static str>,
    /// What smart encoding replaced, in the order in which it first appears.
    pub encoding_changes: Vec<EncodingChange>,
    #[schema(value_type = Option<schema::Reference>, required)]
    reference: Option<&'a Reference>,
    #[schema(value_type = schema::Tags)]
    tags: &'a Tags,
    /// Pictures and other files that it brings.
    #[schema(value_type = Vec<MediumView<'static>>)]
    media: MediaView<'a>,
}

/// A character that smart encoding replaced wherever it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EncodingChange {
    #[schema(value_type = String, example = "’")]
    from: char,
    /// Empty for what is invisible.
    #[schema(example = "'")]
    to: &'static str,
    /// How often.
    #[schema(example = 1)]
    count: usize,
}

impl<'a> AcceptedView<'a> {
    /// A deleted message has lost its recipient, its text, its files and its labels, so they come from the
    /// request.
    pub fn new(
        recipient: &'a PhoneNumber,
        (content, media): (Body, &'a Media),
        (reference, tags): (Option<&'a Reference>, &'a Tags),
        message: &Message,
    ) -> Self {
        Self {
            message: match message.send_at {
                None => "Message sent successfully",
                Some(_) => "Message scheduled successfully",
            },
            id: message.id,
            status: Status::Queued,
            recipient,
            segments: content.segments(),
            encoding: content.encoding(),
            content: Some(content).filter(|content| !content.is_empty()),
            sent_at: message.sent_at,
            send_at: message.send_at,
            expires_at: message.expires_at,
            simulated: is_simulated(&message.account),
            sender: message.sender.clone(),
            class: message.class,
            starts_at: message.starts_at(),
            expected_at: None,
            expected_by: None,
            given_up_at: None,
            paused: None,
            warning: None,
            encoding_changes: Vec::new(),
            reference,
            tags,
            media: MediaView::of(media, Direction::Outbound),
        }
    }
}

impl EncodingChange {
    pub fn of(changes: &[Change]) -> Vec<Self> {
        let change = |&Change { from, to, count }: &Change| Self { from, to, count };
        changes.iter().map(change).collect()
    }
}
