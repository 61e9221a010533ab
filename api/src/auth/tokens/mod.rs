use std::time::Duration;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use mysms_core::domain::{IssuedToken, SessionId, Timestamp, TokenId, UserId, UsernameHash};
use runtime::config::TokenConfig;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

const ISSUER: &str = "mysms";
const AUDIENCE: &str = "mysms-api";

/// Seconds that a token is good for.
const LIFETIME: i64 = 24 * 3600;

/// Seconds after a login for which its token can be renewed.
const LONGEST_LOGIN: i64 = 30 * 24 * 3600;

/// Seconds by which the clocks of two of our hosts may differ.
const LEEWAY: i64 = 5;

/// How long after it was issued a token can be accepted anywhere.
pub(in crate::auth) const LONGEST_VALIDITY: Duration =
    Duration::from_secs(LIFETIME.unsigned_abs() + LEEWAY.unsigned_abs());

/// Ours have under 500 bytes; longer ones are not worth decoding.
const LONGEST: usize = 2048;

/// Issues and verifies the tokens that stand for a login: JWT, HS256, good for 24 hours.
pub(crate) struct Tokens {
    signing: EncodingKey,
    /// The current key, then the previous one while keys are being changed.
    accepted: Vec<DecodingKey>,
    validation: Validation,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: UserId,
    hash: UsernameHash,
    iat: i64,
    exp: i64,
    iss: String,
    aud: String,
    /// So that it is seen when it is renewed twice.
    jti: TokenId,
    /// So that all tokens of a login can be revoked. Those of an earlier version have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sid: Option<SessionId>,
    /// When the user last showed their password. Tokens of an earlier version have neither this nor
    /// a generation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    /// The user's generation at that time, so that all tokens of a password can be revoked.
    #[serde(default, rename = "gen", skip_serializing_if = "Option::is_none")]
    generation: Option<u32>,
}

/// What a token stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Login {
    pub user: UserId,
    pub hash: UsernameHash,
    /// The user's when the password was checked.
    pub generation: u32,
    pub at: Timestamp,
    pub session: SessionId,
    /// Until when the browser's cookie lets it go on; `None`: for a while after the login, without one.
    pub until: Option<Timestamp>,
}

/// The user whose login token came with the request. A handler that takes one answers nobody else, and no
/// program.
#[derive(Debug, Clone)]
pub(crate) struct TokenHolder {
    pub user: UserId,
    pub hash: UsernameHash,
    pub token: IssuedToken,
    /// The token is of a version without sessions, so nobody has noted this one.
    pub is_lone: bool,
    /// When they last showed their password.
    pub logged_in_at: Timestamp,
    /// From when on the token is refused.
    pub expires_at: Timestamp,
}

/// Why a token was not issued.
#[derive(Debug, thiserror::Error)]
#[error("the token could not be signed")]
pub(crate) struct TokenError(#[source] jsonwebtoken::errors::Error);

/// Why a token does not hold.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvalidToken {
    #[error("the token is longer than any of ours")]
    TooLong,
    #[error("the token has expired")]
    Expired,
    #[error("the token is not one of ours")]
    Refused(#[source] jsonwebtoken::errors::Error),
    #[error("the token has ended before its time")]
    Ended,
}

impl Tokens {
    pub(crate) fn new(config: &TokenConfig) -> Self {
        let bytes = |secret: &SecretString| secret.expose_secret().as_bytes().to_vec();
        let secrets = [Some(&config.secret), config.previous.as_ref()];
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // The library would ask the wall clock; `verify` is told the time.
        validation.validate_exp = false;
        Self {
            signing: EncodingKey::from_secret(&bytes(&config.secret)),
            accepted: secrets
                .into_iter()
                .flatten()
                .map(|secret| DecodingKey::from_secret(&bytes(secret)))
                .collect(),
            validation,
        }
    }

    /// How long a token can be good.
    pub(crate) const fn longest() -> Duration {
        LONGEST_VALIDITY
    }

    /// Seconds for which a token that is issued now is good; `None` when the login is too long ago.
    pub(crate) fn lifetime(login: &Login, now: Timestamp) -> Option<i64> {
        let without_cookie = login.at.as_seconds().saturating_add(LONGEST_LOGIN);
        let ends = login.until.map_or(without_cookie, Timestamp::as_seconds);
        let left = ends.saturating_sub(now.as_seconds());
        (left > 0).then(|| left.min(LIFETIME))
    }

    /// From when on a token that is issued now is refused everywhere; `None` as above.
    pub(crate) fn ends(login: &Login, now: Timestamp) -> Option<Timestamp> {
        let lifetime = Self::lifetime(login, now)?;
        Some(at_second(now.as_seconds() + lifetime + LEEWAY))
    }

    /// Issues a token with this id. `None` when the login is too long ago.
    pub(crate) fn issue(
        &self,
        login: &Login,
        id: TokenId,
        now: Timestamp,
    ) -> Result<Option<String>, TokenError> {
        let Some(lifetime) = Self::lifetime(login, now) else {
            return Ok(None);
        };
        let (now, at) = (now.as_seconds(), login.at.as_seconds());
        let claims = Claims {
            sub: login.user,
            hash: login.hash.clone(),
            iat: now,
            exp: now + lifetime,
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            jti: id,
            sid: Some(login.session),
            auth_time: Some(at),
            generation: Some(login.generation),
        };
        encode(&Header::new(Algorithm::HS256), &claims, &self.signing)
            .map(Some)
            .map_err(TokenError)
    }

    /// Whether the token has ended before its time is for [`super::Revoked`] to say.
    pub(crate) fn verify(&self, token: &str, now: Timestamp) -> Result<TokenHolder, InvalidToken> {
        if token.len() > LONGEST {
            return Err(InvalidToken::TooLong);
        }
        let claims = self.decode(token).map_err(InvalidToken::Refused)?;
        let ends = claims.exp.saturating_add(LEEWAY);
        if now.as_seconds() > ends {
            return Err(InvalidToken::Expired);
        }
        Ok(TokenHolder {
            user: claims.sub,
            hash: claims.hash,
            token: IssuedToken {
                id: claims.jti,
                session: claims.sid.unwrap_or(SessionId::of_lone(claims.jti)),
                user: claims.sub,
                generation: claims.generation,
                issued_at: at_second(claims.iat),
            },
            is_lone: claims.sid.is_none(),
            logged_in_at: at_second(claims.auth_time.unwrap_or(claims.iat)),
            expires_at: at_second(ends),
        })
    }

    fn decode(&self, token: &str) -> jsonwebtoken::errors::Result<Claims> {
        let mut refusal = ErrorKind::InvalidSignature.into();
        for key in &self.accepted {
            match decode(token, key, &self.validation) {
                Ok(data) => return Ok(data.claims),
                Err(error) => refusal = error,
            }
        }
        Err(refusal)
    }
}

fn at_second(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds.saturating_mul(1000))
}

#[cfg(test)]
mod tests;
