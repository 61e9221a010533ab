//! Tells the browsers of users.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::join_all;
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};
use mysms_core::bell::Bell;
use mysms_core::chain::Chain;
use mysms_core::clock::Clock;
use mysms_core::domain::{Answer, Browser, Browsers, Contact, EndpointUrl, Message, UserId};
use mysms_core::post::Posted;
use mysms_core::store::{Kind, Result, editing};
use mysms_core::stores::Stores;
use runtime::lifecycle::Lifecycle;
use runtime::metrics::Metrics;
use tokio::sync::OnceCell;
use url::Url;

use super::key::InstallationKey;
use super::notice::Notice;
use super::sealing::seal;
use crate::poster::Poster;

/// Users that are told at a time. What comes in for others meanwhile is not told.
const MOST_OWNERS: usize = 1024;

/// Conversations of a user that wait to be told; of those that come on top nothing is told.
const MOST_CONVERSATIONS: usize = 16;

/// A user is told of a conversation no more often, and then of what came last.
const EVERY: Duration = Duration::from_secs(1);

/// How long after a try that failed another one is made: the user's other browsers wait for it.
const TRIED_AGAIN_AFTER: Duration = Duration::from_secs(3);

/// For how long a push service keeps what it cannot deliver: it would be no news any more.
const KEPT: HeaderValue = HeaderValue::from_static("86400");

/// Who is named to push services if nobody knows where this installation is reached.
const NOBODY: &str = "mailto:operator@localhost";

const TTL: HeaderName = HeaderName::from_static("ttl");
const URGENCY: HeaderName = HeaderName::from_static("urgency");
const TOPIC: HeaderName = HeaderName::from_static("topic");

/// Tells browsers in the background, until the soft stop.
pub struct Doorbell(Arc<Telling>);

struct Telling {
    poster: Arc<Poster>,
    stores: Stores,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
    lifecycle: Lifecycle,
    /// Where the operators of push services reach ours.
    contact: String,
    key: OnceCell<InstallationKey>,
    /// What is to be told to whom, by conversation. Whoever is in it has a task that tells them.
    waiting: Mutex<HashMap<UserId, BTreeMap<String, Notice>>>,
}

/// What became of telling a browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Done,
    /// There is no such browser any more.
    Gone,
}

impl Doorbell {
    /// One for a whole process. Push services are told `public_base_url`.
    pub fn new(
        poster: &Arc<Poster>,
        stores: &Stores,
        clock: Arc<dyn Clock>,
        metrics: &Arc<Metrics>,
        lifecycle: &Lifecycle,
        public_base_url: Option<&str>,
    ) -> Arc<Self> {
        let contact = public_base_url.filter(|url| url.starts_with("https://"));
        Arc::new(Self(Arc::new(Telling {
            poster: Arc::clone(poster),
            stores: stores.clone(),
            clock,
            metrics: Arc::clone(metrics),
            lifecycle: lifecycle.clone(),
            contact: contact.unwrap_or(NOBODY).to_owned(),
            key: OnceCell::new(),
            waiting: Mutex::default(),
        })))
    }
}

#[async_trait]
impl Bell for Doorbell {
    async fn public_key(&self) -> Result<Vec<u8>> {
        Ok(self.0.key().await?.public().to_vec())
    }

    fn ring(&self, message: &Message) {
        if message.owner == UserId::NOBODY || self.0.is_over() {
            return;
        }
        let Some(notice) = Notice::of(message) else {
            return;
        };
        if self.0.note(message.owner, notice) {
            let telling = Arc::clone(&self.0).tell(message.owner);
            self.0.lifecycle.tracker().spawn(telling);
        }
    }
}

impl Telling {
    fn is_over(&self) -> bool {
        self.lifecycle.soft().is_cancelled()
    }

    /// Returns whether nobody tells its owner yet.
    fn note(&self, owner: UserId, notice: Notice) -> bool {
        let mut waiting = self.waiting();
        let is_full = waiting.len() >= MOST_OWNERS;
        let Some(known) = waiting.get_mut(&owner) else {
            if is_full {
                tracing::warn!("too many users are told of texts at a time; one is not told");
                return false;
            }
            let first = (notice.author.as_str().to_owned(), notice);
            waiting.insert(owner, BTreeMap::from([first]));
            return true;
        };
        let author = notice.author.as_str().to_owned();
        if known.len() < MOST_CONVERSATIONS || known.contains_key(&author) {
            known.insert(author, notice);
        }
        false
    }

    async fn tell(self: Arc<Self>, owner: UserId) {
        let soft = self.lifecycle.soft();
        while let Some(notices) = self.take(owner) {
            if let Err(error) = self.tell_each(owner, &notices).await {
                tracing::warn!(error = %Chain(&error), "a user's browsers could not be told of a text");
            }
            tokio::select! {
                () = soft.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    /// What is to be told to a user; if nothing is, they are told nothing until the bell rings.
    fn take(&self, owner: UserId) -> Option<Vec<Notice>> {
        let mut waiting = self.waiting();
        let notices = waiting.get_mut(&owner).map(std::mem::take)?;
        if notices.is_empty() {
            waiting.remove(&owner);
            return None;
        }
        Some(notices.into_values().collect())
    }

    async fn tell_each(&self, owner: UserId, notices: &[Notice]) -> Result<()> {
        let browsers = self.browsers(owner).await?;
        if browsers.is_empty() {
            return Ok(());
        }
        let mut named = Vec::new();
        for notice in notices {
            named.push((notice, self.name(owner, notice).await?));
        }
        let calls = named.iter().flat_map(|(notice, name)| {
            browsers.iter().map(async |browser| {
                let plain = notice.written(name.as_deref(), browser.with_text);
                let told = self.tell_one(browser, &plain, &notice.topic(owner)).await;
                (told == Told::Gone).then(|| browser.url.clone())
            })
        });
        let gone: Vec<_> = join_all(calls).await.into_iter().flatten().collect();
        self.forget(owner, &gone).await
    }

    /// Those whose logins go on; the others are forgotten.
    async fn browsers(&self, owner: UserId) -> Result<Vec<Browser>> {
        let Self { stores, clock, .. } = self;
        let (key, now) = (owner.to_string(), clock.now());
        let reading = stores.records.record(Kind::Browsers, &key, now);
        let stored = reading.await?.record;
        let known: Browsers = stored
            .map(|stored| stored.read())
            .transpose()?
            .unwrap_or_default();
        let (mut going_on, mut over) = (Vec::new(), Vec::new());
        for browser in known.iter() {
            let session = stores.sessions.session(owner, browser.session()).await?;
            let lasts = session.is_some_and(|session| session.until > now);
            if lasts && !stores.revocations.is_revoked(&browser.token).await? {
                going_on.push(browser.clone());
            } else {
                over.push(browser.url.clone());
            }
        }
        self.forget(owner, &over).await?;
        Ok(going_on)
    }

    /// By what they are called under: a login may have another browser meanwhile.
    async fn forget(&self, owner: UserId, gone: &[EndpointUrl]) -> Result<()> {
        if gone.is_empty() {
            return Ok(());
        }
        let Self { stores, clock, .. } = self;
        let (key, now) = (owner.to_string(), clock.now());
        let forgotten = editing::edit(&*stores.records, (Kind::Browsers, &key), now, |known| {
            // Somebody who leaves at this moment gets no record again.
            let mut browsers: Browsers = known.ok_or(())?;
            browsers.forget(|browser| gone.contains(&browser.url));
            Ok::<_, ()>(browsers)
        });
        let _ = forgotten.await?;
        Ok(())
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
        let soft = self.lifecycle.soft();
        let mut is_first = true;
        loop {
            let posted = match self.post(browser, plain, topic).await {
                Ok(Some(posted)) => posted,
                // It will never be able to read anything.
                Ok(None) => return Told::Gone,
                Err(error) => {
                    tracing::warn!(error = %Chain(&*error), "a browser could not be told of a text");
                    return Told::Done;
                }
            };
            self.metrics.browser_told(posted.answer.into());
            if !is_first || !is_worth_another_try(&posted) {
                return became(posted.answer);
            }
            is_first = false;
            tokio::select! {
                () = soft.cancelled() => return Told::Done,
                () = tokio::time::sleep(TRIED_AGAIN_AFTER) => {}
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

    async fn key(&self) -> Result<&InstallationKey> {
        let Self { stores, clock, .. } = self;
        let key = || InstallationKey::of_installation(&*stores.records, clock.now());
        self.key.get_or_try_init(key).await
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<UserId, BTreeMap<String, Notice>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a push service refuses it refuses again, unless it only had too much to do.
fn is_worth_another_try(posted: &Posted) -> bool {
    match posted.answer {
        Answer::Status(status) => {
            let busy = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];
            status >= 500 || busy.iter().any(|busy| busy.as_u16() == status)
        }
        Answer::Failed(_) => true,
    }
}

fn became(answer: Answer) -> Told {
    match answer {
        Answer::Status(404 | 410) => Told::Gone,
        answer if answer.is_taken() => Told::Done,
        answer => {
            tracing::warn!(
                ?answer,
                "a push service did not take what a browser is to be told"
            );
            Told::Done
        }
    }
}
