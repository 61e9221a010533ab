//! What the caller sets for all their texts.

use axum::Json as Answer;
use axum::extract::State;
use mysms_core::domain::{QuietHours, UserSettings, Weight};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::{Checks, Field, Json};
use crate::openapi::problems::{Invalid, Unavailable};
use crate::openapi::schema;
use crate::state::AppState;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(show, put))
}

/// What a user has set, and what an operator has set for them.
#[derive(Serialize, ToSchema)]
#[schema(as = Settings)]
struct SettingsView {
    #[schema(value_type = Option<schema::QuietHours>, required)]
    quiet_hours: Option<QuietHours>,
    /// What is only typeset is replaced, unless a request says otherwise.
    smart_encoding: bool,
    /// The caller's share beside those of others; operators set it.
    #[schema(value_type = u8, minimum = 1, maximum = 100, example = 1)]
    weight: Weight,
}

/// What a user sets, as it came. What is left out is off.
#[derive(Deserialize, ToSchema)]
#[serde(expecting = "an object with `quiet_hours` and `smart_encoding`")]
struct PutSettings {
    #[serde(default)]
    #[schema(value_type = Option<schema::QuietHours>)]
    quiet_hours: Option<Value>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    smart_encoding: Field,
}

/// What have I set?
///
/// Who has set nothing has no quiet hours and no smart encoding.
#[utoipa::path(
    get, path = "/me/settings", tag = "accounts", operation_id = "getSettings",
    security(("token" = []), ("key" = ["settings:read"])),
    responses((status = 200, description = "The settings", body = SettingsView), Unavailable),
)]
async fn show(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Answer<SettingsView>, ApiError> {
    let settings = state.settings.of(caller.user).await?;
    Ok(Answer(SettingsView::from(&*settings)))
}

/// Set what holds for all texts
///
/// It replaces what was set before, and holds for what is accepted from then on: at once in the process
/// that answers, within two seconds in all others.
#[utoipa::path(
    put, path = "/me/settings", tag = "accounts", operation_id = "putSettings",
    security(("token" = []), ("key" = ["settings:write"])),
    request_body(content = PutSettings, examples(
        ("quiet nights and Sundays" = (value = json!({
            "quiet_hours": {
                "windows": [
                    {"from": "21:00", "to": "08:00"},
                    {"days": ["sun"], "from": "00:00", "to": "00:00"},
                ],
                "time_zone": "America/New_York",
            },
            "smart_encoding": true,
        }))),
        ("nothing" = (value = json!({}))),
    )),
    responses(
        (status = 200, description = "The settings as they are now", body = SettingsView),
        Invalid, Unavailable,
    ),
)]
async fn put(
    State(state): State<AppState>,
    caller: Caller,
    Json(request): Json<PutSettings>,
) -> Result<Answer<SettingsView>, ApiError> {
    let (quiet_hours, smart_encoding) = request.checked()?;
    let change = |settings: &mut UserSettings| {
        settings.quiet_hours.clone_from(&quiet_hours);
        settings.smart_encoding = smart_encoding;
    };
    let settings = state.settings.change(caller.user, change).await?;
    Ok(Answer(SettingsView::from(&*settings)))
}

impl PutSettings {
    fn checked(self) -> Result<(Option<QuietHours>, bool), ApiError> {
        let mut checks = Checks::default();
        let quiet_hours = self.quiet_hours.and_then(|given| {
            quiet_hours(given).unwrap_or_else(|why| checks.refuse("quiet_hours", &why))
        });
        let smart_encoding = checks.flag("smart_encoding", &self.smart_encoding);
        checks.finish(Some((quiet_hours, smart_encoding.unwrap_or_default())))
    }
}

/// Without a window they are none.
fn quiet_hours(given: Value) -> Result<Option<QuietHours>, String> {
    if !given.is_object() {
        return Err("must be an object with windows and time_zone".to_owned());
    }
    let hours: QuietHours = serde_json::from_value(given).map_err(|error| error.to_string())?;
    if hours.zone().is_none() {
        return Err(
            "time_zone is required: it counts where the recipient's is not known".to_owned(),
        );
    }
    Ok(Some(hours).filter(|hours| !hours.windows().is_empty()))
}

impl From<&UserSettings> for SettingsView {
    fn from(settings: &UserSettings) -> Self {
        Self {
            quiet_hours: settings.quiet_hours.clone(),
            smart_encoding: settings.smart_encoding,
            weight: settings.weight,
        }
    }
}

#[cfg(test)]
mod tests;
