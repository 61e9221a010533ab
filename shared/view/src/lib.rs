//! How messages are shown to their users: in answers, in streams, and to the systems that they let us call.

mod accepted;
mod event;
mod pause;
pub mod schema;
mod timeline;

use std::borrow::Cow;

use mysms_core::domain::{
    Address, Body, Class, ContentType, Direction, Encoding, Media, Medium, Message, MessageId,
    PhoneNumber, Position, ProviderId, Reference, SANDBOX_ACCOUNT, Status, Tags, Timestamp,
};
use mysms_core::provider::Glossary;
use runtime::config::SIMULATOR_ACCOUNT_SID;
use serde::Serialize;
use utoipa::ToSchema;

pub use self::accepted::{AcceptedView, EncodingChange};
pub use self::event::{DeletedMessage, EventData, EventView, ToldMessage};
pub use self::pause::{PauseView, PausedBy};
pub use self::timeline::Step;
use self::timeline::steps;

/// A message as its user sees it.
#[derive(Serialize, ToSchema)]
#[schema(as = Message)]
pub struct MessageView<'a> {
    #[schema(value_type = schema::MessageId)]
    id: MessageId,
    #[schema(value_type = schema::Direction)]
    direction: Direction,
    /// Whom it was exchanged with: a phone number, or whatever else a received text came from.
    #[schema(value_type = Option<schema::Address>, required)]
    pub counterpart: Option<&'a str>,
    /// To whom it was sent; of a received message a number of ours.
    #[schema(value_type = Option<schema::Recipient>, required)]
    pub recipient: Option<&'a str>,
    /// Null if nothing was said: it may be files alone.
    #[schema(value_type = Option<schema::Content>, required)]
    pub content: Option<&'a str>,
    /// When the user sent it, or when it was received.
    #[schema(value_type = schema::Timestamp)]
    sent_at: Timestamp,
    /// It was received and not marked as read.
    unread: bool,
    /// When it was to be sent; null if at once.
    #[schema(value_type = Option<schema::Timestamp>, required)]
    send_at: Option<Timestamp>,
    /// After this it is not sent any more.
    #[schema(value_type = schema::Timestamp)]
    expires_at: Timestamp,
    /// A received message is `delivered`: it has reached its user.
    #[schema(value_type = schema::Status)]
    status: Status,
    /// As how many it is sent and billed.
    #[schema(required, minimum = 1, example = 1)]
    segments: Option<u32>,
    #[schema(value_type = Option<schema::Encoding>, required)]
    encoding: Option<Encoding>,
    /// How often a worker began to send it.
    #[schema(example = 1)]
    attempts: u32,
    /// The provider's number or a word of ours; always a string.
    #[schema(required, example = "30003")]
    error_code: Option<&'a str>,
    /// The same in a sentence.
    #[schema(required, example = "The handset could not be reached.")]
    error_message: Option<&'static str>,
    #[schema(value_type = Option<schema::MessageSid>, required)]
    provider_sid: Option<&'a ProviderId>,
    #[schema(value_type = schema::Timestamp)]
    updated_at: Timestamp,
    #[schema(value_type = Option<schema::Timestamp>, required)]
    delivered_at: Option<Timestamp>,
    /// The failed message that an operator sent again as this one.
    #[schema(value_type = Option<schema::MessageId>, required)]
    retry_of: Option<MessageId>,
    /// The text stayed in the simulator, or in the sandbox of API keys for tests.
    simulated: bool,
    /// Of two states of a message the one with the higher version is the newer one,
    /// wherever they come from.
    #[schema(minimum = 0, example = 4)]
    version: u32,
    /// What it leaves or left from; null if it was received.
    #[schema(value_type = Option<schema::SenderAddress>, required)]
    pub sender: Option<&'a str>,
    /// Null if it was received.
    #[schema(value_type = Option<schema::Class>, required)]
    class: Option<Class>,
    /// When it may leave at the earliest, if it waits for its `send_at`, for the end of quiet hours, or to
    /// be tried again.
    #[schema(value_type = Option<schema::Timestamp>, required)]
    starts_at: Option<Timestamp>,
    /// When it is likely to leave; null in lists, once it has left, and if that is not known.
    #[schema(value_type = Option<schema::Timestamp>, required)]
    pub expected_at: Option<Timestamp>,
    /// By when it has left in nineteen of twenty cases.
    #[schema(value_type = Option<schema::Timestamp>, required)]
    pub expected_by: Option<Timestamp>,
    /// The name that its user gave it.
    #[schema(value_type = Option<schema::Reference>, required)]
    pub reference: Option<&'a str>,
    #[schema(value_type = schema::Tags)]
    pub tags: TagsView<'a>,
    /// It was received while the messenger could not be told of it, and found at the provider later.
    recovered: bool,
    /// Pictures and other files that it brings; what is in them `getMedia` tells.
    #[schema(value_type = Vec<MediumView<'static>>)]
    pub media: MediaView<'a>,
    /// When it went out; null if it has not, that is not known, or it was received.
    #[schema(value_type = Option<schema::Timestamp>, required)]
    dispatched_at: Option<Timestamp>,
    /// Where it stands in its conversation.
    #[schema(value_type = schema::Position)]
    position: Position,
}

/// A file of a message.
#[derive(Serialize, ToSchema)]
#[schema(as = Medium)]
pub struct MediumView<'a> {
    /// Its place among those of the message.
    #[schema(minimum = 0, maximum = 9, example = 0)]
    index: usize,
    /// In lower case, without parameters.
    #[schema(required, example = "image/jpeg")]
    content_type: Option<&'a str>,
    /// In bytes; null until it was opened for the first time.
    #[schema(required, minimum = 0, example = 48213)]
    size: Option<u64>,
    /// From where the provider was told to fetch it; null of what was received.
    #[schema(required, example = "https://example.com/offer.jpg")]
    url: Option<&'a str>,
}

/// Files as a list, or in one line of a table.
#[derive(Serialize)]
#[serde(untagged)]
pub enum MediaView<'a> {
    List(Vec<MediumView<'a>>),
    Line(Cow<'a, str>),
}

/// Tags as an object, or in one line of a table.
#[derive(Serialize)]
#[serde(untagged)]
pub enum TagsView<'a> {
    Object(&'a Tags),
    Line(Cow<'a, str>),
}

/// A message with all that happened to it.
#[derive(Serialize, ToSchema)]
#[schema(as = MessageWithTimeline)]
pub struct DetailedView<'a> {
    #[serde(flatten)]
    pub message: MessageView<'a>,
    /// When it is given up, if it is likely not to leave before: `expires_at`, moved along by the quiet hours
    /// until then. Null if it is likely to leave in time, once it has left, and if that is not known.
    #[schema(value_type = Option<schema::Timestamp>, required)]
    pub given_up_at: Option<Timestamp>,
    /// That nothing leaves its sender now; null if that is not so, or it does not wait.
    #[schema(required)]
    pub paused: Option<PauseView>,
    /// Oldest first.
    timeline: Vec<Step>,
}

impl<'a> MediaView<'a> {
    fn of(media: &'a Media, direction: Direction) -> Self {
        // Where the provider keeps what was received is its business.
        let is_ours = direction == Direction::Outbound;
        let view = |(index, medium): (usize, &'a Medium)| MediumView {
            index,
            content_type: medium.content_type.as_ref().map(ContentType::as_str),
            size: medium.size,
            url: is_ours.then(|| medium.url.as_str()),
        };
        Self::List(media.iter().enumerate().map(view).collect())
    }
}

impl<'a> MessageView<'a> {
    pub fn new(message: &'a Message, glossary: Glossary) -> Self {
        // Nothing was said.
        let body = message.body.as_ref().filter(|body| !body.is_empty());
        let error_code = message.error_code.as_deref();
        let provider = message.provider.as_ref();
        Self {
            id: message.id,
            direction: message.direction,
            counterpart: message.counterpart.as_ref().map(Address::as_str),
            recipient: message.recipient.as_ref().map(PhoneNumber::as_str),
            content: body.map(Body::as_str),
            sent_at: message.sent_at,
            unread: message.unread,
            send_at: message.send_at,
            expires_at: message.expires_at,
            status: message.status,
            segments: message.body.as_ref().map(Body::segments),
            encoding: body.map(Body::encoding),
            attempts: message.attempts,
            error_code,
            error_message: error_code.map(|code| glossary.explain(code)),
            provider_sid: provider.map(|provider| &provider.sid),
            updated_at: message.updated_at,
            delivered_at: message.delivered_at,
            retry_of: message.retry_of,
            simulated: is_simulated(&message.account),
            version: message.version,
            sender: message.sender.as_deref(),
            class: (message.direction == Direction::Outbound).then_some(message.class),
            starts_at: message
                .starts_at()
                .filter(|_| message.status == Status::Queued),
            expected_at: None,
            expected_by: None,
            reference: message.reference.as_ref().map(Reference::as_str),
            tags: TagsView::Object(&message.tags),
            recovered: message.is_recovered(),
            media: MediaView::of(&message.media, message.direction),
            dispatched_at: message.dispatched_at(),
            position: message.position(),
        }
    }
}

impl<'a> DetailedView<'a> {
    pub fn new(message: &'a Message, glossary: Glossary) -> Self {
        Self {
            message: MessageView::new(message, glossary),
            given_up_at: None,
            paused: None,
            timeline: steps(message, glossary),
        }
    }
}

/// The message's own account tells, because the process may have had another provider then.
pub fn is_simulated(account: &str) -> bool {
    [SIMULATOR_ACCOUNT_SID, SANDBOX_ACCOUNT].contains(&account)
}
