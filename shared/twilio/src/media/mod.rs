//! The files that Twilio keeps of messages (<https://www.twilio.com/docs/messaging/api/media-resource>).
//!
//! Its API wants our credentials and answers with a redirect to the host that has the content, which wants
//! none and must not see them.

mod content;
mod list;
mod places;

use std::time::Duration;

use async_trait::async_trait;
use http::header::{ACCEPT_ENCODING, CONTENT_RANGE, LOCATION, RANGE};
use mysms_core::domain::MediaUrl;
use mysms_core::provider::{ByteRange, MediaFailure, MediaSource, OpenMedium, ReadFailure};
use reqwest::{Client, Response, StatusCode, redirect, retry};
use runtime::config::{Credentials, ProviderConfig};
use secrecy::ExposeSecret;
use tokio::time::timeout;
use url::Url;

use self::content::Limits;
pub(super) use self::list::{list_url, listed};
use self::places::Places;
use super::ClientError;
use super::client::is_direct;

/// How often we are led on.
const MOST_REDIRECTS: usize = 3;

const CONNECTS_WITHIN: Duration = Duration::from_secs(5);

/// How long the provider may take from one answer, or one piece of content, to the next.
const ANSWERS_WITHIN: Duration = Duration::from_secs(15);

/// How long the whole content may take.
const ENDS_WITHIN: Duration = Duration::from_mins(5);

/// Connections that are kept open when idle.
const IDLE_CONNECTIONS: usize = 8;

/// Reads files of the account that it was made for.
pub(super) struct TwilioMedia {
    http: Client,
    credentials: Credentials,
    places: Places,
    limits: Limits,
}

impl TwilioMedia {
    /// Of a file that has more than `largest` bytes nothing is read, or no more if that shows only then.
    pub(super) fn new(provider: &ProviderConfig, largest: u64) -> Result<Self, ClientError> {
        let client = Client::builder()
            .user_agent(concat!("mysms/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .connect_timeout(CONNECTS_WITHIN)
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .tcp_nodelay(true);
        let client = if is_direct(provider) {
            client.no_proxy()
        } else {
            client
        };
        Ok(Self {
            http: client.build().map_err(ClientError::Build)?,
            credentials: provider.credentials.clone(),
            places: Places::new(provider),
            limits: Limits {
                most: largest,
                pause: ANSWERS_WITHIN,
                whole: ENDS_WITHIN,
            },
        })
    }

    /// The first one who is asked is the provider's API, and nobody else learns who we are.
    async fn ask(
        &self,
        url: &Url,
        range: Option<&ByteRange>,
        is_first: bool,
    ) -> Result<Response, MediaFailure> {
        // What the content is packed in is not for us to open.
        let mut request = self
            .http
            .get(url.clone())
            .header(ACCEPT_ENCODING, "identity");
        if let Some(range) = range {
            request = request.header(RANGE, range.as_str());
        }
        if is_first {
            let Credentials { user, secret } = &self.credentials;
            request = request.basic_auth(user, Some(secret.expose_secret()));
        }
        match timeout(ANSWERS_WITHIN, request.send()).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(unavailable(error.is_connect(), error.without_url())),
            Err(late) => Err(unavailable(false, late)),
        }
    }

    fn opened(&self, response: Response) -> Result<OpenMedium, MediaFailure> {
        let status = response.status();
        match status {
            StatusCode::OK | StatusCode::PARTIAL_CONTENT => content::open(response, self.limits),
            StatusCode::NOT_FOUND | StatusCode::GONE => Err(MediaFailure::Gone),
            StatusCode::RANGE_NOT_SATISFIABLE => {
                let range = response.headers().get(CONTENT_RANGE);
                let size = range.and_then(|range| range.to_str().ok()?.strip_prefix("bytes */"));
                let size = size.and_then(|size| size.parse().ok());
                Err(MediaFailure::NoSuchPart { size })
            }
            StatusCode::TOO_MANY_REQUESTS => {
                Err(ReadFailure::Throttled { retry_after: None }.into())
            }
            _ => Err(ReadFailure::Status(status.as_u16()).into()),
        }
    }
}

#[async_trait]
impl MediaSource for TwilioMedia {
    async fn open(
        &self,
        url: &MediaUrl,
        range: Option<&ByteRange>,
    ) -> Result<OpenMedium, MediaFailure> {
        let mut url = self.places.kept_at(url).ok_or(MediaFailure::Elsewhere)?;
        for redirects in 0..=MOST_REDIRECTS {
            let response = self.ask(&url, range, redirects == 0).await?;
            if !response.status().is_redirection() {
                return self.opened(response);
            }
            let next = response.headers().get(LOCATION);
            let next = next.and_then(|next| url.join(next.to_str().ok()?).ok());
            let next = next.filter(|next| self.places.may_lead_to(next));
            url = next.ok_or_else(|| {
                tracing::warn!(
                    "the provider leads to a place of which it is not known that it is its own"
                );
                MediaFailure::Elsewhere
            })?;
        }
        Err(ReadFailure::Unreadable("it leads from one place to the next").into())
    }
}

fn unavailable(
    unreachable: bool,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> MediaFailure {
    let source = source.into();
    ReadFailure::Unavailable {
        source,
        unreachable,
    }
    .into()
}
