//! Answers that are files, in whole or in part.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderName, IF_RANGE, RANGE, VARY,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use mysms_core::chain::Chain;
use mysms_core::domain::{ContentType, Medium};
use mysms_core::provider::{ByteRange, OpenMedium, Part};

use crate::messages::tag as tags;

/// Of which nothing else is known.
const ANY: &str = "application/octet-stream";

/// Whatever it is, a browser runs nothing of it and asks for nothing.
const POLICY: &str = "sandbox; default-src 'none'";

/// Only for whoever asked, and not for long: a message may be deleted.
const CACHING: &str = "private, max-age=3600";

/// What the names of files end with.
const ENDINGS: [(&str, &str); 18] = [
    ("application/pdf", "pdf"),
    ("audio/aac", "aac"),
    ("audio/amr", "amr"),
    ("audio/mp4", "m4a"),
    ("audio/mpeg", "mp3"),
    ("audio/ogg", "ogg"),
    ("image/bmp", "bmp"),
    ("image/gif", "gif"),
    ("image/heic", "heic"),
    ("image/jpeg", "jpg"),
    ("image/png", "png"),
    ("image/webp", "webp"),
    ("text/calendar", "ics"),
    ("text/plain", "txt"),
    ("text/vcard", "vcf"),
    ("text/x-vcard", "vcf"),
    ("video/3gpp", "3gp"),
    ("video/mp4", "mp4"),
];

/// A file that somebody asks for. It never changes.
pub(crate) struct FileAnswer<'a> {
    /// What is known of it.
    pub medium: &'a Medium,
    /// Its place among those of its message.
    pub index: usize,
    pub tag: HeaderValue,
}

impl FileAnswer<'_> {
    /// The answer to whoever has it already.
    pub(crate) fn unchanged(&self, asked: &HeaderMap) -> Option<Response> {
        let is_known = tags::is_known(&self.tag, asked);
        is_known.then(|| (StatusCode::NOT_MODIFIED, common(&self.tag)).into_response())
    }

    /// Which part is asked for, if the rest is of the same file.
    pub(crate) fn wanted(&self, asked: &HeaderMap) -> Option<ByteRange> {
        let is_same = asked.get(IF_RANGE).is_none_or(|known| known == self.tag);
        let range = asked.get(RANGE).filter(|_| is_same)?;
        ByteRange::parse(range.to_str().ok()?)
    }

    /// The file, with which `held` is dropped once nothing more is to be read.
    pub(crate) fn with(self, opened: OpenMedium, held: impl Send + 'static) -> Response {
        let Self { medium, index, tag } = self;
        // What was said when it was received counts: by that it was judged what it is.
        let kind = medium.content_type.as_ref().or(told_type(&opened)).cloned();
        let status = match opened.part {
            Some(_) => StatusCode::PARTIAL_CONTENT,
            None => StatusCode::OK,
        };
        let mut response = (status, common(&tag)).into_response();
        let headers = response.headers_mut();
        let mut set = |name: HeaderName, value: String| {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        };
        set(
            CONTENT_TYPE,
            kind.as_ref().map_or(ANY, ContentType::as_str).to_owned(),
        );
        set(CONTENT_DISPOSITION, disposition(kind.as_ref(), index));
        if let Some(length) = opened.length {
            set(CONTENT_LENGTH, length.to_string());
        }
        if let Some(Part { first, last, of }) = opened.part {
            let of = of.map_or("*".to_owned(), |of| of.to_string());
            set(CONTENT_RANGE, format!("bytes {first}-{last}/{of}"));
        }
        let content = opened.content.map(move |piece| {
            // It is held as long as there is something to read.
            let _held = &held;
            piece.inspect_err(|error| tracing::debug!(error = %Chain(error), "a file broke off"))
        });
        *response.body_mut() = Body::from_stream(content);
        response
    }
}

/// What the provider says of a content, if that says anything.
pub(crate) fn told_type(opened: &OpenMedium) -> Option<&ContentType> {
    let told = opened.content_type.as_ref();
    told.filter(|told| !matches!(told.as_str(), ANY | "binary/octet-stream"))
}

/// What every answer about a file says.
fn common(tag: &HeaderValue) -> [(HeaderName, HeaderValue); 5] {
    [
        (ETAG, tag.clone()),
        (ACCEPT_RANGES, HeaderValue::from_static("bytes")),
        (CACHE_CONTROL, HeaderValue::from_static(CACHING)),
        (VARY, HeaderValue::from_static("Authorization")),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    ]
}

fn disposition(kind: Option<&ContentType>, index: usize) -> String {
    let shown = kind.is_some_and(ContentType::is_picture);
    let verb = if shown { "inline" } else { "attachment" };
    let kind = kind.map_or(ANY, ContentType::as_str);
    let known = ENDINGS.iter().find(|(known, _)| *known == kind);
    let ending = known.map_or("bin", |(_, ending)| ending);
    format!("{verb}; filename=\"media-{index}.{ending}\"")
}
