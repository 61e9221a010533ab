use http::header::{CACHE_CONTROL, CONTENT_TYPE, IF_NONE_MATCH};
use http::{HeaderValue, Method, StatusCode};

use super::*;
use crate::testing::{Answer, TestApi, request};

async fn get(api: &TestApi, path: &str) -> Answer {
    api.call(request(Method::GET, path, None, "")).await
}

#[tokio::test]
async fn the_page_may_load_nothing_from_elsewhere_and_run_nothing_of_its_own() {
    let api = TestApi::start().await;
    for (path, kind) in [
        ("/", "text/html; charset=utf-8"),
        ("/docs", "text/html; charset=utf-8"),
        ("/web/docs/main.js", "text/javascript; charset=utf-8"),
        ("/web/tokens.css", "text/css; charset=utf-8"),
        ("/web/icon.svg", "image/svg+xml"),
        ("/web/app.webmanifest", "application/manifest+json"),
        ("/sw.js", "text/javascript; charset=utf-8"),
        ("/web/lib/dom.js", "text/javascript; charset=utf-8"),
    ] {
        let answer = get(&api, path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header(CONTENT_TYPE.as_str()), kind, "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"));
        assert!(!policy.contains("unsafe"), "{policy}");
    }
    for path in ["/", "/docs"] {
        let page = get(&api, path).await.text();
        assert!(
            !page.contains("<style") && !page.contains(" style="),
            "{page}"
        );
        let scripts = page.matches("<script").count();
        assert_eq!(scripts, page.matches(" src=\"web/").count(), "{page}");
        let named = page.split("=\"web/").skip(1);
        for file in named.filter_map(|rest| rest.split_once('"')) {
            let file = format!("/web/{}", file.0);
            assert_eq!(get(&api, &file).await.status, 200, "{path}: {file}");
        }
    }
}

#[tokio::test]
async fn what_starts_without_a_network_knows_the_files_of_its_version() {
    let api = TestApi::start().await;
    let script = get(&api, "/sw.js").await.text();
    let (files, _) = script.split_once(";\nself.VERSION = \"").unwrap();
    let files = files.strip_prefix("self.FILES = ").unwrap();
    let files: serde_json::Value = serde_json::from_str(files).unwrap();
    for (path, tag) in files.as_object().unwrap() {
        let file = get(&api, &format!("/{path}")).await;
        assert_eq!(file.header("etag"), tag.as_str().unwrap(), "{path}");
    }
    assert!(files[""].is_string() && files["web/main.js"].is_string());
    assert!(files["sw.js"].is_null() && files["web/docs/main.js"].is_null());
}

#[tokio::test]
async fn a_file_that_is_known_is_not_sent_again() {
    let api = TestApi::start().await;
    let first = get(&api, "/web/tokens.css").await;
    assert_eq!(first.header(CACHE_CONTROL.as_str()), "no-cache");
    let tag = HeaderValue::from_str(first.header("etag")).unwrap();
    let ask = async |tag: HeaderValue| {
        let mut asked = request(Method::GET, "/web/tokens.css", None, "");
        asked.headers_mut().insert(IF_NONE_MATCH, tag);
        api.call(asked).await
    };
    let known = ask(tag.clone()).await;
    assert_eq!(known.status, StatusCode::NOT_MODIFIED);
    assert!(known.body.is_empty());
    assert_eq!(known.header("etag"), tag);
    assert!(
        known
            .header("content-security-policy")
            .contains("default-src 'none'")
    );
    let other = ask(HeaderValue::from_static("\"another\"")).await;
    assert_eq!((other.status, other.body), (StatusCode::OK, first.body));
}

#[tokio::test]
async fn nothing_but_the_files_of_the_page_is_served() {
    let api = TestApi::start().await;
    for path in [
        "/web/",
        "/web/package.json",
        "/web/tsconfig.json",
        "/web/tests/all.js",
        "/web/lib",
        "/web/lib/../tokens.css",
        "/web/..%2fCargo.toml",
        "/web/%ff",
        "/web/lib/%ff",
        "/web/Tokens.css",
    ] {
        get(&api, path).await.problem(404);
    }
}

#[tokio::test]
async fn the_page_is_told_whether_texts_are_simulated() {
    let api = TestApi::with(|settings| {
        settings.provider.simulator_page = "http://127.0.0.1:4010/sim".parse().ok();
    })
    .await;
    let told = get(&api, "/client.json").await.json();
    assert_eq!(told["simulated"], true);
    assert_eq!(told["simulator_page"], "http://127.0.0.1:4010/sim");
    assert_eq!(told["version"], env!("CARGO_PKG_VERSION"));

    let api = TestApi::with(|settings| settings.provider.simulated = false).await;
    let told = get(&api, "/client.json").await.json();
    assert_eq!(told["simulated"], false);
    assert!(told["simulator_page"].is_null());
}
