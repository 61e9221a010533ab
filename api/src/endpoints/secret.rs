use axum::Json as Answer;
use axum::extract::State;
use mysms_core::domain::Secret;
use serde::Deserialize;
use utoipa::ToSchema;

use super::OwnEndpoint;
use super::shelf;
use super::view::RevealedView;
use crate::error::ApiError;
use crate::extract::{Checks, Field, JsonBody, read_optional_object};
use crate::openapi::problems::{Invalid, NotFound, Unavailable};
use crate::openapi::schema;
use crate::state::AppState;

#[derive(Default, Deserialize, ToSchema)]
#[serde(expecting = "an object with `secret`")]
pub(super) struct NextSecret {
    /// A new one, if it is left out.
    #[serde(default)]
    #[schema(value_type = Option<schema::WebhookSecret>)]
    secret: Field,
}

/// Give a webhook another secret
///
/// It is shown only in this answer. The one before signs beside it for 24 hours more; one that did so
/// until now signs no more. One that took nothing is tried at once with what waits.
#[utoipa::path(
    post, path = "/webhooks/{id}/secret", tag = "webhooks", operation_id = "rotateWebhookSecret",
    security(("token" = []), ("key" = ["webhooks:write"])),
    params(OwnEndpoint),
    request_body(content = Option<NextSecret>, examples(
        ("a new one" = (value = json!({}))),
        ("one of yours" = (value = json!({"secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"}))),
    )),
    responses(
        (status = 200, description = "The webhook, with its secret", body = RevealedView),
        Invalid, NotFound, Unavailable,
    ),
)]
pub(super) async fn rotate(
    State(state): State<AppState>,
    own: OwnEndpoint,
    JsonBody(body): JsonBody,
) -> Result<Answer<RevealedView>, ApiError> {
    let secret = read_optional_object::<NextSecret>(&body)?.checked()?;
    let now = state.clock.now();
    let known = shelf::find(&state, own).await?;
    let changed = shelf::mend(&state, &known, |endpoint| {
        endpoint.secrets.rotate(secret.clone(), now);
        Ok(())
    });
    let view = shelf::view(&state, &changed.await?).await?;
    Ok(Answer(view.with_secret(&secret)))
}

impl NextSecret {
    fn checked(self) -> Result<Secret, ApiError> {
        let mut checks = Checks::default();
        let given = checks.optional("secret", self.secret, |text| Secret::parse(&text));
        checks.finish(Some(given.unwrap_or_else(Secret::generate)))
    }
}
