use mysms_core::domain::MessageId;
use serde_json::{Value, json};

use crate::testing::{Answer, TestApi, TestUser};

const TO: &str = "+14155550123";
const PICTURE: &str = "https://example.com/offer.jpg";

async fn send(api: &TestApi, user: &TestUser, body: &Value) -> Answer {
    api.post("/messages", Some(user), body).await
}

/// The addresses of the files of a message, as the ledger has them.
async fn addresses(api: &TestApi, id: &Value) -> Vec<String> {
    let id: MessageId = id.as_str().unwrap().parse().unwrap();
    let message = api.stores.ledger.read(&[id]).await.unwrap().pop().unwrap();
    let media = message.media.iter();
    media.map(|medium| medium.url.as_str().to_owned()).collect()
}

#[tokio::test]
async fn files_go_with_a_text_or_alone() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let with_text = json!({"recipient": TO, "content": "Look!", "media_urls": [PICTURE]});
    let alone = json!({"recipient": TO, "media_urls": [PICTURE, "https://example.com/2"]});
    for (body, content, count) in [(with_text, json!("Look!"), 1), (alone, json!(null), 2)] {
        let accepted = send(&api, &john, &body).await;
        assert_eq!(accepted.status, 200, "{}", accepted.text());
        let accepted = accepted.json();
        assert_eq!(accepted["content"], content);
        assert_eq!(accepted["segments"], 1);
        assert_eq!(addresses(&api, &accepted["id"]).await.len(), count);
        let shown = api.get("/messages?order=desc&limit=1", &john).await.json();
        let shown = &shown[0];
        assert_eq!(
            (&shown["content"], &shown["segments"]),
            (&content, &json!(1))
        );
        let first = json!({"index": 0, "content_type": null, "size": null, "url": PICTURE});
        assert_eq!(shown["media"][0], first);
        assert_eq!(shown["media"], accepted["media"]);
        let preview = api
            .post("/messages/preview", Some(&john), &body)
            .await
            .json();
        assert_eq!(preview["acceptable"], true, "{preview}");
        assert_eq!(preview["segments"], 1);
    }
}

#[tokio::test]
async fn the_files_are_part_of_what_an_idempotency_key_stands_for() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let keyed = async |urls: &[&str]| {
        let body = json!({"recipient": TO, "content": "Look!", "media_urls": urls});
        let batch = json!({"messages": [body]});
        let mut batch = batch;
        batch["messages"][0]["idempotency_key"] = json!("offer");
        let answer = api.post("/messages/batch", Some(&john), &batch).await;
        let result = answer.json()["results"][0].clone();
        if result["status"] == 200 {
            assert_eq!(result["accepted"]["media"][0]["url"], PICTURE);
        }
        result["status"].clone()
    };
    assert_eq!(keyed(&[PICTURE]).await, 200);
    assert_eq!(keyed(&[PICTURE]).await, 200);
    assert_eq!(keyed(&["https://example.com/other.jpg"]).await, 422);
    assert_eq!(keyed(&[PICTURE, PICTURE]).await, 422);
}

#[tokio::test]
async fn one_picture_goes_to_many_and_each_its_own_in_a_batch() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let batch = async |body: Value| {
        let answer = api.post("/messages/batch", Some(&john), &body).await;
        (answer.status, answer.json())
    };
    let shared = json!({"recipients": [TO, "+14155550124"], "media_urls": [PICTURE]});
    let (_, answer) = batch(shared).await;
    assert_eq!(answer["accepted"], 2, "{answer}");
    for result in answer["results"].as_array().unwrap() {
        assert_eq!(addresses(&api, &result["accepted"]["id"]).await, [PICTURE]);
    }
    let each = json!({"messages": [
        {"recipient": TO, "content": "a", "media_urls": [PICTURE]},
        {"recipient": TO, "content": "b", "media_urls": ["http://example.com/a"]},
    ]});
    let (_, answer) = batch(each).await;
    assert_eq!(
        (&answer["accepted"], &answer["refused"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(
        answer["results"][1]["problem"]["errors"][0]["field"],
        "media_urls"
    );
    let misplaced =
        json!({"messages": [{"recipient": TO, "content": "a"}], "media_urls": [PICTURE]});
    let (status, answer) = batch(misplaced).await;
    assert_eq!(status, 400);
    assert_eq!(answer["errors"][0]["field"], "media_urls");
}

#[tokio::test]
async fn what_the_provider_could_not_fetch_is_refused_by_name() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    for bad in [
        json!("https://example.com/a.jpg"),
        json!([7]),
        json!(["http://example.com/a.jpg"]),
        json!([PICTURE, "ftp://example.com/a"]),
        json!(["https://me:secret@example.com/a"]),
        json!(["https://"]),
        json!(["https://a..b/"]),
        json!(["https://x:99999/"]),
        json!([""]),
        json!([format!("https://example.com/{}", "a".repeat(2048))]),
        json!(vec![PICTURE; 11]),
    ] {
        let body = json!({"recipient": TO, "content": "Look!", "media_urls": bad});
        let refused = send(&api, &john, &body).await;
        assert_eq!(refused.status, 400, "{bad}");
        assert_eq!(refused.json()["errors"][0]["field"], "media_urls", "{bad}");
        assert!(!refused.text().contains("secret"), "{bad}");
    }
    for (body, field) in [
        (json!({"recipient": TO, "media_urls": []}), "content"),
        (
            json!({"recipient": TO, "content": "", "media_urls": [PICTURE]}),
            "content",
        ),
        (
            json!({"recipient": TO, "content": null, "media_urls": null}),
            "content",
        ),
    ] {
        let refused = send(&api, &john, &body).await;
        assert_eq!(refused.status, 400, "{body}");
        assert_eq!(refused.json()["errors"][0]["field"], field, "{body}");
    }
    assert!(
        api.get("/messages", &john)
            .await
            .json()
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn what_was_sent_opens_nothing_at_the_provider() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    // It names a file of somebody else at the provider, which our credentials would open.
    let url = "https://api.twilio.com/file";
    api.shelf
        .put(url, crate::shelf::Kept::File("image/png", "private"));
    let body = json!({"recipient": TO, "media_urls": [url]});
    let sent = send(&api, &john, &body).await.json();
    let path = format!(
        "/messages/{}/{}/media/0",
        john.hash,
        sent["id"].as_str().unwrap()
    );
    let opened = api.get(&path, &john).await;
    assert_eq!(opened.status, 404);
    assert!(!opened.text().contains("private"));
}
