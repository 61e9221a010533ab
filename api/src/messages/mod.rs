//! Sending texts, and looking after those that were sent.

mod batch;
mod idempotency;
mod labels;
mod list;
mod media;
mod plan;
mod preview;
mod prospect;
mod send;
mod single;
mod submit;
mod terms;
mod text;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) use self::labels::read_tags;
pub(crate) use self::list::{
    Format, IfNoneMatch, List, NextPage, PartOfList, Place, Source, limit, tag,
};
pub(crate) use self::media::{FileOf, open_for};
use crate::state::AppState;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(send::send, list::list))
        .routes(routes!(send::preview_one))
        .routes(routes!(batch::send_batch))
        .routes(routes!(batch::preview::preview_batch))
        .routes(routes!(list::export::export))
        .routes(routes!(list::list_own, single::delete_all))
        .routes(routes!(single::show, single::delete))
        .routes(routes!(single::cancel))
        .routes(routes!(media::open))
}

#[cfg(test)]
mod tests;
