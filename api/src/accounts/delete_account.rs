use std::time::Duration;

use axum::Json as Answer;
use axum::extract::State;
use mysms_core::chain::Chain;
use mysms_core::clock::MAX_CLOCK_SKEW;
use mysms_core::domain::{Revocation, UserId};
use mysms_core::store::{Kind, Result, editing};
use runtime::lifecycle::TaskResult;
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use super::confirm_password::{AccountDone, confirm_password};
use crate::auth::TokenHolder;
use crate::client_address::ClientAddress;
use crate::error::ApiError;
use crate::extract::{Checks, Field, Json};
use crate::openapi::problems::{Busy, Invalid, TooManyAttempts, Unavailable, WrongPassword};
use crate::openapi::schema;
use crate::state::AppState;
use crate::store_timeout::StoreTimeout;
use crate::{claims, contacts, conversations, endpoints, push, templates};

const PASSWORD: &str = "password";

/// How long whoever leaves waits for their messages to be deleted.
const ERASE_WITHIN: Duration = Duration::from_secs(10);

/// How often closed accounts are looked for whose texts are not deleted yet, because that took too long
/// or the process died: until then what is queued of them is sent.
const INTERVAL: Duration = Duration::from_secs(5);

/// From when on a closed account gets no more messages: the end of its tokens is known everywhere,
/// and no request from before is still under way.
const QUIET_AFTER: Duration = Duration::from_mins(2);

/// Closed accounts that are erased in a row.
const BATCH: usize = 100;

#[derive(Deserialize, ToSchema)]
#[serde(expecting = "an object with `password`")]
pub(super) struct Leave {
    #[serde(default)]
    #[schema(required, value_type = schema::Password)]
    password: Field,
}

/// Delete the caller, and all their messages
///
/// The name is free at once. Messages still `queued` are never sent.
#[utoipa::path(
    delete, path = "/me", tag = "accounts", operation_id = "deleteMe",
    request_body(content = Leave, examples(
        ("for good" = (value = json!({"password": "password123"}))),
    )),
    responses(
        (status = 200, description = "The user is gone, and all tokens have ended", body = AccountDone),
        Invalid, WrongPassword, TooManyAttempts, Busy, Unavailable,
    ),
)]
pub(super) async fn close(
    State(state): State<AppState>,
    caller: TokenHolder,
    client: ClientAddress,
    Json(request): Json<Leave>,
) -> std::result::Result<Answer<AccountDone>, ApiError> {
    let password = request.checked()?;
    let user = confirm_password(&state, &caller, client, (PASSWORD, password)).await?;
    let now = state.clock.now();
    let closed = state
        .store_timeout
        .repeat(|| {
            state
                .stores
                .accounts
                .close_account(user.id, &user.password_hash, now)
        })
        .await?;
    if !closed {
        // The password was changed, or the account closed, since it was read.
        return Err(ApiError::WrongPassword { field: PASSWORD });
    }
    state.revoked.note(Revocation::User {
        user: user.id,
        generation: user.generation + 1,
        at: now,
    });
    state.api_keys.has_left(user.id);
    // Whatever comes of it, be it that it takes too long or that the process dies: the account is
    // closed, and `erase_closed` does the rest.
    let forget = forget_webhooks(&state, user.id);
    if let Err(error) = state.store_timeout.once(forget).await {
        tracing::warn!(error = %Chain(&error), "the webhooks of a closed account are removed later");
    }
    let forget = forget_people(&state, user.id);
    if let Err(error) = state.store_timeout.once(forget).await {
        tracing::warn!(error = %Chain(&error), "the contacts of a closed account are removed later");
    }
    let forget = forget_uploads(&state, user.id);
    if let Err(error) = state.store_timeout.once(forget).await {
        tracing::warn!(error = %Chain(&error), "the files of a closed account are removed later");
    }
    let delete =
        StoreTimeout(ERASE_WITHIN).once(state.stores.ledger.delete_everywhere(user.id, now));
    match delete.await {
        Ok(deleted) => tracing::info!(deleted, "the messages of a closed account are deleted"),
        Err(error) => tracing::warn!(
            error = %Chain(&error),
            "the messages of a closed account are deleted later"
        ),
    }
    Ok(Answer(AccountDone {
        message: "User deleted successfully",
    }))
}

impl Leave {
    fn checked(self) -> std::result::Result<SecretString, ApiError> {
        let mut checks = Checks::default();
        let password = checks.text(PASSWORD, self.password);
        checks.finish(password.map(SecretString::from))
    }
}

/// Deletes what is left of closed accounts, until the process stops.
pub(crate) async fn erase_closed(state: AppState) -> TaskResult {
    let erase = async {
        loop {
            tokio::time::sleep(INTERVAL).await;
            if let Err(error) = erase_due(&state).await {
                tracing::warn!(
                    error = %Chain(&error),
                    "closed accounts are not erased yet, trying again"
                );
            }
        }
    };
    state.lifecycle.soft().run_until_cancelled(erase).await;
    Ok(())
}

async fn forget_webhooks(state: &AppState, user: UserId) -> Result<()> {
    for user in user.in_all_worlds() {
        endpoints::forget_all(state, user).await?;
    }
    Ok(())
}

/// Whom they knew, what they noted on conversations, their templates, their browsers, and for what they
/// claimed room.
async fn forget_people(state: &AppState, user: UserId) -> Result<()> {
    for user in user.in_all_worlds() {
        contacts::forget_all(state, user).await?;
        templates::forget_all(state, user).await?;
        conversations::forget_all(state, user).await?;
        push::forget_all(state, user).await?;
        claims::forget_all(state, user).await?;
    }
    Ok(())
}

async fn forget_uploads(state: &AppState, user: UserId) -> Result<()> {
    for user in user.in_all_worlds() {
        state.stores.uploads.remove_uploads(user).await?;
    }
    Ok(())
}

async fn forget_settings(state: &AppState, user: UserId) -> Result<()> {
    let records = &*state.stores.records;
    for user in user.in_all_worlds() {
        let key = user.to_string();
        editing::remove(records, (Kind::Settings, &key), state.clock.now()).await?;
    }
    Ok(())
}

/// Several processes may do the same at once.
pub(crate) async fn erase_due(state: &AppState) -> Result<()> {
    let now = state.clock.now();
    // Whatever has become of who closed them: nothing more of theirs is sent.
    let closed = state
        .stores
        .accounts
        .to_be_erased(now + MAX_CLOCK_SKEW, BATCH);
    for user in closed.await? {
        if let Err(error) = state.stores.ledger.delete_everywhere(user, now).await {
            tracing::warn!(error = %Chain(&error), "the texts of a closed account are not deleted yet");
        }
    }
    loop {
        let closed = state.stores.accounts.to_be_erased(now - QUIET_AFTER, BATCH);
        let closed = closed.await?;
        for user in &closed {
            state.stores.ledger.delete_everywhere(*user, now).await?;
            state.stores.sessions.forget_all(*user).await?;
            forget_settings(state, *user).await?;
            forget_uploads(state, *user).await?;
            state.stores.keys.forget_keys(*user).await?;
            forget_webhooks(state, *user).await?;
            forget_people(state, *user).await?;
            state.stores.accounts.erased(*user, now).await?;
        }
        if closed.len() < BATCH {
            return Ok(());
        }
    }
}
