//! Hands the provider the files that users brought.

use std::collections::HashMap;
use std::time::Duration;

use mysms_core::domain::{Media, MediaUrl, Medium, Message, OwnError, Settlement};
use mysms_core::store::Result;

use crate::context::Context;

/// For how long after a message has expired the provider may still fetch its files.
const FETCHED_WITHIN: Duration = Duration::from_hours(1);

/// How long a message waits whose files the provider cannot fetch, because nobody said from where.
const NO_ADDRESS: Duration = Duration::from_mins(1);

impl Context {
    /// The files of a message at addresses from which the provider can fetch them, or how the attempt ends: what
    /// a user brought may have been removed since.
    pub(crate) async fn fetchable(
        &self,
        message: &Message,
    ) -> Result<std::result::Result<Media, Settlement>> {
        let media = message.media.clone();
        let ids = media.uploads();
        if ids.is_empty() {
            return Ok(Ok(media));
        }
        let Some(base) = &self.public_base_url else {
            tracing::error!(
                "files cannot be sent without PUBLIC_BASE_URL, from where the provider fetches them: set it"
            );
            let detail = "its files are fetched from PUBLIC_BASE_URL, which is not set";
            let wait = Self::put_off(self.clock.now(), NO_ADDRESS, detail);
            return Ok(Err(Settlement::NotSent(wait)));
        };
        let uploads = self.uploads.uploads(&ids).await?;
        if uploads.len() < ids.len() {
            let code = OwnError::FileGone.as_str().to_owned();
            return Ok(Err(Settlement::Rejected { code, detail: None }));
        }
        let until = message.expires_at + FETCHED_WITHIN;
        let addresses: HashMap<_, _> = uploads
            .iter()
            .map(|upload| (upload.id, format!("{base}{}", upload.signed_path(until))))
            .collect();
        Ok(Ok(media.map(|medium| {
            let signed = medium.url.upload().and_then(|id| addresses.get(&id));
            let url = signed.and_then(|url| MediaUrl::parse(url.clone()).ok());
            Medium {
                url: url.unwrap_or(medium.url),
                ..medium
            }
        })))
    }
}
