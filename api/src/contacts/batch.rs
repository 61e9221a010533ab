//! Many contacts in one request, each judged and answered alone.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use axum::Json;
use axum::extract::{Request, State};
use futures_util::{StreamExt, stream};
use http::StatusCode;
use mysms_core::domain::{Address, UserId};
use mysms_core::store::StoreError;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use tokio::sync::Mutex;
use tokio::time::Instant;
use utoipa::ToSchema;

use super::places::Places;
use super::request::GivenContact;
use super::shelf;
use super::view::ContactView;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::{Checks, RawList, read_object};
use crate::openapi::problems::{Invalid, TooManyBatches, Unavailable};
use crate::problem::{self, Problem};
use crate::request_id::RequestId;
use crate::state::AppState;
use crate::store_timeout::as_one_request;

/// The most contacts of a batch.
const MOST: usize = 500;

/// Contacts that are stored at the same time.
const AT_ONCE: usize = 32;

/// After this no more contacts of a batch are begun, so that it is answered in time.
const TIME: Duration = Duration::from_secs(20);

/// Many contacts, as they came.
#[derive(Deserialize, ToSchema)]
#[schema(as = ContactBatch)]
#[serde(expecting = "an object with `contacts`")]
pub(super) struct Given<'a> {
    #[serde(borrow)]
    #[schema(value_type = Vec<GivenContact>, min_items = 1, max_items = 500)]
    contacts: Option<RawList<'a, MOST>>,
}

/// The answer to many contacts.
#[derive(Serialize, ToSchema)]
#[schema(as = ContactBatchAnswer)]
pub(super) struct BatchView {
    /// How many are kept.
    kept: usize,
    /// How many are not.
    refused: usize,
    /// An answer to each contact, in the order of the request.
    #[schema(value_type = Vec<ItemView<'static>>)]
    results: Vec<Box<RawValue>>,
}

/// The answer to one of many contacts: either `contact` or `problem` is there.
#[derive(Serialize, ToSchema)]
#[schema(as = ContactBatchResult)]
struct ItemView<'a> {
    /// What the HTTP status of a request of its own would have been.
    #[schema(example = 200)]
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<ContactView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Problem<'a>>,
    /// Seconds to wait before this contact is tried again, where a `Retry-After` would say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, example = 2)]
    retry_after: Option<u64>,
}

/// Keep many contacts
///
/// Up to 500, such as a part of an address book. Each is judged and answered alone, in the order of the request;
/// a bad one does not fail the others. It replaces what was known of its number.
#[utoipa::path(
    post, path = "/contacts/batch", tag = "contacts", operation_id = "putContacts",
    security(("token" = []), ("key" = ["contacts:write"])),
    request_body(content = Given<'_>, examples(
        ("two" = (value = json!({"contacts": [
            {"number": "+14155550123", "name": "Anna", "labels": ["family"]},
            {"number": "+14155550124", "name": "Bert", "note": "The neighbour."},
        ]}))),
    )),
    responses(
        (status = 200, description = "An answer to each", body = BatchView),
        Invalid, TooManyBatches, Unavailable,
    ),
)]
pub(super) async fn put_batch(
    State(state): State<AppState>,
    caller: Caller,
    request_id: RequestId,
    request: Request,
) -> Result<Json<BatchView>, ApiError> {
    let (body, _room) = state.batches.read(request, caller.user).await?;
    let _place = state.batches.place(caller.user)?;
    let contacts = read_object::<Given<'_>>(&body)?.checked()?;
    let most = u32::try_from(contacts.len()).unwrap_or(u32::MAX);
    let places = Places::new(&state, caller.user, most);
    let run = Run {
        state: &state,
        owner: caller.user,
        contacts: &contacts,
        places: &places,
        begun: Instant::now(),
        turns: Turns::default(),
    };
    let answers: Vec<_> = stream::iter(0..contacts.len())
        .map(|at| as_one_request(run.put(at)))
        .buffered(AT_ONCE)
        .collect()
        .await;
    if let Err(error) = places.give_back().await {
        // They are found once there is no room.
        problem::log(&error);
    }
    let kept = answers.iter().filter(|answer| answer.is_ok()).count();
    let results: serde_json::Result<_> = answers
        .into_iter()
        .map(|answer| described(answer, &request_id))
        .collect();
    Ok(Json(BatchView {
        kept,
        refused: contacts.len() - kept,
        results: results.map_err(|error| ApiError::Internal(Box::new(error)))?,
    }))
}

impl<'a> Given<'a> {
    fn checked(self) -> Result<Vec<&'a RawValue>, ApiError> {
        let mut checks = Checks::default();
        let contacts = match self.contacts {
            Some(contacts) => contacts.check("contacts", &mut checks),
            None => checks.refuse("contacts", "is required"),
        };
        checks.finish(contacts)
    }
}

/// The contacts of one batch on their way into the store.
struct Run<'a> {
    state: &'a AppState,
    owner: UserId,
    contacts: &'a [&'a RawValue],
    places: &'a Places<'a>,
    begun: Instant,
    turns: Turns,
}

/// Contacts with the same number are stored one after the other, so that the last one stays.
type Turns = std::sync::Mutex<HashMap<Address, Arc<Mutex<()>>>>;

impl Run<'_> {
    async fn put(&self, at: usize) -> Result<ContactView, ApiError> {
        if self.begun.elapsed() > TIME {
            let why = "the contacts before it took too long";
            return Err(StoreError::unavailable("the contacts", why).into());
        }
        let given: GivenContact = read_object(self.contacts[at].get().as_bytes())?;
        let contact = given.checked()?;
        let turn = self.turn(&contact.number);
        // Those that wait get it in the order in which they asked, which is that of the request.
        let _turn = turn.lock().await;
        shelf::put(self.state, self.owner, &contact, self.places).await?;
        Ok(contact.into())
    }

    fn turn(&self, number: &Address) -> Arc<Mutex<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(turns.entry(number.clone()).or_default())
    }
}

fn described(
    answer: Result<ContactView, ApiError>,
    request_id: &RequestId,
) -> serde_json::Result<Box<RawValue>> {
    match answer {
        Ok(contact) => to_raw_value(&ItemView {
            status: StatusCode::OK.as_u16(),
            contact: Some(contact),
            problem: None,
            retry_after: None,
        }),
        Err(refusal) => to_raw_value(&ItemView {
            status: refusal.status().as_u16(),
            contact: None,
            problem: Some(Problem::of(&refusal, request_id.as_str())),
            retry_after: refusal.retry_after(),
        }),
    }
}
