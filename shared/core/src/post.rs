//! The port by which users' endpoints are called.

use std::time::Duration;

use async_trait::async_trait;

use crate::domain::{Answer, EndpointUrl, Secret, Timestamp};

/// Calls endpoints, and none that must not be called.
#[async_trait]
pub trait Post: Send + Sync {
    /// Whether a user may name this URL, as far as can be said now: its name may lead elsewhere later, so it
    /// is looked at again whenever it is called.
    async fn examine(&self, url: &EndpointUrl) -> Result<(), Objection>;

    /// Makes one call, which is neither repeated nor redirected and ends within 15 seconds, and tells what
    /// came of it. One that failed may have been heard all the same.
    async fn post(&self, call: Call) -> Posted;
}

/// One call of an endpoint.
#[derive(Debug, Clone)]
pub struct Call {
    pub url: EndpointUrl,
    /// Those that sign it, the newest first.
    pub secrets: Vec<Secret>,
    /// The same for every attempt to tell the same; without a dot.
    pub id: String,
    pub at: Timestamp,
    /// JSON.
    pub body: String,
}

/// What came of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posted {
    pub answer: Answer,
    /// For how long the endpoint wants to be left alone; at most a day.
    pub retry_after: Option<Duration>,
}

/// Why a URL is not called; says what is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Objection {
    #[error("must be a URL with a host")]
    NoUrl,
    #[error("must begin with https://")]
    Scheme,
    #[error("must have no user name and no password")]
    Credentials,
    #[error("must have no fragment")]
    Fragment,
    #[error("names a port that webhooks may not go to here")]
    Port,
    #[error("is no address on the internet, and none that webhooks may go to here")]
    Address,
}
