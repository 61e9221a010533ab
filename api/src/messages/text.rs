//! What a user wants sent.

use mysms_core::domain::{
    Address, Body, Content, MOST_MEDIA, Media, MediaUrl, Medium, PhoneNumber, TooManyMedia,
};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::labels::{GivenLabels, Labels};
use super::terms::{GivenTerms, Terms};
use crate::error::{ApiError, FieldError, fault};
use crate::extract::{Checks, Field};
use crate::openapi::schema;
use crate::templates::{Filled, Recipe};

/// A request to send a text, as it came.
#[derive(Deserialize, ToSchema)]
#[serde(expecting = "an object with `recipient` and `content`")]
pub(super) struct SendMessage {
    #[serde(default)]
    #[schema(value_type = schema::Recipient, required)]
    pub recipient: Field,
    /// Required, but beside `media_urls` or with a `template`.
    #[serde(default)]
    #[schema(value_type = schema::Content)]
    pub content: Field,
    /// In the place of `content`: the id of one of the caller's templates.
    #[serde(default)]
    #[schema(value_type = Option<schema::TemplateId>)]
    pub template: Field,
    /// A value for each field of the template.
    #[serde(default)]
    #[schema(value_type = Option<schema::TemplateFields>)]
    pub fields: Option<Box<RawValue>>,
    /// Pictures or other files: those that `POST /uploads` took by their `url`, others by the https addresses
    /// from which the provider fetches them.
    #[serde(default)]
    #[schema(value_type = Option<Vec<schema::MediaAddress>>, max_items = 10)]
    pub media_urls: Option<Value>,
    /// When to send it, in the future; at once if it is left out.
    #[serde(default)]
    #[schema(value_type = Option<schema::SendAt>)]
    pub send_at: Field,
    /// The same by the clocks of `time_zone`.
    #[serde(default)]
    #[schema(value_type = Option<schema::LocalTime>)]
    pub send_at_local: Field,
    /// Where the recipient is: whose clocks `send_at_local` and quiet hours mean.
    #[serde(default)]
    #[schema(value_type = Option<schema::TimeZone>)]
    pub time_zone: Field,
    /// How long it is tried from then on before it fails as `expired`; 4 hours unless the operator
    /// says otherwise.
    #[serde(default)]
    #[schema(value_type = Option<schema::ValiditySeconds>)]
    pub validity_seconds: Field,
    /// What it is to leave from, one of `GET /senders`; by default the one of the last text exchanged
    /// with the recipient, or else the one that suits best.
    #[serde(default)]
    #[schema(value_type = Option<schema::SenderAddress>)]
    pub from: Field,
    /// `transactional` by default.
    #[serde(default)]
    #[schema(value_type = Option<schema::Class>)]
    pub class: Field,
    /// Replace what is only typeset, if the text then needs no UCS-2; by default as the user has set it.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    pub smart_encoding: Field,
    /// A name of your own for it, by which `GET /messages` finds it.
    #[serde(default)]
    #[schema(value_type = Option<schema::Reference>)]
    pub reference: Field,
    #[serde(default)]
    #[schema(value_type = Option<schema::Tags>)]
    pub tags: Option<Box<RawValue>>,
    #[serde(skip)]
    pub wording: Wording,
}

/// From where the words of a text are.
#[derive(Default)]
pub(super) enum Wording {
    /// The request gives them.
    #[default]
    Given,
    /// They were made of a template.
    Made(Filled),
}

/// What a user wants sent.
#[derive(Clone)]
pub(super) struct Text {
    pub recipient: PhoneNumber,
    /// As the user wrote it.
    pub content: Content,
    /// Of what its words were made, if the request does not say them.
    pub recipe: Option<Recipe>,
    /// Why they cannot be made any more; then it has none. It may have been accepted while they could, but is
    /// not accepted anew.
    pub unmade: Vec<FieldError>,
    pub terms: Terms,
    pub labels: Labels,
}

/// A request as far as it could be read.
pub(super) struct Draft {
    pub recipient: Option<PhoneNumber>,
    pub content: Option<Content>,
    pub recipe: Option<Recipe>,
    pub unmade: Vec<FieldError>,
    pub terms: Terms,
    pub labels: Labels,
    /// What else is wrong with it.
    pub checks: Checks,
}

impl SendMessage {
    pub(super) fn names_template(&self) -> bool {
        !matches!(self.template, Field::Absent) || self.fields.is_some()
    }

    /// The words, whether or not they may be sent.
    pub(super) fn words(&self) -> Option<&str> {
        match (&self.wording, &self.content) {
            (Wording::Made(Filled { text: Ok(text), .. }), _)
            | (Wording::Given, Field::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub(super) fn read(self) -> Draft {
        let mut checks = Checks::default();
        let recipient = read_recipient(&mut checks, self.recipient);
        let (content, recipe, unmade) = match self.wording {
            Wording::Given => {
                let content = read_content(&mut checks, self.content, self.media_urls);
                (content, None, Vec::new())
            }
            Wording::Made(filled) => read_made(&mut checks, filled, self.media_urls),
        };
        let terms = GivenTerms {
            send_at: self.send_at,
            send_at_local: self.send_at_local,
            time_zone: self.time_zone,
            validity_seconds: self.validity_seconds,
            from: self.from,
            class: self.class,
            smart_encoding: self.smart_encoding,
        };
        let labels = GivenLabels {
            reference: self.reference,
            tags: self.tags,
        };
        Draft {
            recipient,
            content,
            recipe,
            unmade,
            terms: terms.read(&mut checks),
            labels: labels.read(&mut checks),
            checks,
        }
    }
}

impl TryFrom<SendMessage> for Text {
    type Error = ApiError;

    fn try_from(request: SendMessage) -> Result<Self, ApiError> {
        request.read().finish()
    }
}

impl From<Text> for Draft {
    fn from(text: Text) -> Self {
        Self {
            recipient: Some(text.recipient),
            content: Some(text.content),
            recipe: text.recipe,
            unmade: text.unmade,
            terms: text.terms,
            labels: text.labels,
            checks: Checks::default(),
        }
    }
}

impl Draft {
    /// The text, if nothing is wrong with it.
    pub(super) fn finish(self) -> Result<Text, ApiError> {
        let text = self.text();
        let Self {
            mut checks, unmade, ..
        } = self;
        if !checks.is_empty() {
            checks.refuse_all(unmade);
        }
        checks.finish(text)
    }

    /// The text, if its recipient and its content could be read, whatever else is wrong with it.
    pub(super) fn text(&self) -> Option<Text> {
        let text = self.recipient.clone().zip(self.content.clone());
        text.map(|(recipient, content)| Text {
            recipient,
            content,
            recipe: self.recipe.clone(),
            unmade: self.unmade.clone(),
            terms: self.terms.clone(),
            labels: self.labels.clone(),
        })
    }
}

pub(super) fn read_recipient(checks: &mut Checks, field: Field) -> Option<PhoneNumber> {
    checks.read("recipient", field, |text| Address::recipient(&text))
}

/// Reads a text and its files, of which there has to be something.
pub(super) fn read_content(
    checks: &mut Checks,
    content: Field,
    media_urls: Option<Value>,
) -> Option<Content> {
    let media = read_media(checks, media_urls)?;
    let body = match content {
        Field::Absent if !media.is_empty() => Body::empty(),
        given => checks.read("content", given, Body::sendable)?,
    };
    Some(Content { body, media })
}

/// Reads a text that was made of a template, and its files. What keeps the words from being made is told apart, if
/// the request may be known by its recipe.
fn read_made(
    checks: &mut Checks,
    filled: Filled,
    media_urls: Option<Value>,
) -> (Option<Content>, Option<Recipe>, Vec<FieldError>) {
    let media = read_media(checks, media_urls);
    let body = filled.text.and_then(|text| {
        Body::sendable(text).map_err(|why| fault("template", &format!("with these fields {why}")))
    });
    let (body, mut unmade) = match body {
        Ok(body) => (body, Vec::new()),
        Err(faults) => (Body::empty(), faults),
    };
    if filled.recipe.is_none() {
        checks.refuse_all(std::mem::take(&mut unmade));
    }
    let content = media.map(|media| Content { body, media });
    (content, filled.recipe, unmade)
}

fn read_media(checks: &mut Checks, given: Option<Value>) -> Option<Media> {
    const FIELD: &str = "media_urls";
    let Some(given) = given else {
        return Some(Media::default());
    };
    let items = checks.list(FIELD, given)?;
    let first = &items[..items.len().min(MOST_MEDIA)];
    let urls = checks.strings(FIELD, first, MediaUrl::sendable)?;
    if items.len() > MOST_MEDIA {
        return checks.refuse(FIELD, &TooManyMedia.to_string());
    }
    Some(Media::first_of(urls.into_iter().map(Medium::at)))
}
