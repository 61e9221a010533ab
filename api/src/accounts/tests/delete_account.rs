use std::time::Duration;

use futures_util::FutureExt;
use http::Method;
use mysms_core::domain::Status;
use mysms_core::store::{Accounts, Kind};
use serde_json::{Value, json};

use super::{post, sign_up, with_token};
use crate::accounts::delete_account::erase_due;
use crate::testing::{Answer, START, TestApi, TestUser, request};

async fn leave(api: &TestApi, user: &TestUser, json: &Value) -> Answer {
    let body = json.to_string();
    api.call(request(Method::DELETE, "/me", Some(user), body))
        .await
}

#[tokio::test]
async fn whoever_leaves_is_gone_with_their_messages_and_their_name_is_free() {
    let api = TestApi::start().await;
    let other = api.beside();
    let john = sign_up(&api, "john_doe").await;
    let jane = sign_up(&api, "jane_doe").await;
    let (johns, janes) = (
        api.send(&john, "hello").await,
        api.send(&jane, "hello").await,
    );

    let answer = leave(&api, &john, &json!({"password": "password123"})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(
        answer.json(),
        json!({"message": "User deleted successfully"})
    );
    for api in [&api, &other] {
        api.get("/me", &john).await.problem(401);
        api.get("/messages", &john).await.problem(401);
        post(api, "/login", "john_doe", "password123")
            .await
            .problem(401);
    }
    let message = api.stores.ledger.read(&[johns]).await.unwrap().remove(0);
    assert_eq!(message.status, Status::Canceled);
    assert!(!message.visible && message.body.is_none() && message.recipient.is_none());
    let message = api.stores.ledger.read(&[janes]).await.unwrap().remove(0);
    assert!(message.visible);

    let again = sign_up(&other, "JOHN_doe").await;
    assert_eq!(again.hash, john.hash, "the hash is that of the name");
    assert_eq!(api.get("/messages", &again).await.json(), json!([]));
    api.get("/me", &john).await.problem(401);
}

#[tokio::test]
async fn only_who_knows_the_password_can_leave() {
    let api = TestApi::start().await;
    let john = sign_up(&api, "john_doe").await;
    let wrong = leave(&api, &john, &json!({"password": "password124"})).await;
    assert_eq!(wrong.problem(403), ["password"]);
    let missing = leave(&api, &john, &json!({})).await;
    assert_eq!(missing.problem(400), ["password"]);
    let nothing = api
        .call(request(Method::DELETE, "/me", Some(&john), ""))
        .await;
    nothing.problem(400);
    assert_eq!(api.get("/me", &john).await.status, 200);
}

#[tokio::test]
async fn whoever_leaves_is_called_no_more() {
    let api = TestApi::start().await;
    let (john, jane) = (
        sign_up(&api, "john_doe").await,
        sign_up(&api, "jane_doe").await,
    );
    let webhook = json!({"url": "https://1.1.1.1/sms"});
    for user in [&john, &jane] {
        assert_eq!(
            api.post("/webhooks", Some(user), &webhook).await.status,
            201
        );
    }
    let left = leave(&api, &john, &json!({"password": "password123"})).await;
    assert_eq!(left.status, 200);
    let jane = api.state.tokens.verify(&jane.token, START).unwrap().user;
    for kind in [Kind::Endpoint, Kind::Progress] {
        let kept = api.stores.records.records(kind).await.unwrap();
        let owners: Vec<_> = kept
            .iter()
            .map(|record| record.key.split('/').next())
            .collect();
        assert_eq!(owners, [Some(&*jane.to_string())], "{kind:?}");
    }
}

/// The process died after it had closed the account, or another accepted a text meanwhile.
#[tokio::test]
async fn what_a_crash_left_of_an_account_is_erased_later() {
    let api = TestApi::start().await;
    let john = sign_up(&api, "john_doe").await;
    let id = api.send(&john, "hello").await;
    let name = mysms_core::domain::Username::parse("john_doe").unwrap();
    let user = api.store.by_name(&name).await.unwrap().unwrap();
    let closed = api
        .store
        .close_account(user.id, &user.password_hash, START)
        .await;
    assert!(closed.unwrap());

    let visible = async |id| {
        api.stores
            .ledger
            .read(&[id])
            .await
            .unwrap()
            .remove(0)
            .visible
    };
    erase_due(&api.state).await.unwrap();
    assert!(
        !visible(id).await,
        "nothing of theirs is to be sent any more"
    );
    // A request from before is still under way somewhere.
    let late = mysms_core::domain::NewMessage {
        owner: user.id,
        ..crate::testing::new_message("late", START)
    };
    let late_id = late.id;
    api.stores.ledger.insert(late).await.unwrap();
    api.clock.advance(Duration::from_mins(3));
    let (records, key) = (&api.stores.records, user.id.to_string());
    let set = records.replace(Kind::Settings, &key, 0, Some("{}"));
    assert!(set.await.unwrap());
    erase_due(&api.state).await.unwrap();
    assert!(!visible(late_id).await);
    let settings = records.record(Kind::Settings, &key, START);
    assert_eq!(settings.await.unwrap().record, None);
    let waiting = api.store.to_be_erased(api.state.clock.now(), 9).await;
    assert_eq!(waiting.unwrap(), []);
    api.get("/me", &john).await.problem(401);
}

#[tokio::test]
async fn whoever_hangs_up_while_they_leave_is_gone_with_their_messages() {
    let api = TestApi::start().await;
    let john = sign_up(&api, "john_doe").await;
    let id = api.send(&john, "hello").await;
    let password = json!({"password": "password123"});
    assert!(leave(&api, &john, &password).now_or_never().is_none());
    // The request is dropped, as with its connection.
    let tracker = api.state.lifecycle.tracker();
    tracker.close();
    tracker.wait().await;
    api.get("/me", &john).await.problem(401);
    let message = api.stores.ledger.read(&[id]).await.unwrap().remove(0);
    assert_eq!(message.status, Status::Canceled);
    assert!(!message.visible);
}

#[tokio::test]
async fn a_login_does_not_overtake_the_end_of_its_account() {
    let api = TestApi::start().await;
    let john = sign_up(&api, "john_doe").await;
    let login = post(&api, "/login", "john_doe", "password123");
    let leaving = json!({"password": "password123"});
    let (login, left) = tokio::join!(login, leave(&api, &john, &leaving));
    assert_eq!(left.status, 200);
    if login.status == 200 {
        api.get("/me", &with_token(&login)).await.problem(401);
    }
}
