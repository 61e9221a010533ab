use std::time::Duration;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use shared::config::TokenConfig;
use shared::domain::{IssuedToken, Timestamp, TokenId, UserId, UsernameHash};

use super::Caller;

const ISSUER: &str = "mysms";
const AUDIENCE: &str = "mysms-api";

/// Seconds that a token is good for.
const LIFETIME: i64 = 24 * 3600;

/// Seconds after a login for which its token can be renewed.
const LONGEST_LOGIN: i64 = 30 * 24 * 3600;

/// Seconds by which the clocks of two of our hosts may differ.
const LEEWAY: i64 = 5;

/// How long after it was issued a token can be accepted anywhere.
pub(super) const LONGEST_VALIDITY: Duration =
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
    /// So that a single token can be revoked.
    jti: TokenId,
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

    /// `None` when the login is too long ago.
    pub(crate) fn issue(
        &self,
        login: &Login,
        now: Timestamp,
    ) -> Result<Option<String>, TokenError> {
        let (now, at) = (now.as_seconds(), login.at.as_seconds());
        let ends = at.saturating_add(LONGEST_LOGIN);
        if now >= ends {
            return Ok(None);
        }
        let claims = Claims {
            sub: login.user,
            hash: login.hash.clone(),
            iat: now,
            exp: ends.min(now + LIFETIME),
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            jti: TokenId::generate(),
            auth_time: Some(at),
            generation: Some(login.generation),
        };
        encode(&Header::new(Algorithm::HS256), &claims, &self.signing)
            .map(Some)
            .map_err(TokenError)
    }

    /// Whether the token has ended before its time is for [`super::Revoked`] to say.
    pub(crate) fn verify(&self, token: &str, now: Timestamp) -> Result<Caller, InvalidToken> {
        if token.len() > LONGEST {
            return Err(InvalidToken::TooLong);
        }
        let claims = self.decode(token).map_err(InvalidToken::Refused)?;
        let ends = claims.exp.saturating_add(LEEWAY);
        if now.as_seconds() > ends {
            return Err(InvalidToken::Expired);
        }
        let at_second = |seconds: i64| Timestamp::from_millis(seconds.saturating_mul(1000));
        Ok(Caller {
            user: claims.sub,
            hash: claims.hash,
            token: IssuedToken {
                id: claims.jti,
                user: claims.sub,
                generation: claims.generation,
                issued_at: at_second(claims.iat),
            },
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const SECRET: &str = "a secret of at least thirty-two bytes";
    const OLD_SECRET: &str = "the previous secret, also long enough";
    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    fn tokens(secret: &str, previous: Option<&str>) -> Tokens {
        Tokens::new(&TokenConfig {
            secret: secret.into(),
            previous: previous.map(Into::into),
        })
    }

    fn john() -> Login {
        let name = shared::domain::Username::parse("john_doe").unwrap();
        Login {
            user: UserId::generate(NOW),
            hash: name.hash(),
            generation: 3,
            at: NOW,
        }
    }

    fn issue(tokens: &Tokens, login: &Login, now: Timestamp) -> String {
        tokens.issue(login, now).unwrap().unwrap()
    }

    fn claims() -> Value {
        let login = john();
        let now = NOW.as_seconds();
        json!({
            "sub": login.user, "hash": login.hash, "iat": now, "exp": now + LIFETIME,
            "iss": ISSUER, "aud": AUDIENCE, "jti": TokenId::generate(), "auth_time": now, "gen": 3,
        })
    }

    fn signed(claims: &Value, algorithm: Algorithm) -> String {
        let key = EncodingKey::from_secret(SECRET.as_bytes());
        encode(&Header::new(algorithm), claims, &key).unwrap()
    }

    fn accepts(token: &str) -> bool {
        tokens(SECRET, None).verify(token, NOW).is_ok()
    }

    #[test]
    fn an_issued_token_names_its_user_until_it_expires() {
        let tokens = tokens(SECRET, None);
        let login = john();
        let token = issue(&tokens, &login, NOW);
        let caller = tokens.verify(&token, NOW).unwrap();
        assert_eq!((caller.user, &caller.hash), (login.user, &login.hash));
        assert_eq!(caller.token.generation, Some(3));
        assert_eq!(caller.logged_in_at, NOW);

        let last = NOW + LONGEST_VALIDITY;
        assert_eq!(caller.expires_at, last);
        assert!(tokens.verify(&token, last).is_ok());
        let late = tokens.verify(&token, last + Duration::from_secs(1));
        assert!(matches!(late, Err(InvalidToken::Expired)));
    }

    #[test]
    fn no_two_tokens_are_the_same() {
        let tokens = tokens(SECRET, None);
        let login = john();
        let id = || {
            let token = issue(&tokens, &login, NOW);
            tokens.verify(&token, NOW).unwrap().token.id
        };
        assert_ne!(id(), id());
    }

    #[test]
    fn no_token_outlives_the_thirty_days_after_its_login() {
        let tokens = tokens(SECRET, None);
        let login = john();
        let month = Duration::from_hours(30 * 24);
        let late = NOW + month - Duration::from_hours(1);
        let caller = tokens.verify(&issue(&tokens, &login, late), late).unwrap();
        assert_eq!(caller.logged_in_at, NOW);
        assert_eq!(caller.expires_at, NOW + month + Duration::from_secs(5));
        assert!(tokens.issue(&login, NOW + month).unwrap().is_none());
    }

    #[test]
    fn a_token_of_an_earlier_version_is_good_until_it_expires() {
        let mut old = claims();
        for new in ["auth_time", "gen"] {
            old.as_object_mut().unwrap().remove(new);
        }
        let token = signed(&old, Algorithm::HS256);
        let caller = tokens(SECRET, None).verify(&token, NOW).unwrap();
        assert_eq!(caller.token.generation, None);
        assert_eq!(caller.logged_in_at, NOW, "it was issued at its login");
    }

    #[test]
    fn the_previous_secret_verifies_and_signs_nothing() {
        let login = john();
        let before = tokens(OLD_SECRET, None);
        let during = tokens(SECRET, Some(OLD_SECRET));
        let old_token = issue(&before, &login, NOW);
        assert!(during.verify(&old_token, NOW).is_ok());
        let new_token = issue(&during, &login, NOW);
        assert!(tokens(SECRET, None).verify(&new_token, NOW).is_ok());
        assert!(before.verify(&new_token, NOW).is_err());
        assert!(tokens(SECRET, None).verify(&old_token, NOW).is_err());
    }

    #[test]
    fn only_hs256_is_accepted() {
        assert!(accepts(&signed(&claims(), Algorithm::HS256)));
        assert!(!accepts(&signed(&claims(), Algorithm::HS384)));
        assert!(!accepts(&signed(&claims(), Algorithm::HS512)));
        // {"alg":"none","typ":"JWT"}, with and without a signature.
        let good = signed(&claims(), Algorithm::HS256);
        let parts: Vec<_> = good.split('.').collect();
        let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
        assert!(!accepts(&format!("{none}.{}.", parts[1])));
        assert!(!accepts(&format!("{none}.{}.{}", parts[1], parts[2])));
    }

    #[test]
    fn every_claim_has_to_be_there_and_right() {
        for claim in ["sub", "hash", "iat", "exp", "iss", "aud", "jti"] {
            let mut missing = claims();
            missing.as_object_mut().unwrap().remove(claim);
            assert!(
                !accepts(&signed(&missing, Algorithm::HS256)),
                "without {claim}"
            );
        }
        let all = [
            "sub",
            "hash",
            "iat",
            "exp",
            "iss",
            "aud",
            "jti",
            "auth_time",
            "gen",
        ];
        for claim in all {
            let mut wrong = claims();
            wrong[claim] = json!({"not": "what it should be"});
            assert!(
                !accepts(&signed(&wrong, Algorithm::HS256)),
                "with a wrong {claim}"
            );
        }
        for (claim, value) in [
            ("iss", "someone"),
            ("aud", "another-api"),
            ("sub", "42"),
            ("sub", ""),
            ("jti", "1"),
            ("exp", "9999999999"),
        ] {
            let mut foreign = claims();
            foreign[claim] = json!(value);
            assert!(
                !accepts(&signed(&foreign, Algorithm::HS256)),
                "{claim} {value}"
            );
        }
    }

    #[test]
    fn rubbish_is_refused() {
        let good = signed(&claims(), Algorithm::HS256);
        let huge = "a".repeat(1_000_000);
        let huge_claims = {
            let mut claims = claims();
            claims["pad"] = json!(huge);
            signed(&claims, Algorithm::HS256)
        };
        for bad in [
            "",
            ".",
            "..",
            "a.b.c",
            &good[1..],
            &good[..good.len() - 1],
            &huge,
            &huge_claims,
        ] {
            assert!(!accepts(bad), "{} bytes", bad.len());
        }
    }
}
