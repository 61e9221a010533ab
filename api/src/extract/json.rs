use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::response::IntoResponse;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use serde::de::{Deserialize, DeserializeOwned, IgnoredAny};
use serde_json::error::Category;
use tokio::time::timeout;

use crate::error::ApiError;

/// The mark that some programs write, and others need, before UTF-8. It is no part of the text.
pub(crate) const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// A body that is a JSON object, whatever the `Content-Type` says. What is not the object asked for is
/// a 400; a form, or what is compressed, is a 415.
pub(crate) struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let JsonBody(body) = JsonBody::from_request(request, state).await?;
        read_object(&body).map(Self)
    }
}

/// The whole body as it came, which is to be read as JSON.
pub(crate) struct JsonBody(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let headers = request.headers().clone();
        let RawBody(body) = RawBody::from_request(request, state).await?;
        check_encoding(&headers, &body)?;
        Ok(Self(body))
    }
}

/// Reads a body, or a part of one, that has to be a JSON object.
///
/// What serde derives would take an array as well, its elements as the fields in their order: a list
/// of two numbers would be a recipient and a text.
pub(crate) fn read_object<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, ApiError> {
    let body = without_mark(body);
    let malformed = |why: &str| Err(ApiError::Malformed(why.to_owned()));
    match body.trim_ascii_start() {
        [] => malformed("The body is missing: send a JSON object."),
        [b'{', ..] => read_json(body),
        // Whatever is no JSON at all is said to be that.
        _ => match read_json::<IgnoredAny>(body) {
            Ok(_) => malformed("The body is not what is expected: send a JSON object."),
            Err(error) => Err(error),
        },
    }
}

/// The same of a body that may be left out, or be `null`.
pub(crate) fn read_optional_object<'a, T: Deserialize<'a> + Default>(
    body: &'a [u8],
) -> Result<T, ApiError> {
    match without_mark(body).trim_ascii() {
        b"" | b"null" => Ok(T::default()),
        given => read_object(given),
    }
}

/// Reads any JSON.
pub(crate) fn read_json<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, ApiError> {
    serde_json::from_slice(json).map_err(|error| {
        ApiError::Malformed(match error.classify() {
            Category::Data => format!("The body is not what is expected: {error}."),
            _ => format!("The body is not valid JSON: {error}."),
        })
    })
}

fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body)
}

/// Refuses what no reader of JSON can make sense of, and says what to send. A `Content-Type` alone
/// proves nothing: `curl -d` calls any body a form.
pub(crate) fn check_encoding(headers: &HeaderMap, body: &[u8]) -> Result<(), ApiError> {
    let named = |name, what: &[&str]| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        let value = value.unwrap_or_default().trim().to_ascii_lowercase();
        what.iter().any(|what| value.starts_with(what))
    };
    if headers.contains_key(CONTENT_ENCODING) && !named(CONTENT_ENCODING, &["identity"]) {
        return Err(ApiError::Unsupported(
            "Send the body uncompressed, without a Content-Encoding.",
        ));
    }
    let forms = ["application/x-www-form-urlencoded", "multipart/form-data"];
    let json = without_mark(body).trim_ascii_start();
    if named(CONTENT_TYPE, &forms) && !matches!(json, [] | [b'{' | b'[', ..]) {
        return Err(ApiError::Unsupported(
            "This is a form: send a JSON object, as application/json.",
        ));
    }
    Ok(())
}

/// How long a body may take. It is shorter than what a request may take in all, so that its client
/// learns what took so long.
const SLOWEST: Duration = Duration::from_secs(20);

/// The whole body as it came, within the limit that holds for the route.
pub(crate) struct RawBody(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for RawBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let body = timeout(SLOWEST, Bytes::from_request(request, state)).await;
        let body = body.map_err(|_| ApiError::SlowBody)?.map_err(|rejection| {
            if rejection.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE {
                ApiError::TooLarge
            } else {
                ApiError::unreadable()
            }
        })?;
        Ok(Self(body))
    }
}
