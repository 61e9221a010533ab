//! What would become of many texts.

use std::collections::BTreeSet;
use std::future::ready;

use axum::Json;
use axum::extract::{Request, State};
use futures_util::{StreamExt, TryStreamExt, stream};
use mysms_core::domain::{SenderAddress, Timestamp};
use serde::Serialize;
use tokio::time::Instant;
use utoipa::ToSchema;

use super::request::Batch;
use super::{AT_ONCE, TIME, submission, too_late};
use crate::auth::Caller;
use crate::error::{ApiError, FieldError, fault};
use crate::messages::idempotency::Key;
use crate::messages::preview::{Limit, Preview, judge};
use crate::messages::submit::Submission;
use crate::openapi::problems::{Invalid, TooManyBatches, Unavailable};
use crate::openapi::schema;
use crate::state::AppState;
use crate::store_timeout::as_one_request;
use crate::trace::Trace;

/// The answer to a dry run of a batch. Each text is judged as if it were sent alone, so what they make each other
/// wait, and whether a limit is left for all of them, is not told.
#[derive(Default, Serialize, ToSchema)]
pub(crate) struct BatchPreview {
    dry_run: bool,
    /// How many texts no rule refuses.
    acceptable: usize,
    /// How many are.
    refused: usize,
    /// Of all acceptable texts.
    segments: u64,
    /// What they would leave from.
    #[schema(value_type = Vec<schema::SenderAddress>)]
    senders: BTreeSet<SenderAddress>,
    /// When the first of them could leave at the earliest; null if one could at once.
    #[schema(value_type = Option<schema::Timestamp>, required)]
    starts_at: Option<Timestamp>,
    /// When the last of them would be likely to leave; null if that cannot be told of one.
    #[schema(value_type = Option<schema::Timestamp>, required)]
    expected_at: Option<Timestamp>,
    /// By when all would have left in nineteen of twenty cases.
    #[schema(value_type = Option<schema::Timestamp>, required)]
    expected_by: Option<Timestamp>,
    /// Why the others are refused, in the order of the request.
    refusals: Vec<Refusal>,
}

/// Why a text of a batch is refused.
#[derive(Serialize, ToSchema)]
#[schema(as = BatchRefusal)]
struct Refusal {
    /// The place of the text in the request, from 0.
    #[schema(example = 17)]
    index: usize,
    /// Every rule that refuses it, but for the limits.
    errors: Vec<FieldError>,
    /// Every limit that refuses it now, and whether its recipient does.
    limits: Vec<Limit>,
}

/// Preview many messages
///
/// Judges up to 1,000 messages as `POST /messages/preview` does one, and tells of all of them how many would be
/// accepted, what they would cost and when they would leave; and of each that would be refused why. Nothing is
/// stored, sent or counted. What is wrong with what all have in common is a 400, as it is for the batch itself.
#[utoipa::path(
    post, path = "/messages/batch/preview", tag = "messages", operation_id = "previewMessages",
    security(("token" = []), ("key" = ["messages:send"])),
    params(Key),
    request_body(content = schema::Batch, examples(
        ("a content for many" = (value = json!({
            "recipients": ["+14155550123", "+14155550124"], "content": "The shop opens at nine.",
        }))),
        ("each its own" = (value = json!({"messages": [
            {"recipient": "+14155550123", "content": "Hello, John"},
            {"recipient": "+14155550124", "content": "Hello, Jane", "validity_seconds": 600},
        ]}))),
    )),
    responses(
        (status = 200, description = "What would become of them", body = BatchPreview),
        Invalid, TooManyBatches, Unavailable,
    ),
)]
pub(in crate::messages) async fn preview_batch(
    State(state): State<AppState>,
    caller: Caller,
    trace: Trace,
    Key(key): Key,
    request: Request,
) -> Result<Json<BatchPreview>, ApiError> {
    let (body, _room) = state.batches.read(request, caller.user).await?;
    let _place = state.batches.place(caller.user)?;
    let batch = Batch::read(&body, key)?;
    let submission = submission((&state, &caller, &trace), &batch);
    let begun = Instant::now();
    let judged = stream::iter(0..batch.len()).map(|place| {
        let judged = preview_of(&submission, &batch, place);
        async move {
            if begun.elapsed() > TIME {
                return Err(too_late());
            }
            as_one_request(judged).await
        }
    });
    let told = judged
        .buffered(AT_ONCE)
        .try_fold(BatchPreview::new(), |told, text| ready(Ok(told.with(text))))
        .await?;
    Ok(Json(told))
}

/// What is told of one text, or what is wrong with it if it cannot even be read.
async fn preview_of(
    submission: &Submission<'_>,
    batch: &Batch<'_>,
    place: usize,
) -> Result<Result<Preview, Vec<FieldError>>, ApiError> {
    let read = async {
        let given = batch.given(place)?.worded(submission).await?;
        let words = given.words().map(str::to_owned);
        let (draft, key) = batch.draft(place, given)?;
        judge(submission, Ok(Key(key)), draft, words).await
    };
    match read.await {
        Ok(preview) => Ok(Ok(preview)),
        Err(error) if error.status().is_client_error() => Ok(Err(faults(&error))),
        Err(error) => Err(error),
    }
}

/// What is wrong with a text that cannot be read.
fn faults(error: &ApiError) -> Vec<FieldError> {
    let fields = error.fields();
    if fields.is_empty() {
        return fault("messages", &error.to_string());
    }
    fields
}

impl BatchPreview {
    fn new() -> Self {
        Self {
            dry_run: true,
            ..Self::default()
        }
    }

    /// What is told of the texts before it and of this one.
    fn with(mut self, text: Result<Preview, Vec<FieldError>>) -> Self {
        match text {
            Ok(preview) if preview.acceptable => self.accept(preview),
            Ok(Preview { errors, limits, .. }) => self.refuse(errors, limits),
            Err(errors) => self.refuse(errors, Vec::new()),
        }
        self
    }

    fn accept(&mut self, text: Preview) {
        let is_first = self.acceptable == 0;
        self.acceptable += 1;
        self.segments += u64::from(text.segments.unwrap_or_default());
        self.senders.extend(text.sender);
        // Absent is earlier than any time, and known of none.
        let starts_at = self.starts_at.min(text.starts_at);
        self.starts_at = if is_first { text.starts_at } else { starts_at };
        let latest = |known: Option<Timestamp>, of_text: Option<Timestamp>| match known {
            _ if is_first => of_text,
            known => known
                .zip(of_text)
                .map(|(known, of_text)| known.max(of_text)),
        };
        self.expected_at = latest(self.expected_at, text.expected_at);
        self.expected_by = latest(self.expected_by, text.expected_by);
    }

    fn refuse(&mut self, errors: Vec<FieldError>, limits: Vec<Limit>) {
        let index = self.acceptable + self.refused;
        self.refused += 1;
        self.refusals.push(Refusal {
            index,
            errors,
            limits,
        });
    }
}
