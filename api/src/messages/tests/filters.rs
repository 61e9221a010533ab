use std::time::Duration;

use mysms_core::store::SEARCHED;
use serde_json::json;

use super::listing::{contents, fill, next};
use crate::testing::{START, TestApi, TestUser};

/// The contents of all pages, and how many pages there were.
async fn pages(api: &TestApi, user: &TestUser, path: &str) -> (Vec<u64>, usize) {
    let mut path = path.to_owned();
    let (mut seen, mut count) = (Vec::new(), 0);
    loop {
        let page = api.get(&path, user).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text());
        seen.extend(contents(&page.json()));
        count += 1;
        match next(&path, &page) {
            Some(target) => path = target,
            None => return (seen, count),
        }
    }
}

async fn found(api: &TestApi, user: &TestUser, query: &str) -> Vec<u64> {
    let list = api.get(&format!("/messages?{query}"), user).await;
    assert_eq!(list.status, 200, "{query}: {}", list.text());
    contents(&list.json())
}

#[tokio::test]
async fn a_history_can_be_searched_by_each_parameter() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let ids = fill(&api, &john, 12).await;
    for id in &ids[8..] {
        api.stores.ledger.cancel(john.id, *id, START).await.unwrap();
    }
    let other = json!({"recipient": "+14155550199", "content": "99"});
    api.clock.advance(Duration::from_secs(1));
    api.post("/messages", Some(&john), &other).await;

    assert_eq!(found(&api, &john, "status=canceled").await, [8, 9, 10, 11]);
    assert_eq!(
        found(&api, &john, "status=canceled,queued&order=desc")
            .await
            .len(),
        13
    );
    assert!(found(&api, &john, "status=delivered").await.is_empty());
    // However the plus is written.
    for number in [
        "%2B14155550199",
        "+14155550199",
        "%2B1+(415)+555-0199",
        "+%2B14155550199",
    ] {
        assert_eq!(
            found(&api, &john, &format!("recipient={number}")).await,
            [99]
        );
    }
    // Message 3 was sent at 00:00:00.123.
    let since = "since=2026-01-01T00:00:00.123Z";
    assert_eq!(
        found(&api, &john, since).await,
        [3, 4, 5, 6, 7, 8, 9, 10, 11, 99]
    );
    let until = "until=2026-01-01T00:00:00.123Z";
    assert_eq!(found(&api, &john, until).await, [0, 1, 2]);
    for offset in ["%2B01:00", "+01:00"] {
        let until = format!("until=2026-01-01T01:00:00.1239{offset}");
        assert_eq!(found(&api, &john, &until).await, [0, 1, 2]);
    }
    let window = format!("{since}&until=2026-01-01T00:00:00.125Z");
    assert_eq!(found(&api, &john, &window).await, [3, 4]);
    assert_eq!(found(&api, &john, "q=1").await, [1, 10, 11]);
    assert!(found(&api, &john, "q=.*").await.is_empty());
}

#[tokio::test]
async fn the_link_to_the_next_page_keeps_what_is_looked_for() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    fill(&api, &john, 40).await;
    let query = "order=desc&limit=3&q=1&status=queued,sent&recipient=%2B14155550123\
                 &since=2026-01-01T01:00:00.121%2B01:00&until=2026-01-01T00:00:00.160Z&other=x";
    let (seen, count) = pages(&api, &john, &format!("/messages?{query}")).await;
    let expected = [31, 21, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 1];
    assert_eq!((seen, count), (expected.to_vec(), 5));
    let page = api.get(&format!("/messages?{query}"), &john).await;
    assert!(
        !page.header("link").contains("other"),
        "{}",
        page.header("link")
    );
}

#[tokio::test]
async fn odd_characters_survive_in_the_link() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    for _ in 0..3 {
        api.send(&john, "a & b=c #1 <é>; \"q\" %41\r\n").await;
    }
    let q = "q=%26+b%3Dc+%231+%3C%C3%89%3E%3B+%22q%22+%2541%0D%0A&limit=2";
    let first = api.get(&format!("/messages?{q}"), &john).await;
    assert_eq!(first.json().as_array().unwrap().len(), 2);
    let rest = next("/messages", &first).unwrap();
    let rest = api.get(&rest, &john).await;
    assert_eq!(rest.json().as_array().unwrap().len(), 1);
}

/// A page of a search that finds little ends early, and its link goes on.
#[tokio::test]
async fn a_long_search_is_done_in_several_pages() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let count = SEARCHED as u64 + 5;
    fill(&api, &john, count).await;
    let path = format!("/messages?q={}&limit=10", count - 1);
    let first = api.get(&path, &john).await;
    assert_eq!(first.json(), json!([]));
    assert_eq!(pages(&api, &john, &path).await, (vec![count - 1], 2));
    let all = found(&api, &john, &format!("q={}", count - 1)).await;
    assert_eq!(all, [count - 1]);
}
