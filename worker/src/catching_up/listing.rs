//! One reading of the provider's list.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use mysms_core::chain::Chain;
use mysms_core::domain::{Media, ProviderId, Stretch, Timestamp};
use mysms_core::provider::{Clocks, Listed, Mark, ReadFailure, ReceivedPage, Span};
use mysms_core::schedule::Schedule;
use mysms_core::store::{Result, StoreError};

use crate::context::Context;

/// A list of more pages is read in parts, so that what is missing has room in memory.
pub(super) const MOST_PAGES: usize = 50;

/// How far the provider's clock may be from ours if it does not tell the time.
const UNKNOWN_OFFSET: Duration = Duration::from_mins(15);

/// What is so recent may be about to be told to us: where nobody was away it is left for the next list.
const ABOUT_TO_BE_TOLD: Duration = Duration::from_mins(1);

/// The most texts of a second that get times of their own.
const MOST_AT_ONCE: u32 = 999;

/// Texts whose files are asked for at the same time.
const FILES_AT_ONCE: usize = 4;

/// How often a page is asked for again that the provider withholds because it is asked too often.
const TRIES: u32 = 5;
const PAUSES: Schedule = Schedule {
    initial: Duration::from_secs(1),
    max: Duration::from_secs(30),
};

/// What the provider received and we do not know.
#[derive(Debug)]
pub(super) struct Listing {
    /// The oldest first.
    pub(super) missing: Vec<Listed>,
    /// At the first page.
    pub(super) clocks: Clocks,
    pub(super) pages: usize,
    pub(super) unreadable: usize,
}

/// Why a list was not read.
#[derive(Debug)]
pub(super) enum Unlisted {
    /// It is too long to be read at once.
    TooLong,
    Failed(ReadFailure),
    Store(StoreError),
}

impl From<StoreError> for Unlisted {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Listing {
    /// The present of the list, by the provider's clock, and rather too early.
    pub(super) fn present(&self) -> Timestamp {
        let unknown = self.clocks.ours - UNKNOWN_OFFSET;
        self.clocks.theirs.unwrap_or(unknown)
    }

    /// Leaves out what may be about to be told to us.
    pub(super) fn settle(&mut self) {
        let present = self.clocks.theirs.unwrap_or(self.clocks.ours);
        let settled = present - ABOUT_TO_BE_TOLD;
        self.missing.retain(|listed| listed.at <= settled);
    }
}

/// What was listed so far, the newest first.
#[derive(Debug, Default)]
struct Order {
    seen: HashSet<ProviderId>,
    /// How many texts have the same time.
    at_once: HashMap<Timestamp, u32>,
    /// With the number of those of the same time that are newer.
    missing: Vec<(Listed, u32)>,
}

impl Order {
    /// Adds a page, of which only what is wanted is kept.
    fn add(&mut self, texts: Vec<Listed>, wanted: &HashSet<ProviderId>) {
        for listed in texts {
            if !self.seen.insert(listed.text.sid.clone()) {
                continue;
            }
            let newer = self.at_once.entry(listed.at).or_default();
            if wanted.contains(&listed.text.sid) {
                self.missing.push((listed, *newer));
            }
            *newer += 1;
        }
    }

    /// The provider tells time in whole seconds. So that the later of two wishes counts, texts of the same
    /// second get times a millisecond apart, in the order in which they are listed.
    fn oldest_first(self) -> Vec<Listed> {
        let Self {
            at_once, missing, ..
        } = self;
        let spread = missing.into_iter().map(|(mut listed, newer)| {
            let all = at_once.get(&listed.at).copied().unwrap_or_default();
            let older = all.saturating_sub(newer + 1).min(MOST_AT_ONCE);
            listed.at = listed.at + Duration::from_millis(older.into());
            listed
        });
        let mut texts: Vec<_> = spread.collect();
        texts.reverse();
        texts.sort_by_key(|listed| listed.at);
        texts
    }
}

impl Context {
    /// Reads a stretch of the list, and keeps what is not known here, or asks for something: that may not
    /// have been done when the text was stored.
    pub(super) async fn list_received(
        &self,
        stretch: Stretch,
    ) -> std::result::Result<Listing, Unlisted> {
        let registry = self.senders.registry().await?;
        let senders: Vec<_> = registry
            .senders()
            .iter()
            .map(|it| it.address.as_str())
            .collect();
        let span = Span {
            senders: &senders,
            from: stretch.from,
            until: stretch.until,
        };
        let mut listing: Option<Listing> = None;
        let (mut order, mut mark) = (Order::default(), None);
        for pages in 1..=MOST_PAGES {
            let page = self.page(&span, mark.as_ref()).await;
            let page = page.map_err(Unlisted::Failed)?;
            let so_far = listing.get_or_insert_with(|| Listing {
                missing: Vec::new(),
                clocks: page.clocks,
                pages: 0,
                unreadable: 0,
            });
            so_far.pages = pages;
            so_far.unreadable += page.unreadable;
            let wanted = self.wanted(&page.texts).await?;
            order.add(page.texts, &wanted);
            mark = page.next;
            if mark.is_none() {
                break;
            }
        }
        match listing {
            Some(mut listing) if mark.is_none() => {
                listing.missing = order.oldest_first();
                let complete = self.read_media(&mut listing.missing).await;
                complete.map_err(Unlisted::Failed)?;
                Ok(listing)
            }
            _ => Err(Unlisted::TooLong),
        }
    }

    /// Those of some texts that are not known, or ask for something.
    async fn wanted(&self, texts: &[Listed]) -> Result<HashSet<ProviderId>> {
        let sids: Vec<_> = texts.iter().map(|listed| listed.text.sid.clone()).collect();
        let owners = match sids.as_slice() {
            [] => Vec::new(),
            sids => self.ledger.owners(sids).await?,
        };
        let known: HashSet<_> = owners.into_iter().map(|owner| owner.sid).collect();
        let wanted = texts
            .iter()
            .filter(|listed| listed.text.consent.is_some() || !known.contains(&listed.text.sid));
        Ok(wanted.map(|listed| listed.text.sid.clone()).collect())
    }

    /// Asks which files the texts bring, because the list does not show them.
    async fn read_media(&self, texts: &mut [Listed]) -> std::result::Result<(), ReadFailure> {
        let with_media = texts.iter().filter(|listed| listed.has_media);
        let sids: Vec<_> = with_media.map(|listed| listed.text.sid.clone()).collect();
        let asked = stream::iter(sids).map(|sid| async move {
            let media = self.media_of(&sid).await?;
            Ok::<_, ReadFailure>((sid, media))
        });
        let asked = asked.buffer_unordered(FILES_AT_ONCE);
        let mut found: HashMap<_, _> = asked.try_collect().await?;
        for listed in texts {
            if let Some(media) = found.remove(&listed.text.sid) {
                listed.text.media = media;
            }
        }
        Ok(())
    }

    async fn media_of(&self, sid: &ProviderId) -> std::result::Result<Media, ReadFailure> {
        for tries in 1.. {
            match self.provider.media_of(sid).await {
                Err(failure) if has_waited(tries, &failure).await => {}
                // A text is worth more than its picture, and it will be refused the next time, too.
                Err(failure @ (ReadFailure::Refused { .. } | ReadFailure::Unreadable(_))) => {
                    let error = Chain(&failure);
                    tracing::warn!(%sid, %error, "the files of a text to us cannot be listed");
                    break;
                }
                answer => return answer,
            }
        }
        Ok(Media::default())
    }

    /// A page of the list.
    async fn page(
        &self,
        span: &Span<'_>,
        after: Option<&Mark>,
    ) -> std::result::Result<ReceivedPage, ReadFailure> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.provider.received(span, after).await {
                Err(failure) if has_waited(tries, &failure).await => {}
                answer => return answer,
            }
        }
    }
}

/// Waits for a provider that is asked too often; returns false if it is not, or has been waited for often
/// enough.
async fn has_waited(tries: u32, failure: &ReadFailure) -> bool {
    match failure {
        ReadFailure::Throttled { retry_after } if tries < TRIES => {
            let pause = PAUSES.jittered(tries, 0.5 + Context::jitter() / 2.0);
            let pause = retry_after.unwrap_or_default().max(pause);
            tokio::time::sleep(pause.min(PAUSES.max)).await;
            true
        }
        _ => false,
    }
}
