//! Where the contents of files are. At Twilio that is another host, which is led to by a redirect and must
//! not see the account's credentials.

use std::{ops::Range, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{
            ACCEPT_RANGES, AUTHORIZATION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_SECURITY_POLICY,
            CONTENT_TYPE, RANGE, X_CONTENT_TYPE_OPTIONS,
        },
    },
    response::{IntoResponse as _, Response},
    routing::get,
};
use bytes::Bytes;
use futures_util::stream;

use super::{Content, Medium};
use crate::{state::Sim, stats::count};

/// The size of a piece of what is made up.
const PIECE: usize = 16 * 1024;
static NOTHING: [u8; PIECE] = [0x55; PIECE];

/// The content host.
#[expect(
    clippy::disallowed_methods,
    reason = "the simulator is no part of the API"
)]
pub(crate) fn router() -> Router<Arc<Sim>> {
    Router::new().route("/content/{sid}", get(serve))
}

/// `GET /content/{Sid}`, with a range if one is asked for.
async fn serve(
    State(sim): State<Arc<Sim>>,
    Path(sid): Path<String>,
    headers: HeaderMap,
) -> Response {
    count(&sim.stats.contents);
    if headers.contains_key(AUTHORIZATION) {
        count(&sim.stats.leaked_credentials);
    }
    match sim.ledger.medium(&sid) {
        Some(medium) => answer(&medium, headers.get(RANGE)),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn answer(medium: &Medium, wanted: Option<&HeaderValue>) -> Response {
    let length = medium.content.len();
    let range = wanted.and_then(|value| value.to_str().ok());
    let range = range.map(|text| read(text, length));
    let (status, range) = match range {
        None => (StatusCode::OK, 0..length),
        Some(Some(range)) => (StatusCode::PARTIAL_CONTENT, range),
        Some(None) => {
            let none = [(CONTENT_RANGE, format!("bytes */{length}"))];
            return (StatusCode::RANGE_NOT_SATISFIABLE, none).into_response();
        }
    };
    let mut response = (status, body(&medium.content, &range)).into_response();
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: String| {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    };
    if status == StatusCode::PARTIAL_CONTENT {
        let last = range.end - 1;
        set(
            CONTENT_RANGE,
            format!("bytes {}-{last}/{length}", range.start),
        );
    }
    if !medium.unsized_content {
        set(CONTENT_LENGTH, (range.end - range.start).to_string());
    }
    set(ACCEPT_RANGES, "bytes".to_owned());
    set(CONTENT_TYPE, medium.content_type.clone());
    // A phone's page shows it, whatever it is.
    set(CONTENT_SECURITY_POLICY, "sandbox".to_owned());
    set(X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned());
    response
}

/// A range of bytes; `None` if there is none of it.
fn read(text: &str, length: u64) -> Option<Range<u64>> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    let range = match (first, last) {
        ("", last) => length.saturating_sub(last.parse().ok()?)..length,
        (first, "") => first.parse().ok()?..length,
        (first, last) => first.parse().ok()?..last.parse::<u64>().ok()?.checked_add(1)?.min(length),
    };
    (range.start < range.end).then_some(range)
}

fn body(content: &Content, range: &Range<u64>) -> Body {
    let pieces: Box<dyn Iterator<Item = Bytes> + Send> = match content {
        Content::Size(_) => {
            let mut left = range.end - range.start;
            Box::new(std::iter::from_fn(move || {
                let piece = usize::try_from(left).map_or(PIECE, |left| left.min(PIECE));
                left -= piece as u64;
                (piece > 0).then(|| Bytes::from_static(&NOTHING[..piece]))
            }))
        }
        other => {
            let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
            let part = other.whole().slice(place(range.start)..place(range.end));
            Box::new(std::iter::once(part))
        }
    };
    Body::from_stream(stream::iter(pieces.map(Ok::<_, std::io::Error>)))
}
