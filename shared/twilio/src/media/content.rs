//! The content of a file, piece by piece.

use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt};
use http::header::{CONTENT_RANGE, CONTENT_TYPE};
use mysms_core::domain::ContentType;
use mysms_core::provider::{CutShort, MediaFailure, OpenMedium, Part};
use reqwest::{Response, StatusCode};
use tokio::time::{Instant, timeout_at};

/// What is read of a content at most.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// In bytes.
    pub(super) most: u64,
    /// From one piece to the next.
    pub(super) pause: Duration,
    pub(super) whole: Duration,
}

/// Reads what an answer says of its content.
pub(super) fn open(response: Response, limits: Limits) -> Result<OpenMedium, MediaFailure> {
    let header = |name| response.headers().get(name)?.to_str().ok();
    let part = match response.status() {
        StatusCode::PARTIAL_CONTENT => header(CONTENT_RANGE).and_then(Part::parse),
        _ => None,
    };
    let length = response.content_length();
    let size = part.and_then(|part| part.of).or(length);
    let most = limits.most;
    if size.max(length).is_some_and(|size| size > most) {
        return Err(MediaFailure::TooLarge { most });
    }
    Ok(OpenMedium {
        content_type: header(CONTENT_TYPE).and_then(|text| ContentType::parse(text).ok()),
        length,
        part,
        content: pieces(response, limits),
    })
}

/// What was read so far.
struct Reading {
    response: Response,
    limits: Limits,
    ends_at: Instant,
    left: u64,
}

fn pieces(response: Response, limits: Limits) -> BoxStream<'static, Result<Bytes, CutShort>> {
    let reading = Reading {
        response,
        limits,
        ends_at: Instant::now() + limits.whole,
        left: limits.most,
    };
    let pieces = stream::unfold(Some(reading), |reading| async {
        let mut reading = reading?;
        match reading.next().await {
            Ok(Some(piece)) => Some((Ok(piece), Some(reading))),
            Ok(None) => None,
            Err(why) => Some((Err(why), None)),
        }
    });
    pieces.boxed()
}

impl Reading {
    async fn next(&mut self) -> Result<Option<Bytes>, CutShort> {
        let until = (Instant::now() + self.limits.pause).min(self.ends_at);
        let piece = timeout_at(until, self.response.chunk()).await;
        let piece = piece.map_err(|_| CutShort::TooSlow)?;
        let piece = piece.map_err(|error| CutShort::BrokenOff(error.without_url().into()))?;
        let length = piece.as_ref().map_or(0, |piece| piece.len() as u64);
        match self.left.checked_sub(length) {
            Some(left) => self.left = left,
            None => {
                return Err(CutShort::TooLarge {
                    most: self.limits.most,
                });
            }
        }
        Ok(piece)
    }
}
