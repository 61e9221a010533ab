use mysms_core::domain::Status;
use serde_json::json;

use super::{claim, stored};
use crate::testing::TestApi;

#[tokio::test]
async fn a_deleted_message_is_gone_and_never_sent() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let kept = api.send(&john, "kept").await;
    let id = api.send(&john, "deleted").await;
    let path = format!("/messages/{}/{id}", john.hash);
    let answer = api.delete(&path, &john).await;
    assert_eq!(answer.status, 200);
    let expected = json!({"message": "Message deleted successfully"});
    assert_eq!(answer.json(), expected);

    api.get(&path, &john).await.problem(404);
    api.delete(&path, &john).await.problem(404);
    let list = api.get("/messages", &john).await.json();
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(list[0]["id"], json!(kept));
    let tombstone = stored(&api, id).await;
    assert_eq!(tombstone.status, Status::Canceled);
    assert_eq!((tombstone.body, tombstone.recipient), (None, None));
}

#[tokio::test]
async fn a_user_can_delete_all_their_messages_and_only_those() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let jane = api.user("jane_doe").await;
    let queued = api.send(&john, "one").await;
    let sending = api.send(&john, "two").await;
    claim(&api, sending).await;
    api.send(&jane, "hers").await;

    let path = format!("/messages/{}", john.hash);
    // The second time there is nothing left, which is what was asked for.
    for _ in 0..2 {
        let answer = api.delete(&path, &john).await;
        assert_eq!(answer.status, 200);
        let expected = json!({"message": "Messages deleted successfully"});
        assert_eq!(answer.json(), expected);
        assert_eq!(api.get(&path, &john).await.json(), json!([]));
    }
    assert_eq!(stored(&api, queued).await.status, Status::Canceled);
    assert_eq!(stored(&api, sending).await.status, Status::Sending);
    let janes = api.get("/messages", &jane).await.json();
    assert_eq!(janes.as_array().unwrap().len(), 1);
}
