//! The parameters of the provider's callbacks, and the proof that they are the provider's.

use http::HeaderMap;
use mysms_core::provider::Call;
use secrecy::SecretString;

use super::signature;

const SIGNATURE: &str = "X-Twilio-Signature";

/// The most parameters of a form; the provider sends a few dozen.
const MOST: usize = 200;

/// The decoded parameters of a form.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a call; `None` if it was not signed with one of the tokens.
    ///
    /// The provider signs the URL that it was given: ours as it is configured, then the path and the
    /// query as they arrived. Without a public URL there are no callbacks, and so none is genuine.
    pub(super) fn genuine(
        call: &Call<'_>,
        base: Option<&str>,
        tokens: &[SecretString],
    ) -> Option<Self> {
        // Whoever does not even try to sign costs nothing, and whoever tries little.
        let signature = signature_of(call.headers)?;
        let pairs = form_urlencoded::parse(call.body).into_owned();
        let form: Vec<_> = pairs.take(MOST + 1).collect();
        let url = format!("{}{}", base?, call.target);
        let genuine = form.len() <= MOST && signature::verify(&url, &form, signature, tokens);
        genuine.then_some(Self(form))
    }

    /// A parameter that says something.
    pub(super) fn find(&self, name: &str) -> Option<&str> {
        let mut pairs = self.0.iter();
        let found = pairs.find(|(key, value)| key == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    #[cfg(test)]
    pub(super) fn for_test(pairs: &[(&str, &str)]) -> Self {
        let pairs = pairs.iter();
        let owned = pairs.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Self(owned.collect())
    }
}

fn signature_of(headers: &HeaderMap) -> Option<&str> {
    headers.get(SIGNATURE)?.to_str().ok()
}
