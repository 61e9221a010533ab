//! Telling the browsers of a user, round by round.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use http::HeaderMap;
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue};
use mysms_core::chain::Chain;
use mysms_core::clock::Clock;
use mysms_core::domain::{Address, Answer, Browser, Contact, EndpointUrl, UserId};
use mysms_core::post::Posted;
use mysms_core::store::{Kind, Result};
use mysms_core::stores::Stores;
use runtime::metrics::Metrics;
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::audience::Audience;
use super::key::InstallationKey;
use super::notice::Notice;
use super::sealing::seal;
use crate::poster::Poster;

/// How long after a try that failed another one is made: the user's other browsers wait for it.
const TRIED_AGAIN_AFTER: Duration = Duration::from_secs(3);

/// For how long a push service keeps what it cannot deliver: it would be no news any more.
const KEPT: HeaderValue = HeaderValue::from_static("86400");

const TTL: HeaderName = HeaderName::from_static("ttl");
const URGENCY: HeaderName = HeaderName::from_static("urgency");
const TOPIC: HeaderName = HeaderName::from_static("topic");

/// Tells browsers, until it is to stop.
pub(super) struct Teller {
    pub(super) poster: Arc<Poster>,
    pub(super) stores: Stores,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) stop: CancellationToken,
    /// Where the operators of push services reach ours.
    pub(super) contact: String,
    pub(super) key: OnceCell<InstallationKey>,
}

/// What became of telling a browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// It was, or nothing is to be done about it.
    Done,
    /// Its push service may take it later.
    Later,
    /// There is no such browser any more.
    Gone,
}

/// Telling one browser of one conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Call {
    url: EndpointUrl,
    author: Address,
}

impl Call {
    fn new(browser: &Browser, notice: &Notice) -> Self {
        Self {
            url: browser.url.clone(),
            author: notice.author.clone(),
        }
    }
}

impl Teller {
    /// Once more those that a push service did not take at once, if they are still to be told by then.
    pub(super) async fn tell_each(&self, owner: UserId, notices: &[Notice]) -> Result<()> {
        let again = self.tell_round(owner, notices, None).await?;
        if again.is_empty() {
            return Ok(());
        }
        tokio::select! {
            () = self.stop.cancelled() => {}
            () = tokio::time::sleep(TRIED_AGAIN_AFTER) => {
                self.tell_round(owner, notices, Some(&again)).await?;
            }
        }
        Ok(())
    }

    /// Tells all, or only some of the calls, as logins and texts are now; returns which may be made again.
    async fn tell_round(
        &self,
        owner: UserId,
        notices: &[Notice],
        only: Option<&[Call]>,
    ) -> Result<Vec<Call>> {
        let browsers = self.audience().of(owner).await?;
        if browsers.is_empty() {
            return Ok(Vec::new());
        }
        let mut named = Vec::new();
        for notice in self.still_there(notices).await? {
            named.push((notice, self.name(owner, notice).await?));
        }
        let calls = named.iter().flat_map(|(notice, name)| {
            let calls = browsers
                .iter()
                .map(move |browser| (Call::new(browser, notice), browser, *notice, name));
            calls.filter(|(call, ..)| only.is_none_or(|only| only.contains(call)))
        });
        let told = calls.map(async |(call, browser, notice, name)| {
            let plain = notice.written(name.as_deref(), browser.with_text);
            (
                call,
                self.tell_one(browser, &plain, &notice.topic(owner)).await,
            )
        });
        let told = join_all(told).await;
        let which = |became: Told| told.iter().filter(move |(_, told)| *told == became);
        let gone: Vec<_> = which(Told::Gone)
            .map(|(call, _)| call.url.clone())
            .collect();
        self.audience().forget(owner, &gone).await?;
        Ok(which(Told::Later).map(|(call, _)| call.clone()).collect())
    }

    /// What was not deleted meanwhile.
    async fn still_there<'n>(&self, notices: &'n [Notice]) -> Result<Vec<&'n Notice>> {
        let ids: Vec<_> = notices.iter().map(|notice| notice.message).collect();
        let found = self.stores.ledger.read(&ids).await?;
        let is_there = |notice: &&Notice| {
            let mut found = found.iter();
            found.any(|message| message.id == notice.message && message.visible)
        };
        Ok(notices.iter().filter(is_there).collect())
    }

    async fn name(&self, owner: UserId, notice: &Notice) -> Result<Option<String>> {
        let Self { stores, clock, .. } = self;
        let key = Contact::key_of(owner, &notice.author);
        let reading = stores.records.record(Kind::Contact, &key, clock.now());
        let stored = reading.await?.record;
        let contact: Option<Contact> = stored.map(|stored| stored.read()).transpose()?;
        Ok(contact.map(|contact| contact.name.as_str().to_owned()))
    }

    async fn tell_one(&self, browser: &Browser, plain: &[u8], topic: &str) -> Told {
        let posted = tokio::select! {
            // Nothing that ends is kept waiting for a push service that does not answer.
            () = self.stop.cancelled() => return Told::Done,
            posted = self.post(browser, plain, topic) => posted,
        };
        match posted {
            Ok(Some(posted)) => {
                self.metrics.browser_told(posted.answer.into());
                became(posted.answer)
            }
            // It will never be able to read anything.
            Ok(None) => Told::Gone,
            Err(error) => {
                tracing::warn!(error = %Chain(&*error), "a browser could not be told of a text");
                Told::Done
            }
        }
    }

    /// `None` if nothing can be sealed for the browser.
    async fn post(
        &self,
        browser: &Browser,
        plain: &[u8],
        topic: &str,
    ) -> std::result::Result<Option<Posted>, Box<dyn std::error::Error + Send + Sync>> {
        let Ok(sealed) = seal(&browser.keys, plain) else {
            return Ok(None);
        };
        let url = Url::parse(browser.url.as_str())?;
        let now = self.clock.now();
        let key = self.key().await?;
        let proof = key.authorization(&url, &self.contact, now)?;
        let headers = HeaderMap::from_iter([
            (AUTHORIZATION, proof),
            (CONTENT_ENCODING, HeaderValue::from_static("aes128gcm")),
            (
                CONTENT_TYPE,
                HeaderValue::from_static("application/octet-stream"),
            ),
            (TTL, KEPT),
            (URGENCY, HeaderValue::from_static("high")),
            (TOPIC, HeaderValue::from_str(topic)?),
        ]);
        Ok(Some(
            self.poster.exchange(url, headers, sealed.into()).await,
        ))
    }

    pub(super) async fn key(&self) -> Result<&InstallationKey> {
        let Self { stores, clock, .. } = self;
        let key = || InstallationKey::of_installation(&*stores.records, clock.now());
        self.key.get_or_try_init(key).await
    }

    fn audience(&self) -> Audience<'_> {
        Audience {
            stores: &self.stores,
            clock: &*self.clock,
        }
    }
}

/// What a push service refuses it refuses again, unless it only had too much to do.
fn became(answer: Answer) -> Told {
    match answer {
        Answer::Status(200..=299) => Told::Done,
        // It knows no such browser, or one that another installation tells.
        Answer::Status(401 | 403 | 404 | 410) => Told::Gone,
        Answer::Failed(_) | Answer::Status(408 | 429 | 500..) => Told::Later,
        answer @ Answer::Status(_) => {
            tracing::warn!(
                ?answer,
                "a push service did not take what a browser is to be told"
            );
            Told::Done
        }
    }
}

#[cfg(test)]
mod tests {
    use mysms_core::domain::PostFailure;

    use super::*;

    #[test]
    fn what_may_be_taken_later_is_told_again_and_who_is_gone_is_forgotten() {
        for (status, expected) in [
            (200, Told::Done),
            (201, Told::Done),
            (400, Told::Done),
            (403, Told::Gone),
            (404, Told::Gone),
            (410, Told::Gone),
            (413, Told::Done),
            (429, Told::Later),
            (503, Told::Later),
        ] {
            assert_eq!(became(Answer::Status(status)), expected, "{status}");
        }
        assert_eq!(became(Answer::Failed(PostFailure::Timeout)), Told::Later);
    }
}
