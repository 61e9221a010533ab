//! A list without a limit, which is written while it is read.

use std::collections::{HashSet, VecDeque};

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream::try_unfold;
use mysms_core::chain::Chain;
use mysms_core::domain::{Message, MessageId};
use mysms_core::store::{Part, StoreError};
use tracing::{Instrument, Span};

use super::encoder::Encoder;
use super::format::Format;
use super::reader::{Reader, Source};
use crate::error::ApiError;
use crate::unread::Room;

/// Messages read from the store at a time for a list without a limit.
const CHUNK: usize = 200;

/// The most memory that such a list takes while it is read: a text of the greatest length is 5 KiB.
const LIST_ROOM: usize = 1024 * 1024;

/// The first part is read before the answer begins, so that a store that is away gives a 503. When
/// it fails later the connection is aborted: an array that ends nicely would be believed.
pub(super) async fn all(mut reader: Reader, format: Format) -> Result<Response, ApiError> {
    let room = reader.state.unread.room(reader.by, LIST_ROOM)?;
    let first = reader.next(CHUNK).await?;
    let mut list = ListStream {
        encoder: Encoder::new(format, reader.state.glossary()),
        messages: VecDeque::new(),
        read_all: false,
        waiting: HashSet::new(),
        ended: false,
        reader,
        _room: room,
    };
    list.take(first);
    let span = Span::current();
    let chunks = try_unfold(list, move |list| list.piece().instrument(span.clone()));
    Ok((format.headers(), Body::from_stream(chunks)).into_response())
}

/// A list that is written piece by piece, as its client takes it.
struct ListStream {
    reader: Reader,
    encoder: Encoder,
    /// Read, but not written yet.
    messages: VecDeque<Message>,
    /// There are no more than these.
    read_all: bool,
    /// Those of a conversation that had not gone out when they were read: they may stand further on by now.
    waiting: HashSet<MessageId>,
    ended: bool,
    _room: Room,
}

impl ListStream {
    fn take(&mut self, part: Part) {
        self.read_all = part.messages.len() < CHUNK && part.searched_to.is_none();
        self.messages = part.messages.into();
        if let Source::Conversation(_) = self.reader.source {
            self.messages
                .retain(|message| !self.waiting.contains(&message.id));
            let waiting = self.messages.iter().filter(|message| message.may_move());
            self.waiting.extend(waiting.map(|message| message.id));
        }
    }

    async fn piece(mut self) -> Result<Option<(Bytes, Self)>, StoreError> {
        while !self.ended {
            // A search may go on for long without finding anything.
            while self.messages.is_empty() && !self.read_all {
                let part = self.reader.next(CHUNK).await.inspect_err(|error| {
                    tracing::error!(error = %Chain(error), "a list was broken off");
                })?;
                self.take(part);
            }
            let piece = self
                .encoder
                .write_some(&mut self.messages, self.read_all)
                .map_err(|error| StoreError::corrupt("a message", error))?;
            self.ended = self.messages.is_empty() && self.read_all;
            if !piece.is_empty() {
                return Ok(Some((piece, self)));
            }
        }
        Ok(None)
    }
}
