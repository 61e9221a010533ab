//! Many texts in one request, each judged and answered alone.

pub(super) mod preview;
mod request;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Json;
use axum::extract::{Request, State};
use futures_util::{StreamExt, stream};
use http::StatusCode;
use mysms_core::domain::{Class, IdempotencyKey};
use mysms_core::store::StoreError;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use tokio::time::Instant;
use utoipa::ToSchema;

use self::request::{Batch, Given, Item};
use super::idempotency::Key;
use super::submit::{Accepted, Submission};
use super::text::Text;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::openapi::problems::{Invalid, TooManyBatches};
use crate::openapi::schema;
use crate::problem::{self, Problem};
use crate::request_id::RequestId;
use crate::state::AppState;
use crate::store_timeout::as_one_request;
use crate::templates;
use crate::trace::Trace;
use crate::uploads::Attached;
use view::AcceptedView;

/// Texts that are stored at the same time: what a ledger takes in one round trip.
const AT_ONCE: usize = 64;

/// After this no more texts of a batch are begun, so that it is answered in time.
const TIME: Duration = Duration::from_secs(20);

/// A batch of more texts is one of bulk, if it says nothing else.
const BULK: usize = 100;

/// The answer to a batch.
#[derive(Serialize, ToSchema)]
#[schema(as = BatchAnswer)]
pub(crate) struct BatchView {
    /// How many texts were accepted, now or before.
    accepted: usize,
    /// How many were not.
    refused: usize,
    /// An answer to each text, in the order of the request.
    #[schema(value_type = Vec<ItemView<'static>>)]
    results: Vec<Box<RawValue>>,
}

/// The answer to a text of a batch: either `accepted` or `problem` is there.
#[derive(Serialize, ToSchema)]
#[schema(as = BatchResult)]
struct ItemView<'a> {
    /// What the HTTP status of a request of its own would have been.
    #[schema(example = 200)]
    status: u16,
    /// This is the first answer again; nothing new was sent.
    replayed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted: Option<AcceptedView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Problem<'a>>,
    /// Seconds to wait before this text is tried again, where a `Retry-After` would say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, example = 2)]
    retry_after: Option<u64>,
}

/// Send many messages
///
/// Up to 1,000: one content for many recipients, or messages each with its own. Each is judged and
/// answered alone, in the order of the request; a bad one does not fail the others. What is wrong
/// with what all have in common refuses the batch. Texts of a batch of more than 100 are `bulk`, unless
/// their `class` is given. A `reference` and `tags` beside them hold for each text that has none, or
/// lacks that key.
#[utoipa::path(
    post, path = "/messages/batch", tag = "messages", operation_id = "sendMessages",
    security(("token" = []), ("key" = ["messages:send"])),
    params(Key),
    request_body(content = schema::Batch, examples(
        ("a content for many" = (value = json!({
            "recipients": ["+14155550123", "+14155550124"], "content": "The shop opens at nine.",
        }))),
        ("each its own" = (value = json!({"messages": [
            {"recipient": "+14155550123", "content": "Hello, John", "idempotency_key": "john-1"},
            {"recipient": "+14155550124", "content": "Hello, Jane", "validity_seconds": 600},
        ]}))),
        ("in the morning, wherever they are" = (value = json!({"messages": [
            {"recipient": "+14155550123", "content": "Hello, John", "class": "bulk",
             "send_at_local": "2026-01-31T09:00", "time_zone": "America/Los_Angeles"},
            {"recipient": "+14155550124", "content": "Hello, Jane", "class": "bulk",
             "send_at_local": "2026-01-31T09:00", "time_zone": "America/New_York"},
        ]}))),
        ("of a template" = (value = json!({"messages": [
            {"recipient": "+14155550123", "template": schema::TEMPLATE_ID, "fields": {"name": "John"}},
            {"recipient": "+14155550124", "template": schema::TEMPLATE_ID, "fields": {"name": "Jane"}},
        ]}))),
        ("to be found again" = (value = json!({"messages": [
            {"recipient": "+14155550123", "content": "Hello, John", "tags": {"customer": "17"}},
            {"recipient": "+14155550124", "content": "Hello, Jane", "tags": {"customer": "18"}},
        ], "reference": "spring", "tags": {"kind": "campaign"}}))),
    )),
    responses(
        (status = 200, description = "An answer to each", body = BatchView),
        Invalid, TooManyBatches,
    ),
)]
pub(super) async fn send_batch(
    State(state): State<AppState>,
    caller: Caller,
    request_id: RequestId,
    trace: Trace,
    Key(key): Key,
    request: Request,
) -> Result<Json<BatchView>, ApiError> {
    let (body, _room) = state.batches.read(request, caller.user).await?;
    let _place = state.batches.place(caller.user)?;
    let batch = Batch::read(&body, key)?;
    let run = Run {
        submission: submission((&state, &caller, &trace), &batch),
        request_id: &request_id,
        begun: Instant::now(),
        stopped: AtomicBool::new(false),
    };
    let answers: Vec<_> = stream::iter(0..batch.len())
        .map(|place| run.answer(&batch, place))
        .buffered(AT_ONCE)
        .collect()
        .await;
    let mut view = BatchView {
        accepted: 0,
        refused: 0,
        results: Vec::with_capacity(answers.len()),
    };
    for answer in answers {
        let (accepted, answer) = answer.map_err(|error| ApiError::Internal(Box::new(error)))?;
        view.accepted += usize::from(accepted);
        view.refused += usize::from(!accepted);
        view.results.push(answer);
    }
    Ok(Json(view))
}

fn submission<'a>(
    (state, caller, trace): (&'a AppState, &'a Caller, &'a Trace),
    batch: &Batch<'_>,
) -> Submission<'a> {
    Submission {
        state,
        caller,
        trace,
        usual_class: if batch.len() > BULK {
            Class::Bulk
        } else {
            Class::default()
        },
        attached: Attached::default(),
        templates: templates::Known::default(),
    }
}

/// The texts of one batch on their way into the ledger.
struct Run<'a> {
    submission: Submission<'a>,
    request_id: &'a RequestId,
    begun: Instant,
    /// The ledger did not answer in time for one of them, so the rest are not begun.
    stopped: AtomicBool,
}

impl Run<'_> {
    /// Whether a text was accepted, and what is said of it.
    async fn answer(
        &self,
        batch: &Batch<'_>,
        place: usize,
    ) -> serde_json::Result<(bool, Box<RawValue>)> {
        let refusal = match self.item(batch, place).await {
            Ok(Item { text, key }) => match self.accept(&text, key).await {
                Ok(Accepted { view, replayed }) => {
                    let answer = to_raw_value(&ItemView {
                        status: StatusCode::OK.as_u16(),
                        replayed,
                        accepted: Some(view),
                        problem: None,
                        retry_after: None,
                    });
                    return Ok((true, answer?));
                }
                Err(error) => error,
            },
            Err(error) => error,
        };
        let answer = to_raw_value(&ItemView {
            status: refusal.status().as_u16(),
            replayed: false,
            accepted: None,
            problem: Some(Problem::of(&refusal, self.request_id.as_str())),
            retry_after: refusal.retry_after(),
        });
        Ok((false, answer?))
    }

    /// A text of the batch, with what is known of its files.
    async fn item(&self, batch: &Batch<'_>, place: usize) -> Result<Item, ApiError> {
        let given = self.word(batch.given(place)?).await?;
        let Item { text, key } = batch.item(place, given)?;
        if self.is_over() {
            return Ok(Item { text, key });
        }
        let text = as_one_request(self.submission.describe_files(text)).await;
        let text = text.inspect_err(|error| self.note(error))?;
        Ok(Item { text, key })
    }

    /// Makes the text of a message that names a template.
    async fn word(&self, given: Given) -> Result<Given, ApiError> {
        if !given.names_template() {
            return Ok(given);
        }
        self.go_on()?;
        let worded = as_one_request(given.worded(&self.submission)).await;
        worded.inspect_err(|error| self.note(error))
    }

    /// No more texts are begun.
    fn is_over(&self) -> bool {
        self.stopped.load(Ordering::Relaxed) || self.begun.elapsed() > TIME
    }

    fn go_on(&self) -> Result<(), ApiError> {
        if self.is_over() {
            return Err(too_late());
        }
        Ok(())
    }

    async fn accept<'t>(
        &self,
        text: &'t Text,
        key: Option<IdempotencyKey>,
    ) -> Result<Accepted<'t>, ApiError> {
        self.go_on()?;
        Box::pin(as_one_request(self.submission.accept(text, key)))
            .await
            .inspect_err(|error| self.note(error))
    }

    fn note(&self, error: &ApiError) {
        match error {
            ApiError::Unavailable(_) | ApiError::Unclear(_) => {
                // Of what fails together one is enough for the log.
                if !self.stopped.swap(true, Ordering::Relaxed) {
                    problem::log(error);
                }
            }
            error => problem::log(error),
        }
    }
}

/// Why a text is not begun.
fn too_late() -> ApiError {
    let why = "the texts before it took too long";
    StoreError::unavailable("the ledger", why).into()
}
