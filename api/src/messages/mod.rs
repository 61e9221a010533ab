//! Sending texts, and looking after those that were sent.

mod idempotency;
mod list;
mod send;
mod single;
mod timeline;
mod view;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(send::send, list::list))
        .routes(routes!(list::list_own, single::delete_all))
        .routes(routes!(single::show, single::delete))
        .routes(routes!(single::cancel))
}

#[cfg(test)]
mod tests;
