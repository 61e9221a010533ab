//! By what push services and browsers know this installation: <https://www.rfc-editor.org/rfc/rfc8292>.

use std::time::Duration;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use http::header::{HeaderValue, InvalidHeaderValue};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use mysms_core::domain::Timestamp;
use mysms_core::store::{Kind, Records, Result, StoreError, editing};
use serde::{Deserialize, Serialize};
use url::Url;

/// The one record of its kind.
const KEY: &str = "vapid";

/// Push services take none that is good for more than a day.
const GOOD_FOR: Duration = Duration::from_hours(12);

/// The key of this installation, and what is said with it.
pub(super) struct InstallationKey {
    signing: EncodingKey,
    public: Vec<u8>,
}

/// As it is stored.
#[derive(Serialize, Deserialize)]
struct Stored {
    pkcs8: String,
}

#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    exp: i64,
    sub: &'a str,
}

/// Why nothing could be signed.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotSigned {
    #[error("what is said to a push service could not be signed")]
    Token(#[from] jsonwebtoken::errors::Error),
    #[error("what is said to a push service fits no header")]
    Header(#[from] InvalidHeaderValue),
}

impl InstallationKey {
    /// The key of the installation, which whoever needs it first makes. All processes have the same.
    pub(super) async fn of_installation(records: &dyn Records, now: Timestamp) -> Result<Self> {
        let fresh = fresh()?;
        let kept = editing::edit(
            records,
            (Kind::PushKey, KEY),
            now,
            |known: Option<Stored>| {
                let fresh = || Stored {
                    pkcs8: fresh.clone(),
                };
                Ok::<_, StoreError>(known.unwrap_or_else(fresh))
            },
        );
        let kept = kept.await??;
        let pkcs8 = BASE64_STANDARD.decode(kept.pkcs8).map_err(corrupt)?;
        Self::from_pkcs8(&pkcs8)
    }

    fn from_pkcs8(pkcs8: &[u8]) -> Result<Self> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8);
        let pair = pair.map_err(corrupt)?;
        Ok(Self {
            signing: EncodingKey::from_ec_der(pkcs8),
            public: pair.public_key().as_ref().to_vec(),
        })
    }

    /// An uncompressed point.
    pub(super) fn public(&self) -> &[u8] {
        &self.public
    }

    /// What proves to the push service of `url` who calls it. `contact` is where its operators reach ours.
    pub(super) fn authorization(
        &self,
        url: &Url,
        contact: &str,
        now: Timestamp,
    ) -> std::result::Result<HeaderValue, NotSigned> {
        let claims = Claims {
            aud: &url.origin().ascii_serialization(),
            exp: (now + GOOD_FOR).as_seconds(),
            sub: contact,
        };
        let token = encode(&Header::new(Algorithm::ES256), &claims, &self.signing)?;
        let public = BASE64_URL_SAFE_NO_PAD.encode(&self.public);
        let mut value = HeaderValue::from_str(&format!("vapid t={token}, k={public}"))?;
        value.set_sensitive(true);
        Ok(value)
    }
}

fn fresh() -> Result<String> {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
    let pkcs8 = pair.and_then(|pair| pair.to_pkcs8v1());
    let pkcs8 = pkcs8.map_err(|error| StoreError::unavailable("the randomness", error))?;
    Ok(BASE64_STANDARD.encode(pkcs8))
}

fn corrupt(error: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::corrupt("the key of this installation", error)
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
    use serde_json::Value;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    #[test]
    fn what_is_said_to_a_push_service_is_signed_and_says_for_whom_it_is() {
        let pkcs8 = BASE64_STANDARD.decode(fresh().unwrap()).unwrap();
        let key = InstallationKey::from_pkcs8(&pkcs8).unwrap();
        let url = Url::parse("https://push.example:8443/send/abc").unwrap();
        let said = key.authorization(&url, "https://sms.example", NOW).unwrap();
        assert!(said.is_sensitive());
        let said = said.to_str().unwrap();
        let (token, public) = said
            .strip_prefix("vapid t=")
            .unwrap()
            .split_once(", k=")
            .unwrap();
        let public = BASE64_URL_SAFE_NO_PAD.decode(public).unwrap();
        assert_eq!((public.len(), public[0]), (65, 4));
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &public)
            .verify(signed.as_bytes(), &signature)
            .unwrap();
        let claims = BASE64_URL_SAFE_NO_PAD
            .decode(signed.split_once('.').unwrap().1)
            .unwrap();
        let claims: Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!(claims["aud"], "https://push.example:8443");
        assert_eq!(claims["sub"], "https://sms.example");
        assert_eq!(claims["exp"], 1_767_225_600 + 12 * 3600);
    }
}
