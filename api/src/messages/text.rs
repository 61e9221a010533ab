//! What a user wants sent, and on which terms.

use std::ops::RangeInclusive;
use std::time::Duration;

use mysms_core::domain::{Body, PhoneNumber, Timestamp};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::extract::{Checks, Field};
use crate::openapi::schema;

/// How far ahead a text can be scheduled.
const FURTHEST: Duration = Duration::from_hours(35 * 24);

/// How long a text may be tried, if its user says so.
const VALIDITY: RangeInclusive<Duration> = Duration::from_mins(1)..=Duration::from_hours(24);

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
    /// How long it is tried from then on before it fails as `expired`; 4 hours unless the operator
    /// says otherwise.
    #[serde(default)]
    #[schema(value_type = Option<schema::ValiditySeconds>)]
    pub validity_seconds: Field,
}

/// What a user wants sent.
#[derive(Clone)]
pub(super) struct Text {
    pub recipient: PhoneNumber,
    pub body: Body,
    pub terms: Terms,
}

/// When to send a text, and for how long to try.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Terms {
    /// At once, if absent.
    pub send_at: Option<Timestamp>,
    /// As configured, if absent. It counts from the moment at which the text is to be sent.
    pub validity: Option<Duration>,
}

/// A request as far as it could be read.
pub(super) struct Draft {
    pub recipient: Option<PhoneNumber>,
    pub body: Option<Body>,
    pub terms: Terms,
    /// What is wrong with it.
    pub checks: Checks,
}

impl SendMessage {
    pub(super) fn read(self) -> Draft {
        let mut checks = Checks::default();
        let recipient = read_recipient(&mut checks, self.recipient);
        let body = read_body(&mut checks, self.content);
        let terms = Terms::read(&mut checks, self.send_at, &self.validity_seconds);
        Draft {
            recipient,
            body,
            terms,
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
        let text = self.recipient.zip(self.body);
        let text = text.map(|(recipient, body)| Text {
            recipient,
            body,
            terms: self.terms,
        });
        self.checks.finish(text)
    }
}

pub(super) fn read_recipient(checks: &mut Checks, field: Field) -> Option<PhoneNumber> {
    checks.read("recipient", field, |text| PhoneNumber::parse(&text))
}

pub(super) fn read_body(checks: &mut Checks, field: Field) -> Option<Body> {
    checks.read("content", field, Body::parse)
}

impl Terms {
    pub(super) fn read(checks: &mut Checks, send_at: Field, validity: &Field) -> Self {
        Self {
            send_at: checks.optional("send_at", send_at, |text| text.parse::<Timestamp>()),
            validity: checks.number("validity_seconds", validity, |seconds| {
                let validity = Duration::try_from_secs_f64(seconds).ok();
                let whole = validity.filter(|validity| validity.subsec_nanos() == 0);
                whole
                    .filter(|validity| VALIDITY.contains(validity))
                    .ok_or("must be a whole number of seconds from 60 to 86400")
            }),
        }
    }

    /// What is wrong with the time at which it is to be sent. A time that has passed is not taken
    /// for "at once", because a text that comes late may be worse than none.
    pub(super) fn fault(&self, now: Timestamp) -> Option<&'static str> {
        let send_at = self.send_at?;
        if send_at <= now {
            Some("must be in the future; leave it out to send at once")
        } else if send_at > now + FURTHEST {
            Some("must be at most 35 days ahead")
        } else {
            None
        }
    }

    /// When a text accepted at `now` is not sent any more. It is tried for `usual` by default.
    pub(super) fn expires_at(&self, now: Timestamp, usual: Duration) -> Timestamp {
        self.send_at.unwrap_or(now) + self.validity.unwrap_or(usual)
    }
}
