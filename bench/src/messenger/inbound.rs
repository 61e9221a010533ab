//! Texts to us, as the provider tells of them.

use reqwest::{Client, StatusCode};
use twilio_sim::{TEST_ACCOUNT_SID, TEST_AUTH_TOKEN, TEST_SENDER, sign};

const PATH: &str = "/webhooks/twilio/inbound";

/// A text that somebody wrote to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboundText {
    pub sid: String,
    pub from: String,
    pub body: String,
}

impl InboundText {
    /// Tells the API under `base` of it, once. It is signed for `public`, where the provider believes
    /// the API to be.
    pub async fn tell(
        &self,
        http: &Client,
        base: &str,
        public: &str,
    ) -> reqwest::Result<StatusCode> {
        let form = [
            ("MessageSid", &*self.sid),
            ("AccountSid", TEST_ACCOUNT_SID),
            ("From", &self.from),
            ("To", TEST_SENDER),
            ("Body", &self.body),
        ];
        let signature = sign(TEST_AUTH_TOKEN, &format!("{public}{PATH}"), &form);
        let request = http.post(format!("{base}{PATH}"));
        let request = request.header("X-Twilio-Signature", signature).form(&form);
        Ok(request.send().await?.status())
    }
}
