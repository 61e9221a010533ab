use http::Method;
use mysms_core::domain::{MessageId, Status};
use serde_json::json;

use super::{claim, stored};
use crate::testing::{Answer, START, TestApi, TestUser, request};

async fn cancel(api: &TestApi, user: &TestUser, id: MessageId) -> Answer {
    let path = format!("/messages/{}/{id}/cancel", user.hash);
    api.call(request(Method::POST, &path, Some(user), "")).await
}

#[tokio::test]
async fn a_message_is_shown_with_its_timeline() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let id = api.send(&john, "hello").await;
    claim(&api, id).await;
    let answer = api
        .get(&format!("/messages/{}/{id}", john.hash), &john)
        .await;
    assert_eq!(answer.status, 200);
    let message = answer.json();
    assert_eq!(message["content"], "hello");
    assert_eq!(message["status"], "sending");
    let at = "2026-01-01T00:00:00.120Z";
    let timeline = json!([
        {"at": at, "event": "queued", "status": "queued", "detail": null},
        {"at": at, "event": "attempt 1", "status": "sending", "detail": null},
    ]);
    assert_eq!(message["timeline"], timeline);
}

#[tokio::test]
async fn a_queued_message_can_be_canceled_and_stays_in_the_history() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let id = api.send(&john, "hello").await;
    for _ in 0..2 {
        let answer = cancel(&api, &john, id).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.json()["id"], json!(id));
        assert_eq!(answer.json()["status"], "canceled");
    }
    let list = api.get("/messages", &john).await.json();
    assert_eq!(list[0]["status"], "canceled");
    assert_eq!(list[0]["content"], "hello");
}

#[tokio::test]
async fn a_message_that_is_being_sent_cannot_be_canceled() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let id = api.send(&john, "hello").await;
    claim(&api, id).await;
    cancel(&api, &john, id).await.problem(409);
    assert_eq!(stored(&api, id).await.status, Status::Sending);
}

#[tokio::test]
async fn what_is_not_the_callers_is_the_same_404_as_what_is_not_there() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let jane = api.user("jane_doe").await;
    let janes = api.send(&jane, "private").await;
    let unknown = MessageId::generate(START);
    let nobody = "0".repeat(64);
    let paths = [
        format!("/messages/{}", jane.hash),
        format!("/messages/{nobody}"),
        format!("/messages/{}", john.hash.to_uppercase()),
        format!("/messages/{}/{janes}", jane.hash),
        format!("/messages/{}/{janes}", john.hash),
        format!("/messages/{}/{unknown}", john.hash),
        format!("/messages/{}/no-id", john.hash),
        format!("/messages/{nobody}/{unknown}"),
    ];
    let mut problems = Vec::new();
    for path in &paths {
        for method in [Method::GET, Method::DELETE] {
            let answer = api.call(request(method, path, Some(&john), "")).await;
            answer.problem(404);
            problems.push(answer.json());
        }
    }
    for path in &paths[3..] {
        let path = format!("{path}/cancel");
        let answer = api
            .call(request(Method::POST, &path, Some(&john), ""))
            .await;
        answer.problem(404);
        problems.push(answer.json());
    }
    for problem in &mut problems {
        problem["request_id"] = json!(null);
    }
    problems.dedup();
    assert_eq!(problems.len(), 1, "{problems:?}");
    let message = stored(&api, janes).await;
    assert!(message.visible && message.status == Status::Queued);
}
