use serde_json::{Value, json};

use super::*;

const SECRET: &str = "a secret of at least thirty-two bytes";
const OLD_SECRET: &str = "the previous secret, also long enough";
const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

fn tokens(secret: &str, previous: Option<&str>) -> Tokens {
    Tokens::new(&TokenConfig {
        secret: secret.into(),
        previous: previous.map(Into::into),
    })
}

fn john() -> Login {
    let name = mysms_core::domain::Username::parse("john_doe").unwrap();
    Login {
        user: UserId::generate(NOW),
        hash: name.hash(),
        generation: 3,
        at: NOW,
        session: SessionId::generate(),
        until: None,
    }
}

fn issue(tokens: &Tokens, login: &Login, now: Timestamp) -> String {
    tokens
        .issue(login, TokenId::generate(), now)
        .unwrap()
        .unwrap()
}

fn claims() -> Value {
    let login = john();
    let now = NOW.as_seconds();
    json!({
        "sub": login.user, "hash": login.hash, "iat": now, "exp": now + LIFETIME,
        "iss": ISSUER, "aud": AUDIENCE, "jti": TokenId::generate(), "sid": login.session, "auth_time": now, "gen": 3,
    })
}

fn signed(claims: &Value, algorithm: Algorithm) -> String {
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    encode(&Header::new(algorithm), claims, &key).unwrap()
}

fn accepts(token: &str) -> bool {
    tokens(SECRET, None).verify(token, NOW).is_ok()
}

#[test]
fn an_issued_token_names_its_user_until_it_expires() {
    let tokens = tokens(SECRET, None);
    let login = john();
    let token = issue(&tokens, &login, NOW);
    let caller = tokens.verify(&token, NOW).unwrap();
    assert_eq!((caller.user, &caller.hash), (login.user, &login.hash));
    assert_eq!(caller.token.generation, Some(3));
    assert_eq!(caller.logged_in_at, NOW);

    let last = NOW + LONGEST_VALIDITY;
    assert_eq!(caller.expires_at, last);
    assert_eq!(Tokens::ends(&login, NOW), Some(last));
    assert!(tokens.verify(&token, last).is_ok());
    let late = tokens.verify(&token, last + Duration::from_secs(1));
    assert!(matches!(late, Err(InvalidToken::Expired)));
}

#[test]
fn a_token_has_its_own_id_and_the_one_of_its_session() {
    let tokens = tokens(SECRET, None);
    let login = john();
    let ids = || {
        let token = issue(&tokens, &login, NOW);
        let caller = tokens.verify(&token, NOW).unwrap();
        assert!(!caller.is_lone);
        (caller.token.id, caller.token.session)
    };
    let (first, second) = (ids(), ids());
    assert_ne!(first.0, second.0);
    assert_eq!((first.1, second.1), (login.session, login.session));
}

#[test]
fn no_token_outlives_the_thirty_days_after_its_login() {
    let tokens = tokens(SECRET, None);
    let login = john();
    let month = Duration::from_hours(30 * 24);
    let late = NOW + month - Duration::from_hours(1);
    let caller = tokens.verify(&issue(&tokens, &login, late), late).unwrap();
    assert_eq!(caller.logged_in_at, NOW);
    assert_eq!(caller.expires_at, NOW + month + Duration::from_secs(5));
    let later = tokens.issue(&login, TokenId::generate(), NOW + month);
    assert!(later.unwrap().is_none());
}

#[test]
fn a_token_of_an_earlier_version_is_good_until_it_expires() {
    let mut old = claims();
    for new in ["auth_time", "gen", "sid"] {
        old.as_object_mut().unwrap().remove(new);
    }
    let token = signed(&old, Algorithm::HS256);
    let caller = tokens(SECRET, None).verify(&token, NOW).unwrap();
    assert_eq!(caller.token.generation, None);
    assert!(caller.is_lone);
    assert_eq!(caller.token.session, SessionId::of_lone(caller.token.id));
    assert_eq!(caller.logged_in_at, NOW, "it was issued at its login");
}

#[test]
fn the_previous_secret_verifies_and_signs_nothing() {
    let login = john();
    let before = tokens(OLD_SECRET, None);
    let during = tokens(SECRET, Some(OLD_SECRET));
    let old_token = issue(&before, &login, NOW);
    assert!(during.verify(&old_token, NOW).is_ok());
    let new_token = issue(&during, &login, NOW);
    assert!(tokens(SECRET, None).verify(&new_token, NOW).is_ok());
    assert!(before.verify(&new_token, NOW).is_err());
    assert!(tokens(SECRET, None).verify(&old_token, NOW).is_err());
}

#[test]
fn only_hs256_is_accepted() {
    assert!(accepts(&signed(&claims(), Algorithm::HS256)));
    assert!(!accepts(&signed(&claims(), Algorithm::HS384)));
    assert!(!accepts(&signed(&claims(), Algorithm::HS512)));
    // {"alg":"none","typ":"JWT"}, with and without a signature.
    let good = signed(&claims(), Algorithm::HS256);
    let parts: Vec<_> = good.split('.').collect();
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
    assert!(!accepts(&format!("{none}.{}.", parts[1])));
    assert!(!accepts(&format!("{none}.{}.{}", parts[1], parts[2])));
}

#[test]
fn every_claim_has_to_be_there_and_right() {
    for claim in ["sub", "hash", "iat", "exp", "iss", "aud", "jti"] {
        let mut missing = claims();
        missing.as_object_mut().unwrap().remove(claim);
        assert!(
            !accepts(&signed(&missing, Algorithm::HS256)),
            "without {claim}"
        );
    }
    let all = [
        "sub",
        "hash",
        "iat",
        "exp",
        "iss",
        "aud",
        "jti",
        "auth_time",
        "gen",
        "sid",
    ];
    for claim in all {
        let mut wrong = claims();
        wrong[claim] = json!({"not": "what it should be"});
        assert!(
            !accepts(&signed(&wrong, Algorithm::HS256)),
            "with a wrong {claim}"
        );
    }
    for (claim, value) in [
        ("iss", "someone"),
        ("aud", "another-api"),
        ("sub", "42"),
        ("sub", ""),
        ("jti", "1"),
        ("sid", "1"),
        ("exp", "9999999999"),
    ] {
        let mut foreign = claims();
        foreign[claim] = json!(value);
        assert!(
            !accepts(&signed(&foreign, Algorithm::HS256)),
            "{claim} {value}"
        );
    }
}

#[test]
fn rubbish_is_refused() {
    let good = signed(&claims(), Algorithm::HS256);
    let huge = "a".repeat(1_000_000);
    let huge_claims = {
        let mut claims = claims();
        claims["pad"] = json!(huge);
        signed(&claims, Algorithm::HS256)
    };
    for bad in [
        "",
        ".",
        "..",
        "a.b.c",
        &good[1..],
        &good[..good.len() - 1],
        &huge,
        &huge_claims,
    ] {
        assert!(!accepts(bad), "{} bytes", bad.len());
    }
}
