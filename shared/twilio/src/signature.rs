//! Proves that a callback comes from the provider
//! (<https://www.twilio.com/docs/usage/security#validating-requests>).
//!
//! Only signatures made with the account's auth token are known here. Those made with a shared key,
//! which are announced by `X-Twilio-Webhooks-Signature-Settings`, are not.

use std::borrow::Cow;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// Whether `signature` was made with one of `tokens` over the request to `url` with the decoded
/// parameters of its form.
///
/// `url` is the one that the provider requested, as it was configured there and character for
/// character; like any requested URL it has no fragment and no user information. The provider signs
/// it with or without its port, so either is accepted. All parameters count, known or not.
pub fn verify(
    url: &str,
    form: &[(String, String)],
    signature: &str,
    tokens: &[SecretString],
) -> bool {
    let Ok(signature) = BASE64_STANDARD.decode(signature) else {
        return false;
    };
    let form = signed_form(form);
    let urls = spellings(url);
    tokens.iter().any(|token| {
        urls.iter()
            .any(|url| is_signed(url, &form, &signature, token))
    })
}

/// Like [`verify`], for a JSON body: the URL is signed and carries the body's hash.
pub fn verify_json(url: &str, body: &[u8], signature: &str, tokens: &[SecretString]) -> bool {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let hash = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "bodySHA256");
    let sound = hash.is_some_and(|(_, hash)| hash == hex::encode(Sha256::digest(body)));
    sound && verify(url, &[], signature, tokens)
}

fn is_signed(url: &str, form: &str, signature: &[u8], token: &SecretString) -> bool {
    // A key of any length will do, so there is no error.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(token.expose_secret().as_bytes()) else {
        return false;
    };
    mac.update(url.as_bytes());
    mac.update(form.as_bytes());
    mac.verify_slice(signature).is_ok()
}

/// The parameters as they are signed: in the order of their bytes, repeated ones once.
fn signed_form(form: &[(String, String)]) -> String {
    let mut pairs: Vec<_> = form.iter().collect();
    pairs.sort_unstable();
    pairs.dedup();
    let texts = pairs
        .into_iter()
        .flat_map(|(name, value)| [name.as_str(), value]);
    texts.collect()
}

/// The URL as it was received, without its port, and with the default port if it has none.
fn spellings(url: &str) -> Vec<Cow<'_, str>> {
    let mut spellings = vec![Cow::Borrowed(url)];
    let Some((scheme, rest)) = url.split_once("://") else {
        return spellings;
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let spelling = if let Some(host) = without_port(authority) {
        format!("{scheme}://{host}{path}")
    } else {
        let is_https = scheme.eq_ignore_ascii_case("https");
        let port = if is_https { 443 } else { 80 };
        format!("{scheme}://{authority}:{port}{path}")
    };
    spellings.push(Cow::Owned(spelling));
    spellings
}

/// The host, if a port follows it. The colons of an IPv6 address are in brackets.
fn without_port(authority: &str) -> Option<&str> {
    let (host, port) = authority.rsplit_once(':')?;
    port.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then_some(host)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn vectors(name: &str) -> Vec<Value> {
        let file = include_str!("../tests/data/signature_vectors.json");
        let mut file: Value = serde_json::from_str(file).unwrap();
        let vectors = file[name].take();
        serde_json::from_value(vectors).unwrap()
    }

    fn text<'a>(vector: &'a Value, field: &str) -> &'a str {
        vector[field].as_str().unwrap()
    }

    fn tokens(all: &[&str]) -> Vec<SecretString> {
        all.iter().map(|token| SecretString::from(*token)).collect()
    }

    fn is_json(vector: &Value) -> bool {
        vector["json"] == true || vector["group"] == "json"
    }

    fn outcome(vector: &Value, tokens: &[SecretString]) -> bool {
        let (url, body) = (text(vector, "url"), text(vector, "body"));
        let signature = text(vector, "signature");
        if is_json(vector) {
            verify_json(url, body.as_bytes(), signature, tokens)
        } else {
            let form: Vec<_> = form_urlencoded::parse(body.as_bytes())
                .into_owned()
                .collect();
            verify(url, &form, signature, tokens)
        }
    }

    #[test]
    fn every_vector_comes_out_as_with_the_providers_own_libraries() {
        let all: Vec<_> = ["vectors", "official"]
            .into_iter()
            .flat_map(vectors)
            .collect();
        assert_eq!(all.len(), 62);
        assert!(all.iter().any(|vector| vector["valid"] == false));
        assert!(all.iter().any(is_json));
        for vector in &all {
            let tokens = tokens(&[text(vector, "auth_token")]);
            let expected = vector["valid"].as_bool().unwrap();
            assert_eq!(outcome(vector, &tokens), expected, "{}", vector["note"]);
        }
    }

    #[test]
    fn only_our_tokens_count_the_current_and_the_previous() {
        for vector in vectors("official") {
            let token = text(&vector, "auth_token");
            assert!(outcome(&vector, &tokens(&["new", token])));
            assert!(!outcome(&vector, &tokens(&["new", "other"])));
            assert!(!outcome(&vector, &[]));
        }
    }

    #[test]
    fn a_changed_signature_or_body_is_refused() {
        for mut vector in vectors("official") {
            let tokens = tokens(&[text(&vector, "auth_token")]);
            let body = text(&vector, "body").to_owned();
            vector["body"] = Value::from(format!("{body}&x=1"));
            assert!(!outcome(&vector, &tokens), "{}", vector["note"]);
            vector["body"] = Value::from(body);
            for bad in ["", "=", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "not base64"] {
                vector["signature"] = Value::from(bad);
                assert!(!outcome(&vector, &tokens), "{bad}");
            }
        }
    }

    #[test]
    fn the_port_is_found_behind_any_host() {
        let table = [
            ("https://a.example/x", "https://a.example:443/x"),
            ("http://a.example?x=1:2", "http://a.example:80?x=1:2"),
            ("https://a.example:8443/x:1", "https://a.example/x:1"),
            ("https://[::1]/x", "https://[::1]:443/x"),
            ("https://[::1]:8443/x", "https://[::1]/x"),
            ("https://a.example", "https://a.example:443"),
        ];
        for (url, other) in table {
            assert_eq!(spellings(url), [url, other]);
        }
    }
}
