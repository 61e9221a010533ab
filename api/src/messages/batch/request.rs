use mysms_core::domain::{Content, IdempotencyKey, PhoneNumber};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::error::ApiError;
use crate::extract::{Checks, Field, RawList, read_json, read_object};
use crate::messages::idempotency::HEADER;
use crate::messages::labels::{GivenLabels, Labels};
use crate::messages::submit::Submission;
use crate::messages::terms::{GivenTerms, Terms};
use crate::messages::text::{Draft, SendMessage, Text, Wording, read_content, read_recipient};

/// The most texts in a batch.
const MOST: usize = 1000;

const IN_EACH: &str = "must be given in each of the messages";

/// What a batch asks for. The texts are read one by one, so that a bad one fails alone.
pub(super) struct Batch<'a> {
    texts: Texts<'a>,
    /// Holds for every text that says nothing else.
    labels: Labels,
    /// Stands for the key of every text that has none of its own.
    key: Option<IdempotencyKey>,
}

enum Texts<'a> {
    Each(Vec<&'a RawValue>),
    /// One content for many recipients.
    Shared {
        recipients: Vec<&'a RawValue>,
        content: Content,
        terms: Terms,
    },
}

/// One text of a batch as it came.
pub(super) enum Given {
    /// With its idempotency key.
    Message(Box<SendMessage>, Field),
    OneOfMany(Box<Text>),
}

impl Given {
    pub(super) fn names_template(&self) -> bool {
        matches!(self, Self::Message(message, _) if message.names_template())
    }

    /// With its text made, if it names a template.
    pub(super) async fn worded(self, submission: &Submission<'_>) -> Result<Self, ApiError> {
        match self {
            Self::Message(message, key) => {
                let message = submission.word(*message).await?;
                Ok(Self::Message(Box::new(message), key))
            }
            given @ Self::OneOfMany(_) => Ok(given),
        }
    }

    /// Its words, whether or not they may be sent.
    pub(super) fn words(&self) -> Option<&str> {
        match self {
            Self::Message(message, _) => message.words(),
            Self::OneOfMany(text) => Some(text.content.body.as_str()),
        }
    }
}

/// One text of a batch.
pub(super) struct Item {
    pub(super) text: Text,
    pub(super) key: Option<IdempotencyKey>,
}

/// A batch as it came.
#[derive(Deserialize)]
#[serde(expecting = "an object with `recipients` and `content`, or with `messages`")]
struct Request<'a> {
    #[serde(borrow)]
    recipients: Option<RawList<'a, MOST>>,
    #[serde(borrow)]
    messages: Option<RawList<'a, MOST>>,
    #[serde(default)]
    content: Field,
    #[serde(default)]
    template: Field,
    #[serde(default)]
    fields: Option<Box<RawValue>>,
    #[serde(default)]
    media_urls: Option<Value>,
    #[serde(default)]
    send_at: Field,
    #[serde(default)]
    send_at_local: Field,
    #[serde(default)]
    time_zone: Field,
    #[serde(default)]
    validity_seconds: Field,
    #[serde(default)]
    from: Field,
    #[serde(default)]
    class: Field,
    #[serde(default)]
    smart_encoding: Field,
    #[serde(default)]
    reference: Field,
    #[serde(default)]
    tags: Option<Box<RawValue>>,
}

/// One of its `messages` as it came.
#[derive(Deserialize)]
#[serde(expecting = "an object with `recipient` and `content`")]
struct GivenMessage {
    #[serde(default)]
    recipient: Field,
    #[serde(default)]
    content: Field,
    #[serde(default)]
    template: Field,
    #[serde(default)]
    fields: Option<Box<RawValue>>,
    #[serde(default)]
    media_urls: Option<Value>,
    #[serde(default)]
    send_at: Field,
    #[serde(default)]
    send_at_local: Field,
    #[serde(default)]
    time_zone: Field,
    #[serde(default)]
    validity_seconds: Field,
    #[serde(default)]
    from: Field,
    #[serde(default)]
    class: Field,
    #[serde(default)]
    smart_encoding: Field,
    #[serde(default)]
    reference: Field,
    #[serde(default)]
    tags: Option<Box<RawValue>>,
    #[serde(default)]
    idempotency_key: Field,
}

impl<'a> Batch<'a> {
    /// Fails if something is wrong with what all texts have in common.
    pub(super) fn read(body: &'a [u8], key: Option<IdempotencyKey>) -> Result<Self, ApiError> {
        let (texts, labels) = read_object::<Request<'a>>(body)?.texts()?;
        if let Some(key) = &key {
            derived(key, MOST)?;
        }
        Ok(Self { texts, labels, key })
    }

    pub(super) fn len(&self) -> usize {
        match &self.texts {
            Texts::Each(list) => list.len(),
            Texts::Shared { recipients, .. } => recipients.len(),
        }
    }

    /// The text at a place, counted from 0, as it came.
    pub(super) fn given(&self, place: usize) -> Result<Given, ApiError> {
        match &self.texts {
            Texts::Each(list) => read_message(list[place]),
            Texts::Shared {
                recipients,
                content,
                terms,
            } => Ok(Given::OneOfMany(Box::new(Text {
                recipient: read_one_of_many(recipients[place])?,
                content: content.clone(),
                recipe: None,
                unmade: Vec::new(),
                terms: terms.clone(),
                labels: self.labels.clone(),
            }))),
        }
    }

    /// The text at a place, once it has its words.
    pub(super) fn item(&self, place: usize, given: Given) -> Result<Item, ApiError> {
        let (draft, key) = self.draft(place, given)?;
        let text = draft.finish()?;
        Ok(Item { text, key })
    }

    /// The same as far as it can be read, with its key.
    pub(super) fn draft(
        &self,
        place: usize,
        given: Given,
    ) -> Result<(Draft, Option<IdempotencyKey>), ApiError> {
        let (draft, own_key) = match given {
            Given::Message(message, key) => {
                let mut draft = message.read();
                draft.labels = draft.labels.within(&self.labels, &mut draft.checks);
                let key = draft
                    .checks
                    .optional("idempotency_key", key, |text| IdempotencyKey::parse(&text));
                (draft, key)
            }
            Given::OneOfMany(text) => (Draft::from(*text), None),
        };
        let key = match (own_key, &self.key) {
            (Some(key), _) => Some(key),
            (None, Some(key)) => Some(derived(key, place)?),
            (None, None) => None,
        };
        Ok((draft, key))
    }
}

fn read_message(raw: &RawValue) -> Result<Given, ApiError> {
    let given: GivenMessage = read_object(raw.get().as_bytes())?;
    let message = SendMessage {
        recipient: given.recipient,
        content: given.content,
        template: given.template,
        fields: given.fields,
        media_urls: given.media_urls,
        send_at: given.send_at,
        send_at_local: given.send_at_local,
        time_zone: given.time_zone,
        validity_seconds: given.validity_seconds,
        from: given.from,
        class: given.class,
        smart_encoding: given.smart_encoding,
        reference: given.reference,
        tags: given.tags,
        wording: Wording::default(),
    };
    Ok(Given::Message(Box::new(message), given.idempotency_key))
}

fn read_one_of_many(raw: &RawValue) -> Result<PhoneNumber, ApiError> {
    let mut checks = Checks::default();
    let recipient = read_recipient(&mut checks, read_json(raw.get().as_bytes())?);
    checks.finish(recipient)
}

/// The key of the text at a place, if only the batch has one.
fn derived(key: &IdempotencyKey, place: usize) -> Result<IdempotencyKey, ApiError> {
    IdempotencyKey::parse(&format!("{key}:{place}"))
        .map_err(|_| ApiError::invalid(HEADER, "must be at most 250 characters for a batch"))
}

impl<'a> Request<'a> {
    fn texts(self) -> Result<(Texts<'a>, Labels), ApiError> {
        let mut checks = Checks::default();
        let labels = GivenLabels {
            reference: self.reference,
            tags: self.tags,
        };
        let labels = labels.read(&mut checks);
        let of_template = [
            (!matches!(self.template, Field::Absent)).then_some("template"),
            self.fields.is_some().then_some("fields"),
        ];
        for name in of_template.into_iter().flatten() {
            checks.refuse::<()>(name, IN_EACH);
        }
        let terms = GivenTerms {
            send_at: self.send_at,
            send_at_local: self.send_at_local,
            time_zone: self.time_zone,
            validity_seconds: self.validity_seconds,
            from: self.from,
            class: self.class,
            smart_encoding: self.smart_encoding,
        };
        match (self.recipients, self.messages) {
            (Some(recipients), None) => {
                let recipients = recipients.check("recipients", &mut checks);
                let content = read_content(&mut checks, self.content, self.media_urls);
                let terms = terms.read(&mut checks);
                let shared = recipients
                    .zip(content)
                    .map(|(recipients, content)| Texts::Shared {
                        recipients,
                        content,
                        terms,
                    });
                checks.finish(shared.map(|shared| (shared, labels)))
            }
            (None, Some(messages)) => {
                let content = !matches!(self.content, Field::Absent);
                let own = [
                    content.then_some("content"),
                    self.media_urls.is_some().then_some("media_urls"),
                ];
                for name in own.into_iter().flatten().chain(terms.given()) {
                    checks.refuse::<()>(name, IN_EACH);
                }
                let messages = messages.check("messages", &mut checks);
                checks.finish(messages.map(|messages| (Texts::Each(messages), labels)))
            }
            (Some(_), Some(_)) => Err(ApiError::invalid(
                "recipients",
                "and messages cannot be given together",
            )),
            (None, None) => Err(ApiError::invalid(
                "recipients",
                "are required, or else messages",
            )),
        }
    }
}
