//! Which keys may do what: all routes, with all scopes, in all modes.

use http::Method;
use mysms_core::domain::{Mode, Right, Scope};
use serde_json::{Value, json};

use super::{program, stranger};
use crate::testing::{TestApi, TestUser, request};

/// The routes as the document has them, and the scopes that it names for keys; `None` if it names none.
async fn routes(api: &TestApi) -> Vec<(Method, String, Option<Vec<String>>)> {
    let document = api
        .call(request(Method::GET, "/openapi.json", None, ""))
        .await;
    let document = document.json();
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, said) in item.as_object().unwrap() {
            let ways = said["security"].as_array();
            if ways.is_some_and(Vec::is_empty) {
                continue;
            }
            let key = ways
                .into_iter()
                .flatten()
                .find_map(|way| way["key"].as_array());
            let scopes = key.map(|scopes| {
                let scopes = scopes
                    .iter()
                    .map(|scope| scope.as_str().unwrap().to_owned());
                scopes.collect()
            });
            routes.push((method.to_uppercase().parse().unwrap(), path.clone(), scopes));
        }
    }
    assert!(routes.len() > 20, "{}", routes.len());
    routes
}

fn of_mode(mode: Mode, scopes: &[Scope]) -> Value {
    let scopes: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
    let mut key = json!({"name": "a", "scopes": scopes, "mode": mode.as_str()});
    if mode == Mode::Team {
        key["recipients"] = json!(["+14155550123"]);
    }
    key
}

/// The code of the refusal, if it is one for the lack of a right.
async fn refusal(
    api: &TestApi,
    key: &TestUser,
    method: &Method,
    path: &str,
) -> Option<(String, String)> {
    let path = path
        .replace("{user}", &key.hash)
        .replace("{number}", "+14155550123");
    let answer = api
        .respond(request(method.clone(), &path, Some(key), ""))
        .await;
    if answer.status() != 403 {
        assert_ne!(answer.status(), 401, "{method} {path}");
        return None;
    }
    let body = http_body_util::BodyExt::collect(answer.into_body())
        .await
        .unwrap();
    let problem: Value = serde_json::from_slice(&body.to_bytes()).unwrap();
    let code = problem["type"]
        .as_str()
        .unwrap()
        .rsplit(':')
        .next()
        .unwrap()
        .to_owned();
    Some((code, problem["detail"].as_str().unwrap().to_owned()))
}

#[tokio::test]
async fn a_key_does_what_its_scopes_let_it_on_every_route_in_every_mode() {
    let api = TestApi::with(|settings| settings.http.limits.attempts_per_account = 10_000).await;
    let john = api.user("john_doe").await;
    api.let_see_inbox(john.id, true).await;
    api.grant(john.id, Right::Consent, true).await;
    let routes = routes(&api).await;
    for mode in Mode::ALL {
        for scope in Scope::ALL {
            if mode == Mode::Test && scope.is_of_people() {
                continue;
            }
            let program = program(&api, &john, &of_mode(mode, &[scope])).await;
            let key = program.as_user;
            for (method, path, scopes) in &routes {
                let refused = refusal(&api, &key, method, path).await;
                let code = refused.as_ref().map(|(code, _)| code.as_str());
                let expected = match scopes.as_deref() {
                    None => Some("login-needed"),
                    Some([needed]) if needed != scope.as_str() => Some("scope-missing"),
                    Some(_) => None,
                };
                assert_eq!(code, expected, "{mode} {scope}: {method} {path}");
                if let (Some("scope-missing"), Some([needed])) = (code, scopes.as_deref()) {
                    assert!(refused.unwrap().1.contains(needed), "{method} {path}");
                }
            }
            // There may be fewer keys than there are scopes and modes.
            let path = format!("/keys/{}", program.id);
            let ended = api.call(request(Method::DELETE, &path, Some(&john), ""));
            assert_eq!(ended.await.status, 200);
        }
    }
}

#[tokio::test]
async fn the_document_names_scopes_that_there_are_and_uses_all_of_them() {
    let api = TestApi::start().await;
    let routes = routes(&api).await;
    let named = routes.iter().filter_map(|(_, _, scopes)| scopes.as_deref());
    let mut named: Vec<_> = named
        .flatten()
        .map(|name| Scope::parse(name).unwrap())
        .collect();
    named.sort_unstable();
    named.dedup();
    assert_eq!(named, Scope::ALL);
    let one = |scopes: &Option<Vec<String>>| scopes.as_ref().is_none_or(|named| named.len() < 2);
    assert!(routes.iter().all(|(_, _, scopes)| one(scopes)));
}

#[tokio::test]
async fn whatever_concerns_the_account_itself_takes_no_key() {
    let api = TestApi::start().await;
    let routes = routes(&api).await;
    for (method, path) in [
        (Method::POST, "/keys"),
        (Method::GET, "/keys"),
        (Method::DELETE, "/keys/{id}"),
        (Method::POST, "/logout"),
        (Method::POST, "/me/token"),
        (Method::PUT, "/me/password"),
        (Method::GET, "/me/sessions"),
        (Method::DELETE, "/me/sessions/{id}"),
        (Method::DELETE, "/me"),
    ] {
        let known = routes
            .iter()
            .find(|route| (&route.0, &*route.1) == (&method, path));
        assert_eq!(known.unwrap().2, None, "{method} {path}");
    }
}

#[tokio::test]
async fn what_needs_no_login_does_not_look_at_keys() {
    let api = TestApi::start().await;
    let wrong = stranger("mk_live_wrong".to_owned());
    assert_eq!(api.get("/healthz", &wrong).await.status, 200);
}
