use std::sync::Arc;

use axum::{
    Json,
    extract::{RawQuery, State},
    response::{IntoResponse as _, Response},
};
use serde::Serialize;

use super::View;
use crate::{
    Kind,
    auth::Caller,
    clock::now_ms,
    error::Refused,
    faults::Stage,
    ledger::{Page, Selection},
    message::Erased,
    state::Sim,
    stats::count,
};

mod query;

use query::Query;

/// The token of a page that cannot be read.
const BROKEN: &str = "PABROKEN";

/// A page of the list, as Twilio wraps it.
#[derive(Serialize)]
struct Listing {
    messages: Vec<View>,
    page: usize,
    page_size: usize,
    start: usize,
    end: usize,
    uri: String,
    first_page_uri: String,
    next_page_uri: Option<String>,
    previous_page_uri: Option<String>,
}

/// `GET /Messages.json`
pub(super) async fn list(
    State(sim): State<Arc<Sim>>,
    _: Caller,
    RawQuery(raw): RawQuery,
) -> Result<Response, Refused> {
    count(&sim.stats.lists);
    let query = Query::parse(raw.as_deref().unwrap_or_default())?;
    let mut incomplete = false;
    for fault in sim.faults.draw(Stage::List, query.to.as_deref()) {
        match fault {
            Kind::ListDelay { ms } => sim.pause(ms).await,
            Kind::ListRefused { status } => return Err(Refused::with_status(status)),
            Kind::ListIncomplete => incomplete = true,
            _ => {}
        }
    }
    if query.token.as_deref() == Some(BROKEN) {
        return Err(Refused::new(20500));
    }
    let mut page = read(&sim, &query)?;
    if incomplete {
        page.messages.truncate(page.messages.len() / 2);
    }
    Ok(Json(show(&sim, &query, &page, incomplete)).into_response())
}

fn read(sim: &Sim, query: &Query) -> Result<Page, Refused> {
    let now_ms = now_ms();
    let shown = sim.shown();
    let selection = Selection {
        to: query.to.as_deref(),
        keep: &|message| {
            message.listed_ms <= now_ms
                && message.erased != Some(Erased::Record)
                && query
                    .from
                    .as_ref()
                    .is_none_or(|from| message.at(now_ms).from() == Some(from))
                && query.admits(message.date_sent_ms(now_ms).map(|ms| shown.at(ms)))
        },
    };
    let position = query.position(&sim.ledger)?;
    Ok(sim.ledger.page(&selection, &position, query.page_size))
}

fn show(sim: &Sim, query: &Query, page: &Page, incomplete: bool) -> Listing {
    let now_ms = now_ms();
    let sid = |index: Option<&usize>| {
        index.map(|&index| sim.ledger.read(index, |message| message.sid.clone()))
    };
    let path = format!("/2010-04-01/Accounts/{}/Messages.json", sim.account_sid);
    let uri = |number, token: Option<String>| format!("{path}?{}", query.at(number, token));
    let next_token = if incomplete {
        Some(BROKEN.to_owned())
    } else {
        sid(page.messages.last().filter(|_| page.more)).map(|sid| format!("PA{sid}"))
    };
    let previous_token = sid(page.messages.first().filter(|_| query.page > 0));
    let start = query.page * query.page_size;
    Listing {
        page: query.page,
        page_size: query.page_size,
        start,
        end: (start + page.messages.len()).saturating_sub(1).max(start),
        uri: uri(query.page, query.token.clone()),
        first_page_uri: uri(0, None),
        next_page_uri: next_token.map(|token| uri(query.page + 1, Some(token))),
        previous_page_uri: previous_token.map(|sid| uri(query.page - 1, Some(format!("PB{sid}")))),
        messages: page
            .messages
            .iter()
            .map(|&index| {
                sim.ledger
                    .read(index, |message| View::of(sim, &message.at(now_ms)))
            })
            .collect(),
    }
}
