use futures_util::{StreamExt, stream};
use http::{Method, StatusCode};
use mysms_core::domain::{Contact, MOST_CONTACTS, UserId};
use mysms_core::store::Kind;
use serde_json::{Value, json};

use super::places::Places;
use crate::testing::{Answer, TestApi, TestUser, request};

const ANNA: &str = "+14155550123";
const BERT: &str = "+14155550199";

async fn put(api: &TestApi, user: &TestUser, number: &str, contact: &Value) -> Answer {
    let path = format!("/contacts/{number}");
    api.call(request(Method::PUT, &path, Some(user), contact.to_string()))
        .await
}

async fn batch(api: &TestApi, user: &TestUser, contacts: Vec<Value>) -> Value {
    let body = json!({ "contacts": contacts });
    let answer = api.post("/contacts/batch", Some(user), &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

async fn names(api: &TestApi, user: &TestUser, query: &str) -> Vec<String> {
    let answer = api.get(&format!("/contacts{query}"), user).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let list = answer.json();
    let list = list.as_array().unwrap().iter();
    list.map(|one| one["name"].as_str().unwrap().to_owned())
        .collect()
}

fn numbered(number: u32) -> Value {
    json!({"number": format!("+1415{number:07}"), "name": format!("Number {number}")})
}

/// What the counter says.
async fn counted(api: &TestApi, user: UserId) -> u64 {
    let now = mysms_core::clock::Clock::now(&*api.clock);
    let key = user.to_string();
    let reading = api.stores.records.record(Kind::Contacts, &key, now);
    let stored = reading.await.unwrap().record.unwrap();
    stored.read::<Value>().unwrap()["count"].as_u64().unwrap()
}

async fn set_count(api: &TestApi, user: UserId, count: u32) {
    let now = mysms_core::clock::Clock::now(&*api.clock);
    let key = user.to_string();
    let reading = api.stores.records.record(Kind::Contacts, &key, now);
    let stored = reading.await.unwrap().record.unwrap();
    let mut value: Value = stored.read().unwrap();
    value["count"] = json!(count);
    let value = value.to_string();
    let replaced = api
        .stores
        .records
        .replace(Kind::Contacts, &key, stored.version, Some(&value));
    assert!(replaced.await.unwrap());
}

#[tokio::test]
async fn of_one_number_in_a_batch_the_last_one_stays_and_takes_one_place() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let same = |n| json!({"number": "+14155550123", "name": format!("Name {n}")});
    let answer = batch(&api, &john, (1..=100).map(same).collect()).await;
    assert_eq!([&answer["kept"], &answer["refused"]], [100, 0]);
    assert_eq!(names(&api, &john, "").await, ["Name 100"]);
    assert_eq!(counted(&api, john.id).await, 1);
}

#[tokio::test]
async fn a_contact_is_kept_shown_replaced_and_deleted() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let path = format!("/contacts/{ANNA}");
    api.get(&path, &john).await.problem(404);
    let anna = json!({"name": " Anna ", "note": "one\ntwo", "labels": ["family", "family"]});
    let stored = put(
        &api,
        &john,
        "+1 (415) 555-0123".replace(' ', "%20").as_str(),
        &anna,
    )
    .await;
    let expected =
        json!({"number": ANNA, "name": "Anna", "note": "one\ntwo", "labels": ["family"]});
    assert_eq!(stored.status, 200);
    assert_eq!(stored.json(), expected);
    assert_eq!(api.get(&path, &john).await.json(), expected);
    put(&api, &john, ANNA, &json!({"name": "Anna B"})).await;
    let replaced = api.get(&path, &john).await.json();
    assert_eq!(
        replaced,
        json!({"number": ANNA, "name": "Anna B", "note": "", "labels": []})
    );
    assert_eq!(counted(&api, john.id).await, 1);
    assert_eq!(api.delete(&path, &john).await.status, 200);
    api.get(&path, &john).await.problem(404);
    api.delete(&path, &john).await.problem(404);
    assert_eq!(counted(&api, john.id).await, 0);
}

#[tokio::test]
async fn nobody_sees_or_changes_the_contacts_of_another() {
    let api = TestApi::start().await;
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    put(&api, &john, ANNA, &json!({"name": "Anna"})).await;
    let path = format!("/contacts/{ANNA}");
    api.get(&path, &jane).await.problem(404);
    api.delete(&path, &jane).await.problem(404);
    assert_eq!(names(&api, &jane, "").await, [] as [&str; 0]);
    put(&api, &jane, ANNA, &json!({"name": "somebody"})).await;
    assert_eq!(names(&api, &john, "").await, ["Anna"]);
}

#[tokio::test]
async fn each_fault_is_told_with_its_field() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let labels: Vec<_> = (0..11).map(|number| number.to_string()).collect();
    for (number, contact, fields) in [
        (ANNA, json!({}), vec!["name"]),
        (ANNA, json!({"name": "a".repeat(101)}), vec!["name"]),
        (
            ANNA,
            json!({"name": "x", "note": "a".repeat(1001)}),
            vec!["note"],
        ),
        (ANNA, json!({"name": "x", "labels": labels}), vec!["labels"]),
        (
            ANNA,
            json!({"name": "x", "labels": ["a".repeat(51)]}),
            vec!["labels"],
        ),
        (ANNA, json!({"name": "x", "labels": [1]}), vec!["labels"]),
        (
            ANNA,
            json!({"name": "", "note": 7, "labels": "a"}),
            vec!["name", "note", "labels"],
        ),
        ("0151%20234567", json!({"name": "x"}), vec!["number"]),
    ] {
        let answer = put(&api, &john, number, &contact).await;
        assert_eq!(answer.problem(400), fields, "{contact}");
    }
    assert_eq!(names(&api, &john, "").await, [] as [&str; 0]);
}

#[tokio::test]
async fn the_list_is_by_number_and_page_by_page() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    batch(&api, &john, vec![numbered(3), numbered(1), numbered(2)]).await;
    assert_eq!(
        names(&api, &john, "").await,
        ["Number 1", "Number 2", "Number 3"]
    );
    let first = api.get("/contacts?limit=2", &john).await;
    assert_eq!(first.json().as_array().unwrap().len(), 2);
    let cursor = first.header("x-next-cursor").to_owned();
    let query = format!("?limit=2&cursor={cursor}");
    assert!(
        first.header("link").contains(&query),
        "{}",
        first.header("link")
    );
    assert_eq!(names(&api, &john, &query).await, ["Number 3"]);
    let last = api.get(&format!("/contacts{query}"), &john).await;
    assert_eq!(last.header("x-next-cursor"), "");
    for bad in ["limit=1001", "limit=0", "cursor=*"] {
        let answer = api.get(&format!("/contacts?{bad}"), &john).await;
        let (field, _) = bad.split_once('=').unwrap();
        assert_eq!(answer.problem(400), [field]);
    }
    let tag = first.header("etag").to_owned();
    let mut again = request(Method::GET, "/contacts?limit=2", Some(&john), "");
    again
        .headers_mut()
        .insert("if-none-match", tag.parse().unwrap());
    let again = api.call(again).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    assert_eq!(again.header("x-next-cursor"), cursor);
}

#[tokio::test]
async fn each_of_many_is_judged_alone() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let answer = batch(
        &api,
        &john,
        vec![
            json!({"number": ANNA, "name": "Anna", "labels": ["family"]}),
            json!({"number": "nobody at all", "name": ""}),
            json!(17),
            json!({"number": BERT, "name": "Bert"}),
            json!({"number": ANNA, "name": "Anna again"}),
        ],
    )
    .await;
    assert_eq!(
        (&answer["kept"], &answer["refused"]),
        (&json!(3), &json!(2))
    );
    let results = answer["results"].as_array().unwrap();
    let statuses: Vec<_> = results.iter().map(|one| one["status"].as_u64()).collect();
    assert_eq!(statuses, [200, 400, 400, 200, 200].map(Some));
    assert_eq!(results[0]["contact"]["labels"], json!(["family"]));
    let faults = results[1]["problem"]["errors"].as_array().unwrap();
    let fields: Vec<_> = faults.iter().map(|fault| &fault["field"]).collect();
    assert_eq!(fields, ["number", "name"]);
    assert_eq!(names(&api, &john, "").await.len(), 2);
    let many: Vec<_> = (0..501).map(numbered).collect();
    for body in [
        json!({"contacts": many}),
        json!({"contacts": []}),
        json!({}),
    ] {
        let answer = api.post("/contacts/batch", Some(&john), &body).await;
        assert_eq!(answer.problem(400), ["contacts"]);
    }
}

#[tokio::test]
async fn there_are_only_so_many_whatever_is_done_at_the_same_time() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    put(&api, &john, ANNA, &json!({"name": "Anna"})).await;
    // As if somebody had died before they stored what they had room for.
    set_count(&api, john.id, MOST_CONTACTS - 3).await;
    let five = |from: u32| (from..from + 5).map(numbered).collect::<Vec<_>>();
    let (first, second) = tokio::join!(batch(&api, &john, five(0)), batch(&api, &john, five(9)));
    let kept = |answer: &Value| answer["kept"].as_u64().unwrap();
    assert_eq!(kept(&first) + kept(&second), 3);
    // There may be room, if nobody stores what they had room for.
    let refused = put(&api, &john, BERT, &json!({"name": "Bert"})).await;
    assert_eq!(refused.header("retry-after"), "1");
    refused.problem(503);
    let replaced = put(&api, &john, ANNA, &json!({"name": "Anna B"})).await;
    assert_eq!(replaced.status, 200, "who is known already takes no room");
    // Once nobody can be storing any more they are counted.
    api.clock.advance(std::time::Duration::from_mins(3));
    assert_eq!(
        put(&api, &john, BERT, &json!({"name": "Bert"}))
            .await
            .status,
        200
    );
    assert_eq!(counted(&api, john.id).await, 5);
}

#[tokio::test]
async fn who_has_as_many_as_may_be_is_told_so_at_once() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    put(&api, &john, ANNA, &json!({"name": "Anna"})).await;
    let there = MOST_CONTACTS - 3;
    let records = &api.stores.records;
    let made = (0..there).map(|number| async move {
        let key = format!("{}+1415{number:07}", Contact::keys_of(john.id));
        let replaced = records.replace(Kind::Contact, &key, 0, Some("{}")).await;
        assert!(replaced.unwrap());
    });
    stream::iter(made).buffer_unordered(1000).count().await;
    set_count(&api, john.id, MOST_CONTACTS - 2).await;
    let new = there..there + 5;
    let answer = batch(&api, &john, new.map(numbered).collect()).await;
    let statuses = answer["results"].as_array().unwrap().iter();
    let mut statuses: Vec<_> = statuses
        .map(|one| one["status"].as_u64().unwrap())
        .collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 400, 400, 400]);
    let refused = put(&api, &john, BERT, &json!({"name": "Bert"})).await;
    assert_eq!(refused.problem(400), ["number"]);
}

#[tokio::test]
async fn a_removal_from_before_a_count_does_not_lower_it() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    put(&api, &john, ANNA, &json!({"name": "Anna"})).await;
    let before = super::places::counted(&api.state, john.id).await.unwrap();
    set_count(&api, john.id, MOST_CONTACTS).await;
    api.clock.advance(std::time::Duration::from_mins(3));
    let places = Places::new(&api.state, john.id, 1);
    places.take().await.unwrap();
    super::places::lower(&api.state, john.id, 1, before)
        .await
        .unwrap();
    assert_eq!(counted(&api, john.id).await, 2);
}

#[tokio::test]
async fn what_is_not_used_of_the_room_is_given_back() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let mut contacts: Vec<_> = (0..7).map(numbered).collect();
    contacts.push(json!({"number": "x", "name": ""}));
    contacts.push(numbered(3));
    batch(&api, &john, contacts.clone()).await;
    assert!(counted(&api, john.id).await >= 7);
    batch(&api, &john, contacts).await;
    assert!(counted(&api, john.id).await <= 8, "a twin may take room");
}

#[tokio::test]
async fn whoever_leaves_takes_their_contacts_along() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    batch(&api, &john, (0..20).map(numbered).collect()).await;
    super::forget_all(&api.state, john.id).await.unwrap();
    let prefix = Contact::keys_of(john.id);
    let records = &api.stores.records;
    let left = records.records_under(Kind::Contact, &prefix, None, 9).await;
    assert_eq!(left.unwrap(), []);
    assert_eq!(records.records(Kind::Contacts).await.unwrap(), []);
}
