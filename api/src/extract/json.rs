use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::response::IntoResponse;
use http::StatusCode;
use serde::de::{Deserialize, DeserializeOwned};
use serde_json::error::Category;

use crate::error::ApiError;

/// A JSON body, whatever the `Content-Type` says. What is not the JSON asked for is a 400.
pub(crate) struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let RawBody(body) = RawBody::from_request(request, state).await?;
        read_json(&body).map(Self)
    }
}

/// Reads a body, or a part of one, that has to be JSON.
pub(crate) fn read_json<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, ApiError> {
    if body.iter().all(u8::is_ascii_whitespace) {
        let missing = "The body is missing: send a JSON object.";
        return Err(ApiError::Malformed(missing.to_owned()));
    }
    serde_json::from_slice(body).map_err(|error| {
        ApiError::Malformed(match error.classify() {
            Category::Data => format!("The body is not what is expected: {error}."),
            _ => format!("The body is not valid JSON: {error}."),
        })
    })
}

/// The whole body as it came, within the limit that holds for the route.
pub(crate) struct RawBody(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for RawBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let body = Bytes::from_request(request, state).await;
        body.map(Self).map_err(|rejection| {
            if rejection.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE {
                ApiError::TooLarge
            } else {
                ApiError::Malformed("The body could not be read.".to_owned())
            }
        })
    }
}
