//! A provider that keeps files, for tests.

use std::collections::HashMap;
use std::sync::Mutex;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use mysms_core::domain::{ContentType, MediaUrl, Medium};
use mysms_core::provider::{ByteRange, MediaFailure, MediaSource, OpenMedium, Part};

/// What the provider keeps of messages.
#[derive(Default)]
pub(crate) struct Shelf(Mutex<HashMap<String, Kept>>);

/// What comes of opening a file.
#[derive(Clone)]
pub(crate) enum Kept {
    /// Its type, and what is in it.
    File(&'static str, &'static str),
    /// It never ends.
    Endless,
    Fails(fn() -> MediaFailure),
}

impl Shelf {
    pub(crate) fn put(&self, url: &str, kept: Kept) -> Medium {
        self.0.lock().unwrap().insert(url.to_owned(), kept);
        Medium::at(MediaUrl::parse(url.to_owned()).unwrap())
    }
}

#[async_trait]
impl MediaSource for Shelf {
    async fn open(
        &self,
        url: &MediaUrl,
        range: Option<&ByteRange>,
    ) -> Result<OpenMedium, MediaFailure> {
        let kept = self.0.lock().unwrap().get(url.as_str()).cloned();
        let (kind, content) = match kept.ok_or(MediaFailure::Gone)? {
            Kept::File(kind, content) => (kind, content),
            Kept::Endless => ("video/mp4", ""),
            Kept::Fails(failure) => return Err(failure()),
        };
        // Of whatever part is asked for it has the first three bytes.
        let part = range.map(|_| Part {
            first: 0,
            last: 2,
            of: Some(content.len() as u64),
        });
        let content = if part.is_some() {
            &content[..3]
        } else {
            content
        };
        let bytes = stream::iter([Ok(Bytes::from(content))]);
        Ok(OpenMedium {
            content_type: ContentType::parse(kind).ok(),
            length: (!content.is_empty()).then_some(content.len() as u64),
            part,
            content: if content.is_empty() {
                stream::pending().boxed()
            } else {
                bytes.boxed()
            },
        })
    }
}
