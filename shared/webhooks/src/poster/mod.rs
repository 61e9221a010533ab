//! Posting to receivers.

mod failure;
mod hosts;
mod outcome;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::HeaderMap;
use mysms_core::clock::Clock;
use mysms_core::domain::{EndpointUrl, PostFailure, Secret};
use mysms_core::post::{Call, Objection, Post, Posted};
use reqwest::{Certificate, Client, Response, redirect, retry};
use tokio::time::{Instant, timeout_at};
use url::{Host, Url};

use self::hosts::Hosts;
use self::outcome::{answered, failed};
use crate::guard::{Channel, Guarded, Lookups, Names, NoAddress, Policy, SystemNames};
use crate::signature::signed_headers;

/// How long one request may take in all, from the look for the host's address to the end of the answer.
const TIMEOUT: Duration = Duration::from_secs(15);

/// How long a connection may take to be made, so that a host that cannot be reached is told from one that
/// does not answer.
const CONNECT: Duration = Duration::from_secs(10);

/// How much of an answer is read, so that its connection can be used again. Nobody looks at it.
const MOST_OF_AN_ANSWER: usize = 64 * 1024;

/// Shorter than servers keep an idle connection, so that a request seldom meets one that is being closed.
const IDLE: Duration = Duration::from_secs(20);
const IDLE_PER_HOST: usize = 16;

/// Posts to receivers, and to none that the policy does not allow. One is for a whole process: its
/// connections are kept for the next request.
pub struct Poster {
    policy: Arc<Policy>,
    lookups: Arc<Lookups>,
    secure: Client,
    plain: Client,
    hosts: Hosts,
    timeout: Duration,
    clock: Arc<dyn Clock>,
}

/// Why no client could be made.
#[derive(Debug, thiserror::Error)]
#[error(
    "the HTTPS client for webhooks could not be made; is a store of CA certificates installed (on Debian the package ca-certificates)?"
)]
pub struct ClientError(#[source] reqwest::Error);

/// What is another one in tests.
struct Surroundings {
    names: Arc<dyn Names>,
    authorities: Vec<Certificate>,
    timeout: Duration,
}

impl Poster {
    pub fn new(policy: Policy, clock: Arc<dyn Clock>) -> Result<Self, ClientError> {
        let surroundings = Surroundings {
            names: Arc::new(SystemNames::new()),
            authorities: Vec::new(),
            timeout: TIMEOUT,
        };
        Self::within(surroundings, policy, clock)
    }

    fn within(
        surroundings: Surroundings,
        policy: Policy,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ClientError> {
        let policy = Arc::new(policy);
        let lookups = Arc::new(Lookups::new(surroundings.names));
        let client = |channel| {
            let guarded = Guarded {
                lookups: Arc::clone(&lookups),
                policy: Arc::clone(&policy),
                channel,
            };
            client(guarded, &surroundings.authorities).map_err(ClientError)
        };
        let (secure, plain) = (client(Channel::Secure)?, client(Channel::Plain)?);
        Ok(Self {
            policy,
            lookups,
            secure,
            plain,
            hosts: Hosts::new(),
            timeout: surroundings.timeout,
            clock,
        })
    }

    async fn look_at(&self, url: &Url) -> Result<(), Objection> {
        let channel = self.policy.channel(url)?;
        let Some(Host::Domain(name)) = url.host() else {
            return Ok(());
        };
        let addresses = self.lookups.open_addresses(&self.policy, channel, name);
        match tokio::time::timeout(self.timeout, addresses).await {
            Ok(Err(NoAddress::Closed(objection))) => Err(objection),
            // A name that leads nowhere may do so later.
            _ => Ok(()),
        }
    }

    /// Posts once, to nobody whom the policy does not allow.
    pub(crate) async fn exchange(&self, url: Url, headers: HeaderMap, body: Bytes) -> Posted {
        let deadline = Instant::now() + self.timeout;
        let client = match self.policy.channel(&url) {
            Ok(Channel::Secure) => &self.secure,
            Ok(Channel::Plain) => &self.plain,
            Err(_) => return failed(PostFailure::Forbidden),
        };
        let Ok(_place) = timeout_at(deadline, self.hosts.enter(&url)).await else {
            return failed(PostFailure::Timeout);
        };
        let request = client.post(url).headers(headers).body(body);
        let response = match timeout_at(deadline, request.send()).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return failed(failure::of(&error)),
            Err(_) => return failed(PostFailure::Timeout),
        };
        let posted = answered(&response, self.clock.now());
        // What it answered is known, whether or not the rest comes in time.
        let _ = timeout_at(deadline, discard(response)).await;
        posted
    }
}

#[async_trait]
impl Post for Poster {
    async fn examine(&self, url: &EndpointUrl) -> Result<(), Objection> {
        let url = Url::parse(url.as_str()).map_err(|_| Objection::NoUrl)?;
        self.look_at(&url).await
    }

    async fn post(&self, call: Call) -> Posted {
        let Ok(url) = Url::parse(call.url.as_str()) else {
            return failed(PostFailure::Forbidden);
        };
        let keys = call.secrets.iter().map(Secret::as_bytes);
        let headers = signed_headers(keys, &call.id, call.at, call.body.as_bytes());
        self.exchange(url, headers, call.body.into()).await
    }
}

async fn discard(mut response: Response) {
    let mut left = MOST_OF_AN_ANSWER;
    while let Ok(Some(chunk)) = response.chunk().await {
        match left.checked_sub(chunk.len()) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}

/// One request is one request, from here to the receiver: no redirects, no repetitions, no proxies. A
/// proxy would look the name up by itself, where nobody checks what comes out.
fn client(guarded: Guarded, authorities: &[Certificate]) -> reqwest::Result<Client> {
    let client = Client::builder()
        .user_agent(concat!("mysms-webhooks/", env!("CARGO_PKG_VERSION")))
        .https_only(guarded.channel == Channel::Secure)
        .dns_resolver(Arc::new(guarded))
        .no_proxy()
        .http1_only()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .connect_timeout(CONNECT)
        .pool_max_idle_per_host(IDLE_PER_HOST)
        .pool_idle_timeout(IDLE)
        .tcp_nodelay(true)
        .tls_certs_merge(authorities.iter().cloned());
    client.build()
}
