//! What a browser asks to be told, as it came and as it is meant.

use mysms_core::domain::{Browser, BrowserKeys, EndpointUrl, IssuedToken};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::extract::{Checks, Field};
use crate::openapi::schema;
use crate::state::AppState;

const ENDPOINT: &str = "endpoint";

/// What a browser's `PushSubscription` says of itself in `toJSON()`, and what its user wants.
#[derive(Deserialize, ToSchema)]
#[serde(expecting = "an object with `endpoint` and `keys`")]
pub(super) struct WantedPush {
    /// Where the browser's push service takes what it is told.
    #[serde(default)]
    #[schema(required, value_type = schema::EndpointUrl)]
    endpoint: Field,
    #[serde(default)]
    #[schema(required, value_type = WantedKeys)]
    keys: Option<WantedKeys>,
    /// Whether it is told what was written, and not only by whom.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    with_text: Field,
}

/// With what the browser alone reads what it is told.
#[derive(Deserialize, ToSchema, Default)]
#[serde(expecting = "an object with `p256dh` and `auth`")]
struct WantedKeys {
    #[serde(default)]
    #[schema(required, value_type = String, example = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4")]
    p256dh: Field,
    #[serde(default)]
    #[schema(required, value_type = String, example = "BTBZMqHH6r4Tts7J_aSIgg")]
    auth: Field,
}

impl WantedPush {
    pub(super) async fn checked(
        self,
        state: &AppState,
        token: IssuedToken,
    ) -> Result<Browser, ApiError> {
        let mut checks = Checks::default();
        let url = checks.read(ENDPOINT, self.endpoint, EndpointUrl::parse);
        let keys = self.keys.unwrap_or_default();
        let parse_public = |text: String| BrowserKeys::parse_public(&text);
        let public = checks.read("keys.p256dh", keys.p256dh, parse_public);
        let parse_secret = |text: String| BrowserKeys::parse_secret(&text);
        let secret = checks.read("keys.auth", keys.auth, parse_secret);
        let with_text = checks.flag("with_text", &self.with_text);
        if let Some(url) = &url
            && let Err(why) = state.post.examine(url).await
        {
            checks.refuse::<()>(ENDPOINT, &why.to_string());
        }
        let browser = url.zip(public).zip(secret);
        checks.finish(browser.map(|((url, public), secret)| Browser {
            token,
            url,
            keys: BrowserKeys::new(public, secret),
            with_text: with_text.unwrap_or(false),
        }))
    }
}
