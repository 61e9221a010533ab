mod address;
#[cfg(test)]
mod tests;
mod twilio;

pub use address::is_near;
use mysms_core::domain::PhoneNumber;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use url::Url;

use super::Env;
use super::variables::{
    SMS_PROVIDER, TWILIO_ACCOUNT_SID, TWILIO_API_BASE_URL, TWILIO_API_KEY_SECRET,
    TWILIO_API_KEY_SID, TWILIO_AUTH_TOKEN, TWILIO_MESSAGING_SERVICE_SID, TWILIO_PHONE_NUMBER,
};

/// The account that every simulator has.
pub const SIMULATOR_ACCOUNT_SID: &str = "AC5104e1a70c0d4a4f9b0e6d3c2b1a0f9e";
/// The auth token of that account. No secret: it opens nothing but simulators.
pub const SIMULATOR_AUTH_TOKEN: &str = "5104e1a7000000000000000000000001";
/// The number of that account.
pub const SIMULATOR_SENDER: &str = "+15005550006";

/// Who takes our messages, as whom we send them, and where we are called back.
#[derive(Clone)]
pub struct ProviderConfig {
    /// No text leaves the machine.
    pub simulated: bool,
    /// The account SID.
    pub account: String,
    pub credentials: Credentials,
    /// What may have signed a callback: the current auth token, then the previous one.
    pub webhook_tokens: Vec<SecretString>,
    pub sender: Sender,
    pub base_url: Url,
    /// Where people see the simulator's phones.
    pub simulator_page: Option<Url>,
    /// Exactly as configured, less trailing slashes: callbacks are signed over this text.
    pub public_base_url: Option<String>,
}

/// From whom the messages come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sender {
    Number(PhoneNumber),
    /// A Messaging Service, by its SID.
    Service(String),
}

/// What authenticates us with the provider.
#[derive(Clone)]
pub struct Credentials {
    /// The account SID or an API key's SID.
    pub user: String,
    pub secret: SecretString,
}

/// Where a process that is told to simulate finds the simulator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Simulator {
    /// At `TWILIO_API_BASE_URL`. `SMS_PROVIDER` is required.
    External,
    /// In the process itself, and simulating is the default.
    /// The caller fills in `base_url` and `public_base_url` once it listens; both say
    /// `http://127.0.0.1` until then.
    Embedded,
}

const PLACEHOLDER: &str = "http://127.0.0.1";

impl ProviderConfig {
    pub fn read(env: &mut Env, simulator: Simulator) -> Option<Self> {
        let simulated = read_provider(env, simulator);
        match (simulated?, simulator) {
            (false, _) => twilio::read(env),
            (true, Simulator::External) => read_external_simulator(env),
            (true, Simulator::Embedded) => {
                let base_url = Url::parse(PLACEHOLDER).ok()?;
                simulated_at(base_url, Some(PLACEHOLDER.to_owned()))
            }
        }
    }
}

impl Sender {
    pub fn as_str(&self) -> &str {
        match self {
            Self::Number(number) => number.as_str(),
            Self::Service(sid) => sid,
        }
    }
}

impl Credentials {
    /// Tells credentials apart without revealing them: 16 hexadecimal digits of a digest.
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::new()
            .chain_update(&self.user)
            .chain_update(":")
            .chain_update(self.secret.expose_secret())
            .finalize();
        hex::encode(&digest[..8])
    }
}

// Whether to simulate.
fn read_provider(env: &mut Env, simulator: Simulator) -> Option<bool> {
    if simulator == Simulator::Embedded && !env.is_set(SMS_PROVIDER) {
        return default_to_simulator(env);
    }
    env.parsed(SMS_PROVIDER, "`twilio` or `simulator`", |text| match text {
        "twilio" => Some(false),
        "simulator" => Some(true),
        _ => None,
    })
}

// Whoever has given credentials may believe that texts go out.
fn default_to_simulator(env: &mut Env) -> Option<bool> {
    let credentials = [
        TWILIO_ACCOUNT_SID,
        TWILIO_AUTH_TOKEN,
        TWILIO_API_KEY_SID,
        TWILIO_API_KEY_SECRET,
        TWILIO_PHONE_NUMBER,
        TWILIO_MESSAGING_SERVICE_SID,
    ];
    let Some(given) = credentials.into_iter().find(|given| env.is_set(*given)) else {
        return Some(true);
    };
    let name = given.name;
    let wrong = format!("must say `twilio` or `simulator`, because {name} is set");
    env.refuse(SMS_PROVIDER, wrong);
    None
}

fn read_external_simulator(env: &mut Env) -> Option<ProviderConfig> {
    let public_base_url = address::read_public_base_url(env);
    if !env.is_set(TWILIO_API_BASE_URL) {
        env.refuse(
            TWILIO_API_BASE_URL,
            "must be set to the simulator's address",
        );
        return None;
    }
    let base_url = address::read_base_url(env)?;
    if address::is_twilio(&base_url) {
        env.refuse(
            TWILIO_API_BASE_URL,
            "is Twilio's own address, although SMS_PROVIDER says `simulator`",
        );
        return None;
    }
    let simulator_page = address::read_simulator_page(env);
    Some(ProviderConfig {
        simulator_page,
        ..simulated_at(base_url, public_base_url)?
    })
}

fn simulated_at(base_url: Url, public_base_url: Option<String>) -> Option<ProviderConfig> {
    let auth_token = SecretString::from(SIMULATOR_AUTH_TOKEN);
    Some(ProviderConfig {
        simulated: true,
        account: SIMULATOR_ACCOUNT_SID.to_owned(),
        credentials: Credentials {
            user: SIMULATOR_ACCOUNT_SID.to_owned(),
            secret: auth_token.clone(),
        },
        webhook_tokens: vec![auth_token],
        sender: Sender::Number(PhoneNumber::parse(SIMULATOR_SENDER).ok()?),
        base_url,
        public_base_url,
        simulator_page: None,
    })
}
