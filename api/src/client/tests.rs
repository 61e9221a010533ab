use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, IF_NONE_MATCH, VARY,
};
use http::{Method, StatusCode};

use super::*;
use crate::testing::{Answer, TestApi, request};

async fn get(api: &TestApi, path: &str) -> Answer {
    api.call(request(Method::GET, path, None, "")).await
}

async fn get_with(api: &TestApi, path: &str, name: HeaderName, value: &str) -> Answer {
    let mut asked = request(Method::GET, path, None, "");
    asked.headers_mut().insert(name, value.parse().unwrap());
    api.call(asked).await
}

/// Where a file of this version is.
fn at(name: &str) -> String {
    format!("/web/{}/{name}", files::VERSION)
}

#[tokio::test]
async fn the_page_may_load_nothing_from_elsewhere_and_run_nothing_of_its_own() {
    let api = TestApi::start().await;
    for (path, kind) in [
        ("/".to_owned(), "text/html; charset=utf-8"),
        ("/docs".to_owned(), "text/html; charset=utf-8"),
        ("/sw.js".to_owned(), "text/javascript; charset=utf-8"),
        (at("docs/main.js"), "text/javascript; charset=utf-8"),
        (at("index.css"), "text/css; charset=utf-8"),
        (at("icon.svg"), "image/svg+xml"),
        (at("app.webmanifest"), "application/manifest+json"),
        (at("views/rest.js"), "text/javascript; charset=utf-8"),
    ] {
        let answer = get(&api, &path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header(CONTENT_TYPE.as_str()), kind, "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        let policy = answer.header("content-security-policy");
        // What is no page is under the policy of the one that asked for it.
        let scripts = "default-src 'none'; script-src 'self'; style-src 'self';";
        assert_eq!(
            policy.starts_with(scripts),
            !path.starts_with("/web/"),
            "{path}"
        );
        assert!(policy.starts_with("default-src 'none';"));
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
    let (files, _) = script.split_once(";self.VERSION=\"").unwrap();
    let files = files.strip_prefix("self.FILES=").unwrap();
    let files: Vec<String> = serde_json::from_str(files).unwrap();
    for path in &files {
        assert_eq!(get(&api, &format!("/{path}")).await.status, 200, "{path}");
    }
    let has = |path: &str| files.iter().any(|file| *file == path);
    assert!(has("") && has(&at("main.js")[1..]) && has(&at("views/rest.js")[1..]));
    assert!(!has(&at("sw.js")[1..]) && !has(&at("docs/main.js")[1..]));
}

#[tokio::test]
async fn the_files_of_a_version_are_kept_for_good_and_what_names_it_is_asked_for() {
    let api = TestApi::start().await;
    let file = get(&api, &at("main.js")).await;
    let caching = file.header(CACHE_CONTROL.as_str());
    assert_eq!(caching, "public, max-age=31536000, immutable");
    for path in ["/", "/docs", "/sw.js"] {
        let first = get(&api, path).await;
        assert_eq!(first.header(CACHE_CONTROL.as_str()), "no-cache");
        let tag = first.header("etag");
        let known = get_with(&api, path, IF_NONE_MATCH, tag).await;
        assert_eq!(known.status, StatusCode::NOT_MODIFIED);
        assert!(known.body.is_empty());
        assert_eq!(known.header("etag"), tag);
        let policy = known.header("content-security-policy");
        assert!(policy.contains("default-src 'none'"));
        let other = get_with(&api, path, IF_NONE_MATCH, "\"another\"").await;
        assert_eq!((other.status, &other.body), (StatusCode::OK, &first.body));
        // It stands for the form, too.
        let packed = get_with(&api, path, ACCEPT_ENCODING, "br").await;
        assert_ne!(packed.header("etag"), tag);
    }
}

#[tokio::test]
async fn files_travel_packed_for_those_who_can_unpack_them() {
    let api = TestApi::start().await;
    for path in ["/".to_owned(), "/sw.js".to_owned(), at("main.js")] {
        let plain = get(&api, &path).await;
        assert_eq!(plain.header(CONTENT_ENCODING.as_str()), "");
        for (asked, encoding) in [
            ("gzip", "gzip"),
            ("gzip, br", "br"),
            ("br;q=0, gzip", "gzip"),
        ] {
            let packed = get_with(&api, &path, ACCEPT_ENCODING, asked).await;
            assert_eq!(packed.header(CONTENT_ENCODING.as_str()), encoding);
            assert!(packed.header(VARY.as_str()).contains("accept-encoding"));
            assert!(packed.body.len() < plain.body.len());
        }
    }
}

#[tokio::test]
async fn nothing_but_the_files_of_the_page_is_served() {
    let api = TestApi::start().await;
    for name in [
        "",
        "index.html",
        "docs/index.html",
        "sw.js",
        "package.json",
        "tsconfig.json",
        "tests/all.js",
        "views",
        "views/../main.js",
        "..%2fCargo.toml",
        "%ff",
        "Main.js",
    ] {
        get(&api, &at(name)).await.problem(404);
    }
    for path in [
        "/web/",
        "/web/main.js",
        "/web/%ff/main.js",
        "/web/0123456789abcdef/main.js",
    ] {
        let answer = get(&api, path).await;
        assert_eq!(answer.header(CACHE_CONTROL.as_str()), "no-store");
        answer.problem(404);
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
    assert_eq!(told["web"], files::VERSION);

    let api = TestApi::with(|settings| settings.provider.simulated = false).await;
    let told = get(&api, "/client.json").await.json();
    assert_eq!(told["simulated"], false);
    assert!(told["simulator_page"].is_null());
}
