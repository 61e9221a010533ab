//! Opening the files of messages.

use axum::response::Response;
use http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG};
use http::{HeaderName, Method, StatusCode};
use mysms_core::domain::{ContentType, Medium};
use mysms_core::provider::{MediaFailure, ReadFailure};
use serde_json::json;

use super::*;
use crate::shelf::Kept;
use crate::testing::{TestUser, request};

const URL: &str = "https://api.twilio.com/file";

fn place(user: &TestUser, message: &Message, index: usize) -> String {
    format!("/messages/{}/{}/media/{index}", user.hash, message.id)
}

async fn open(
    api: &TestApi,
    user: &TestUser,
    path: &str,
    headers: &[(HeaderName, &str)],
) -> Response {
    let mut request = request(Method::GET, path, Some(user), "");
    for (name, value) in headers {
        let value = value.parse().unwrap();
        request.headers_mut().insert(name, value);
    }
    api.respond(request).await
}

type Failure = fn() -> MediaFailure;

async fn receive(api: &TestApi, user: &TestUser, kept: Kept) -> Message {
    let medium = api.shelf.put(URL, kept);
    api.receive_files(user.id, [medium]).await
}

#[tokio::test]
async fn a_picture_passes_through_and_is_shown() {
    let api = TestApi::start().await;
    let user = api.user("john").await;
    let picture = api.shelf.put(URL, Kept::File("image/png", "picture"));
    let page = api.shelf.put(
        "https://api.twilio.com/page",
        Kept::File("image/png", "<script>"),
    );
    let page = Medium {
        content_type: ContentType::parse("text/html").ok(),
        ..page
    };
    let message = api.receive_files(user.id, [picture, page]).await;
    let listed = api.get("/conversations/+14155550123", &user).await.json();
    let media = json!([
        {"index": 0, "content_type": null, "size": null, "url": null},
        {"index": 1, "content_type": "text/html", "size": null, "url": null},
    ]);
    assert_eq!(
        (&listed[0]["media"], &listed[0]["content"]),
        (&media, &json!(null))
    );

    let answer = api.get(&place(&user, &message, 0), &user).await;
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (StatusCode::OK, "picture")
    );
    let said = |name: &str| answer.headers[name].to_str().unwrap();
    assert_eq!(said("content-type"), "image/png");
    assert_eq!(
        said("content-disposition"),
        "inline; filename=\"media-0.png\""
    );
    assert_eq!(said("content-length"), "7");
    assert_eq!(said("x-content-type-options"), "nosniff");
    assert_eq!(
        said("content-security-policy"),
        "sandbox; default-src 'none'"
    );
    assert_eq!(said("cache-control"), "private, max-age=3600");
    assert_eq!(said("accept-ranges"), "bytes");
    // What was said when it was received counts, not what the content host says.
    let answer = api.get(&place(&user, &message, 1), &user).await;
    assert_eq!(answer.headers[CONTENT_TYPE], "text/html");
    let saved = "attachment; filename=\"media-1.bin\"";
    assert_eq!(answer.headers[CONTENT_DISPOSITION], saved);

    // What nobody knew before is known from now on.
    api.state.lifecycle.tracker().close();
    api.state.lifecycle.tracker().wait().await;
    let shown = api
        .get(&format!("/messages/{}/{}", user.hash, message.id), &user)
        .await;
    let media = json!([
        {"index": 0, "content_type": "image/png", "size": 7, "url": null},
        {"index": 1, "content_type": "text/html", "size": 8, "url": null},
    ]);
    assert_eq!(shown.json()["media"], media);
}

#[tokio::test]
async fn a_part_is_what_was_asked_for() {
    let api = TestApi::start().await;
    let user = api.user("john").await;
    let message = receive(&api, &user, Kept::File("video/mp4", "a film")).await;
    let path = place(&user, &message, 0);
    let range = (http::header::RANGE, "bytes=0-2");
    let part = open(&api, &user, &path, std::slice::from_ref(&range)).await;
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(part.headers()[CONTENT_RANGE], "bytes 0-2/6");
    assert_eq!(part.headers()[CONTENT_LENGTH], "3");
    let tag = part.headers()[ETAG].to_str().unwrap().to_owned();
    let status =
        async |headers: &[(HeaderName, &str)]| open(&api, &user, &path, headers).await.status();
    let same = (http::header::IF_RANGE, &*tag);
    assert_eq!(
        status(&[range.clone(), same]).await,
        StatusCode::PARTIAL_CONTENT
    );
    let other = (http::header::IF_RANGE, "\"another\"");
    assert_eq!(status(&[range, other]).await, StatusCode::OK);
    let several = (http::header::RANGE, "bytes=0-1,3-4");
    assert_eq!(status(&[several]).await, StatusCode::OK);
    let known = (http::header::IF_NONE_MATCH, &*tag);
    assert_eq!(status(&[known]).await, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn nobody_else_gets_it_and_nobody_once_it_is_deleted() {
    let api = TestApi::start().await;
    let (john, jane) = (api.user("john").await, api.user("jane").await);
    let message = receive(&api, &john, Kept::File("image/png", "picture")).await;
    let path = place(&john, &message, 0);
    let of_jane = place(&jane, &message, 0);
    for (path, user) in [
        (&path, &jane),
        (&of_jane, &jane),
        (&place(&john, &message, 1), &john),
        (&path.replace("media/0", "media/x"), &john),
        (&path.replace("media/0", "media/-1"), &john),
    ] {
        assert_eq!(
            api.get(path, user).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    assert_eq!(api.get(&path, &john).await.status, StatusCode::OK);
    let deleted = format!("/messages/{}/{}", john.hash, message.id);
    assert_eq!(api.delete(&deleted, &john).await.status, StatusCode::OK);
    assert_eq!(api.get(&path, &john).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_cannot_be_opened_is_said_in_so_many_words() {
    let api = TestApi::start().await;
    let user = api.user("john").await;
    let failures: [(Failure, u16, &str); 7] = [
        (|| MediaFailure::Gone, 410, "media-gone"),
        (|| MediaFailure::Elsewhere, 502, "media-elsewhere"),
        (
            || MediaFailure::TooLarge { most: 5 },
            502,
            "media-too-large",
        ),
        (
            || MediaFailure::NoSuchPart { size: Some(7) },
            416,
            "no-such-part",
        ),
        (|| ReadFailure::Status(401).into(), 502, "media-refused"),
        (
            || ReadFailure::Status(502).into(),
            503,
            "provider-unavailable",
        ),
        (
            || ReadFailure::Throttled { retry_after: None }.into(),
            503,
            "provider-unavailable",
        ),
    ];
    for (failure, status, code) in failures {
        let message = receive(&api, &user, Kept::Fails(failure)).await;
        let answer = api.get(&place(&user, &message, 0), &user).await;
        assert_eq!(answer.status.as_u16(), status, "{code}");
        let kind = answer.json()["type"].as_str().unwrap().to_owned();
        assert_eq!(kind, format!("urn:mysms:problem:{code}"));
        assert_eq!(answer.headers.contains_key("retry-after"), status == 503);
        let range = answer.headers.get(CONTENT_RANGE);
        assert_eq!(
            range.is_some_and(|range| range == "bytes */7"),
            status == 416
        );
    }
}

#[tokio::test]
async fn one_user_reads_so_many_at_a_time_and_costs_others_nothing() {
    let api = TestApi::start().await;
    let (john, jane) = (api.user("john").await, api.user("jane").await);
    let endless = receive(&api, &john, Kept::Endless).await;
    let path = place(&john, &endless, 0);
    let mut being_read = Vec::new();
    for _ in 0..8 {
        let answer = open(&api, &john, &path, &[]).await;
        assert_eq!(answer.status(), StatusCode::OK);
        being_read.push(answer);
    }
    let refused = api.get(&path, &john).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    let of_jane = receive(&api, &jane, Kept::File("image/png", "picture")).await;
    let open_to_jane = api.get(&place(&jane, &of_jane, 0), &jane).await;
    assert_eq!(open_to_jane.status, StatusCode::OK);
    being_read.pop();
    assert_eq!(open(&api, &john, &path, &[]).await.status(), StatusCode::OK);
}
