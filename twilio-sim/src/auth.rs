use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::{header::AUTHORIZATION, request::Parts},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{error::Refused, state::Sim};

/// A request that carries the account's credentials and is about that account.
pub(crate) struct Caller;

impl FromRequestParts<Arc<Sim>> for Caller {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, sim: &Arc<Sim>) -> Result<Self, Refused> {
        let header = parts
            .headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let expected = format!("{}:{}", sim.account_sid, sim.live().auth_token);
        if header.and_then(credentials) != Some(expected.into_bytes()) {
            return Err(Refused::new(20003));
        }
        let path = RawPathParams::from_request_parts(parts, sim).await;
        // The paths of other hosts name no account: it is that of the credentials.
        let account = path.ok().is_some_and(|path| {
            path.iter()
                .all(|(name, value)| name != "account" || value == sim.account_sid)
        });
        if account {
            Ok(Self)
        } else {
            Err(Refused::new(20404))
        }
    }
}

fn credentials(header: &str) -> Option<Vec<u8>> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    STANDARD.decode(encoded.trim()).ok()
}
