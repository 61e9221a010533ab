use std::time::Duration;

use http::header::{AUTHORIZATION, COOKIE, ORIGIN};
use http::{HeaderMap, Method, Request};
use mysms_core::clock::Clock;
use serde_json::{Value, json};

use super::{post, sign_up, with_token};
use crate::testing::{Answer, START, TestApi, TestUser, request};

/// A page as a browser shows it, with its cookie.
#[derive(Clone, Default)]
struct Browser {
    cookie: Option<String>,
    headers: HeaderMap,
}

impl Browser {
    async fn ask(&mut self, api: &TestApi, method: Method, path: &str, token: &str) -> Answer {
        self.ask_with(api, (method, path), token, &json!({})).await
    }

    async fn ask_with(
        &mut self,
        api: &TestApi,
        (method, path): (Method, &str),
        token: &str,
        body: &Value,
    ) -> Answer {
        let mut asked: Request<_> = request(method, path, None, body.to_string());
        let headers = asked.headers_mut();
        headers.extend(self.headers.clone());
        if !token.is_empty() {
            headers.insert(AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        }
        if let Some(cookie) = &self.cookie {
            headers.insert(COOKIE, cookie.parse().unwrap());
        }
        let answer = api.call(asked).await;
        if let Some((pair, rest)) = answer.header("set-cookie").split_once("; ") {
            let is_over = rest.contains("Max-Age=0");
            self.cookie = (!is_over).then(|| pair.to_owned());
        }
        answer
    }

    async fn keep(&mut self, api: &TestApi, user: &TestUser, keep: bool) -> Answer {
        let to = (Method::POST, "/session/cookie");
        self.ask_with(api, to, &user.token, &json!({ "keep": keep }))
            .await
    }

    async fn refresh(&mut self, api: &TestApi) -> Answer {
        self.ask(api, Method::POST, "/session/refresh", "").await
    }

    async fn leave(&mut self, api: &TestApi) -> Answer {
        self.ask(api, Method::DELETE, "/session/cookie", "").await
    }
}

async fn kept(api: &TestApi, name: &str) -> (Browser, TestUser) {
    let user = sign_up(api, name).await;
    let mut browser = Browser::default();
    assert_eq!(browser.keep(api, &user, true).await.status, 200);
    (browser, user)
}

fn is_renewed_before(answer: &Answer) {
    answer.problem(401);
    let kind = answer.json()["type"].clone();
    assert_eq!(kind, "urn:mysms:problem:token-renewed-before");
}

#[tokio::test]
async fn a_browser_gets_a_token_and_the_next_cookie_for_its_cookie() {
    let api = TestApi::start().await;
    let other = api.beside();
    let (mut browser, john) = kept(&api, "john_doe").await;
    let first = browser.cookie.clone();
    let answer = browser.refresh(&other).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let told = answer.json();
    assert_eq!(told["username"], "john_doe");
    assert_eq!(told["username_hash"], john.hash);
    assert_eq!(told["kept"], true);
    assert_eq!(told["expires_in"], 86_400);
    assert_ne!(browser.cookie, first);
    let token = with_token(&answer);
    assert_ne!(token.token, john.token);
    assert_eq!(api.get("/me", &token).await.status, 200);
    assert_eq!(browser.refresh(&api).await.status, 200);
    // It is the same session, which says so.
    let shown = api.get("/me/sessions", &token).await.json();
    assert_eq!(shown.as_array().unwrap().len(), 1);
    assert_eq!(shown[0]["kept"], true);
}

#[tokio::test]
async fn the_cookie_is_for_this_page_alone() {
    let api = TestApi::start().await;
    let john = sign_up(&api, "john_doe").await;
    let mut browser = Browser::default();
    for (origin, keep, expected) in [
        (
            None,
            true,
            "HttpOnly; SameSite=Strict; Secure; Max-Age=2592000",
        ),
        (
            Some("https://sms.example.com"),
            false,
            "HttpOnly; SameSite=Strict; Secure",
        ),
        (
            Some("http://localhost"),
            true,
            "HttpOnly; SameSite=Strict; Max-Age=2592000",
        ),
    ] {
        browser.headers = HeaderMap::new();
        if let Some(origin) = origin {
            browser.headers.insert(ORIGIN, origin.parse().unwrap());
        }
        let answer = browser.keep(&api, &john, keep).await;
        let (_, attributes) = answer.header("set-cookie").split_once("; ").unwrap();
        assert_eq!(attributes, expected);
        assert!(
            !answer
                .text()
                .contains(&browser.cookie.clone().unwrap()[20..])
        );
        assert_eq!(browser.refresh(&api).await.status, 200);
    }
    let plain = TestApi::with(|settings| settings.provider.public_base_url = None).await;
    let john = sign_up(&plain, "john_doe").await;
    let answer = Browser::default().keep(&plain, &john, false).await;
    assert!(
        answer
            .header("set-cookie")
            .ends_with("; HttpOnly; SameSite=Strict")
    );
}

#[tokio::test]
async fn another_origin_gets_nothing_whatever_it_may_else() {
    let api = TestApi::start().await;
    let (browser, john) = kept(&api, "john_doe").await;
    let sites = [
        ("cross-site", "https://evil.example"),
        // CORS lets this one call the API.
        ("same-site", "http://localhost:5173"),
        ("", "http://localhost:5173"),
        ("", "null"),
    ];
    for (site, origin) in sites {
        let mut strange = browser.clone();
        strange.headers.insert(ORIGIN, origin.parse().unwrap());
        if !site.is_empty() {
            strange
                .headers
                .insert("sec-fetch-site", site.parse().unwrap());
        }
        for answer in [
            strange.refresh(&api).await,
            strange.leave(&api).await,
            strange.keep(&api, &john, true).await,
        ] {
            answer.problem(403);
            assert_eq!(answer.header("set-cookie"), "");
            assert_eq!(answer.header("access-control-allow-credentials"), "");
        }
    }
    let mut own = browser;
    own.headers
        .insert("sec-fetch-site", "same-origin".parse().unwrap());
    assert_eq!(own.refresh(&api).await.status, 200, "nothing has ended");
}

#[tokio::test]
async fn a_cookie_that_is_used_again_ends_the_session() {
    let api = TestApi::start().await;
    let other = api.beside();
    let (mut browser, john) = kept(&api, "john_doe").await;
    let mut thief = browser.clone();
    let stolen = with_token(&thief.refresh(&api).await);
    api.clock.advance(Duration::from_mins(6));
    is_renewed_before(&browser.refresh(&other).await);
    for api in [&api, &other] {
        for token in [&john, &stolen] {
            api.get("/me", token).await.problem(401);
        }
        thief.refresh(api).await.problem(401);
        browser.refresh(api).await.problem(401);
    }
    let elsewhere = post(&api, "/login", "john_doe", "password123").await;
    assert_eq!(elsewhere.status, 200);
}

#[tokio::test]
async fn whoever_is_a_turn_behind_for_a_moment_goes_on_and_two_turns_are_too_many() {
    let api = TestApi::start().await;
    let other = api.beside();
    let (mut browser, _) = kept(&api, "john_doe").await;
    let (mut second_tab, mut third_tab) = (browser.clone(), browser.clone());
    let tokens = [
        with_token(&browser.refresh(&api).await),
        with_token(&second_tab.refresh(&other).await),
        with_token(&third_tab.refresh(&api).await),
    ];
    assert_eq!(browser.cookie, second_tab.cookie);
    for token in &tokens {
        assert_eq!(api.get("/me", token).await.status, 200);
        assert_eq!(other.get("/me", token).await.status, 200);
    }
    let mut late = second_tab.clone();
    assert_eq!(second_tab.refresh(&api).await.status, 200);
    assert_eq!(second_tab.refresh(&api).await.status, 200);
    is_renewed_before(&late.refresh(&api).await);
}

#[tokio::test]
async fn tabs_that_refresh_at_once_all_go_on() {
    let api = TestApi::start().await;
    let other = api.beside();
    let (browser, _) = kept(&api, "john_doe").await;
    let both = async |api: &TestApi| {
        let (mut one, mut two) = (browser.clone(), browser.clone());
        let (first, second) = tokio::join!(one.refresh(api), two.refresh(api));
        [(first, one), (second, two)]
    };
    let (here, there) = tokio::join!(both(&api), both(&other));
    let (_, first) = &here[0];
    for (answer, tab) in here.iter().chain(&there) {
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(tab.cookie, first.cookie);
        assert_eq!(api.get("/me", &with_token(answer)).await.status, 200);
    }
}

#[tokio::test]
async fn a_kept_login_lasts_as_long_as_it_is_used_and_thirty_days_more() {
    let api = TestApi::start().await;
    let (mut browser, _) = kept(&api, "john_doe").await;
    for _ in 0..4 {
        api.clock.advance(Duration::from_hours(29 * 24));
        let answer = browser.refresh(&api).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let token = with_token(&answer);
        let shown = api.get("/me/sessions", &token).await.json();
        assert_eq!(shown[0]["created_at"], "2026-01-01T00:00:00.120Z");
        // Beyond thirty days after the password was shown only the cookie renews a token.
        let renewed = request(Method::POST, "/me/token", Some(&token), "");
        let is_over = api.clock.now() > START + Duration::from_hours(30 * 24);
        let expected = if is_over { 401 } else { 200 };
        assert_eq!(api.call(renewed).await.status, expected);
    }
    api.clock.advance(Duration::from_hours(30 * 24 + 1));
    browser.refresh(&api).await.problem(401);
}

#[tokio::test]
async fn a_login_that_ends_with_the_browser_is_forgotten_after_a_day() {
    let api = TestApi::start().await;
    let john = sign_up(&api, "john_doe").await;
    let mut browser = Browser::default();
    browser.keep(&api, &john, false).await;
    api.clock.advance(Duration::from_hours(23));
    let answer = browser.refresh(&api).await;
    assert_eq!(answer.json()["kept"], false);
    api.clock.advance(Duration::from_hours(25));
    browser.refresh(&api).await.problem(401);
}

#[tokio::test]
async fn days_are_set_by_a_variable() {
    let week = Duration::from_hours(7 * 24);
    let api = TestApi::with(|settings| settings.http.idle_session = week).await;
    let john = sign_up(&api, "john_doe").await;
    let mut browser = Browser::default();
    let answer = browser.keep(&api, &john, true).await;
    assert!(answer.header("set-cookie").ends_with("Max-Age=604800"));
    api.clock.advance(week + Duration::from_secs(1));
    browser.refresh(&api).await.problem(401);
}

#[tokio::test]
async fn whatever_ends_a_session_ends_its_cookie() {
    let api = TestApi::start().await;
    let other = api.beside();
    for (number, how) in [
        "logout",
        "everywhere",
        "one",
        "password",
        "account",
        "cookie",
    ]
    .into_iter()
    .enumerate()
    {
        let (mut browser, user) = kept(&api, &format!("user{number}")).await;
        let before = browser.clone();
        match how {
            "logout" => post_empty(&api, "/logout", &user).await,
            "everywhere" => post_empty(&api, "/logout?everywhere=true", &user).await,
            "one" => {
                let shown = api.get("/me/sessions", &user).await.json();
                let path = format!("/me/sessions/{}", shown[0]["id"].as_str().unwrap());
                assert_eq!(api.delete(&path, &user).await.status, 200);
            }
            "password" => {
                let change = json!({"old_password": "password123", "new_password": "password456"});
                let changed = super::put(&api, "/me/password", &user, &change).await;
                assert_eq!(changed.status, 200);
            }
            "account" => {
                let body = json!({"password": "password123"}).to_string();
                let gone = request(Method::DELETE, "/me", Some(&user), body);
                assert_eq!(api.call(gone).await.status, 200);
            }
            _ => {
                assert_eq!(browser.leave(&other).await.status, 200);
                assert_eq!(browser.cookie, None);
                other.get("/me", &user).await.problem(401);
            }
        }
        for api in [&api, &other] {
            before.clone().refresh(api).await.problem(401);
        }
        // Leaving what has ended is no failure.
        assert_eq!(before.clone().leave(&api).await.status, 200);
    }
}

async fn post_empty(api: &TestApi, path: &str, user: &TestUser) {
    let answer = api.call(request(Method::POST, path, Some(user), "")).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_stolen_token_makes_no_lasting_login() {
    let api = TestApi::start().await;
    let john = sign_up(&api, "john_doe").await;
    api.clock.advance(Duration::from_mins(11));
    let refused = Browser::default().keep(&api, &john, true).await;
    refused.problem(403);
    assert_eq!(refused.json()["type"], "urn:mysms:problem:password-needed");
    let renewed = request(Method::POST, "/me/token", Some(&john), "");
    let renewed = with_token(&api.call(renewed).await);
    Browser::default()
        .keep(&api, &renewed, true)
        .await
        .problem(403);
    let login = with_token(&post(&api, "/login", "john_doe", "password123").await);
    assert_eq!(
        Browser::default().keep(&api, &login, true).await.status,
        200
    );
}

#[tokio::test]
async fn what_is_no_cookie_of_ours_is_refused_and_counted() {
    let api = TestApi::with(|settings| settings.http.limits.attempts_per_address = 3).await;
    let cookies = [None, Some("__Secure-mysms_session=x.y.0.z".to_owned())];
    for cookie in cookies.into_iter().cycle().take(3) {
        let mut browser = Browser {
            cookie,
            ..Browser::default()
        };
        browser.refresh(&api).await.problem(401);
    }
    Browser::default().refresh(&api).await.problem(429);
    Browser::default().leave(&api).await.problem(429);
}

#[tokio::test]
async fn logging_out_ends_every_session_of_which_the_browser_has_a_cookie() {
    let api = TestApi::start().await;
    for (number, before) in ["__Secure-", ""].into_iter().enumerate() {
        let (mut first, _) = kept(&api, &format!("john_doe{number}")).await;
        let (mut second, _) = kept(&api, &format!("jane_doe{number}")).await;
        let pair = |browser: &Browser| browser.cookie.clone().unwrap();
        let other = pair(&second).replace("__Secure-", before);
        let cookies = format!("{}; {other}; mysms_session=x", pair(&first));
        let mut both = Browser {
            cookie: Some(cookies),
            ..Browser::default()
        };
        assert_eq!(both.leave(&api).await.status, 200);
        assert_eq!(both.cookie, None);
        first.refresh(&api).await.problem(401);
        second.refresh(&api).await.problem(401);
    }
}

#[tokio::test]
async fn wrong_passwords_keep_no_browser_from_going_on() {
    let api = TestApi::with(|settings| settings.http.limits.attempts_per_account = 2).await;
    let (mut browser, _) = kept(&api, "john_doe").await;
    // The sign-up was counted, too.
    for status in [401, 429] {
        let guess = post(&api, "/login", "john_doe", "password124").await;
        assert_eq!(guess.status, status);
    }
    for status in [200, 200, 429] {
        assert_eq!(browser.refresh(&api).await.status, status);
    }
}

#[tokio::test]
async fn a_wish_is_true_or_false() {
    let api = TestApi::start().await;
    let john = sign_up(&api, "john_doe").await;
    let to = (Method::POST, "/session/cookie");
    let mut browser = Browser::default();
    let answer = browser
        .ask_with(&api, to, &john.token, &json!({"keep": "yes"}))
        .await;
    assert_eq!(answer.problem(400), ["keep"]);
    browser
        .ask(&api, Method::POST, "/session/cookie", "")
        .await
        .problem(401);
}
