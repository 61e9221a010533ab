//! The provider proper: the account, what authenticates us, and the sender.

use mysms_core::domain::PhoneNumber;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::super::variables::{
    PUBLIC_BASE_URL, TWILIO_ACCOUNT_SID, TWILIO_API_BASE_URL, TWILIO_API_KEY_SECRET,
    TWILIO_API_KEY_SID, TWILIO_AUTH_TOKEN, TWILIO_AUTH_TOKEN_PREVIOUS,
    TWILIO_MESSAGING_SERVICE_SID, TWILIO_PHONE_NUMBER,
};
use super::super::{Env, Variable};
use super::{Credentials, ProviderConfig, Sender, address};

/// Twilio's have 32; stand-ins for it may have others.
const SHORTEST_TOKEN: usize = 16;

/// A kind of SID, by its prefix.
struct Sid(&'static str);

const ACCOUNT: Sid = Sid("AC");
const API_KEY: Sid = Sid("SK");
const SERVICE: Sid = Sid("MG");

impl Sid {
    fn expected(&self) -> String {
        format!("{} and 32 hexadecimal digits", self.0)
    }

    fn parse(&self, text: &str) -> Option<String> {
        let digits = text.strip_prefix(self.0)?;
        let valid = digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        valid.then(|| text.to_owned())
    }
}

/// Every part is read before the first `?`, so that no problem hides another.
pub(super) fn read(env: &mut Env) -> Option<ProviderConfig> {
    let account = env.parsed(TWILIO_ACCOUNT_SID, ACCOUNT.expected(), |text| {
        ACCOUNT.parse(text)
    });
    let auth_token = env.secret(TWILIO_AUTH_TOKEN);
    let auth_token = auth_token.and_then(|token| checked(env, TWILIO_AUTH_TOKEN, token));
    let previous = env.optional_secret(TWILIO_AUTH_TOKEN_PREVIOUS);
    let previous = previous.and_then(|token| checked(env, TWILIO_AUTH_TOKEN_PREVIOUS, token));
    let api_key = read_api_key(env);
    let sender = read_sender(env);
    let base_url = address::read_base_url(env);
    let public_base_url = address::read_public_base_url(env);
    if let (Some(base), Some(public)) = (&base_url, &public_base_url)
        && address::is_twilio(base)
        && address::is_out_of_reach(public)
    {
        env.refuse(
            PUBLIC_BASE_URL,
            "is an address that Twilio cannot reach from the internet: set a public one, or none, and statuses are polled",
        );
    }
    refuse_plain_text(env, base_url.as_ref(), public_base_url.as_deref());
    let (account, auth_token) = (account?, auth_token?);
    let credentials = api_key.unwrap_or_else(|| Credentials {
        user: account.clone(),
        secret: auth_token.clone(),
    });
    Some(ProviderConfig {
        simulated: false,
        account,
        credentials,
        webhook_tokens: [auth_token].into_iter().chain(previous).collect(),
        sender: sender?,
        base_url: base_url?,
        public_base_url,
        simulator_page: None,
    })
}

/// Whoever guesses the token can tell us whatever they like in the provider's name.
fn checked(env: &mut Env, variable: Variable, token: SecretString) -> Option<SecretString> {
    let short = token.expose_secret().len() < SHORTEST_TOKEN;
    if short {
        env.refuse(
            variable,
            "is no auth token of Twilio's: it must have 32 hexadecimal digits",
        );
    }
    (!short).then_some(token)
}

/// Credentials, texts and answers are for nobody on the way.
fn refuse_plain_text(env: &mut Env, base: Option<&Url>, public: Option<&str>) {
    let public = public.and_then(|public| Url::parse(public).ok());
    for (variable, url) in [
        (TWILIO_API_BASE_URL, base),
        (PUBLIC_BASE_URL, public.as_ref()),
    ] {
        if url.is_some_and(address::is_readable_by_others) {
            env.refuse(
                variable,
                "must begin with https://, as everybody on the way could read what is sent there",
            );
        }
    }
}

fn read_api_key(env: &mut Env) -> Option<Credentials> {
    let given = (
        env.is_set(TWILIO_API_KEY_SID),
        env.is_set(TWILIO_API_KEY_SECRET),
    );
    match given {
        (false, false) => return None,
        (true, false) => env.refuse(TWILIO_API_KEY_SECRET, "must be set, as its SID is"),
        (false, true) => env.refuse(TWILIO_API_KEY_SID, "must be set, as its secret is"),
        (true, true) => {}
    }
    let user = env.optional_parsed(TWILIO_API_KEY_SID, API_KEY.expected(), |text| {
        API_KEY.parse(text)
    });
    let secret = env.optional_secret(TWILIO_API_KEY_SECRET);
    Some(Credentials {
        user: user?,
        secret: secret?,
    })
}

fn read_sender(env: &mut Env) -> Option<Sender> {
    let given = (
        env.is_set(TWILIO_PHONE_NUMBER),
        env.is_set(TWILIO_MESSAGING_SERVICE_SID),
    );
    match given {
        (true, true) => env.refuse(
            TWILIO_PHONE_NUMBER,
            "is set together with TWILIO_MESSAGING_SERVICE_SID: keep one of them",
        ),
        (false, false) => env.refuse(
            TWILIO_PHONE_NUMBER,
            "or TWILIO_MESSAGING_SERVICE_SID must be set",
        ),
        _ => {}
    }
    let number = env.optional_parsed(
        TWILIO_PHONE_NUMBER,
        "a phone number in international form",
        |text| PhoneNumber::parse(text).ok(),
    );
    let service = env.optional_parsed(TWILIO_MESSAGING_SERVICE_SID, SERVICE.expected(), |text| {
        SERVICE.parse(text)
    });
    number.map(Sender::Number).or(service.map(Sender::Service))
}
