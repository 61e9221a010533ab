//! Pictures and other files that people send us.

use std::time::Duration;

use lab::eventually;
use mysms_core::clock::{Clock, SystemClock};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::harness::{Client, Judge, Messenger, Mode};

crate::in_every_mode!(
    a_picture_is_shown_in_whole_and_in_part_to_its_user_alone,
    no_credentials_and_no_request_go_to_anybody_else,
    what_is_too_large_is_refused_or_cut,
    a_picture_that_we_were_not_told_of_is_found,
    pictures_that_we_send_arrive_once_with_words_and_without,
    pictures_in_doubt_are_found_and_none_is_taken_for_another,
    a_file_that_was_brought_is_fetched_by_the_provider_and_by_nobody_without_a_signature,
    a_file_that_was_brought_outlives_a_kill_and_goes_with_its_text,
);

const ANNA: &str = "+14155550100";

/// A user whom Anna answers.
async fn start(mode: Mode, judge: &Judge, settings: &[(&str, &str)]) -> (Messenger, Client) {
    let messenger = Messenger::start_with(mode, judge, settings).await;
    let john = messenger.client("john_doe").await;
    let sent = john.send(ANNA, "Hello").await;
    john.wait_for(&sent, "delivered").await;
    (messenger, john)
}

/// What Anna wrote last.
async fn last(client: &Client) -> Value {
    let path = format!("/conversations/{ANNA}?order=desc&limit=1");
    let answer = client.request(Method::GET, &path, None).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let thread: Vec<Value> = answer.json().await.unwrap();
    thread[0].clone()
}

/// Anna sends files without a word; tells the message.
async fn receive(judge: &Judge, client: &Client, media: Value) -> Value {
    let sid = judge.send_files(ANNA, media).await;
    judge.wait_until_taken(ANNA, &sid).await;
    last(client).await
}

fn path(client: &Client, message: &Value, index: usize) -> String {
    let id = message["id"].as_str().unwrap();
    format!("/messages/{}/{id}/media/{index}", client.hash)
}

async fn open(client: &Client, message: &Value, headers: &[(&str, &str)]) -> Response {
    let path = path(client, message, 0);
    client.request_with(Method::GET, &path, headers, None).await
}

/// The status of an answer, and what kind of problem it is.
async fn problem(answer: Response) -> (u16, String) {
    let status = answer.status().as_u16();
    let problem: Value = answer.json().await.unwrap();
    let kind = problem["type"].as_str().unwrap();
    let code = kind.strip_prefix("urn:mysms:problem:").unwrap();
    (status, code.to_owned())
}

async fn a_picture_is_shown_in_whole_and_in_part_to_its_user_alone(mode: Mode) {
    let judge = Judge::start().await;
    let (messenger, john) = start(mode, &judge, &[]).await;
    let mut events = john.events(None).await;
    let message = receive(&judge, &john, json!([{"picture": "hills"}])).await;
    let unopened = json!([{"index": 0, "content_type": "image/png", "size": null, "url": null}]);
    assert_eq!(
        (&message["content"], &message["media"]),
        (&Value::Null, &unopened)
    );
    let told = events
        .wait_for(|told| told.data["id"] == message["id"])
        .await;
    assert_eq!(told.data["media"], unopened);

    let answer = open(&john, &message, &[]).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let said = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(said("content-type"), "image/png");
    assert_eq!(
        said("content-disposition"),
        "inline; filename=\"media-0.png\""
    );
    assert_eq!(said("x-content-type-options"), "nosniff");
    assert!(said("cache-control").starts_with("private"));
    let (length, tag) = (said("content-length"), said("etag"));
    let picture = answer.bytes().await.unwrap();
    assert!(picture.starts_with(b"\x89PNG"));
    assert_eq!(length, picture.len().to_string());
    let part = open(&john, &message, &[("Range", "bytes=1-3")]).await;
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
    let range = format!("bytes 1-3/{length}");
    assert_eq!(part.headers()["content-range"], *range);
    assert_eq!(part.bytes().await.unwrap(), "PNG");
    let none = open(&john, &message, &[("Range", "bytes=999999-")]).await;
    assert_eq!(problem(none).await, (416, "no-such-part".to_owned()));
    let known = open(&john, &message, &[("If-None-Match", &tag)]).await;
    assert_eq!(known.status(), StatusCode::NOT_MODIFIED);

    // Now it is known how large it is, and whoever watches is told.
    let sized = events
        .wait_for(|told| told.data["media"][0]["size"] == picture.len())
        .await;
    assert_eq!(sized.data["id"], message["id"]);

    let jane = messenger.client("jane_doe").await;
    let of_john = path(&john, &message, 0);
    let stolen = jane.request(Method::GET, &of_john, None).await;
    assert_eq!(stolen.status(), StatusCode::NOT_FOUND);
    assert_eq!(
        open(&jane, &message, &[]).await.status(),
        StatusCode::NOT_FOUND
    );
    for (scope, status) in [
        ("messages:send", StatusCode::FORBIDDEN),
        ("messages:read", StatusCode::OK),
    ] {
        let wanted = json!({"name": scope, "scopes": [scope]});
        let key = john.request(Method::POST, "/keys", Some(wanted)).await;
        let key: Value = key.json().await.unwrap();
        let program = john.with_token(key["key"].as_str().unwrap());
        assert_eq!(
            open(&program, &message, &[]).await.status(),
            status,
            "{scope}"
        );
    }
    assert_eq!(judge.stats().await["leaked_credentials"], 0);

    let id = message["id"].as_str().unwrap();
    let deleted = format!("/messages/{}/{id}", john.hash);
    let deleted = john.request(Method::DELETE, &deleted, None).await;
    assert_eq!(deleted.status(), StatusCode::OK);
    for base in messenger.apis() {
        let there = john.on(&base);
        assert_eq!(
            open(&there, &message, &[]).await.status(),
            StatusCode::NOT_FOUND
        );
    }
}

async fn no_credentials_and_no_request_go_to_anybody_else(mode: Mode) {
    let judge = Judge::start().await;
    let (_messenger, john) = start(mode, &judge, &[]).await;
    let message = receive(&judge, &john, json!([{"picture": "sunrise"}])).await;
    assert_eq!(open(&john, &message, &[]).await.status(), StatusCode::OK);
    let stats = judge.stats().await;
    assert_eq!(
        (&stats["contents"], &stats["leaked_credentials"]),
        (&json!(1), &json!(0))
    );

    let foreign = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = format!("http://{}", foreign.local_addr().unwrap());
    judge.set(json!({"content_url": place})).await;
    let refused = open(&john, &message, &[]).await;
    assert_eq!(problem(refused).await, (502, "media-elsewhere".to_owned()));
    let asked = tokio::time::timeout(Duration::from_millis(100), foreign.accept()).await;
    assert!(asked.is_err(), "somebody else was asked");

    judge.set(json!({"content_url": ""})).await;
    judge
        .forget_files(message["provider_sid"].as_str().unwrap())
        .await;
    let gone = open(&john, &message, &[]).await;
    assert_eq!(problem(gone).await, (410, "media-gone".to_owned()));
}

async fn what_is_too_large_is_refused_or_cut(mode: Mode) {
    let judge = Judge::start().await;
    let (_messenger, john) = start(mode, &judge, &[("MEDIA_MB", "1")]).await;
    let film = |unsized_content| json!([{"content_type": "video/mp4", "size": 3_000_000, "unsized_content": unsized_content}]);
    let message = receive(&judge, &john, film(false)).await;
    let refused = open(&john, &message, &[]).await;
    assert_eq!(problem(refused).await, (502, "media-too-large".to_owned()));

    let message = receive(&judge, &john, film(true)).await;
    let mut cut = open(&john, &message, &[]).await;
    assert_eq!(cut.status(), StatusCode::OK);
    let mut length = 0;
    let broken_off = loop {
        match cut.chunk().await {
            Ok(Some(piece)) => length += piece.len(),
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    assert!(broken_off, "it passes for a whole one of {length} bytes");
    assert!(length <= 1024 * 1024, "{length}");
}

async fn a_picture_that_we_were_not_told_of_is_found(mode: Mode) {
    let judge = Judge::start().await;
    let settings = [("CATCH_UP_INTERVAL_SECONDS", "1")];
    let (mut messenger, john) = start(mode, &judge, &settings).await;
    messenger.terminate().await;
    // Whose it is depends on what came before, and the list tells time in whole seconds.
    let next_second = SystemClock.now() + Duration::from_secs(1);
    eventually("the next second has begun", async || {
        SystemClock.now() > next_second
    })
    .await;
    judge.set(json!({"inbound_url": ""})).await;
    let files = json!([{"picture": "receipt"}, {"content_type": "audio/amr", "size": 100}]);
    judge.send_files(ANNA, files).await;
    messenger.restart().await;
    eventually("the picture is found", async || {
        last(&john).await["media"][1]["content_type"] == "audio/amr"
    })
    .await;
    let message = last(&john).await;
    assert_eq!(message["recovered"], true);
    let picture = open(&john, &message, &[]).await;
    assert!(picture.bytes().await.unwrap().starts_with(b"\x89PNG"));
}

/// Sends files, with words or without; tells the id.
async fn send_files(client: &Client, content: Option<&str>, urls: &[&str]) -> String {
    let text = json!({"recipient": ANNA, "content": content, "media_urls": urls});
    let answer = client.request(Method::POST, "/messages", Some(text)).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let accepted: Value = answer.json().await.unwrap();
    accepted["id"].as_str().unwrap().to_owned()
}

/// What the provider took, each as its text and how many files it has, sorted.
async fn taken(judge: &Judge) -> Vec<(String, usize)> {
    let texts = judge.accepted().await.into_iter();
    let mut taken: Vec<_> = texts.map(|text| (text.body, text.media.len())).collect();
    taken.sort();
    taken
}

const OFFER: &str = "https://example.com/offer.jpg";
const MENU: &str = "https://example.com/menu.pdf";

async fn pictures_that_we_send_arrive_once_with_words_and_without(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start_with(mode, &judge, &[]).await;
    let john = messenger.client("john_doe").await;
    let with_words = send_files(&john, Some("This week:"), &[OFFER, MENU]).await;
    let alone = send_files(&john, None, &[OFFER]).await;
    for id in [&with_words, &alone] {
        john.wait_for(id, "delivered").await;
    }
    let expected = [(String::new(), 1), ("This week:".to_owned(), 2)];
    assert_eq!(taken(&judge).await, expected);
    let shown = john.wait_for(&alone, "delivered").await;
    assert_eq!(shown["content"], Value::Null);
    assert_eq!(shown["media"][0]["url"], OFFER);
}

async fn pictures_in_doubt_are_found_and_none_is_taken_for_another(mode: Mode) {
    let judge = Judge::start().await;
    let settings = [("STATUS_POLL_SECONDS", "1,2,4,8,16,32,64")];
    let messenger = Messenger::start_with(mode, &judge, &settings).await;
    let john = messenger.client("john_doe").await;
    // It was taken, and nobody says so: neither the answer nor a callback comes.
    judge
        .script(json!({"fault": {"kind": "reset_after"}, "to": ANNA, "times": 1}))
        .await;
    judge
        .script(json!({"fault": {"kind": "callback_lost"}, "to": ANNA}))
        .await;
    let first = send_files(&john, Some("Look"), &[OFFER]).await;
    let second = send_files(&john, Some("Look"), &[MENU]).await;
    let mut sids = Vec::new();
    for id in [&first, &second] {
        let delivered = john.wait_for(id, "delivered").await;
        sids.push(delivered["provider_sid"].as_str().unwrap().to_owned());
    }
    let arrived = judge.accepted().await;
    let has = |sid: &str, url: &str| {
        let text = arrived.iter().find(|text| text.sid == sid).unwrap();
        text.urls() == [url]
    };
    assert_eq!(arrived.len(), 2, "each once");
    assert!(has(&sids[0], OFFER) && has(&sids[1], MENU));
}

/// A file that is no picture to look at, but one to compare.
fn picture() -> Vec<u8> {
    (0..700_000_u32).map(|place| (place % 251) as u8).collect()
}

/// Where the provider was told to fetch the only file of a text.
async fn address(judge: &Judge, body: &str) -> String {
    let arrived = judge.accepted().await;
    let text = arrived.iter().find(|text| text.body == body).unwrap();
    let [address] = &text.urls()[..] else {
        panic!("one file")
    };
    (*address).to_owned()
}

async fn a_file_that_was_brought_is_fetched_by_the_provider_and_by_nobody_without_a_signature(
    mode: Mode,
) {
    let judge = Judge::start().await;
    let messenger = Messenger::start_with(mode, &judge, &[]).await;
    let john = messenger.client("john_doe").await;
    let url = john.bring("image/jpeg", picture()).await;
    let id = send_files(&john, Some("Look"), &[&url]).await;
    let shown = john.wait_for(&id, "delivered").await;
    let medium = json!({"index": 0, "content_type": "image/jpeg", "size": 700_000, "url": url});
    assert_eq!(shown["media"], json!([medium]));
    let address = address(&judge, "Look").await;
    let fetched = reqwest::get(&address).await.unwrap();
    assert_eq!(fetched.status(), StatusCode::OK);
    assert_eq!(fetched.headers()["content-type"], "image/jpeg");
    assert!(fetched.bytes().await.unwrap() == picture());
    let (unsigned, _) = address.split_once('?').unwrap();
    let forged = address.replace("&signature=", "&signature=00");
    for nobodys in [unsigned, &forged] {
        let refused = reqwest::get(nobodys).await.unwrap();
        assert_eq!(refused.status(), StatusCode::NOT_FOUND);
    }
    assert!(open(&john, &shown, &[]).await.bytes().await.unwrap() == picture());
    let jane = messenger.client("jane_doe").await;
    let text = json!({"recipient": ANNA, "media_urls": [url]});
    let stolen = jane.request(Method::POST, "/messages", Some(text)).await;
    assert_eq!(problem(stolen).await, (400, "invalid-request".to_owned()));
}

async fn a_file_that_was_brought_outlives_a_kill_and_goes_with_its_text(mode: Mode) {
    let judge = Judge::start().await;
    let mut messenger = Messenger::start_with(mode, &judge, &[]).await;
    let john = messenger.client("john_doe").await;
    let url = john.bring("image/png", picture()).await;
    messenger.kill();
    messenger.restart().await;
    let id = send_files(&john, Some("Look"), &[&url]).await;
    john.wait_for(&id, "delivered").await;
    let address = address(&judge, "Look").await;
    assert!(reqwest::get(&address).await.unwrap().bytes().await.unwrap() == picture());
    let path = format!("/messages/{}/{id}", john.hash);
    let deleted = john.request(Method::DELETE, &path, None).await;
    assert_eq!(deleted.status(), StatusCode::OK);
    eventually("the file is gone", async || {
        reqwest::get(&address).await.unwrap().status() == StatusCode::NOT_FOUND
    })
    .await;
}
