use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header::HOST, header::LOCATION},
    response::{IntoResponse as _, Response},
};
use serde::Serialize;

use crate::{auth::Caller, error::Refused, media::Medium, state::Sim, stats::count};

/// A media resource.
#[derive(Serialize)]
struct View {
    account_sid: String,
    content_type: String,
    date_created: String,
    date_updated: String,
    parent_sid: String,
    sid: String,
    uri: String,
}

/// The files of a message, always on one page.
#[derive(Serialize)]
struct Listing {
    media_list: Vec<View>,
    page: usize,
    page_size: usize,
    start: usize,
    end: usize,
    uri: String,
    first_page_uri: String,
    next_page_uri: Option<String>,
    previous_page_uri: Option<String>,
}

/// `GET /Messages/{Sid}/Media.json`
pub(super) async fn list(
    State(sim): State<Arc<Sim>>,
    _: Caller,
    Path((_, message)): Path<(String, String)>,
) -> Result<Response, Refused> {
    count(&sim.stats.media_lists);
    let index = sim.ledger.resource(&message);
    let index = index.ok_or_else(|| Refused::new(20404))?;
    let views = sim.ledger.read(index, |message| {
        let media = message.media.iter();
        let view = |medium| View::of(&sim, &message.sid, message.created_ms, medium);
        media.map(view).collect::<Vec<_>>()
    });
    let uri = format!(
        "/2010-04-01/Accounts/{}/Messages/{message}/Media.json?PageSize=50&Page=0",
        sim.account_sid
    );
    Ok(Json(Listing {
        page: 0,
        page_size: 50,
        start: 0,
        end: views.len().saturating_sub(1),
        first_page_uri: uri.clone(),
        uri,
        next_page_uri: None,
        previous_page_uri: None,
        media_list: views,
    })
    .into_response())
}

/// `GET /Messages/{Sid}/Media/{Sid}.json` tells about a file; without `.json` it leads to the content.
pub(super) async fn fetch(
    State(sim): State<Arc<Sim>>,
    _: Caller,
    Path((_, message, file)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let sid = file.strip_suffix(".json");
    let index = sim.ledger.resource(&message);
    let index = index.ok_or_else(|| Refused::new(20404))?;
    let view = sim.ledger.read(index, |message| {
        let mut media = message.media.iter();
        let found = media.find(|medium| medium.sid == sid.unwrap_or(&file));
        found.map(|medium| View::of(&sim, &message.sid, message.created_ms, medium))
    });
    let view = view.ok_or_else(|| Refused::new(20404))?;
    if sid.is_some() {
        return Ok(Json(view).into_response());
    }
    count(&sim.stats.media_fetches);
    let base = sim.live().settings.content_url.clone();
    let base = base.unwrap_or_else(|| own_address(&headers));
    let location = HeaderValue::try_from(format!("{base}/content/{file}"));
    let location = location.map_err(|_| Refused::new(20500))?;
    let redirect = (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, location)]);
    Ok(redirect.into_response())
}

/// `DELETE /Messages/{Sid}/Media/{Sid}`
pub(super) async fn delete(
    State(sim): State<Arc<Sim>>,
    _: Caller,
    Path((_, message, file)): Path<(String, String, String)>,
) -> Result<StatusCode, Refused> {
    let sid = file.strip_suffix(".json").unwrap_or(&file);
    match sim.ledger.delete_medium(&message, sid) {
        Ok(true) => Ok(StatusCode::NO_CONTENT),
        Ok(false) => Err(Refused::new(20404)),
        Err(error) => {
            tracing::error!(%error, "the ledger cannot be written");
            Err(Refused::new(20500))
        }
    }
}

/// As the caller knows it.
fn own_address(headers: &HeaderMap) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    format!("http://{}", host.unwrap_or_default())
}

impl View {
    fn of(sim: &Sim, message: &str, created_ms: i64, medium: &Medium) -> Self {
        let created = sim.shown().rfc2822(created_ms);
        let (account, sid) = (&sim.account_sid, &medium.sid);
        Self {
            account_sid: account.clone(),
            content_type: medium.content_type.clone(),
            date_created: created.clone(),
            date_updated: created,
            parent_sid: message.to_owned(),
            sid: sid.clone(),
            uri: format!("/2010-04-01/Accounts/{account}/Messages/{message}/Media/{sid}.json"),
        }
    }
}
