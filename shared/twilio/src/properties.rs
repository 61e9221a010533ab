//! What must hold for whatever comes in.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::Config;
use secrecy::SecretString;
use sha1::Sha1;

use crate::signature::verify;

type Form = Vec<(String, String)>;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// As the provider describes it: the URL, then every name and value, sorted.
fn sign(url: &str, form: &Form) -> String {
    let mut text = url.to_owned();
    let pairs: std::collections::BTreeSet<_> = form.iter().collect();
    for (name, value) in pairs {
        text.push_str(name);
        text.push_str(value);
    }
    let mut mac = Hmac::<Sha1>::new_from_slice(TOKEN.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

fn is_genuine(url: &str, form: &Form, signature: &str) -> bool {
    verify(url, form, signature, &[SecretString::from(TOKEN)])
}

fn url() -> impl Strategy<Value = String> {
    "https?://[a-z]{1,9}\\.example(:[1-9][0-9]{0,3})?/[a-z/%0-9]{0,20}(\\?[a-z=&%0-9]{0,20})?"
}

fn form() -> impl Strategy<Value = Form> {
    prop::collection::vec((any::<String>(), any::<String>()), 0..6)
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::default() })]

    #[test]
    fn what_was_signed_is_genuine_in_any_order(url in url(), form in form().prop_shuffle()) {
        prop_assert!(is_genuine(&url, &form, &sign(&url, &form)));
    }

    #[test]
    fn no_parameter_can_be_added(url in url(), form in form(), name in ".{1,9}", value in any::<String>()) {
        let signature = sign(&url, &form);
        let mut more = form.clone();
        more.push((name, value));
        // One that is there twice counts once.
        let same = form.contains(more.last().unwrap());
        prop_assert_eq!(is_genuine(&url, &more, &signature), same);
    }

    #[test]
    fn no_bit_of_a_signature_can_be_changed(url in url(), form in form(), place in any::<Index>(), bit in 0..8_u8) {
        let mut bytes = BASE64_STANDARD.decode(sign(&url, &form)).unwrap();
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        prop_assert!(!is_genuine(&url, &form, &BASE64_STANDARD.encode(bytes)));
    }

    #[test]
    fn whatever_else_comes_is_not_genuine(url in any::<String>(), form in form(), signature in any::<String>()) {
        prop_assert!(!is_genuine(&url, &form, &signature));
    }
}
