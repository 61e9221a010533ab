//! The provider, which tells us of what people write.

use axum::body::Body;
use http::Request;
use runtime::config::SIMULATOR_ACCOUNT_SID;

use super::{Answer, PUBLIC_URL, TestApi, sign};

const PATH: &str = "/webhooks/twilio/inbound";

/// Who writes.
pub(crate) const ANNA: &str = "+14155550123";

/// What the provider says of a text of hers.
pub(crate) fn form<'a>(sid: &'a str, body: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("MessageSid", sid),
        ("SmsSid", sid),
        ("AccountSid", SIMULATOR_ACCOUNT_SID),
        ("From", ANNA),
        ("To", "+15005550006"),
        ("Body", body),
        ("NumMedia", "0"),
    ]
}

pub(crate) async fn tell(api: &TestApi, form: &[(&str, &str)], token: &str) -> Answer {
    let signature = sign(&format!("{PUBLIC_URL}{PATH}"), form.to_vec(), token);
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let request = Request::post(PATH)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("x-twilio-signature", signature);
    api.call(request.body(Body::from(body)).unwrap()).await
}
