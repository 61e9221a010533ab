//! What Twilio tells us by itself.

use std::error::Error;

use mysms_core::domain::MessageId;
use mysms_core::provider::{
    Acknowledgement, Call, CallError, Callbacks, Glossary, ReceivedText, Report,
};
use runtime::config::ProviderConfig;
use secrecy::SecretString;

use super::error::GLOSSARY;
use super::form::Form;
use super::{callback, received};

/// An answer without a reply. A plain text would be sent to the author as an SMS
/// (<https://www.twilio.com/docs/messaging/twiml>).
const NO_REPLY: Acknowledgement = Acknowledgement {
    content_type: "text/xml",
    body: r#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#,
};

/// The parameter of a callback's URL that names our message.
const MESSAGE: &str = "message";

/// A fragment that asks Twilio to repeat a callback that failed
/// (<https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides>).
const REPEATED: &str = "#rc=5&rp=all";

/// Reads Twilio's webhooks.
#[derive(Clone)]
pub struct TwilioWebhooks {
    /// Where Twilio reaches us.
    public_base_url: Option<String>,
    /// What may have signed a callback.
    tokens: Vec<SecretString>,
}

impl TwilioWebhooks {
    pub fn new(provider: &ProviderConfig) -> Self {
        Self {
            public_base_url: provider.public_base_url.clone(),
            tokens: provider.webhook_tokens.clone(),
        }
    }

    fn form(&self, call: &Call<'_>) -> Result<Form, CallError> {
        let base = self.public_base_url.as_deref();
        Form::genuine(call, base, &self.tokens).ok_or(CallError::NotGenuine)
    }
}

impl Callbacks for TwilioWebhooks {
    fn report(&self, call: &Call<'_>) -> Result<Report, CallError> {
        let form = self.form(call)?;
        callback::report(&form, addressee(call.target)).map_err(unreadable)
    }

    fn received(&self, call: &Call<'_>) -> Result<ReceivedText, CallError> {
        received::text(&self.form(call)?).map_err(unreadable)
    }

    fn acknowledgement(&self) -> Acknowledgement {
        NO_REPLY
    }

    fn glossary(&self) -> Glossary {
        GLOSSARY
    }
}

/// Where Twilio is to say what becomes of a message.
///
/// The message's own id is in it, so that a callback finds the message even if the worker dies before
/// it learns the SID.
pub(super) fn status_url(base: &str, message: MessageId) -> String {
    format!("{base}/webhooks/twilio/status?{MESSAGE}={message}{REPEATED}")
}

/// Where Twilio is to post the texts that it received.
pub fn inbound_url(base: &str) -> String {
    format!("{base}/webhooks/twilio/inbound{REPEATED}")
}

/// The message that the URL was made for. What is no id is nobody: the SID decides then.
fn addressee(target: &str) -> Option<MessageId> {
    let (_, query) = target.split_once('?')?;
    form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == MESSAGE)
        .and_then(|(_, id)| id.parse().ok())
}

fn unreadable(error: impl Error + Send + Sync + 'static) -> CallError {
    CallError::Unreadable(Box::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use mysms_core::domain::Timestamp;

    #[test]
    fn a_callback_is_addressed_to_the_message_that_its_url_was_made_for() {
        let id = MessageId::generate(Timestamp::from_millis(1_767_225_600_000));
        let url = status_url("https://sms.example.com/base", id);
        let (target, _) = url.split_once('#').unwrap();
        assert_eq!(addressee(target), Some(id));
        for nobody in ["/status", "/status?", "/status?message=none", "/status?x=1"] {
            assert_eq!(addressee(nobody), None, "{nobody}");
        }
    }
}
