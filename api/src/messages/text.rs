//! What a user wants sent.

use mysms_core::domain::{Address, Body, PhoneNumber};
use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::labels::{GivenLabels, Labels};
use super::terms::{GivenTerms, Terms};
use crate::error::ApiError;
use crate::extract::{Checks, Field};
use crate::openapi::schema;

/// A request to send a text, as it came.
#[derive(Deserialize, ToSchema)]
#[serde(expecting = "an object with `recipient` and `content`")]
pub(super) struct SendMessage {
    #[serde(default)]
    #[schema(value_type = schema::Recipient, required)]
    pub recipient: Field,
    #[serde(default)]
    #[schema(value_type = schema::Content, required)]
    pub content: Field,
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
}

/// What a user wants sent.
#[derive(Clone)]
pub(super) struct Text {
    pub recipient: PhoneNumber,
    /// As the user wrote it.
    pub body: Body,
    pub terms: Terms,
    pub labels: Labels,
}

/// A request as far as it could be read.
pub(super) struct Draft {
    pub recipient: Option<PhoneNumber>,
    pub body: Option<Body>,
    pub terms: Terms,
    pub labels: Labels,
    /// What is wrong with it.
    pub checks: Checks,
}

impl SendMessage {
    pub(super) fn read(self) -> Draft {
        let mut checks = Checks::default();
        let recipient = read_recipient(&mut checks, self.recipient);
        let body = read_body(&mut checks, self.content);
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
            body,
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

impl Draft {
    /// The text, if nothing is wrong with it.
    pub(super) fn finish(self) -> Result<Text, ApiError> {
        let text = self.text();
        self.checks.finish(text)
    }

    /// The text, if its recipient and its content could be read, whatever else is wrong with it.
    pub(super) fn text(&self) -> Option<Text> {
        let text = self.recipient.clone().zip(self.body.clone());
        text.map(|(recipient, body)| Text {
            recipient,
            body,
            terms: self.terms.clone(),
            labels: self.labels.clone(),
        })
    }
}

pub(super) fn read_recipient(checks: &mut Checks, field: Field) -> Option<PhoneNumber> {
    checks.read("recipient", field, |text| Address::recipient(&text))
}

pub(super) fn read_body(checks: &mut Checks, field: Field) -> Option<Body> {
    checks.read("content", field, Body::parse)
}
