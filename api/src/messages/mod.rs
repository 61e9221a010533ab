//! Sending texts, and looking after those that were sent.

mod idempotency;
mod list;
mod send;
mod single;
mod timeline;
mod view;

use axum::Router;
use axum::routing::{get, post};

use crate::state::AppState;

pub(crate) fn router() -> Router<AppState> {
    Router::new()
        .route("/messages", post(send::send).get(list::list))
        .route(
            "/messages/{user}",
            get(list::list_own).delete(single::delete_all),
        )
        .route(
            "/messages/{user}/{id}",
            get(single::show).delete(single::delete),
        )
        .route("/messages/{user}/{id}/cancel", post(single::cancel))
}

#[cfg(test)]
mod tests;
