use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;

use crate::network::Network;
use crate::tally::Held;

/// The connection that a request came by. An answer that its client does not read can only be ended
/// with it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Connection(CancellationToken);

impl Connection {
    pub(crate) fn cut(&self) {
        self.0.cancel();
    }

    /// Waits until it is cut.
    pub(crate) async fn is_cut(&self) {
        self.0.cancelled().await;
    }
}

/// The place of a connection among all, and among those of its client. What a request began and its client
/// has left keeps it, so that nobody has more done at a time than their connections allow.
#[derive(Debug, Clone)]
pub(crate) struct Place(
    #[expect(dead_code, reason = "it is held")] Arc<(OwnedSemaphorePermit, Option<Held<Network>>)>,
);

impl Place {
    pub(crate) fn new(among_all: OwnedSemaphorePermit, own: Option<Held<Network>>) -> Self {
        Self(Arc::new((among_all, own)))
    }
}

impl<S: Sync> FromRequestParts<S> for Connection {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}
