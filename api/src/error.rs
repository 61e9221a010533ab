//! Everything that can keep a request from being done, in the API's own words.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_RANGE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use mysms_core::domain::{Country, MOST_KEYS, PhoneNumber, Scope};
use mysms_core::provider::{MediaFailure, ReadFailure};
use mysms_core::store::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

/// What is wrong with one field, header or parameter of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FieldError {
    #[schema(value_type = String, example = "recipient")]
    pub field: Cow<'static, str>,
    #[schema(example = "is required")]
    pub message: String,
}

/// Why a request was not done. What `Display` says is shown to the caller; sources never are.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    #[error("{}", sentence(.0))]
    Invalid(Vec<FieldError>),
    /// The body is not the JSON that was asked for.
    #[error("{0}")]
    Malformed(String),
    /// The body came in a form that is not read; says what to send.
    #[error("{0}")]
    Unsupported(&'static str),
    #[error("This username is taken.")]
    UsernameTaken,
    #[error("Signing up needs an invite: send its code as `invite`.")]
    InviteNeeded,
    #[error("Nobody can sign up here; who has an invite sends its code as `invite`.")]
    SignUpClosed,
    /// The same whether it was never given, or is used up, over or taken back.
    #[error("This invite is not good, or not any more.")]
    InviteNotGood,
    #[error("Log in first: send the token, or an API key, as `Authorization: Bearer …`.")]
    Unauthorized,
    /// The route takes no keys.
    #[error("No API key may do this: log in, and send that token.")]
    LoginNeeded,
    #[error("This API key may not do this: it lacks the scope {scope}.")]
    ScopeMissing { scope: Scope },
    #[error("This API key sends only to the numbers of its team, and this is none of them.")]
    RecipientNotInTeam,
    /// The same whatever it is that was asked about.
    #[error("You may not see what belongs to nobody; an operator can let you.")]
    InboxClosed,
    #[error(
        "What people want of a sender that everybody uses, or of all senders, is written by those whom an \
         operator lets: with `admin consent grant` and your name."
    )]
    ConsentClosed,
    #[error("This text was given to somebody already.")]
    AlreadyAssigned,
    #[error("You have {MOST_KEYS} API keys, which is as many as there may be: delete one first.")]
    TooManyKeys,
    /// Whoever has it now may not be who got it.
    #[error(
        "This token was renewed before, so somebody else may have it, too: the session has ended. \
         Log in again."
    )]
    RenewedBefore,
    #[error("This needs your password: log in again.")]
    PasswordNeeded,
    #[error("Wrong username or password.")]
    WrongCredentials,
    /// Whoever is logged in already did not prove that they know their password.
    #[error("The password is wrong.")]
    WrongPassword { field: &'static str },
    #[error("The signature is missing or wrong.")]
    BadSignature,
    /// The same whether it does not exist or belongs to somebody else.
    #[error("There is no such user, message, contact, template, session, key or webhook.")]
    NotFound,
    #[error("There is nothing at this address.")]
    NoSuchPath,
    #[error(
        "This messenger listens on its own machine alone, and not under this name: ask it as \
         localhost, or set PUBLIC_BASE_URL."
    )]
    Misdirected,
    #[error("A page of another site may not do this; CORS_ALLOWED_ORIGINS says which may.")]
    CrossSite,
    #[error("This address does not take this method.")]
    MethodNotAllowed,
    #[error("It is too late to cancel this message: it is being sent or was sent.")]
    TooLate,
    #[error(
        "The recipient wants no texts from us. After a STOP only a START from them changes that."
    )]
    RecipientOptedOut,
    #[error("The recipient is in {country}, and no texts are sent there from here.")]
    RecipientNotAllowed { country: &'static str },
    #[error("The request is too large.")]
    TooLarge,
    #[error("This Idempotency-Key was used before for another message.")]
    KeyReused,
    #[error("There were too many attempts; try again later.")]
    TooManyAttempts { retry_after: Duration },
    #[error("Too many batches are being accepted at the moment; try again in a few seconds.")]
    TooManyBatches,
    #[error("You have too many streams open; close one first.")]
    TooManyStreams,
    #[error("Too many streams are open at the moment; try again in a few seconds.")]
    NoStreamLeft,
    #[error("You have too many files open; read them to their end first.")]
    TooManyFiles,
    #[error("Too many files are open at the moment; try again in a few seconds.")]
    NoFileLeft,
    #[error("Too many files are being brought at the moment; try again in a few seconds.")]
    TooManyUploads,
    #[error(
        "Your files take as much room as they may: delete some that no message has, or messages."
    )]
    UploadsFull,
    #[error(
        "Files cannot be sent from here, because the provider could not fetch them: an operator has to \
         set PUBLIC_BASE_URL."
    )]
    UploadsOff,
    #[error("A message has this file, and it goes with its messages.")]
    UploadInUse,
    #[error("This file is not kept any more.")]
    UploadGone,
    #[error("The provider does not have this file any more.")]
    MediaGone,
    /// It is, or is led to, where nobody knows who is asked.
    #[error("This file is not where the provider keeps what it receives, so it is not fetched.")]
    MediaElsewhere,
    #[error("This file is larger than what is shown here, which is {most} bytes.")]
    MediaTooLarge { most: u64 },
    #[error("The file has no such part.")]
    NoSuchPart { size: Option<u64> },
    #[error("The provider does not let us have this file.")]
    MediaRefused(#[source] ReadFailure),
    #[error("The provider cannot be reached at the moment; try again later.")]
    ProviderUnavailable(#[source] ReadFailure),
    #[error("You have not read the answers to your earlier requests; read them first.")]
    TooMuchUnread,
    #[error("Too many answers wait to be read at the moment; try again in a few seconds.")]
    NoRoomLeft,
    #[error("You are sending faster than you may; try again later.")]
    SendingTooFast { retry_after: Duration },
    #[error(
        "You are sending more texts of class `otp` than you may: it is for login codes, which go \
         before everybody's texts. Send others as `transactional` or `bulk`."
    )]
    OtpTooFast { retry_after: Duration },
    #[error("You have sent as many segments as you may today; the next day begins at 00:00 UTC.")]
    SegmentsSpent { retry_after: Duration },
    #[error(
        "As many segments as may be sent from here were sent today; the next day begins at 00:00 UTC."
    )]
    TotalSpent { retry_after: Duration },
    #[error(
        "As many segments as may be sent abroad from here were sent today; the next day begins at \
         00:00 UTC."
    )]
    AbroadSpent { retry_after: Duration },
    #[error("This number was sent as many texts as it may get in an hour.")]
    RecipientHasEnough { retry_after: Duration },
    #[error(
        "The numbers that begin like this one were sent as many texts as they may get in an hour."
    )]
    PrefixHasEnough { retry_after: Duration },
    #[error("Too many people are logging in at the moment; try again in a few seconds.")]
    Busy,
    #[error("The server cannot reach what it stores at the moment; try again later.")]
    Unavailable(#[source] StoreError),
    #[error(
        "It is not certain that the message was accepted. Repeat the request with the same \
         Idempotency-Key; if it had none, look at your messages first."
    )]
    Unclear(#[source] StoreError),
    #[error("The request took too long; try again later.")]
    TimedOut,
    #[error("The body did not come in time: send it without pauses.")]
    SlowBody,
    #[error("Something went wrong on our side.")]
    Internal(#[source] Box<dyn StdError + Send + Sync>),
    #[error("Something went wrong on our side.")]
    Panicked,
}

impl ApiError {
    pub(crate) fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError {
            field: field.into(),
            message: message.into(),
        }])
    }

    pub(crate) fn not_allowed(recipient: &PhoneNumber) -> Self {
        let country = recipient.country();
        let country = country.map_or("an unknown country", Country::as_str);
        Self::RecipientNotAllowed { country }
    }

    /// The body broke off.
    pub(crate) fn unreadable() -> Self {
        Self::Malformed("The body could not be read.".to_owned())
    }

    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::Invalid(_) | Self::Malformed(_) | Self::UsernameTaken => StatusCode::BAD_REQUEST,
            Self::Unauthorized | Self::RenewedBefore | Self::WrongCredentials => {
                StatusCode::UNAUTHORIZED
            }
            Self::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Self::BadSignature
            | Self::CrossSite
            | Self::WrongPassword { .. }
            | Self::InviteNeeded
            | Self::SignUpClosed
            | Self::InviteNotGood
            | Self::LoginNeeded
            | Self::PasswordNeeded
            | Self::ScopeMissing { .. }
            | Self::RecipientNotInTeam
            | Self::InboxClosed
            | Self::ConsentClosed
            | Self::RecipientNotAllowed { .. } => StatusCode::FORBIDDEN,
            Self::NotFound | Self::NoSuchPath => StatusCode::NOT_FOUND,
            Self::MediaGone | Self::UploadGone => StatusCode::GONE,
            Self::NoSuchPart { .. } => StatusCode::RANGE_NOT_SATISFIABLE,
            Self::MediaElsewhere | Self::MediaTooLarge { .. } | Self::MediaRefused(_) => {
                StatusCode::BAD_GATEWAY
            }
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLate
            | Self::RecipientOptedOut
            | Self::TooManyKeys
            | Self::AlreadyAssigned
            | Self::UploadsFull
            | Self::UploadsOff
            | Self::UploadInUse => StatusCode::CONFLICT,
            Self::SlowBody => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unsupported(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooManyAttempts { .. }
            | Self::TooManyStreams
            | Self::TooManyFiles
            | Self::TooMuchUnread
            | Self::SendingTooFast { .. }
            | Self::OtpTooFast { .. }
            | Self::SegmentsSpent { .. }
            | Self::TotalSpent { .. }
            | Self::AbroadSpent { .. }
            | Self::RecipientHasEnough { .. }
            | Self::PrefixHasEnough { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::TooManyBatches
            | Self::TooManyUploads
            | Self::NoStreamLeft
            | Self::NoFileLeft
            | Self::ProviderUnavailable(_)
            | Self::NoRoomLeft
            | Self::Busy
            | Self::Unavailable(_)
            | Self::Unclear(_)
            | Self::TimedOut => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) | Self::Panicked => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// A word for programs; it stays the same when the sentences change.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid-request",
            Self::Malformed(_) => "malformed-body",
            Self::Unsupported(_) => "unsupported-body",
            Self::UsernameTaken => "username-taken",
            Self::InviteNeeded => "invite-needed",
            Self::SignUpClosed => "signup-closed",
            Self::InviteNotGood => "invite-not-good",
            Self::Unauthorized => "unauthorized",
            Self::LoginNeeded => "login-needed",
            Self::ScopeMissing { .. } => "scope-missing",
            Self::RecipientNotInTeam => "recipient-not-in-team",
            Self::InboxClosed => "inbox-closed",
            Self::ConsentClosed => "consent-closed",
            Self::AlreadyAssigned => "already-assigned",
            Self::TooManyKeys => "too-many-keys",
            Self::RenewedBefore => "token-renewed-before",
            Self::PasswordNeeded => "password-needed",
            Self::WrongCredentials => "wrong-credentials",
            Self::WrongPassword { .. } => "wrong-password",
            Self::BadSignature => "bad-signature",
            Self::NotFound => "not-found",
            Self::NoSuchPath => "no-such-path",
            Self::Misdirected => "misdirected",
            Self::CrossSite => "cross-site",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::TooLate => "too-late",
            Self::RecipientOptedOut => "recipient-opted-out",
            Self::RecipientNotAllowed { .. } => "recipient-not-allowed",
            Self::TooLarge => "too-large",
            Self::KeyReused => "idempotency-key-reused",
            Self::TooManyAttempts { .. } => "too-many-attempts",
            Self::TooManyBatches => "too-many-batches",
            Self::TooManyStreams => "too-many-streams",
            Self::NoStreamLeft => "no-stream-left",
            Self::TooManyFiles => "too-many-files",
            Self::NoFileLeft => "no-file-left",
            Self::TooManyUploads => "too-many-uploads",
            Self::UploadsFull => "uploads-full",
            Self::UploadsOff => "uploads-off",
            Self::UploadInUse => "upload-in-use",
            Self::UploadGone => "upload-gone",
            Self::MediaGone => "media-gone",
            Self::MediaElsewhere => "media-elsewhere",
            Self::MediaTooLarge { .. } => "media-too-large",
            Self::NoSuchPart { .. } => "no-such-part",
            Self::MediaRefused(_) => "media-refused",
            Self::ProviderUnavailable(_) => "provider-unavailable",
            Self::TooMuchUnread => "too-much-unread",
            Self::NoRoomLeft => "no-room-left",
            Self::SendingTooFast { .. } => "sending-too-fast",
            Self::OtpTooFast { .. } => "otp-too-fast",
            Self::SegmentsSpent { .. } => "segments-spent",
            Self::TotalSpent { .. } => "total-segments-spent",
            Self::AbroadSpent { .. } => "segments-abroad-spent",
            Self::RecipientHasEnough { .. } => "recipient-has-enough",
            Self::PrefixHasEnough { .. } => "prefix-has-enough",
            Self::Busy => "busy",
            Self::Unavailable(_) => "unavailable",
            Self::Unclear(_) => "outcome-unclear",
            Self::TimedOut => "timed-out",
            Self::SlowBody => "slow-body",
            Self::Internal(_) | Self::Panicked => "internal",
        }
    }

    /// The fields at fault.
    pub(crate) fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(fields) => fields.clone(),
            Self::UsernameTaken => fault("username", "is taken"),
            Self::InviteNeeded | Self::SignUpClosed => fault("invite", "is required"),
            Self::InviteNotGood => fault("invite", "is not good"),
            Self::RecipientNotAllowed { .. } => fault("recipient", NOT_ALLOWED),
            Self::RecipientNotInTeam => fault("recipient", NOT_IN_TEAM),
            Self::ConsentClosed => fault("sender", "is not only yours"),
            Self::ScopeMissing { scope } => fault("Authorization", &format!("needs {scope}")),
            Self::WrongPassword { field } => fault(field, "is wrong"),
            _ => Vec::new(),
        }
    }

    /// Whole seconds to wait before the next try.
    pub(crate) fn retry_after(&self) -> Option<u64> {
        let wait = self.wait()?;
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        Some(seconds.max(1))
    }

    fn wait(&self) -> Option<Duration> {
        match self {
            Self::TooManyAttempts { retry_after }
            | Self::SendingTooFast { retry_after }
            | Self::OtpTooFast { retry_after }
            | Self::SegmentsSpent { retry_after }
            | Self::TotalSpent { retry_after }
            | Self::AbroadSpent { retry_after }
            | Self::RecipientHasEnough { retry_after }
            | Self::PrefixHasEnough { retry_after } => Some(*retry_after),
            Self::Busy
            | Self::TooManyBatches
            | Self::TooManyUploads
            | Self::TooManyFiles
            | Self::NoFileLeft
            | Self::TooMuchUnread
            | Self::NoRoomLeft => Some(Duration::from_secs(2)),
            Self::ProviderUnavailable(ReadFailure::Throttled { retry_after }) => {
                Some(retry_after.unwrap_or(PROVIDER_WAIT).min(LONGEST_WAIT))
            }
            Self::ProviderUnavailable(_) => Some(PROVIDER_WAIT),
            Self::TooManyStreams | Self::NoStreamLeft => Some(Duration::from_secs(10)),
            Self::Unavailable(_) | Self::Unclear(_) | Self::TimedOut => {
                Some(Duration::from_secs(1))
            }
            _ => None,
        }
    }
}

pub(crate) fn fault(field: &'static str, message: &str) -> Vec<FieldError> {
    vec![FieldError {
        field: field.into(),
        message: message.to_owned(),
    }]
}

/// When a provider that could not be reached is asked again.
const PROVIDER_WAIT: Duration = Duration::from_secs(5);

/// However long the provider asks us to wait.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// What is wrong with a recipient of a country that is not allowed.
const NOT_ALLOWED: &str = "is in a country that no texts are sent to from here";

/// What is wrong with a recipient that the key does not reach.
const NOT_IN_TEAM: &str = "is none of the numbers that this API key sends to";

/// One readable sentence for front ends that show only that.
fn sentence(fields: &[FieldError]) -> String {
    let parts: Vec<_> = fields
        .iter()
        .map(|error| format!("{} {}", error.field, error.message))
        .collect();
    parts.join("; ")
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable { .. } => Self::Unavailable(error),
            StoreError::Corrupt { .. } | StoreError::Later { .. } => {
                Self::Internal(Box::new(error))
            }
        }
    }
}

impl From<MediaFailure> for ApiError {
    fn from(failure: MediaFailure) -> Self {
        match failure {
            MediaFailure::Elsewhere => Self::MediaElsewhere,
            MediaFailure::Gone => Self::MediaGone,
            MediaFailure::TooLarge { most } => Self::MediaTooLarge { most },
            MediaFailure::NoSuchPart { size } => Self::NoSuchPart { size },
            MediaFailure::Unread(failure) => match &failure {
                ReadFailure::Status(..500)
                | ReadFailure::Refused { .. }
                | ReadFailure::Unreadable(_) => Self::MediaRefused(failure),
                _ => Self::ProviderUnavailable(failure),
            },
        }
    }
}

/// The response has no body yet: [`crate::problem::rendered`] writes it, because only there the
/// request's id is known.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        let headers = response.headers_mut();
        if self.status() == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Self::NoSuchPart { size } = &self {
            let size = size.map_or("*".to_owned(), |size| size.to_string());
            if let Ok(range) = HeaderValue::try_from(format!("bytes */{size}")) {
                headers.insert(CONTENT_RANGE, range);
            }
        }
        if let Some(seconds) = self.retry_after() {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(std::sync::Arc::new(self));
        response
    }
}
