use axum::Json as Answer;
use axum::extract::{RawQuery, State};
use mysms_core::domain::{Address, Consent, Evidence, Note, SenderAddress, Standing, Wish};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::view::{Known, OptOutView};
use super::{Keeper, Number};
use crate::error::ApiError;
use crate::extract::{Checks, Field, Json};
use crate::openapi::problems::{ConsentClosed, Invalid, Unavailable};
use crate::openapi::schema;
use crate::state::AppState;

const AT_PROVIDER: &str = "Twilio refuses texts to whoever texted STOP to the sender (error 21610), whatever \
    is said here. Only a text with START from them lifts that.";
const ONLY_HERE: &str = "Nothing is known here that Twilio would refuse texts for. If it refuses the next one \
    (error 21610), the number is opted out again, until they text START to the sender.";

/// What somebody wants.
#[derive(Deserialize, ToSchema)]
#[schema(as = OptOutRequest)]
#[serde(expecting = "an object that may have `sender` and `note`")]
pub(super) struct PutOptOut {
    /// Of what they want no texts; of all senders, if it is left out.
    #[serde(default)]
    #[schema(value_type = Option<schema::SenderAddress>)]
    sender: Field,
    /// How it is known: 1 to 500 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500, example = "She called.")]
    note: Field,
}

/// Of what an opt-out is lifted.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct OfSender {
    /// The sender; all senders, if it is left out.
    #[param(inline, value_type = schema::SenderAddress, required = false)]
    sender: Option<SenderAddress>,
}

/// What is known once an opt-out was lifted, and what that can do.
#[derive(Serialize, ToSchema)]
#[schema(as = LiftedOptOut)]
pub(super) struct LiftedView {
    #[serde(flatten)]
    known: OptOutView,
    /// The provider is known to refuse texts to the number, which nothing said here changes.
    #[schema(example = true)]
    refused_by_provider: bool,
    /// What lifting it here can do at the provider, and what it cannot.
    #[schema(example = "Twilio refuses texts to whoever texted STOP.")]
    at_provider: &'static str,
}

/// Say that somebody wants no texts
///
/// Of one sender, or of all: then the state of each sender does not matter, and a `maybe` of a sender that the
/// caller looks after is settled, too. What waits to be sent to them from there fails as
/// `recipient_opted_out`. It is kept for ever who said so, when, and the note.
#[utoipa::path(
    put, path = "/opt-outs/{number}", tag = "consent", operation_id = "putOptOut",
    security(("token" = []), ("key" = ["consent:write"])),
    params(Number),
    request_body(content = PutOptOut, examples(
        ("all senders" = (value = json!({"note": "She called."}))),
        ("one sender" = (value = json!({"sender": "+15005550006"}))),
    )),
    responses(
        (status = 200, description = "What is known now", body = OptOutView),
        Invalid, ConsentClosed, Unavailable,
    ),
)]
pub(super) async fn put(
    State(state): State<AppState>,
    keeper: Keeper,
    Number(number): Number,
    Json(request): Json<PutOptOut>,
) -> Result<Answer<OptOutView>, ApiError> {
    // What is no number of anybody would seem to be stored, and stop nothing.
    let number = Address::named(number.as_str())
        .map_err(|error| ApiError::invalid("number", error.to_string()))?;
    let mut checks = Checks::default();
    let sender = checks.optional("sender", request.sender, |text| SenderAddress::parse(&text));
    let note = checks.optional("note", request.note, |text| Note::parse(&text));
    let (sender, note) = checks.finish(Some((sender, note)))?;
    let scope = keeper.scope(sender.as_ref())?;
    let before = Known::read(&state, &keeper, &number).await?;
    let subject = (number.clone(), &*scope, Consent::Withdrawn);
    let wish = decided(&state, &keeper, subject, &before);
    heed(&state, &keeper, &wish, note).await?;
    let known = Known::read(&state, &keeper, &number).await?;
    Ok(Answer(known.view(&keeper, number)))
}

/// Say that somebody wants texts again
///
/// Lifts an opt-out of one sender, or of all; that of all senders leaves those of single ones as they are. It
/// also settles a `maybe`; said of all senders, that of each one that the caller looks after. Where there is
/// neither, nothing changes. The answer tells what it can do at the provider: a STOP that the provider has
/// heeded is lifted only by a START of whoever wrote it.
#[utoipa::path(
    delete, path = "/opt-outs/{number}", tag = "consent", operation_id = "deleteOptOut",
    security(("token" = []), ("key" = ["consent:write"])),
    params(Number, OfSender),
    responses(
        (status = 200, description = "What is known now", body = LiftedView),
        Invalid, ConsentClosed, Unavailable,
    ),
)]
pub(super) async fn delete(
    State(state): State<AppState>,
    keeper: Keeper,
    Number(number): Number,
    RawQuery(query): RawQuery,
) -> Result<Answer<LiftedView>, ApiError> {
    let query = query.unwrap_or_default();
    let mut checks = Checks::default();
    let sender = checks.parameter("sender", &query, |text| SenderAddress::parse(&text));
    let OfSender { sender } = checks.finish(Some(OfSender { sender }))?;
    let scope = keeper.scope(sender.as_ref())?;
    let before = Known::read(&state, &keeper, &number).await?;
    let refused_by_provider = before.is_refused_by_provider(&scope);
    let subject = (number.clone(), &*scope, Consent::Given);
    let mut wish = decided(&state, &keeper, subject, &before);
    let is_open = |it: &Standing| it.consent != Consent::Given;
    wish.senders
        .retain(|sender| before.of(sender).is_some_and(is_open));
    if !wish.senders.is_empty() {
        heed(&state, &keeper, &wish, None).await?;
    }
    let known = Known::read(&state, &keeper, &number).await?;
    Ok(Answer(LiftedView {
        known: known.view(&keeper, number),
        refused_by_provider,
        at_provider: if refused_by_provider {
            AT_PROVIDER
        } else {
            ONLY_HERE
        },
    }))
}

/// What a user says now that somebody wants.
fn decided(
    state: &AppState,
    keeper: &Keeper,
    subject: (Address, &str, Consent),
    known: &Known,
) -> Wish {
    let looks_after = |sender: &str| keeper.looks_after(sender);
    Wish::decided(subject, &known.standings, looks_after, state.clock.now())
}

async fn heed(
    state: &AppState,
    keeper: &Keeper,
    wish: &Wish,
    note: Option<Note>,
) -> Result<(), ApiError> {
    let evidence = Evidence::user(keeper.caller.user, note);
    let now = state.clock.now();
    let heed = || state.wishes.heed(wish, &evidence, now);
    state.store_timeout.repeat(heed).await?;
    tracing::info!(
        user.id = %keeper.caller.user, recipient = %wish.recipient.redacted(),
        consent = wish.consent.as_str(), "a user said what somebody wants",
    );
    Ok(())
}
