use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use mysms_core::domain::{MOST_ENDPOINTS, MOST_TEMPLATES};
use serde_json::{Value, json};

use super::*;
use crate::testing::{TestApi, TestUser};

const LEFT: usize = 3;

fn template(number: usize) -> Value {
    json!({"name": format!("Number {number}"), "content": "Hi"})
}

fn webhook(number: usize) -> Value {
    json!({"url": format!("https://1.1.1.1/{number}")})
}

/// Makes all but a few, and then more than there is room for at once; returns what these are answered.
async fn crowd(
    api: &TestApi,
    user: &TestUser,
    (path, most): (&str, usize),
    made: fn(usize) -> Value,
) -> Vec<u16> {
    let answered = async |number| {
        let answer = api.post(path, Some(user), &made(number)).await;
        answer.status.as_u16()
    };
    for number in 0..most - LEFT {
        assert_eq!(answered(number).await, 201, "{path}");
    }
    let mut answers = join_all((0..8).map(|more| answered(most + more))).await;
    answers.sort_unstable();
    answers
}

async fn claims(api: &TestApi) -> usize {
    let stored = api.stores.records.records(Kind::Claims).await.unwrap();
    let claims = stored
        .iter()
        .map(|stored| stored.read::<Vec<Claim>>().unwrap());
    claims.map(|claims| claims.len()).sum()
}

#[tokio::test]
async fn of_many_at_once_as_many_are_kept_as_there_is_room_for() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    for (path, most, made) in [
        ("/templates", MOST_TEMPLATES, template as fn(usize) -> Value),
        ("/webhooks", MOST_ENDPOINTS, webhook),
    ] {
        let answers = crowd(&api, &john, (path, most), made).await;
        assert_eq!(answers[..LEFT], [201; LEFT], "{path}");
        // On a slow machine some are told to come again, while others are about to take what is left.
        let refused = |answer: &u16| [400, 503].contains(answer);
        assert!(answers[LEFT..].iter().all(refused), "{answers:?}");
        let kept = api.get(path, &john).await.json();
        assert_eq!(kept.as_array().unwrap().len(), most);
    }
    // A request that took long leaves it to be done behind it.
    let released = async {
        while claims(&api).await > 0 {
            tokio::task::yield_now().await;
        }
    };
    let released = tokio::time::timeout(Duration::from_secs(30), released);
    released.await.expect("nothing is left of them");
}

fn room<'a>(api: &'a TestApi, user: &TestUser) -> Room<'a> {
    Room {
        state: &api.state,
        owner: user.id,
        place: Place::Uploads,
        most: 10,
    }
}

#[tokio::test]
async fn what_is_claimed_is_nobody_elses_until_it_is_released_or_forgotten() {
    let api = TestApi::start().await;
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    let claim = async |user: &TestUser, id: &str, size: u64, used: u64| {
        let wanted = (id.to_owned(), size);
        room(&api, user)
            .claim(wanted, || std::future::ready(Ok(used)))
            .await
    };
    let first = claim(&john, "a", 6, 0).await.unwrap().unwrap();
    assert!(claim(&john, "b", 4, 0).await.unwrap().is_some());
    assert!(claim(&jane, "b", 10, 0).await.unwrap().is_some());
    assert!(claim(&john, "c", 11, 0).await.unwrap().is_none());
    let unsure = claim(&john, "c", 1, 0).await;
    assert!(matches!(unsure, Err(ApiError::Unavailable(_))));
    first.release().await;
    assert!(claim(&john, "c", 1, 10).await.unwrap().is_none());
    assert!(claim(&john, "c", 1, 5).await.unwrap().is_some());
    // Whoever has died stores nothing any more.
    api.clock.advance(GOOD + Duration::from_secs(1));
    assert!(claim(&john, "d", 10, 0).await.unwrap().is_some());
    for user in [&john, &jane] {
        forget_all(&api.state, user.id).await.unwrap();
    }
    let left = api.stores.records.records(Kind::Claims).await;
    assert_eq!(left.unwrap(), []);
}

/// Whoever stood still while others came and went has seen nothing of what is there by now.
#[tokio::test]
async fn who_saw_room_before_others_took_it_gets_none() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let used = AtomicU64::new(9);
    let others = async || {
        let counted = || std::future::ready(Ok(used.load(Ordering::SeqCst)));
        let claimed = room(&api, &john).claim(("other".to_owned(), 1), counted);
        let claimed = claimed.await.unwrap().unwrap();
        used.store(10, Ordering::SeqCst);
        claimed.release().await;
    };
    let first = AtomicBool::new(true);
    let counted = async || {
        let seen = used.load(Ordering::SeqCst);
        if first.swap(false, Ordering::SeqCst) {
            others().await;
        }
        Ok(seen)
    };
    let claimed = room(&api, &john).claim(("slow".to_owned(), 1), counted);
    assert!(claimed.await.unwrap().is_none());
}
