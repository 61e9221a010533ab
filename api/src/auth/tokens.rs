use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use shared::config::TokenConfig;
use shared::domain::{Timestamp, UserId, UsernameHash};
use uuid::Uuid;

use super::Caller;

const ISSUER: &str = "mysms";
const AUDIENCE: &str = "mysms-api";

/// Seconds that a token is good for.
const LIFETIME: i64 = 24 * 3600;

/// Seconds by which the clocks of two of our hosts may differ.
const LEEWAY: i64 = 5;

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
    jti: Uuid,
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

    pub(crate) fn issue(
        &self,
        user: UserId,
        hash: UsernameHash,
        now: Timestamp,
    ) -> Result<String, TokenError> {
        let claims = Claims {
            sub: user,
            hash,
            iat: now.as_seconds(),
            exp: now.as_seconds() + LIFETIME,
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            jti: Uuid::new_v4(),
        };
        encode(&Header::new(Algorithm::HS256), &claims, &self.signing).map_err(TokenError)
    }

    pub(crate) fn verify(&self, token: &str, now: Timestamp) -> Result<Caller, InvalidToken> {
        if token.len() > LONGEST {
            return Err(InvalidToken::TooLong);
        }
        let claims = self.decode(token).map_err(InvalidToken::Refused)?;
        if now.as_seconds() > claims.exp.saturating_add(LEEWAY) {
            return Err(InvalidToken::Expired);
        }
        Ok(Caller {
            user: claims.sub,
            hash: claims.hash,
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
    use std::time::Duration;

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

    fn john() -> (UserId, UsernameHash) {
        let name = shared::domain::Username::parse("john_doe").unwrap();
        (UserId::generate(NOW), name.hash())
    }

    fn claims() -> Value {
        let (user, hash) = john();
        let now = NOW.as_seconds();
        json!({
            "sub": user, "hash": hash, "iat": now, "exp": now + LIFETIME,
            "iss": ISSUER, "aud": AUDIENCE, "jti": Uuid::new_v4(),
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
        let (user, hash) = john();
        let token = tokens.issue(user, hash.clone(), NOW).unwrap();
        let caller = tokens.verify(&token, NOW).unwrap();
        assert_eq!((caller.user, &caller.hash), (user, &hash));

        let day = Duration::from_hours(24);
        let leeway = Duration::from_secs(5);
        assert!(tokens.verify(&token, NOW + day + leeway).is_ok());
        let late = tokens.verify(&token, NOW + day + leeway + Duration::from_secs(1));
        assert!(matches!(late, Err(InvalidToken::Expired)));
    }

    #[test]
    fn the_previous_secret_verifies_and_signs_nothing() {
        let (user, hash) = john();
        let before = tokens(OLD_SECRET, None);
        let during = tokens(SECRET, Some(OLD_SECRET));
        let old_token = before.issue(user, hash.clone(), NOW).unwrap();
        assert!(during.verify(&old_token, NOW).is_ok());
        let new_token = during.issue(user, hash, NOW).unwrap();
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
            let mut wrong = claims();
            wrong[claim] = json!({"not": "what it should be"});
            assert!(
                !accepts(&signed(&wrong, Algorithm::HS256)),
                "with a wrong {claim}"
            );
        }
        for (claim, value) in [("iss", "someone"), ("aud", "another-api"), ("sub", "42")] {
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
