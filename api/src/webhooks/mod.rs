//! What the provider tells us.

mod inbound;
mod status;

use axum::extract::DefaultBodyLimit;
use http::{HeaderMap, Uri};
use shared::twilio::signature;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::ApiError;
use crate::state::AppState;

const SIGNATURE: &str = "X-Twilio-Signature";

/// The largest form, in bytes: a text of 1,600 characters of three bytes each is half of it.
const FORM_LIMIT: usize = 32 * 1024;

/// The most parameters of a form; the provider sends a few dozen.
const MOST: usize = 200;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(status::status))
        .routes(routes!(inbound::inbound))
        .layer(DefaultBodyLimit::max(FORM_LIMIT))
}

/// The parameters of a form, if the provider signed them.
fn signed_form(
    state: &AppState,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Vec<(String, String)>, ApiError> {
    // Whoever does not even try to sign costs nothing, and whoever tries little.
    if !headers.contains_key(SIGNATURE) {
        return Err(ApiError::BadSignature);
    }
    let pairs = form_urlencoded::parse(body).into_owned();
    let form: Vec<_> = pairs.take(MOST + 1).collect();
    if form.len() <= MOST && is_signed(state, uri, headers, &form) {
        Ok(form)
    } else {
        Err(ApiError::BadSignature)
    }
}

/// The provider signs the URL that it was given: ours as configured, then the path and the query as
/// they arrived. Without a public URL there are no callbacks, and so none is genuine.
fn is_signed(state: &AppState, uri: &Uri, headers: &HeaderMap, form: &[(String, String)]) -> bool {
    let base = state.provider.public_base_url.as_deref();
    let signature = headers.get(SIGNATURE).and_then(|value| value.to_str().ok());
    let (Some(base), Some(signature)) = (base, signature) else {
        return false;
    };
    let url = format!(
        "{base}{}",
        uri.path_and_query().map_or("", |path| path.as_str())
    );
    signature::verify(&url, form, signature, &state.provider.webhook_tokens)
}
