//! Where texts stand in a conversation, and pages around one.

use std::time::Duration;

use mysms_core::clock::Clock;
use mysms_core::domain::MessageId;
use serde_json::{Value, json};

use crate::testing::{Answer, TestApi, TestUser};

const ANNA: &str = "+14155550123";
const BERT: &str = "+14155550199";
const HOUR: Duration = Duration::from_hours(1);

async fn schedule(api: &TestApi, user: &TestUser, content: &str) -> MessageId {
    let due = api.clock.now() + HOUR;
    let text = json!({"recipient": ANNA, "content": content, "send_at": due});
    let answer = api.post("/messages", Some(user), &text).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["id"].as_str().unwrap().parse().unwrap()
}

fn contents(list: &Value) -> Vec<&str> {
    let texts = list.as_array().unwrap().iter();
    texts
        .map(|text| text["content"].as_str().unwrap())
        .collect()
}

/// The addresses of the pages beside this one: the next and the previous.
fn beside(page: &Answer) -> [Option<String>; 2] {
    let links = page.headers.get_all("link").iter();
    let links: Vec<_> = links.map(|link| link.to_str().unwrap()).collect();
    ["next", "prev"].map(|relation| {
        let cursor = page.header(&format!("x-{relation}-cursor"));
        let rel = format!(">; rel=\"{relation}\"");
        let link = links.iter().find_map(|link| link.strip_suffix(&rel));
        assert_eq!(cursor.is_empty(), link.is_none());
        let query = link?.strip_prefix('<').unwrap();
        assert!(query.ends_with(&format!("cursor={cursor}")), "{query}");
        Some(format!("/conversations/{ANNA}{query}"))
    })
}

/// Ten texts, a second apart.
async fn ten(api: &TestApi, user: &TestUser) -> Vec<MessageId> {
    let mut ids = Vec::new();
    for number in 0..10 {
        ids.push(api.send(user, &number.to_string()).await);
        api.clock.advance(Duration::from_secs(1));
    }
    ids
}

#[tokio::test]
async fn a_scheduled_text_stands_where_it_went_out_and_lifts_its_conversation() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let scheduled = schedule(&api, &john, "later").await;
    let now = api.send(&john, "now").await;
    api.take(now).await;
    let to_bert = json!({"recipient": BERT, "content": "hello Bert"});
    api.post("/messages", Some(&john), &to_bert).await;
    api.clock.advance(HOUR);
    api.receive_from(ANNA, "answer").await;
    api.receive_from(BERT, "not Anna").await;
    api.clock.advance(Duration::from_secs(1));
    let thread = format!("/conversations/{ANNA}");
    let before = api.get(&thread, &john).await.json();
    assert_eq!(contents(&before), ["later", "now", "answer"]);
    assert_eq!(before[0]["dispatched_at"], Value::Null);
    assert_eq!(before[0]["position"], json!(scheduled));
    assert_eq!(before[1]["dispatched_at"], before[1]["sent_at"]);
    assert_eq!(before[2]["dispatched_at"], Value::Null, "it was received");

    api.take(scheduled).await;
    let after = api.get(&thread, &john).await.json();
    assert_eq!(contents(&after), ["now", "answer", "later"]);
    assert_eq!(after[2]["dispatched_at"], json!(api.clock.now()));
    assert!(after[2]["position"].as_str() > after[1]["position"].as_str());
    let list = api.get("/conversations", &john).await.json();
    assert_eq!(list[0]["last_message"]["content"], "later");
    let page = api.get("/conversations?limit=1", &john).await;
    assert_eq!(page.header("x-next-cursor"), after[2]["position"]);
    // The list of what was sent stays in the order in which it was written.
    let history = api.get("/messages", &john).await.json();
    assert_eq!(contents(&history)[..2], ["later", "now"]);
}

#[tokio::test]
async fn a_list_without_a_limit_tells_each_text_once() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    for number in 0..250 {
        api.send(&john, &number.to_string()).await;
    }
    let list = api
        .get(&format!("/conversations/{ANNA}"), &john)
        .await
        .json();
    let mut numbers = contents(&list);
    numbers.dedup();
    assert_eq!(numbers.len(), 250);
}

#[tokio::test]
async fn a_page_around_a_text_goes_on_on_both_sides() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let ids = ten(&api, &john).await;
    let around = |id: MessageId, rest: &str| format!("/conversations/{ANNA}?around={id}{rest}");
    let page = api.get(&around(ids[5], "&limit=3"), &john).await;
    assert_eq!(contents(&page.json()), ["4", "5", "6"]);
    assert!(!page.header("etag").is_empty());
    let [Some(next), Some(previous)] = beside(&page) else {
        panic!("{:?}", page.headers);
    };
    let later = api.get(&next, &john).await;
    assert_eq!(contents(&later.json()), ["7", "8", "9"]);
    let earlier = api.get(&previous, &john).await;
    assert_eq!(contents(&earlier.json()), ["3", "2", "1"]);
    let [more, _] = beside(&earlier);
    let first = api.get(&more.unwrap(), &john).await;
    assert_eq!(contents(&first.json()), ["0"]);
    assert_eq!(beside(&first), [None, None]);

    let newest_first = api.get(&around(ids[5], "&limit=3&order=desc"), &john).await;
    assert_eq!(contents(&newest_first.json()), ["6", "5", "4"]);
    let [next, previous] = beside(&newest_first);
    let earlier = api.get(&next.unwrap(), &john).await;
    assert_eq!(contents(&earlier.json()), ["3", "2", "1"]);
    let later = api.get(&previous.unwrap(), &john).await;
    assert_eq!(contents(&later.json()), ["7", "8", "9"]);
}

#[tokio::test]
async fn a_page_around_a_text_at_an_end_is_filled_from_the_other_side() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let ids = ten(&api, &john).await;
    let around = async |id: MessageId, limit: usize| {
        let path = format!("/conversations/{ANNA}?around={id}&limit={limit}");
        api.get(&path, &john).await
    };
    let first = around(ids[0], 4).await;
    assert_eq!(contents(&first.json()), ["0", "1", "2", "3"]);
    assert!(matches!(beside(&first), [Some(_), None]));
    let last = around(ids[9], 4).await;
    assert_eq!(contents(&last.json()), ["6", "7", "8", "9"]);
    assert!(matches!(beside(&last), [None, Some(_)]));
    let alone = around(ids[4], 1).await;
    assert_eq!(contents(&alone.json()), ["4"]);
    let [Some(next), Some(_)] = beside(&alone) else {
        panic!("{:?}", alone.headers);
    };
    assert_eq!(contents(&api.get(&next, &john).await.json()), ["5"]);
    let all = around(ids[4], 10).await;
    assert_eq!(contents(&all.json()).len(), 10);
    assert_eq!(beside(&all), [None, None]);
}

#[tokio::test]
async fn a_page_is_only_around_what_the_conversation_has() {
    let api = TestApi::start().await;
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    let own = api.send(&john, "hello").await;
    let others = api.send(&jane, "secret").await;
    let around = |number: &str, id: MessageId| format!("/conversations/{number}?around={id}");
    for (number, id) in [(ANNA, others), (BERT, own)] {
        let answer = api.get(&around(number, id), &john).await;
        assert_eq!(answer.status, 404);
    }
    api.stores
        .ledger
        .delete(john.id, own, api.clock.now())
        .await
        .unwrap();
    assert_eq!(api.get(&around(ANNA, own), &john).await.status, 404);
    let path = format!("/conversations/{ANNA}?around=x");
    assert_eq!(api.get(&path, &john).await.problem(400), ["around"]);
}

#[tokio::test]
async fn conversations_are_found_by_a_part_of_the_number() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    api.send(&john, "hello Anna").await;
    let to_bert = json!({"recipient": "+14156660998", "content": "hello Bert"});
    api.post("/messages", Some(&john), &to_bert).await;
    let found = async |part: &str| {
        let list = api
            .get(&format!("/conversations?number={part}"), &john)
            .await;
        let list = list.json();
        let list = list.as_array().unwrap().iter();
        list.map(|one| one["counterpart"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(found("415666").await, ["+14156660998"]);
    assert_eq!(found("(415)%20666-0998").await, ["+14156660998"]);
    assert_eq!(found("415").await, ["+14156660998", ANNA]);
    assert_eq!(found("999").await, [] as [String; 0]);
    let page = api.get("/conversations?number=415&limit=1", &john).await;
    assert!(page.header("link").contains("number=415"));
    for bad in ["41", "anna", "4.*5"] {
        let path = format!("/conversations?number={bad}");
        assert_eq!(
            api.get(&path, &john).await.problem(400),
            ["number"],
            "{bad}"
        );
    }
}
