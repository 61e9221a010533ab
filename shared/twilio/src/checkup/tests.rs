use std::sync::Arc;
use std::time::Duration;

use mysms_core::clock::SystemClock;
use mysms_core::domain::PhoneNumber;
use runtime::config::{Credentials, ProviderConfig, Sender};
use secrecy::SecretString;

use super::desk::Desk;
use crate::Twilio;

/// A desk of which nothing is asked.
pub(super) fn desk(base: &str) -> Desk {
    let public = "https://sms.example.com".to_owned();
    let provider = ProviderConfig {
        simulated: false,
        account: "AC1".to_owned(),
        credentials: Credentials {
            user: "SK1".to_owned(),
            secret: SecretString::from("key"),
        },
        webhook_tokens: Vec::new(),
        sender: Sender::Number(PhoneNumber::parse("+14155550100").unwrap()),
        base_url: base.parse().unwrap(),
        public_base_url: Some(public.clone()),
        simulator_page: None,
    };
    let timeout = Duration::from_secs(1);
    let twilio = Twilio::new(&provider, timeout, 1, Arc::new(SystemClock)).unwrap();
    let inbound = format!("{public}/webhooks/twilio/inbound#rc=3");
    Desk::new(twilio, Some(inbound), Some(public))
}
