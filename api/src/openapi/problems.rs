//! The errors of [`ApiError`] as routes name them among their answers: `responses(…, NotFound)`.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::response::IntoResponse;
use mysms_core::domain::Scope;
use mysms_core::provider::ReadFailure;
use mysms_core::store::StoreError;
use serde_json::json;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::{Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema};

use super::{headers, schema};
use crate::error::{ApiError, FieldError};
use crate::problem::Problem;

pub(crate) type Responses = BTreeMap<String, RefOr<Response>>;

const CONTENT_TYPE: &str = "application/problem+json";

/// Gives each variant of [`ApiError`] a name for annotations and an example.
macro_rules! problems {
    ($($variant:ident => $example:expr,)+) => {
        $(
            #[doc = concat!("[`ApiError::", stringify!($variant), "`] as an answer of a route.")]
            pub(crate) enum $variant {}

            impl IntoResponses for $variant {
                fn responses() -> Responses {
                    describe($example)
                }
            }

            // Some belong to no route: they answer where there is none.
            const _: fn() -> Responses = <$variant as IntoResponses>::responses;
        )+

        /// An example of every error.
        pub(crate) fn all() -> Vec<ApiError> {
            vec![$($example),+]
        }

        // Does not compile while an error has no example.
        const _: fn(&ApiError) = |error| match error {
            $(ApiError::$variant { .. } => (),)+
        };
    };
}

problems! {
    Invalid => ApiError::Invalid(vec![FieldError {
        field: "recipient".into(),
        message: "must be a phone number in international form, such as +14155550123".to_owned(),
    }]),
    Malformed => ApiError::Malformed("The body is missing: send a JSON object.".to_owned()),
    Unsupported => ApiError::Unsupported("This is a form: send a JSON object, as application/json."),
    UsernameTaken => ApiError::UsernameTaken,
    InviteNeeded => ApiError::InviteNeeded,
    SignUpClosed => ApiError::SignUpClosed,
    InviteNotGood => ApiError::InviteNotGood,
    Unauthorized => ApiError::Unauthorized,
    LoginNeeded => ApiError::LoginNeeded,
    ScopeMissing => ApiError::ScopeMissing { scope: Scope::MessagesSend },
    RecipientNotInTeam => ApiError::RecipientNotInTeam,
    InboxClosed => ApiError::InboxClosed,
    ConsentClosed => ApiError::ConsentClosed,
    AlreadyAssigned => ApiError::AlreadyAssigned,
    TooManyKeys => ApiError::TooManyKeys,
    RenewedBefore => ApiError::RenewedBefore,
    PasswordNeeded => ApiError::PasswordNeeded,
    WrongCredentials => ApiError::WrongCredentials,
    WrongPassword => ApiError::WrongPassword { field: "password" },
    BadSignature => ApiError::BadSignature,
    NotFound => ApiError::NotFound,
    NoSuchPath => ApiError::NoSuchPath,
    Misdirected => ApiError::Misdirected,
    CrossSite => ApiError::CrossSite,
    MethodNotAllowed => ApiError::MethodNotAllowed,
    TooLate => ApiError::TooLate,
    RecipientOptedOut => ApiError::RecipientOptedOut,
    RecipientNotAllowed => ApiError::RecipientNotAllowed { country: "JM" },
    TooLarge => ApiError::TooLarge,
    KeyReused => ApiError::KeyReused,
    TooManyAttempts => ApiError::TooManyAttempts { retry_after: Duration::from_secs(7) },
    TooManyBatches => ApiError::TooManyBatches,
    TooManyStreams => ApiError::TooManyStreams,
    NoStreamLeft => ApiError::NoStreamLeft,
    TooManyFiles => ApiError::TooManyFiles,
    NoFileLeft => ApiError::NoFileLeft,
    TooManyUploads => ApiError::TooManyUploads,
    UploadsFull => ApiError::UploadsFull,
    UploadsOff => ApiError::UploadsOff,
    UploadInUse => ApiError::UploadInUse,
    UploadGone => ApiError::UploadGone,
    MediaGone => ApiError::MediaGone,
    MediaElsewhere => ApiError::MediaElsewhere,
    MediaTooLarge => ApiError::MediaTooLarge { most: 16_777_216 },
    NoSuchPart => ApiError::NoSuchPart { size: Some(48_213) },
    MediaRefused => ApiError::MediaRefused(ReadFailure::Status(401)),
    ProviderUnavailable => ApiError::ProviderUnavailable(ReadFailure::Status(503)),
    TooMuchUnread => ApiError::TooMuchUnread,
    NoRoomLeft => ApiError::NoRoomLeft,
    SendingTooFast => ApiError::SendingTooFast { retry_after: Duration::from_secs(2) },
    OtpTooFast => ApiError::OtpTooFast { retry_after: Duration::from_secs(2) },
    SegmentsSpent => ApiError::SegmentsSpent { retry_after: Duration::from_hours(9) },
    TotalSpent => ApiError::TotalSpent { retry_after: Duration::from_hours(9) },
    AbroadSpent => ApiError::AbroadSpent { retry_after: Duration::from_hours(9) },
    RecipientHasEnough => ApiError::RecipientHasEnough { retry_after: Duration::from_mins(20) },
    PrefixHasEnough => ApiError::PrefixHasEnough { retry_after: Duration::from_mins(20) },
    Busy => ApiError::Busy,
    Unavailable => ApiError::Unavailable(away()),
    Unclear => ApiError::Unclear(away()),
    TimedOut => ApiError::TimedOut,
    SlowBody => ApiError::SlowBody,
    Internal => ApiError::Internal("what is behind it is not shown".into()),
    Panicked => ApiError::Panicked,
}

fn away() -> StoreError {
    StoreError::unavailable("the store", "no answer")
}

/// One error under the key `400 invalid-request`: a route may have several with one status, which
/// [`gather`] brings together.
fn describe(error: ApiError) -> Responses {
    let (status, code) = (error.status().as_u16(), error.code());
    let example = ExampleBuilder::new()
        .summary(error.to_string())
        .value(Some(json!(Problem::of(&error, schema::REQUEST_ID))));
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(Problem::name())))
        .examples_from_iter([(code, example)]);
    let mut response = ResponseBuilder::new()
        .description(format!("`{code}`"))
        .content(CONTENT_TYPE, content.build())
        .build();
    // Its own headers, as it sends them.
    for name in error.into_response().headers().keys() {
        headers::add(&mut response, name.as_str());
    }
    BTreeMap::from([(format!("{status} {code}"), response.into())])
}

/// Makes one answer of all those with the same status.
pub(super) fn gather(responses: &mut Responses) {
    for (key, response) in std::mem::take(responses) {
        let status = key.split_once(' ').map_or(&*key, |(status, _)| status);
        match (responses.get_mut(status), response) {
            (Some(RefOr::T(known)), RefOr::T(more)) => join(known, more),
            (_, response) => {
                responses.insert(status.to_owned(), response);
            }
        }
    }
}

fn join(known: &mut Response, more: Response) {
    known.description.push_str(", ");
    known.description.push_str(&more.description);
    known.headers.extend(more.headers);
    for (kind, content) in more.content {
        match (known.content.get_mut(&kind), content) {
            (Some(RefOr::T(known)), RefOr::T(more)) => known.examples.extend(more.examples),
            (_, content) => {
                known.content.insert(kind, content);
            }
        }
    }
}
