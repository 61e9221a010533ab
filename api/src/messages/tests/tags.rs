use axum::body::Body;
use http::Method;

use super::listing::{contents, fill};
use crate::testing::{Answer, TestApi, TestUser, request};

async fn get(api: &TestApi, user: &TestUser, path: &str, known: &str) -> Answer {
    let mut request = request(Method::GET, path, Some(user), Body::empty());
    let headers = request.headers_mut();
    headers.insert("if-none-match", known.parse().unwrap());
    api.call(request).await
}

#[tokio::test]
async fn a_page_that_a_client_has_is_not_sent_again() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    fill(&api, &john, 4).await;
    let path = "/messages?limit=3";
    let first = api.get(path, &john).await;
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 10);
    for known in [
        tag.clone(),
        format!("W/{tag}"),
        format!("\"old\", {tag}"),
        "*".to_owned(),
    ] {
        let answer = get(&api, &john, path, &known).await;
        assert_eq!(answer.status, 304, "{known}");
        assert!(answer.body.is_empty());
        assert_eq!(answer.header("etag"), tag);
        assert_eq!(answer.header("link"), first.header("link"));
    }
    for unknown in ["\"old\"", "", "W/", tag.trim_matches('"')] {
        let answer = get(&api, &john, path, unknown).await;
        assert_eq!(answer.status, 200, "{unknown}");
        assert_eq!(answer.json(), first.json());
    }
}

#[tokio::test]
async fn a_page_with_news_has_another_tag() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let ids = fill(&api, &john, 3).await;
    let path = "/messages?limit=3";
    let full = api.get(path, &john).await.header("etag").to_owned();

    // The page itself is the same, but there is more after it.
    api.clock.advance(std::time::Duration::from_secs(10));
    api.send(&john, "3").await;
    let more = get(&api, &john, path, &full).await;
    assert_eq!(
        (more.status.as_u16(), contents(&more.json())),
        (200, vec![0, 1, 2])
    );
    assert_ne!(more.header("link"), "");

    let before = more.header("etag").to_owned();
    super::claim(&api, ids[1]).await;
    let claimed = get(&api, &john, path, &before).await;
    assert_eq!(claimed.json()[1]["status"], "sending");
    let table = request(Method::GET, path, Some(&john), Body::empty());
    let (mut parts, body) = table.into_parts();
    parts.headers.insert("accept", "text/csv".parse().unwrap());
    let table = api.call(http::Request::from_parts(parts, body)).await;
    assert_ne!(table.header("etag"), claimed.header("etag"));
}

#[tokio::test]
async fn a_whole_history_has_no_tag() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let all = get(&api, &john, "/messages", "*").await;
    assert_eq!((all.status.as_u16(), all.header("etag")), (200, ""));
}
