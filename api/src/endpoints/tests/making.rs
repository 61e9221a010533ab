use super::*;

#[tokio::test]
async fn a_webhook_is_made_shown_changed_and_deleted() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    assert_eq!(api.get("/webhooks", &john).await.json(), json!([]));

    let mut made = usual(&api, &john).await;
    let secret = made["secret"].take();
    assert!(secret.as_str().unwrap().starts_with("whsec_"), "{secret}");
    made.as_object_mut().unwrap().remove("secret");
    let expected = json!({
        "id": made["id"],
        "url": URL,
        "description": "",
        "events": ["message.received", "message.updated", "message.deleted"],
        "tags": {},
        "created_at": START,
        "state": "active",
        "disabled_at": null,
        "disabled_by": null,
        "former_secret_until": null,
        "told_up_to": START,
        "taken_at": null,
        "failing_since": null,
        "next_attempt_at": null,
        "pending": 0,
        "set_aside": 0,
    });
    assert_eq!(made, expected);
    assert_eq!(api.get(&path(&made, ""), &john).await.json(), made);

    let change =
        json!({"description": "orders", "events": ["message.deleted", "message.received"]});
    let changed = patch(&api, &john, &made, &change).await;
    assert_eq!(changed.status, 200);
    made["description"] = json!("orders");
    made["events"] = json!(["message.received", "message.deleted"]);
    assert_eq!(changed.json(), made);
    let unchanged = patch(&api, &john, &made, &json!({})).await;
    assert_eq!(unchanged.json(), made);
    assert_eq!(api.get("/webhooks", &john).await.json(), json!([made]));

    let gone = api.delete(&path(&made, ""), &john).await;
    assert_eq!(gone.status, 200);
    assert_eq!(api.get("/webhooks", &john).await.json(), json!([]));
    for kind in [Kind::Endpoint, Kind::Progress, Kind::Attempts] {
        assert!(stored(&api, kind, &key(&made, &john)).await.is_none());
    }
    api.delete(&path(&made, ""), &john).await.problem(404);
}

#[tokio::test]
async fn all_that_is_wrong_is_said_at_its_field() {
    let api = strict().await;
    let john = api.user("john_doe").await;
    let table = [
        (json!({}), vec!["url"]),
        (json!({"url": 7}), vec!["url"]),
        (
            json!({"url": URL, "description": "x".repeat(201)}),
            vec!["description"],
        ),
        (json!({"url": URL, "events": []}), vec!["events"]),
        (
            json!({"url": URL, "events": ["message.sent"]}),
            vec!["events"],
        ),
        (json!({"url": URL, "events": ["test"]}), vec!["events"]),
        (
            json!({"url": URL, "events": "message.updated"}),
            vec!["events"],
        ),
        (json!({"url": URL, "tags": ["spring"]}), vec!["tags"]),
        (json!({"url": URL, "tags": {"a": 1}}), vec!["tags.a"]),
        (
            json!({"url": URL, "secret": "whsec_c2hvcnQ="}),
            vec!["secret"],
        ),
        (
            json!({"url": URL, "secret": "a secret of mine that is long"}),
            vec!["secret"],
        ),
        (
            json!({"url": "x", "secret": "y", "events": []}),
            vec!["secret", "events", "url"],
        ),
    ];
    for (webhook, fields) in table {
        let answer = api.post("/webhooks", Some(&john), &webhook).await;
        assert_eq!(answer.problem(400), fields, "{webhook}");
    }
    assert_eq!(api.get("/webhooks", &john).await.json(), json!([]));
}

#[tokio::test]
async fn what_must_not_be_called_is_refused_when_it_is_named() {
    let api = strict().await;
    let john = api.user("john_doe").await;
    let made = usual(&api, &john).await;
    for (url, why) in [
        ("http://1.1.1.1/", "must begin with https://"),
        ("http://127.0.0.1:8080/", "must begin with https://"),
        ("ftp://1.1.1.1/", "must begin with https://"),
        ("https://me:secret@1.1.1.1/", "must have no user name"),
        ("https://1.1.1.1/#here", "must have no fragment"),
        ("https://1.1.1.1:8443/", "names a port"),
        ("https://127.0.0.1/", "is no address on the internet"),
        ("https://2130706433/", "is no address on the internet"),
        ("https://0x7f.1/", "is no address on the internet"),
        (
            "https://169.254.169.254/latest/meta-data",
            "is no address on the internet",
        ),
        (
            "https://[::ffff:10.0.0.1]/",
            "is no address on the internet",
        ),
        ("https://localhost/", "is no address on the internet"),
        ("https:///", "must be a URL"),
        ("1.1.1.1/sms", "must be a URL"),
        ("https://1.1.1.1/a b", "must be a URL"),
    ] {
        let webhook = json!({"url": url});
        for answer in [
            api.post("/webhooks", Some(&john), &webhook).await,
            patch(&api, &john, &made, &webhook).await,
        ] {
            assert_eq!(answer.problem(400), ["url"], "{url}");
            let message = answer.json()["errors"][0]["message"].to_string();
            assert!(message.contains(why), "{url}: {message}");
        }
    }
    assert_eq!(api.get(&path(&made, ""), &john).await.json()["url"], URL);
}

#[tokio::test]
async fn a_user_has_at_most_twenty() {
    let api = TestApi::start().await;
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    let first = usual(&api, &john).await;
    for _ in 1..20 {
        usual(&api, &john).await;
    }
    let one_more = api
        .post("/webhooks", Some(&john), &json!({"url": URL}))
        .await;
    assert_eq!(one_more.problem(400), ["url"]);
    usual(&api, &jane).await;
    api.delete(&path(&first, ""), &john).await;
    usual(&api, &john).await;
    let listed = api.get("/webhooks", &john).await.json();
    let made: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["id"])
        .collect();
    assert_eq!(made.len(), 20);
    assert!(made.is_sorted_by_key(|id| id.as_str()), "{made:?}");
}

#[tokio::test]
async fn anothers_webhook_is_as_good_as_none() {
    let api = TestApi::start().await;
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    let hers = usual(&api, &jane).await;
    let before = stored(&api, Kind::Endpoint, &key(&hers, &jane)).await;
    let unknown = json!({"id": "019b76da-a878-7000-8000-00000000dead"});
    let nonsense = json!({"id": "x"});
    let message = "/aside/019b76da-a878-7000-8000-000000000001";
    for webhook in [&hers, &unknown, &nonsense] {
        for (method, part, body) in [
            (Method::GET, "", ""),
            (Method::PATCH, "", "{}"),
            (Method::DELETE, "", ""),
            (Method::POST, "/secret", ""),
            (Method::POST, "/enable", r#"{"from": "now"}"#),
            (Method::POST, "/disable", ""),
            (
                Method::POST,
                "/replay",
                r#"{"since": "2026-01-01T00:00:00Z"}"#,
            ),
            (Method::POST, "/test", ""),
            (Method::GET, "/deliveries", ""),
            (Method::GET, "/aside", ""),
            (Method::DELETE, message, ""),
        ] {
            let path = path(webhook, part);
            let answer = api.call(request(method, &path, Some(&john), body)).await;
            answer.problem(404);
        }
        let retry = path(webhook, &format!("{message}/retry"));
        api.post(&retry, Some(&john), &json!({})).await.problem(404);
    }
    assert_eq!(
        stored(&api, Kind::Endpoint, &key(&hers, &jane)).await,
        before
    );
    assert_eq!(api.get("/webhooks", &john).await.json(), json!([]));
}
