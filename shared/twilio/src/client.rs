//! The HTTP client of the provider's Messages API.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mysms_core::chain::Chain;
use mysms_core::clock::Clock;
use mysms_core::domain::{Content, Erasure, Media, PhoneNumber, ProviderId};
use mysms_core::provider::{
    Addressee, Doubt, Erased, Glossary, Mark, NotSentReason, OutgoingText, Provider, ReadFailure,
    ReceivedPage, RemoteMessage, Search, Span, StartDeadline, Verdict,
};
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Client, RequestBuilder, StatusCode, redirect, retry};
use runtime::config::{Credentials, ProviderConfig, is_near};
use secrecy::ExposeSecret;
use url::Url;

use super::answer::Answer;
use super::gate::{Gate, Progress};
use super::listing::{ListWindow, Listing, Page};
use super::resource::Resource;
use super::sender::Origin;
use super::verdict::verdict;
use super::webhooks::status_url;
use super::{erasing, error, inbox, look, media};

/// Shorter than any load balancer keeps an idle connection, so that a request seldom meets one that
/// is just being closed: its outcome would be unknown.
const IDLE: Duration = Duration::from_secs(20);

/// How long the kernel tries to get what was written through to the provider. It bounds how late a
/// request can arrive there.
const UNACKNOWLEDGED: Duration = Duration::from_secs(30);

const PAGE_SIZE: &str = "200";
const MAX_PAGES: usize = 200;

/// How long the provider keeps a message in its queue, in seconds.
const VALIDITY_SECONDS: std::ops::RangeInclusive<u64> = 1..=36_000;

/// A client of the provider. Clones share their connections.
#[derive(Clone)]
pub struct Twilio {
    http: Client,
    credentials: Credentials,
    /// Where messages are made and listed.
    messages: Url,
    /// Where the provider reaches us.
    public_base_url: Option<String>,
    clock: Arc<dyn Clock>,
}

/// Why no client could be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("the provider's base URL must be an http or https URL with a host")]
    BaseUrl,
    #[error(
        "the HTTPS client could not be made; is a store of CA certificates installed (on Debian the package ca-certificates)?"
    )]
    Build(#[source] reqwest::Error),
}

impl Twilio {
    /// `timeout` is for one request from its begin to the end of its answer; `connections` are kept
    /// open when idle. `clock` is what claims are made by.
    pub fn new(
        provider: &ProviderConfig,
        timeout: Duration,
        connections: usize,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ClientError> {
        let direct = is_direct(provider);
        if let Some(variable) = proxy_variable().filter(|_| !direct) {
            tracing::info!(
                variable,
                "the provider is asked through the proxy that this names"
            );
        }
        Ok(Self {
            http: http_client(timeout, connections, direct).map_err(ClientError::Build)?,
            credentials: provider.credentials.clone(),
            messages: messages_url(&provider.base_url, &provider.account)?,
            public_base_url: provider.public_base_url.clone(),
            clock,
        })
    }

    /// Lists every message to a number since the begin of the window, whoever sent it.
    pub async fn list(&self, to: &PhoneNumber, window: ListWindow) -> Result<Listing, ReadFailure> {
        let requested_at = self.clock.now();
        let mut url = self.messages.clone();
        // Not by date: a message that is not sent yet has none.
        url.query_pairs_mut()
            .append_pair("To", to.as_str())
            .append_pair("PageSize", PAGE_SIZE);
        let mut listing = None;
        for _ in 0..MAX_PAGES {
            let answer = self.read(url.clone()).await?;
            let page = Page::read(&answer, &self.messages)?;
            let mut so_far = listing
                .take()
                .unwrap_or_else(|| Listing::begin(&window, &answer, requested_at));
            let more = so_far.add(page.messages);
            match page.next.filter(|_| more) {
                Some(next) => url.set_query(Some(&next)),
                None => return Ok(so_far),
            }
            listing = Some(so_far);
        }
        Err(ReadFailure::TooLong { pages: MAX_PAGES })
    }

    fn form(&self, text: &OutgoingText<'_>) -> String {
        let from = text.from.as_str();
        let (least, most) = VALIDITY_SECONDS.into_inner();
        let validity = text.validity.as_secs().clamp(least, most);
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("To", text.to.as_str())
            .append_pair(Origin::of(from).parameter(), from);
        if !text.body.is_empty() {
            form.append_pair("Body", text.body.as_str());
        }
        form.append_pair("ValidityPeriod", &validity.to_string());
        for medium in text.media.iter() {
            form.append_pair("MediaUrl", medium.url.as_str());
        }
        if let Some(base) = &self.public_base_url {
            form.append_pair("StatusCallback", &status_url(base, text.message));
        }
        form.finish()
    }

    /// Where the account is, with nothing after its SID.
    pub(super) fn account_url(&self) -> Url {
        let mut url = self.messages.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop();
        }
        url
    }

    /// Where a message is, or something of it.
    pub(super) fn message_url(&self, path: &str) -> Url {
        let mut url = self.account_url();
        url.set_path(&format!("{}/Messages/{path}", url.path()));
        url
    }

    /// A message as it is now; `None` if there is none.
    async fn message(&self, sid: &ProviderId) -> Result<Option<Resource>, ReadFailure> {
        let url = self.message_url(&format!("{sid}.json"));
        let Some(answer) = if_there(self.read(url).await)? else {
            return Ok(None);
        };
        match answer.message().filter(|message| message.sid == *sid) {
            Some(message) => Ok(Some(message)),
            None => Err(ReadFailure::Unreadable("it is not the message asked for")),
        }
    }

    /// Removes what is there.
    pub(super) async fn delete(&self, url: Url) -> Result<(), ReadFailure> {
        self.ask(self.http.delete(url)).await.map(drop)
    }

    pub(super) async fn read(&self, url: Url) -> Result<Answer, ReadFailure> {
        self.ask(self.http.get(url)).await
    }

    /// Changes a setting by a form.
    pub(super) async fn write(&self, url: Url, form: String) -> Result<(), ReadFailure> {
        let request = self.http.post(url).header(CONTENT_TYPE, FORM).body(form);
        self.ask(request).await.map(drop)
    }

    /// The status with which somebody else answers, who must not see our credentials.
    pub(super) async fn status_of(&self, url: Url) -> Result<u16, ReadFailure> {
        let answer = self.http.get(url).send().await;
        let answer = answer.map_err(|error| unavailable(error.without_url()))?;
        Ok(answer.status().as_u16())
    }

    async fn ask(&self, request: RequestBuilder) -> Result<Answer, ReadFailure> {
        let answer = self.exchange(request).await.map_err(unavailable)?;
        if answer.status.is_success() {
            return Ok(answer);
        }
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            let retry_after = answer.retry_after;
            return Err(ReadFailure::Throttled { retry_after });
        }
        Err(match answer.code() {
            Some(code) => ReadFailure::Refused {
                detail: error::explain(&code),
                code,
            },
            None => ReadFailure::Status(answer.status.as_u16()),
        })
    }

    /// Makes a request and receives the whole answer. The error names no URL: it would show a number.
    async fn exchange(&self, request: RequestBuilder) -> reqwest::Result<Answer> {
        let Credentials { user, secret } = &self.credentials;
        let request = request.basic_auth(user, Some(secret.expose_secret()));
        let answer = match request.send().await {
            Ok(response) => Answer::read(response, &*self.clock).await,
            Err(error) => Err(error),
        };
        answer.map_err(reqwest::Error::without_url)
    }
}

#[async_trait]
impl Provider for Twilio {
    async fn send(&self, text: &OutgoingText<'_>, deadline: StartDeadline) -> Verdict {
        if deadline.has_passed() {
            return not_sent(NotSentReason::DeadlinePassed);
        }
        let gate = Gate::new(deadline);
        let request = self
            .http
            .post(self.messages.clone())
            .header(CONTENT_TYPE, FORM)
            .body(reqwest::Body::wrap(gate.body(self.form(text))));
        match self.exchange(request).await {
            Ok(answer) => {
                let verdict = verdict(&answer);
                log_verdict(&verdict, &answer);
                verdict
            }
            Err(error) => without_answer(&error, gate.withdraw()),
        }
    }

    async fn search(&self, doubt: &Doubt<'_>) -> Result<Search, ReadFailure> {
        let window = ListWindow {
            first_attempt_at: doubt.first_attempt_at,
            skew: doubt.skew,
        };
        let listing = self.list(doubt.to, window).await?;
        Ok(listing.search(doubt))
    }

    fn is_listed_alike(&self, one: &Content, other: &Content) -> bool {
        look::is_listed_alike(one, other)
    }

    async fn fetch(&self, sid: &ProviderId) -> Result<Option<RemoteMessage>, ReadFailure> {
        let message = self.message(sid).await?;
        Ok(message.map(RemoteMessage::from))
    }

    async fn received(
        &self,
        span: &Span<'_>,
        after: Option<&Mark>,
    ) -> Result<ReceivedPage, ReadFailure> {
        let url = match after {
            None => inbox::first_page(&self.messages, span),
            Some(Mark(query)) => {
                let mut url = self.messages.clone();
                url.set_query(Some(query));
                url
            }
        };
        let answer = self.read(url).await?;
        inbox::page(&answer, &self.messages, span, after, self.clock.now())
    }

    async fn media_of(&self, sid: &ProviderId) -> Result<Media, ReadFailure> {
        let url = media::list_url(&self.account_url(), sid);
        match self.read(url).await {
            Err(ReadFailure::Refused { code, .. }) if code == "20404" => Ok(Media::default()),
            answer => media::listed(answer?.body()),
        }
    }

    async fn addressee(&self, sid: &ProviderId) -> Result<Addressee, ReadFailure> {
        let message = self.message(sid).await?;
        Ok(erasing::addressee(message.as_ref()))
    }

    async fn erase(&self, sid: &ProviderId, what: Erasure) -> Result<Erased, ReadFailure> {
        self.erase_message(sid, what).await
    }

    fn glossary(&self) -> Glossary {
        error::GLOSSARY
    }

    /// Makes one small list request.
    async fn check(&self) -> Result<(), ReadFailure> {
        let mut url = self.messages.clone();
        url.query_pairs_mut().append_pair("PageSize", "1");
        let answer = self.read(url).await?;
        Page::read(&answer, &self.messages).map(drop)
    }
}

/// An answer, or `None` if there is nothing at the address.
pub(super) fn if_there<T>(answer: Result<T, ReadFailure>) -> Result<Option<T>, ReadFailure> {
    match answer {
        Err(ReadFailure::Refused { code, .. }) if code == "20404" => Ok(None),
        answer => answer.map(Some),
    }
}

fn unavailable(error: reqwest::Error) -> ReadFailure {
    ReadFailure::Unavailable {
        unreachable: error.is_connect(),
        source: Box::new(error),
    }
}

const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

/// One request is one request: no redirects (a 307 would repeat the POST elsewhere) and no retries.
/// HTTP/1 only, because [`Gate`] relies on how a request is written there.
///
/// `direct` keeps it from a proxy: what is for a simulator or for this machine would leave it.
fn http_client(timeout: Duration, connections: usize, direct: bool) -> reqwest::Result<Client> {
    let client = Client::builder()
        .user_agent(concat!("mysms/", env!("CARGO_PKG_VERSION")))
        .http1_only()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .timeout(timeout)
        // Below the timeout, so that a provider that cannot be reached is told from a silent one.
        .connect_timeout(timeout / 3)
        .pool_max_idle_per_host(connections)
        .pool_idle_timeout(IDLE)
        .tcp_nodelay(true);
    #[cfg(target_os = "linux")]
    let client = client.tcp_user_timeout(UNACKNOWLEDGED);
    let client = if direct { client.no_proxy() } else { client };
    client.build()
}

/// Whether the provider is asked without a proxy, as [`http_client`] has it.
pub(super) fn is_direct(provider: &ProviderConfig) -> bool {
    provider.simulated || is_near(&provider.base_url)
}

/// The variable that names a proxy for the provider, if one does; what it says may hold a password.
fn proxy_variable() -> Option<&'static str> {
    let names = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let is_set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    names.into_iter().find(is_set)
}

fn messages_url(base: &Url, account: &str) -> Result<Url, ClientError> {
    let mut url = base.clone();
    url.set_query(None);
    url.set_fragment(None);
    if !matches!(url.scheme(), "http" | "https") {
        return Err(ClientError::BaseUrl);
    }
    url.path_segments_mut()
        .map_err(|()| ClientError::BaseUrl)?
        .pop_if_empty()
        .extend(["2010-04-01", "Accounts", account, "Messages.json"]);
    Ok(url)
}

const fn not_sent(reason: NotSentReason) -> Verdict {
    Verdict::NotSent { reason }
}

fn without_answer(error: &reqwest::Error, progress: Progress) -> Verdict {
    let verdict = match progress {
        Progress::Withheld => not_sent(NotSentReason::Unreachable),
        Progress::Late => not_sent(NotSentReason::DeadlinePassed),
        Progress::Released if error.is_timeout() => Verdict::Unknown {
            detail: "the provider did not answer in time",
        },
        Progress::Released => Verdict::Unknown {
            detail: "the connection broke before the provider's answer was complete",
        },
    };
    // Whether it was the name, TLS or the connection stands in the sources.
    tracing::info!(?verdict, error = %Chain(error), "the provider gave no answer");
    verdict
}

fn log_verdict(verdict: &Verdict, answer: &Answer) {
    let status = answer.status.as_u16();
    let request_id = answer.request_id.as_deref();
    let code = answer.code();
    let code = code.as_deref();
    match verdict {
        Verdict::Accepted(_) => {
            tracing::debug!(status, request_id, "the provider took a message");
        }
        _ if code.is_some_and(needs_attention) => {
            tracing::warn!(status, request_id, code, "the provider refused a message");
        }
        _ => tracing::info!(
            status,
            request_id,
            code,
            "the provider did not take a message"
        ),
    }
}

/// Codes that are new to us, or that point to a mistake of our own.
fn needs_attention(code: &str) -> bool {
    error::rule(code).is_none_or(|rule| rule.alert)
}
