use super::*;
use crate::config::testing::{accepted, refused};

type Pair<'a> = (&'a str, &'a str);

const ACCOUNT: &str = "AC00112233445566778899aabbccddeeff";
const KEY: &str = "SK00112233445566778899aabbccddeeff";
const SERVICE: &str = "MG00112233445566778899aabbccddeeff";

const TOKEN: &str = "an auth token of enough length";
const TWILIO: [Pair<'_>; 4] = [
    ("SMS_PROVIDER", "twilio"),
    ("TWILIO_ACCOUNT_SID", ACCOUNT),
    ("TWILIO_AUTH_TOKEN", TOKEN),
    ("TWILIO_PHONE_NUMBER", "+1 415 555 0123"),
];

const SIMULATED: [Pair<'_>; 2] = [
    ("SMS_PROVIDER", "simulator"),
    ("TWILIO_API_BASE_URL", "http://simulator:4010"),
];

fn external(env: &mut Env) -> Option<ProviderConfig> {
    ProviderConfig::read(env, Simulator::External)
}

fn embedded(env: &mut Env) -> Option<ProviderConfig> {
    ProviderConfig::read(env, Simulator::Embedded)
}

fn with<'a>(base: &[Pair<'a>], more: &[Pair<'a>]) -> Vec<Pair<'a>> {
    [base, more].concat()
}

fn without(name: &str) -> Vec<Pair<'static>> {
    let others = TWILIO.into_iter().filter(|(found, _)| *found != name);
    others.collect()
}

fn exposed(secrets: &[SecretString]) -> Vec<&str> {
    secrets.iter().map(ExposeSecret::expose_secret).collect()
}

#[test]
fn with_an_account_and_a_number_texts_go_out() {
    let provider = accepted(&TWILIO, external);
    assert!(!provider.simulated);
    assert_eq!(provider.account, ACCOUNT);
    assert_eq!(provider.credentials.user, ACCOUNT);
    assert_eq!(provider.credentials.secret.expose_secret(), TOKEN);
    assert_eq!(exposed(&provider.webhook_tokens), [TOKEN]);
    assert_eq!(provider.sender.as_str(), "+14155550123");
    assert_eq!(provider.base_url.as_str(), "https://api.twilio.com/");
    assert_eq!(provider.public_base_url, None);
}

#[test]
fn an_api_key_authenticates_but_the_auth_tokens_sign() {
    let more = [
        ("TWILIO_API_KEY_SID", KEY),
        ("TWILIO_API_KEY_SECRET", "key secret"),
        (
            "TWILIO_AUTH_TOKEN_PREVIOUS",
            "an old token of enough length",
        ),
    ];
    let provider = accepted(&with(&TWILIO, &more), external);
    assert_eq!(provider.credentials.user, KEY);
    assert_eq!(provider.credentials.secret.expose_secret(), "key secret");
    assert_eq!(
        exposed(&provider.webhook_tokens),
        [TOKEN, "an old token of enough length"]
    );
}

#[test]
fn the_page_of_the_phones_is_one_that_a_browser_can_open() {
    let page = |url| with(&SIMULATED, &[("SIMULATOR_PAGE_URL", url)]);
    let provider = accepted(&page("http://127.0.0.1:4010/sim"), external);
    let shown = provider.simulator_page.unwrap();
    assert_eq!(shown.as_str(), "http://127.0.0.1:4010/sim");
    let must =
        "SIMULATOR_PAGE_URL must be an http:// or https:// URL without user, query and fragment";
    assert_eq!(refused(&page("javascript:alert(1)"), external), [must]);
    assert_eq!(accepted(&SIMULATED, external).simulator_page, None);
}

#[test]
fn the_provider_must_be_named() {
    let must = "SMS_PROVIDER must be `twilio` or `simulator`";
    for name in ["Twilio", "true", "mock"] {
        let pairs = [("SMS_PROVIDER", name)];
        assert_eq!(refused(&pairs, external), [must], "{name}");
        assert_eq!(refused(&pairs, embedded), [must], "{name}");
    }
    assert_eq!(refused(&[], external), ["SMS_PROVIDER must be set"]);
    assert_eq!(
        refused(&SIMULATED[1..], external),
        ["SMS_PROVIDER must be set"]
    );
}

#[test]
fn half_a_set_of_credentials_is_refused() {
    let cases = [
        (
            without("TWILIO_ACCOUNT_SID"),
            "TWILIO_ACCOUNT_SID must be set",
        ),
        (
            without("TWILIO_AUTH_TOKEN"),
            "TWILIO_AUTH_TOKEN must be set",
        ),
        (
            without("TWILIO_PHONE_NUMBER"),
            "TWILIO_PHONE_NUMBER or TWILIO_MESSAGING_SERVICE_SID must be set",
        ),
        (
            with(&TWILIO, &[("TWILIO_API_KEY_SID", KEY)]),
            "TWILIO_API_KEY_SECRET must be set, as its SID is",
        ),
        (
            with(&TWILIO, &[("TWILIO_API_KEY_SECRET", "x")]),
            "TWILIO_API_KEY_SID must be set, as its secret is",
        ),
        (
            with(&TWILIO, &[("TWILIO_MESSAGING_SERVICE_SID", SERVICE)]),
            "TWILIO_PHONE_NUMBER is set together with TWILIO_MESSAGING_SERVICE_SID: keep one of them",
        ),
    ];
    for (pairs, problem) in cases {
        assert_eq!(refused(&pairs, external), [problem]);
        assert_eq!(refused(&pairs, embedded), [problem]);
    }
    assert_eq!(refused(&TWILIO[..1], external).len(), 3);
}

#[test]
fn identifiers_have_their_form() {
    let hex = "and 32 hexadecimal digits";
    let cases = [
        ("TWILIO_ACCOUNT_SID", KEY, format!("must be AC {hex}")),
        (
            "TWILIO_ACCOUNT_SID",
            &ACCOUNT[..33],
            format!("must be AC {hex}"),
        ),
        (
            "TWILIO_ACCOUNT_SID",
            "AC00112233445566778899aabbccddeefg",
            format!("must be AC {hex}"),
        ),
        (
            "TWILIO_PHONE_NUMBER",
            "4155550123",
            "must be a phone number in international form".to_owned(),
        ),
    ];
    for (name, value, wrong) in cases {
        let pairs = with(&without(name), &[(name, value)]);
        assert_eq!(
            refused(&pairs, external),
            [format!("{name} {wrong}")],
            "{value}"
        );
    }
    let mut pairs = without("TWILIO_PHONE_NUMBER");
    pairs.push(("TWILIO_MESSAGING_SERVICE_SID", ACCOUNT));
    let expected = format!("TWILIO_MESSAGING_SERVICE_SID must be MG {hex}");
    assert_eq!(refused(&pairs, external), [expected]);
    pairs[3].1 = SERVICE;
    assert_eq!(
        accepted(&pairs, external).sender,
        Sender::Service(SERVICE.to_owned())
    );
}

#[test]
fn an_external_simulator_needs_its_address_and_has_fixed_credentials() {
    let provider = accepted(&SIMULATED, external);
    assert!(provider.simulated);
    assert_eq!(provider.account, SIMULATOR_ACCOUNT_SID);
    assert_eq!(provider.credentials.user, SIMULATOR_ACCOUNT_SID);
    assert_eq!(exposed(&provider.webhook_tokens), [SIMULATOR_AUTH_TOKEN]);
    assert_eq!(provider.sender.as_str(), SIMULATOR_SENDER);
    assert_eq!(provider.base_url.as_str(), "http://simulator:4010/");

    assert_eq!(
        refused(&SIMULATED[..1], external),
        ["TWILIO_API_BASE_URL must be set to the simulator's address"]
    );
    let twilio = [
        SIMULATED[0],
        ("TWILIO_API_BASE_URL", "https://api.twilio.com"),
    ];
    assert_eq!(
        refused(&twilio, external),
        ["TWILIO_API_BASE_URL is Twilio's own address, although SMS_PROVIDER says `simulator`"]
    );
}

#[test]
fn real_credentials_are_never_sent_to_a_simulator() {
    let pairs = with(&TWILIO[1..], &SIMULATED);
    let provider = accepted(&pairs, external);
    assert_eq!(provider.account, SIMULATOR_ACCOUNT_SID);
    assert_eq!(
        provider.credentials.secret.expose_secret(),
        SIMULATOR_AUTH_TOKEN
    );
}

#[test]
fn the_embedded_simulator_is_the_default_unless_credentials_say_otherwise() {
    let provider = accepted(&[], embedded);
    assert!(provider.simulated && provider.public_base_url.is_some());
    assert!(accepted(&SIMULATED[..1], embedded).simulated);
    assert!(!accepted(&TWILIO, embedded).simulated);
    for pair in &TWILIO[1..] {
        let expected = format!(
            "SMS_PROVIDER must say `twilio` or `simulator`, because {} is set",
            pair.0
        );
        assert_eq!(refused(&[*pair], embedded), [expected]);
    }
}

#[test]
fn the_public_address_is_kept_as_it_was_given() {
    let cases = [
        ("https://sms.example.com", "https://sms.example.com"),
        (
            "https://SMS.example.com:443/",
            "https://SMS.example.com:443",
        ),
        (
            "https://sms.example.com/a%2Fb//",
            "https://sms.example.com/a%2Fb",
        ),
    ];
    for (given, kept) in cases {
        let pairs = with(&TWILIO, &[("PUBLIC_BASE_URL", given)]);
        let provider = accepted(&pairs, external);
        assert_eq!(provider.public_base_url.as_deref(), Some(kept));
    }
}

#[test]
fn addresses_that_are_none_are_refused() {
    let addresses = [
        "sms.example.com",
        "ftp://sms.example.com",
        "https://",
        "https://user@sms.example.com",
        "https://sms.example.com?x=1",
        "https://sms.example.com#x",
    ];
    for name in ["PUBLIC_BASE_URL", "TWILIO_API_BASE_URL"] {
        for address in addresses {
            let problems = refused(&with(&TWILIO, &[(name, address)]), external);
            assert_eq!(problems.len(), 1, "{name} {address}: {problems:?}");
            assert!(problems[0].starts_with(name), "{problems:?}");
        }
    }
}

#[test]
fn twilio_is_not_given_an_address_that_it_cannot_reach() {
    let unreachable = [
        "http://localhost:3000",
        "http://api.localhost",
        "http://api:3000",
        "http://api.:3000",
        "http://127.0.0.1:3000",
        "http://0.0.0.0:3000",
        "https://192.168.1.10",
        "https://10.1.2.3",
        "http://[::1]:3000",
        "http://[::ffff:127.0.0.1]",
        "http://[fd00::1]",
    ];
    for address in unreachable {
        let pairs = with(&TWILIO, &[("PUBLIC_BASE_URL", address)]);
        let problems = refused(&pairs, external);
        assert_eq!(problems.len(), 1, "{address}");
        assert!(problems[0].contains("Twilio cannot reach"), "{problems:?}");

        let elsewhere = with(&pairs, &[("TWILIO_API_BASE_URL", "http://127.0.0.1:4010")]);
        accepted(&elsewhere, external);
        accepted(&with(&SIMULATED, &[("PUBLIC_BASE_URL", address)]), external);
    }
    let regional = [
        ("PUBLIC_BASE_URL", "http://api:3000"),
        ("TWILIO_API_BASE_URL", "https://api.dublin.ie1.twilio.com"),
    ];
    assert_eq!(refused(&with(&TWILIO, &regional), external).len(), 1);
    for address in ["https://sms.example.com", "https://203.0.113.7:8080"] {
        accepted(&with(&TWILIO, &[("PUBLIC_BASE_URL", address)]), external);
    }
}

#[test]
fn a_fingerprint_tells_credentials_apart_without_showing_them() {
    let credentials = |user: &str, secret: &str| Credentials {
        user: user.to_owned(),
        secret: secret.into(),
    };
    let fingerprint = credentials(ACCOUNT, "token").fingerprint();
    assert_eq!(fingerprint.len(), 16);
    assert_eq!(fingerprint, credentials(ACCOUNT, "token").fingerprint());
    assert_ne!(fingerprint, credentials(ACCOUNT, "other").fingerprint());
    assert_ne!(fingerprint, credentials(KEY, "token").fingerprint());
}

#[test]
fn what_others_could_read_on_the_way_is_refused() {
    let plain = |name, url| with(&TWILIO, &[(name, url)]);
    for url in [
        "http://proxy.example.com",
        "http://203.0.113.7",
        "http://[2001:db8::1]:8080",
    ] {
        for name in ["TWILIO_API_BASE_URL", "PUBLIC_BASE_URL"] {
            let problems = refused(&plain(name, url), external);
            assert!(
                problems[0].contains("must begin with https://"),
                "{problems:?}"
            );
        }
    }
    for url in [
        "http://127.0.0.1:4010",
        "http://10.1.2.3:4010",
        "http://[::1]",
        "http://localhost",
    ] {
        accepted(&plain("TWILIO_API_BASE_URL", url), external);
    }
    let simulated = with(
        &SIMULATED,
        &[("TWILIO_API_BASE_URL", "http://simulator.example.com")],
    );
    accepted(&simulated, external);
}

#[test]
fn a_token_that_can_be_guessed_is_refused() {
    for name in ["TWILIO_AUTH_TOKEN", "TWILIO_AUTH_TOKEN_PREVIOUS"] {
        let problems = refused(&with(&TWILIO, &[(name, "x")]), external);
        assert!(
            problems[0].starts_with(&format!("{name} is no auth token")),
            "{problems:?}"
        );
    }
}
