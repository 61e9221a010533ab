use http::Method;
use mysms_core::domain::{UserSettings, Weight};
use mysms_core::store::{Kind, written};
use serde_json::{Value, json};

use crate::testing::{Answer, TestApi, TestUser, request};

async fn put(api: &TestApi, user: &TestUser, settings: &Value) -> Answer {
    let asked = request(
        Method::PUT,
        "/me/settings",
        Some(user),
        settings.to_string(),
    );
    api.call(asked).await
}

async fn show(api: &TestApi, user: &TestUser) -> Value {
    api.get("/me/settings", user).await.json()
}

fn nights() -> Value {
    json!({"windows": [{"from": "21:00", "to": "08:00"}], "time_zone": "Europe/Berlin"})
}

#[tokio::test]
async fn what_is_set_is_shown_at_once_here_and_soon_elsewhere() {
    let api = TestApi::start().await;
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    let beside = api.beside();
    let usual = json!({"quiet_hours": null, "smart_encoding": false, "weight": 1});
    assert_eq!(show(&api, &john).await, usual);
    assert_eq!(show(&beside, &john).await, usual);
    let settings = json!({"quiet_hours": nights(), "smart_encoding": true});
    let expected = json!({"quiet_hours": nights(), "smart_encoding": true, "weight": 1});
    assert_eq!(put(&api, &john, &settings).await.json(), expected);
    assert_eq!(show(&api, &john).await, expected);
    assert_eq!(show(&beside, &john).await, usual);
    beside.state.settings.look().await.unwrap();
    assert_eq!(show(&beside, &john).await, expected);
    assert_eq!(show(&api, &jane).await, usual);
    assert_eq!(put(&api, &john, &json!({})).await.json(), usual);
}

#[tokio::test]
async fn the_weight_is_for_operators_to_set_and_stays() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let heavy = UserSettings {
        weight: Weight::try_from(7).unwrap(),
        ..UserSettings::default()
    };
    let (key, value) = (john.id.to_string(), written(&heavy).unwrap());
    let stored = api
        .stores
        .records
        .replace(Kind::Settings, &key, 0, Some(&value));
    assert!(stored.await.unwrap());
    let settings = json!({"smart_encoding": true, "weight": 100});
    let answer = put(&api, &john, &settings).await.json();
    assert_eq!(answer["weight"], 7);
    assert_eq!(show(&api, &john).await["weight"], 7);
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_is_set() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let window = |from: &str, to: &str| json!({"windows": [{"from": from, "to": to}], "time_zone": "Europe/Berlin"});
    for (hours, why) in [
        (window("9", "10:00"), "windows[0].from"),
        (window("09:00", "25:00"), "windows[0].to"),
        (window("09:00", "09:00"), "leave no time"),
        (
            json!({"windows": [{"from": "21:00", "to": "08:00"}], "time_zone": "Berlin"}),
            "time_zone",
        ),
        (
            json!({"windows": [{"from": "21:00", "to": "08:00"}]}),
            "time_zone",
        ),
        (json!({"windows": 7, "time_zone": "UTC"}), "invalid type"),
        (json!("always"), "object"),
        (json!([[], "UTC"]), "object"),
    ] {
        let refused = put(&api, &john, &json!({ "quiet_hours": hours })).await;
        assert_eq!(refused.problem(400), ["quiet_hours"], "{hours}");
        let said = refused.json()["errors"][0]["message"].take();
        assert!(said.as_str().unwrap().contains(why), "{hours}: {said}");
    }
    let both = json!({"quiet_hours": 1, "smart_encoding": 1});
    let refused = put(&api, &john, &both).await;
    assert_eq!(refused.problem(400), ["quiet_hours", "smart_encoding"]);
    assert_eq!(show(&api, &john).await["quiet_hours"], json!(null));
    let nobody = request(Method::PUT, "/me/settings", None, "{}");
    api.call(nobody).await.problem(401);
}
