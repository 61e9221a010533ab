use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::{Response, redirect};
use serde_json::{Value, json};
use twilio_sim::{TEST_ACCOUNT_SID, TEST_SENDER};

use crate::support::{Account, DEADLINE, Endpoint, TO, at_once, start};

async fn receive(account: &Account, media: Value) -> (u16, Value) {
    let text = json!({"from": TO, "media": media});
    account.control("POST", "/inbound", text).await
}

async fn media_of(account: &Account, sid: &str) -> Vec<Value> {
    let path = format!("/2010-04-01/Accounts/{TEST_ACCOUNT_SID}/Messages/{sid}/Media.json");
    let (status, list) = account.get(&path).await;
    assert_eq!(status, 200, "{list}");
    list["media_list"].as_array().unwrap().clone()
}

/// Asks without being led anywhere.
async fn ask(account: &Account, url: &str, token: Option<&str>, range: Option<&str>) -> Response {
    let client = reqwest::Client::builder().no_proxy().timeout(DEADLINE);
    let client = client.redirect(redirect::Policy::none()).build().unwrap();
    let mut request = client.get(format!("{}{url}", account.base));
    if let Some(token) = token {
        request = request.basic_auth(TEST_ACCOUNT_SID, Some(token));
    }
    if let Some(range) = range {
        request = request.header("range", range);
    }
    request.send().await.unwrap()
}

#[tokio::test]
async fn a_picture_from_a_handset_is_told_of_and_led_to() {
    let (harness, endpoint) = (start(at_once()).await, Endpoint::start().await);
    let account = &harness.account;
    account.deliver_to(&endpoint.base).await;
    let data = STANDARD.encode(b"%PDF");
    let files = json!([{"picture": "hills"}, {"content_type": "application/pdf", "data": data}]);
    let (status, message) = receive(account, files).await;
    assert_eq!(status, 201, "{message}");
    assert_eq!(
        (&message["num_media"], &message["body"]),
        (&json!("2"), &json!(""))
    );
    let sid = message["sid"].as_str().unwrap();

    let listed = media_of(account, sid).await;
    let posted = endpoint.wait(1).await.remove(0);
    assert_eq!(posted.param("NumMedia"), Some("2"));
    assert_eq!(posted.param("MediaContentType0"), Some("image/png"));
    assert_eq!(posted.param("MediaContentType1"), Some("application/pdf"));
    let uri = listed[1]["uri"]
        .as_str()
        .unwrap()
        .strip_suffix(".json")
        .unwrap();
    let url = format!("https://api.twilio.com{uri}");
    assert_eq!(posted.param("MediaUrl1"), Some(&*url));
    posted.assert_signed_for(&endpoint.base);

    assert_eq!(ask(account, uri, None, None).await.status(), 401);
    let led = ask(account, uri, Some(&account.token), None).await;
    assert_eq!(led.status(), 307);
    let place = led.headers()["location"].to_str().unwrap().to_owned();
    let path = place.strip_prefix(&account.base).unwrap();
    let content = ask(account, path, None, None).await;
    assert_eq!(content.headers()["content-type"], "application/pdf");
    assert_eq!(content.bytes().await.unwrap(), "%PDF");
    let part = ask(account, path, None, Some("bytes=1-2")).await;
    assert_eq!(part.status(), 206);
    assert_eq!(part.headers()["content-range"], "bytes 1-2/4");
    assert_eq!(part.bytes().await.unwrap(), "PD");
    let none = ask(account, path, None, Some("bytes=4-")).await;
    assert_eq!(none.status(), 416);
    assert_eq!(account.stats().await["leaked_credentials"], 0);
    ask(account, path, Some(&account.token), None).await;
    assert_eq!(account.stats().await["leaked_credentials"], 1);
}

#[tokio::test]
async fn a_deleted_file_is_gone_and_the_others_stay() {
    let harness = start(at_once()).await;
    let account = &harness.account;
    let files = json!([{"picture": "hills"}, {"picture": "sunrise"}]);
    let (_, message) = receive(account, files).await;
    let sid = message["sid"].as_str().unwrap();
    let listed = media_of(account, sid).await;
    let uri = listed[0]["uri"].as_str().unwrap();
    let delete = || {
        let request = account.http.delete(format!("{}{uri}", account.base));
        request
            .basic_auth(TEST_ACCOUNT_SID, Some(&account.token))
            .send()
    };
    assert_eq!(delete().await.unwrap().status(), 204);
    assert_eq!(delete().await.unwrap().status(), 404);
    assert_eq!(media_of(account, sid).await, listed[1..]);
    assert_eq!(account.get(uri).await.0, 404);
}

#[tokio::test]
async fn what_is_made_up_has_the_size_that_was_asked_for() {
    let harness = start(at_once()).await;
    let account = &harness.account;
    let size = 100_000;
    for is_unsized in [false, true] {
        let file =
            json!({"content_type": "video/mp4", "size": size, "unsized_content": is_unsized});
        let (_, message) = receive(account, json!([file])).await;
        let listed = media_of(account, message["sid"].as_str().unwrap()).await;
        let path = format!("/content/{}", listed[0]["sid"].as_str().unwrap());
        let content = ask(account, &path, None, None).await;
        assert_eq!(content.content_length().is_none(), is_unsized);
        assert_eq!(content.bytes().await.unwrap().len(), size);
    }
}

#[tokio::test]
async fn a_file_that_makes_no_sense_is_refused() {
    let harness = start(at_once()).await;
    for (file, why) in [
        (json!({}), "a file has one of picture, data and size"),
        (
            json!({"picture": "hills", "size": 1}),
            "a file has one of picture, data and size",
        ),
        (
            json!({"picture": "whales"}),
            "picture is hills, receipt or sunrise",
        ),
        (
            json!({"content_type": "a/b", "data": "!"}),
            "data is Base64",
        ),
        (json!({"size": 1}), "content_type is required"),
        (
            json!({"content_type": "a\nb", "size": 1}),
            "content_type is a media type",
        ),
    ] {
        let refused = receive(&harness.account, json!([file])).await;
        assert_eq!(refused, (400, json!(why)), "{file}");
    }
    let many = vec![json!({"picture": "hills"}); 11];
    assert_eq!(receive(&harness.account, json!(many)).await.0, 400);
}

#[tokio::test]
async fn a_text_may_bring_files_and_need_have_no_words() {
    let harness = start(at_once()).await;
    let account = &harness.account;
    let to = [("To", TO), ("From", TEST_SENDER)];
    let create = async |more: &[(&str, &str)]| account.create(&[&to, more].concat()).await;
    let (one, two) = (
        ("MediaUrl", "https://a.example/1.png"),
        ("MediaUrl", "https://a.example/2"),
    );
    let (status, message) = create(&[one, two]).await;
    assert_eq!(status, 201, "{message}");
    assert_eq!(
        (&message["num_media"], &message["body"]),
        (&json!("2"), &json!(""))
    );
    assert_eq!(
        media_of(account, message["sid"].as_str().unwrap())
            .await
            .len(),
        2
    );
    let ledger = account.ledger(TO).await;
    assert_eq!(ledger[0]["media"][0]["url"], one.1);
    assert_eq!(ledger[0]["media"][1]["url"], two.1);
    assert_eq!(
        account.phone(TO).await["texts"][0]["media"]
            .as_array()
            .unwrap()
            .len(),
        2
    );

    let code = |answer: (u16, Value)| answer.1["code"].clone();
    assert_eq!(code(create(&[]).await), 21602);
    assert_eq!(code(create(&[("MediaUrl", "a.png")]).await), 21620);
    assert_eq!(code(create(&[one; 11]).await), 21623);
}
