//! Browsers that are told of what comes in although none of our pages is open there (Web Push).
//!
//! What is told, and how, is decided by the [`Bell`](mysms_core::bell::Bell); here browsers ask for it.

mod request;
mod shelf;
mod subscription;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) use shelf::forget_all;

use crate::state::AppState;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(
        subscription::show,
        subscription::put,
        subscription::delete
    ))
}

#[cfg(test)]
mod tests;
