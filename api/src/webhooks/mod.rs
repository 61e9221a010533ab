//! What the provider tells us.

mod inbound;
mod status;

use http::{HeaderMap, Uri};
use shared::twilio::signature;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::ApiError;
use crate::state::AppState;

const SIGNATURE: &str = "X-Twilio-Signature";

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(status::status))
        .routes(routes!(inbound::inbound))
}

/// The parameters of a form, if the provider signed them.
fn signed_form(
    state: &AppState,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Vec<(String, String)>, ApiError> {
    let form: Vec<_> = form_urlencoded::parse(body).into_owned().collect();
    if is_signed(state, uri, headers, &form) {
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
