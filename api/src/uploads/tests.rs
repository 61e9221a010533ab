//! Files that users bring, until they have left.

use axum::body::Body;
use http::header::{CONTENT_TYPE, RANGE};
use http::{Method, StatusCode};
use mysms_core::clock::Clock;
use mysms_core::domain::{MOST_UPLOADED, Timestamp, Upload, UploadId};
use serde_json::{Value, json};
use std::time::Duration;

use crate::testing::{Answer, TestApi, TestUser, request};

const TO: &str = "+14155550123";
const HOUR: Duration = Duration::from_hours(1);

/// Larger than two parts, and different in each place.
fn bytes() -> Vec<u8> {
    (0..600_000u32).map(|place| (place % 251) as u8).collect()
}

async fn bring(api: &TestApi, user: &TestUser, kind: &str, bytes: impl Into<Body>) -> Answer {
    let mut request = request(Method::POST, "/uploads", Some(user), bytes);
    let headers = request.headers_mut();
    headers.insert(CONTENT_TYPE, kind.parse().unwrap());
    api.call(request).await
}

async fn brought(api: &TestApi, user: &TestUser, bytes: impl Into<Body>) -> Value {
    let answer = bring(api, user, "image/jpeg", bytes).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    answer.json()
}

async fn send(api: &TestApi, user: &TestUser, urls: &[&Value]) -> Answer {
    let body = json!({"recipient": TO, "content": "Look!", "media_urls": urls});
    api.post("/messages", Some(user), &body).await
}

async fn find(api: &TestApi, upload: &Value) -> Option<Upload> {
    let id: UploadId = upload["id"].as_str().unwrap().parse().unwrap();
    api.stores.uploads.upload(id).await.unwrap()
}

/// As the provider gets it, which nobody has logged in.
async fn fetch(api: &TestApi, path: &str) -> Answer {
    api.call(request(Method::GET, path, None, "")).await
}

/// Until what goes on behind an answer is done.
async fn settle(api: &TestApi) {
    let tracker = api.state.lifecycle.tracker();
    tracker.close();
    tracker.wait().await;
    tracker.reopen();
}

#[tokio::test]
async fn a_file_that_was_brought_goes_with_a_text_and_its_user_sees_it() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let upload = brought(&api, &john, bytes()).await;
    assert_eq!(upload["size"], 600_000);
    assert_eq!(upload["content_type"], "image/jpeg");
    let accepted = send(&api, &john, &[&upload["url"]]).await;
    assert_eq!(accepted.status, StatusCode::OK, "{}", accepted.text());
    let id = accepted.json()["id"].clone();
    let shown = api.get("/messages?order=desc", &john).await.json();
    let medium = json!({
        "index": 0, "content_type": "image/jpeg", "size": 600_000, "url": upload["url"],
    });
    assert_eq!(shown[0]["media"], json!([medium]));

    let path = format!("/messages/{}/{}/media/0", john.hash, id.as_str().unwrap());
    let opened = api.get(&path, &john).await;
    assert_eq!(opened.status, StatusCode::OK);
    assert_eq!(opened.header("content-type"), "image/jpeg");
    assert_eq!(opened.header("content-length"), "600000");
    assert!(opened.body == bytes());
    for (range, first, last) in [
        ("bytes=262143-262145", 262_143, 262_145),
        ("bytes=-1", 599_999, 599_999),
        ("bytes=10-", 10, 599_999),
    ] {
        let mut request = request(Method::GET, &path, Some(&john), "");
        request.headers_mut().insert(RANGE, range.parse().unwrap());
        let part = api.call(request).await;
        assert_eq!(part.status, StatusCode::PARTIAL_CONTENT);
        let said = format!("bytes {first}-{last}/600000");
        assert_eq!(part.header("content-range"), said);
        assert!(part.body == bytes()[first..=last], "{range}");
    }
    let jane = api.user("jane_doe").await;
    api.get(&path, &jane).await.problem(404);
}

#[tokio::test]
async fn the_provider_fetches_a_file_by_its_signed_address_and_nobody_else() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let upload = brought(&api, &john, bytes()).await;
    let known = find(&api, &upload).await.unwrap();
    let until = api.clock.now() + HOUR;
    let path = known.signed_path(until);
    let file = fetch(&api, &path).await;
    assert_eq!(file.status, StatusCode::OK);
    assert_eq!(file.header("content-type"), "image/jpeg");
    assert_eq!(file.header("x-content-type-options"), "nosniff");
    assert!(file.body == bytes());
    let (address, _) = path.split_once('?').unwrap();
    let other = brought(&api, &john, "other").await;
    let other = find(&api, &other).await.unwrap().signed_path(until);
    let (_, signature) = other.split_once('?').unwrap();
    let later = known.signed_path(until + HOUR);
    let (_, later) = later.split_once("&signature=").unwrap();
    let (before, _) = path.split_once("&signature=").unwrap();
    let forged = [
        address.to_owned(),
        format!("{address}?{signature}"),
        format!("{before}&signature={later}"),
        format!("{before}&signature="),
        format!("{address}?until=soon&signature={later}"),
        path.replace(&known.id.to_string(), "no-id"),
        path.replace(
            &known.id.to_string(),
            "019b76da-a878-7000-8000-0000000000f1",
        ),
    ];
    for forged in forged {
        fetch(&api, &forged).await.problem(404);
    }
    api.clock.advance(HOUR + Duration::from_secs(1));
    fetch(&api, &path).await.problem(404);
}

#[tokio::test]
async fn a_file_whose_type_is_not_said_is_known_by_its_first_bytes() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let untold = "application/octet-stream";
    for (first, kind) in [
        (&b"\xff\xd8\xff\xe0 and more"[..], "image/jpeg"),
        (b"%PDF-1.7", "application/pdf"),
        (b"GIF89a", "image/gif"),
    ] {
        let answer = bring(&api, &john, untold, first).await;
        assert_eq!(answer.json()["content_type"], kind);
    }
    for unknown in [&b"MZ, a program"[..], b"<html>"] {
        let refused = bring(&api, &john, untold, unknown).await;
        assert_eq!(refused.problem(400), ["Content-Type"]);
    }
    let told = bring(&api, &john, "image/png", "GIF89a").await;
    assert_eq!(told.json()["content_type"], "image/png", "as it was said");
}

#[tokio::test]
async fn a_file_is_refused_that_nobody_could_send() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    for kind in ["text/html", "application/octet-stream", "nonsense"] {
        let refused = bring(&api, &john, kind, "x").await;
        assert_eq!(refused.problem(400), ["Content-Type"], "{kind}");
    }
    let plain = api
        .call(request(Method::POST, "/uploads", Some(&john), "x"))
        .await;
    assert_eq!(plain.problem(400), ["Content-Type"]);
    assert_eq!(
        bring(&api, &john, "image/png", "").await.problem(400),
        ["body"]
    );
    let most = MOST_UPLOADED;
    bring(&api, &john, "image/png", vec![0; most + 1])
        .await
        .problem(413);
    bring(&api, &john, "image/png; a=b", vec![0; most]).await;
    let nobody = request(Method::POST, "/uploads", None, "x");
    api.call(nobody).await.problem(401);
}

#[tokio::test]
async fn files_cannot_be_brought_where_the_provider_cannot_fetch_them() {
    let api = TestApi::with(|settings| settings.provider.public_base_url = None).await;
    let john = api.user("john_doe").await;
    let refused = bring(&api, &john, "image/png", "x").await;
    refused.problem(409);
    assert_eq!(refused.json()["type"], "urn:mysms:problem:uploads-off");
}

#[tokio::test]
async fn a_users_files_take_no_more_room_than_they_may() {
    let api = TestApi::with(|settings| settings.media.uploads_per_user = 10).await;
    let john = api.user("john_doe").await;
    let first = brought(&api, &john, "123456").await;
    let refused = bring(&api, &john, "image/png", "12345").await;
    refused.problem(409);
    assert_eq!(refused.json()["type"], "urn:mysms:problem:uploads-full");
    brought(&api, &api.user("jane_doe").await, "1234567890").await;
    let path = format!("/uploads/{}", first["id"].as_str().unwrap());
    assert_eq!(
        api.delete(&path, &john).await.status,
        StatusCode::NO_CONTENT
    );
    brought(&api, &john, "1234567890").await;
}

#[tokio::test]
async fn of_files_that_come_at_once_as_many_are_kept_as_fit() {
    let api = TestApi::with(|settings| settings.media.uploads_per_user = 10).await;
    let john = api.user("john_doe").await;
    let all = (0..8).map(|_| bring(&api, &john, "image/png", "123"));
    let answers = futures_util::future::join_all(all).await;
    let mut statuses: Vec<_> = answers.iter().map(|it| it.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 201, 201, 409, 409, 409, 409, 409]);
}

#[tokio::test]
async fn nobody_sends_or_removes_what_others_brought() {
    let api = TestApi::start().await;
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    let upload = brought(&api, &john, "picture").await;
    let path = format!("/uploads/{}", upload["id"].as_str().unwrap());
    api.delete(&path, &jane).await.problem(404);
    for url in [
        &upload["url"],
        &json!("upload:019b76da-a878-7000-8000-0000000000f1"),
        &json!("upload:nonsense"),
    ] {
        assert_eq!(send(&api, &jane, &[url]).await.problem(400), ["media_urls"]);
        let body = json!({"recipient": TO, "media_urls": [url]});
        let preview = api.post("/messages/preview", Some(&jane), &body).await;
        assert_eq!(preview.json()["errors"][0]["field"], "media_urls");
    }
    assert!(find(&api, &upload).await.is_some());
}

#[tokio::test]
async fn the_files_of_a_message_are_together_no_larger_than_one_may_be() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let half = MOST_UPLOADED / 2 + 1;
    let one = brought(&api, &john, vec![1; half]).await;
    let two = brought(&api, &john, vec![2; half]).await;
    let urls = [&one["url"], &two["url"]];
    assert_eq!(send(&api, &john, &urls).await.problem(400), ["media_urls"]);
    let answer = send(&api, &john, &urls[..1]).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn a_file_goes_with_the_only_message_that_had_it() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let [lone, shared] = ["lone", "shared"].map(|bytes| brought(&api, &john, bytes));
    let (lone, shared) = (lone.await, shared.await);
    let first = send(&api, &john, &[&lone["url"], &shared["url"]])
        .await
        .json();
    let batch = json!({"recipients": [TO, "+14155550124", "+14155550125"], "content": "Hi",
        "media_urls": [shared["url"]]});
    let batch = api
        .post("/messages/batch", Some(&john), &batch)
        .await
        .json();
    assert_eq!(batch["accepted"], 3, "{batch}");
    let path = format!("/uploads/{}", lone["id"].as_str().unwrap());
    let in_use = api.delete(&path, &john).await;
    in_use.problem(409);
    assert_eq!(in_use.json()["type"], "urn:mysms:problem:upload-in-use");
    let message = format!("/messages/{}/{}", john.hash, first["id"].as_str().unwrap());
    assert_eq!(api.delete(&message, &john).await.status, StatusCode::OK);
    settle(&api).await;
    assert!(find(&api, &lone).await.is_none());
    assert!(find(&api, &shared).await.is_some());
    let all = format!("/messages/{}", john.hash);
    let unused = brought(&api, &john, "unused").await;
    let two = brought(&api, &john, "two").await;
    for _ in 0..2 {
        let sent = send(&api, &john, &[&two["url"]]).await;
        assert_eq!(sent.status, StatusCode::OK);
    }
    assert_eq!(api.delete(&all, &john).await.status, StatusCode::OK);
    settle(&api).await;
    assert!(find(&api, &two).await.is_none());
    // Of several texts of one request it is not counted how many are left.
    assert!(find(&api, &shared).await.is_some());
    assert!(find(&api, &unused).await.is_some());
}

#[tokio::test]
async fn a_file_is_kept_until_its_last_message_was_sent_and_a_while_longer() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let upload = brought(&api, &john, "picture").await;
    let kept_until = async || find(&api, &upload).await.unwrap().kept_until;
    let now = api.clock.now();
    assert_eq!(kept_until().await, now + 24 * HOUR);
    let read = |answer: Answer| -> Timestamp {
        let text = answer.json()["expires_at"].as_str().unwrap().to_owned();
        text.parse().unwrap()
    };
    let soon = read(send(&api, &john, &[&upload["url"]]).await);
    assert_eq!(kept_until().await, soon + 30 * 24 * HOUR);
    let send_at = (now + 7 * 24 * HOUR).to_string();
    let later = json!({"recipient": TO, "media_urls": [upload["url"]], "send_at": send_at});
    let later = read(api.post("/messages", Some(&john), &later).await);
    assert!(later > soon + 6 * 24 * HOUR);
    assert_eq!(kept_until().await, later + 30 * 24 * HOUR);
}
