use axum::Json as Answer;
use axum::extract::State;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use mysms_core::domain::Browser;
use serde::Serialize;
use utoipa::ToSchema;

use super::request::WantedPush;
use super::shelf;
use crate::auth::TokenHolder;
use crate::error::ApiError;
use crate::extract::Json;
use crate::openapi::problems::{Invalid, Unavailable};
use crate::state::AppState;

/// Whether the caller's login is told of what comes in by its browser's push service.
#[derive(Serialize, ToSchema)]
#[schema(as = Push)]
pub(super) struct PushView {
    /// The `applicationServerKey` of this installation, which stays the same.
    #[schema(
        example = "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"
    )]
    public_key: String,
    /// Whether a browser is told that asked for it in this login.
    subscribed: bool,
    /// Whether it is told what was written, and not only by whom.
    with_text: bool,
}

/// What became of what a browser asked for.
#[derive(Serialize, ToSchema)]
pub(super) struct PushDone {
    #[schema(example = "Push notifications turned on")]
    message: &'static str,
}

/// Whether the caller's browser is told by push
///
/// And the key of this installation, which `pushManager.subscribe` needs.
#[utoipa::path(
    get, path = "/push", tag = "push", operation_id = "getPush",
    responses(
        (status = 200, description = "How it is told", body = PushView), Unavailable,
    ),
)]
pub(super) async fn show(
    State(state): State<AppState>,
    caller: TokenHolder,
) -> Result<Answer<PushView>, ApiError> {
    let key = state.store_timeout.once(state.bell.public_key()).await?;
    let browsers = shelf::read(&state, caller.user).await?;
    let browser = browsers.of(caller.token.session);
    Ok(Answer(PushView {
        public_key: BASE64_URL_SAFE_NO_PAD.encode(key),
        subscribed: browser.is_some(),
        with_text: browser.is_some_and(|browser| browser.with_text),
    }))
}

/// Tell the caller's browser by push
///
/// From now on it is told of each text that comes in, at most once a second of each conversation, until the login
/// ends: in JSON with `counterpart`, `name` if it is a contact, and `text` if that is wanted. A login has one such
/// browser, a user 20; of more the oldest is told no more. What is told is sealed for the browser, and may be lost.
#[utoipa::path(
    put, path = "/push", tag = "push", operation_id = "putPush",
    request_body(content = WantedPush, examples(
        ("a browser" = (value = json!({
            "endpoint": "https://1.1.1.1/send/c1KrmpTuRm",
            "keys": {
                "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
                "auth": "BTBZMqHH6r4Tts7J_aSIgg",
            },
            "with_text": true,
        }))),
    )),
    responses(
        (status = 200, description = "It is told from now on", body = PushDone), Invalid, Unavailable,
    ),
)]
pub(super) async fn put(
    State(state): State<AppState>,
    caller: TokenHolder,
    Json(request): Json<WantedPush>,
) -> Result<Answer<PushDone>, ApiError> {
    let browser = request.checked(&state, caller.token).await?;
    shelf::take(&state, caller.user, &browser.url).await?;
    shelf::change(&state, caller.user, |browsers| {
        browsers.keep(browser.clone());
    })
    .await?;
    Ok(Answer(PushDone {
        message: "Push notifications turned on",
    }))
}

/// Tell the caller's browser nothing more by push
///
/// The one of this login; those of the user's other logins are told as before.
#[utoipa::path(
    delete, path = "/push", tag = "push", operation_id = "deletePush",
    responses(
        (status = 200, description = "It is told nothing more", body = PushDone), Unavailable,
    ),
)]
pub(super) async fn delete(
    State(state): State<AppState>,
    caller: TokenHolder,
) -> Result<Answer<PushDone>, ApiError> {
    let session = caller.token.session;
    let forget = |browser: &Browser| browser.session() == session;
    shelf::change(&state, caller.user, |browsers| browsers.forget(forget)).await?;
    Ok(Answer(PushDone {
        message: "Push notifications turned off",
    }))
}
