//! Files that users bring for their messages, and from where the provider fetches them.

mod attached;
mod bring;
mod content;
mod release;
mod serve;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use mysms_core::domain::{MOST_UPLOADED, UserId};
use runtime::config::MediaConfig;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) use self::attached::Attached;
pub(crate) use self::content::open_own;
pub(crate) use self::release::release;
use crate::state::AppState;
use crate::tally::Tally;

/// The files that one user may be bringing at the same time, and all users together, in bytes: so much of them
/// is in memory.
const OF_USER: usize = 2 * MOST_UPLOADED;
const OF_ALL: usize = 12 * MOST_UPLOADED;

/// How the files that users bring are taken and kept.
pub(crate) struct Rules {
    /// What is coming, in bytes.
    coming: Arc<Tally<UserId>>,
    /// The most bytes of one user's that are kept.
    room: u64,
    /// For how long after its last message.
    kept: Duration,
}

impl Rules {
    pub(crate) fn new(config: MediaConfig) -> Self {
        Self {
            coming: Tally::new(OF_USER, OF_ALL),
            room: config.uploads_per_user,
            kept: config.uploads_kept,
        }
    }
}

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(bring::bring))
        .routes(routes!(bring::remove))
}

/// What only the provider asks for.
#[expect(
    clippy::disallowed_methods,
    reason = "only the provider is told these addresses, so they are no part of the API"
)]
pub(crate) fn files() -> Router<AppState> {
    Router::new().route("/uploads/{id}/content", get(serve::serve))
}
