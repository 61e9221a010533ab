//! What users delete is erased at the provider as well.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Client, Judge, Messenger, Mode, eventually};

crate::in_every_mode!(
    what_is_deleted_is_emptied_at_the_provider_also_after_a_restart,
    records_are_removed_of_what_was_sent_and_received,
    a_provider_that_is_away_or_refuses_is_asked_again,
    a_twin_in_doubt_is_settled_before_its_evidence_goes,
    pictures_that_are_deleted_leave_the_provider_with_their_text,
    nothing_is_erased_unless_it_is_wanted,
);

const RECIPIENT: &str = "+14155550100";

/// Erases this as soon as it is deleted.
fn soon(what: &'static str) -> [(&'static str, &'static str); 3] {
    [
        ("ERASE_AT_PROVIDER", what),
        ("ERASE_AFTER_SECONDS", "0.001"),
        ("STATUS_POLL_SECONDS", "1,2,4,8,16,32,64"),
    ]
}

async fn delete(client: &Client, id: &str) {
    let path = format!("/messages/{}/{id}", client.hash);
    let deleted = client.request(Method::DELETE, &path, None).await;
    assert!(deleted.status().is_success(), "{}", deleted.status());
}

async fn erased(judge: &Judge, body: &str) -> Option<String> {
    let accepted = judge.accepted().await;
    let entry = accepted.into_iter().find(|entry| entry.body == body);
    entry.expect("it was sent").erased
}

async fn wait_until_erased(judge: &Judge, body: &str, what: &str) {
    eventually(&format!("{what} of {body:?} is erased"), async || {
        erased(judge, body).await.as_deref() == Some(what)
    })
    .await;
}

/// What operators see of a message.
async fn wait_until_shown(messenger: &Messenger, mode: Mode, id: &str) {
    eventually("the tombstone tells that it is erased", async || {
        let shown = messenger.operate_admin(mode, &["show", id]).await;
        shown.said.contains("erased at the provider")
    })
    .await;
}

async fn what_is_deleted_is_emptied_at_the_provider_also_after_a_restart(mode: Mode) {
    let judge = Judge::start().await;
    let mut messenger = Messenger::start_with(mode, &judge, &soon("content")).await;
    let client = messenger.client("forgetful").await;
    let kept = client.send(RECIPIENT, "kept").await;
    let first = client.send(RECIPIENT, "first").await;
    let second = client.send(RECIPIENT, "second").await;
    for id in [&kept, &first, &second] {
        client.wait_for(id, "delivered").await;
    }
    delete(&client, &first).await;
    wait_until_erased(&judge, "first", "body").await;
    wait_until_shown(&messenger, mode, &first).await;
    // The provider is away when the other is deleted, and all processes die.
    let away = json!({"fault": {"kind": "fetch_refused", "status": 503}});
    judge.script(away).await;
    delete(&client, &second).await;
    messenger.kill();
    messenger.restart().await;
    assert_eq!(erased(&judge, "second").await, None);
    judge.mend().await;
    wait_until_erased(&judge, "second", "body").await;
    wait_until_shown(&messenger, mode, &second).await;
    assert_eq!(erased(&judge, "kept").await, None);
    assert!(judge.lists("kept").await && !judge.lists("first").await);
}

async fn records_are_removed_of_what_was_sent_and_received(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start_with(mode, &judge, &soon("record")).await;
    let client = messenger.client("forgetful").await;
    let id = client.send(RECIPIENT, "question").await;
    client.wait_for(&id, "delivered").await;
    let sid = judge.write(RECIPIENT, "answer").await;
    judge.wait_until_taken(RECIPIENT, &sid).await;
    assert!(judge.lists("question").await && judge.lists("answer").await);
    // The whole account.
    let password = json!({"password": "password123"});
    let closed = client.request(Method::DELETE, "/me", Some(password)).await;
    assert!(closed.status().is_success(), "{}", closed.status());
    eventually("neither is listed", async || {
        !judge.lists("question").await && !judge.lists("answer").await
    })
    .await;
    assert_eq!(erased(&judge, "question").await.as_deref(), Some("record"));
}

async fn a_provider_that_is_away_or_refuses_is_asked_again(mode: Mode) {
    let judge = Judge::start().await;
    let settings = [&soon("content")[..], &[("RETRY_INITIAL_SECONDS", "0.1")]].concat();
    let messenger = Messenger::start_with(mode, &judge, &settings).await;
    let client = messenger.client("patient").await;
    let id = client.send(RECIPIENT, "hello").await;
    client.wait_for(&id, "delivered").await;
    for status in [500, 503] {
        let fault = json!({"kind": "erase_refused", "status": status});
        let fault = json!({"fault": fault, "to": RECIPIENT, "times": 1});
        judge.script(fault).await;
    }
    delete(&client, &id).await;
    wait_until_erased(&judge, "hello", "body").await;
}

/// The provider took both; what it said about one of them is lost.
async fn a_twin_in_doubt_is_settled_before_its_evidence_goes(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start_with(mode, &judge, &soon("record")).await;
    let client = messenger.client("doubter").await;
    for fault in [
        json!({"kind": "list_refused", "status": 500}),
        json!({"kind": "callback_lost"}),
    ] {
        judge.script(json!({"fault": fault, "to": RECIPIENT})).await;
    }
    let lost = json!({"fault": {"kind": "reset_after"}, "to": RECIPIENT, "times": 1});
    judge.script(lost).await;
    let doubtful = client.send(RECIPIENT, "twin").await;
    eventually("the first was taken", async || {
        judge.accepted().await.len() == 1
    })
    .await;
    let known = client.send(RECIPIENT, "twin").await;
    client.wait_for(&known, "delivered").await;
    delete(&client, &known).await;
    // Another number's text is nobody's evidence, and tells that the lane works.
    let other = client.send("+14155550101", "other").await;
    client.wait_for(&other, "delivered").await;
    delete(&client, &other).await;
    wait_until_erased(&judge, "other", "record").await;
    let erased = judge
        .accepted()
        .await
        .into_iter()
        .filter(|entry| entry.body == "twin");
    assert!(erased.clone().all(|entry| entry.erased.is_none()));
    judge.mend().await;
    client.wait_for(&doubtful, "delivered").await;
    eventually("the deleted one is erased, the other kept", async || {
        let accepted = judge.accepted().await;
        let twins = accepted.iter().filter(|entry| entry.body == "twin");
        let erased: Vec<_> = twins.map(|entry| entry.erased.is_some()).collect();
        erased.len() == 2 && erased.contains(&true) && erased.contains(&false)
    })
    .await;
    assert_eq!(judge.copies().await["twin"], 2);
}

async fn pictures_that_are_deleted_leave_the_provider_with_their_text(mode: Mode) {
    for what in ["content", "record"] {
        let judge = Judge::start().await;
        let messenger = Messenger::start_with(mode, &judge, &soon(what)).await;
        let client = messenger.client("forgetful").await;
        let picture = "https://example.com/offer.jpg";
        let text = json!({"recipient": RECIPIENT, "content": "Look", "media_urls": [picture]});
        let sent = client.request(Method::POST, "/messages", Some(text)).await;
        let sent: Value = sent.json().await.unwrap();
        assert_eq!(sent["media"][0]["url"], picture);
        let sent = client
            .wait_for(sent["id"].as_str().unwrap(), "delivered")
            .await;
        let received = json!([{"picture": "hills"}, {"content_type": "audio/amr", "size": 100}]);
        let received = judge.send_files(RECIPIENT, received).await;
        judge.wait_until_taken(RECIPIENT, &received).await;
        let thread = format!("/conversations/{RECIPIENT}?order=desc&limit=1");
        let thread = client.request(Method::GET, &thread, None).await;
        let thread: Value = thread.json().await.unwrap();
        assert_eq!(thread[0]["media"].as_array().unwrap().len(), 2);

        for (message, count) in [(&sent, 1), (&thread[0], 2)] {
            let sid = message["provider_sid"].as_str().unwrap();
            let files = judge.files(sid).await.unwrap();
            assert_eq!(files.len(), count);
            for file in &files {
                assert!(judge.has_file(file).await);
            }
            delete(&client, message["id"].as_str().unwrap()).await;
            let expected = (what == "content").then(String::new);
            eventually("the text is erased", async || {
                judge.shown_body(sid).await == expected
                    && message_is_without_files(&judge, sid).await
            })
            .await;
            for file in &files {
                assert!(!judge.has_file(file).await, "{what}");
            }
        }
    }
}

/// Whether the provider shows no file of a text any more.
async fn message_is_without_files(judge: &Judge, sid: &str) -> bool {
    judge.files(sid).await.is_none_or(|files| files.is_empty())
}

async fn nothing_is_erased_unless_it_is_wanted(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start_with(mode, &judge, &[("ERASE_AFTER_SECONDS", "0.001")]).await;
    let client = messenger.client("careless").await;
    let id = client.send(RECIPIENT, "hello").await;
    client.wait_for(&id, "delivered").await;
    delete(&client, &id).await;
    // By then a worker has looked at everything that is due.
    let next = client.send(RECIPIENT, "next").await;
    client.wait_for(&next, "delivered").await;
    assert_eq!(erased(&judge, "hello").await, None);
}
