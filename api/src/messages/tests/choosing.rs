//! From which sender a text leaves.

use std::time::Duration;

use mysms_core::domain::{Country, DailyCap, Rate, Sender, SenderState, Zone};
use mysms_core::store::{Pause, SenderKey};
use serde_json::{Value, json};

use super::stored;
use crate::testing::{Answer, START, TestApi, TestUser};

/// The environment's.
const OWN: &str = "+15005550006";
const OTHER: &str = "+14155552672";
const CODE: &str = "12345";
const ANNA: &str = "+14155550123";

async fn send(api: &TestApi, user: &TestUser, terms: Value) -> Answer {
    let mut text = json!({"recipient": ANNA, "content": "hello"});
    let fields = terms.as_object().unwrap().clone();
    text.as_object_mut().unwrap().extend(fields);
    api.post("/messages", Some(user), &text).await
}

async fn sender(api: &TestApi, user: &TestUser, terms: Value) -> String {
    let answer = send(api, user, terms).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let accepted = answer.json();
    let id = accepted["id"].as_str().unwrap().parse().unwrap();
    let sender = accepted["sender"].as_str().unwrap().to_owned();
    let message = stored(api, id).await;
    assert_eq!(message.sender.as_deref(), Some(sender.as_str()));
    sender
}

fn fast(sender: Sender) -> Sender {
    Sender {
        rate: Some(Rate::try_from(1000.0).unwrap()),
        ..sender
    }
}

#[tokio::test]
async fn what_is_asked_for_is_taken() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    api.register(&[api.sender(CODE), api.sender(OTHER)]).await;
    for from in [CODE, OTHER, OWN, "+1 (415) 555-2672"] {
        let expected = from.replace([' ', '(', ')', '-'], "");
        assert_eq!(sender(&api, &john, json!({"from": from})).await, expected);
    }
}

#[tokio::test]
async fn without_being_asked_it_is_the_one_of_the_newest_text_exchanged() {
    let api = TestApi::start().await;
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    api.register(&[api.sender(CODE), fast(api.sender(OTHER))])
        .await;
    assert_eq!(sender(&api, &john, json!({"from": CODE})).await, CODE);
    assert_eq!(sender(&api, &john, json!({})).await, CODE);
    // Of somebody else nothing was exchanged, so the country and then the wait decide.
    assert_ne!(sender(&api, &jane, json!({})).await, CODE);
    let elsewhere = json!({"recipient": "+14155550124"});
    assert_ne!(sender(&api, &john, elsewhere).await, CODE);
    // One that takes no new texts is not stuck to.
    let drained = Sender {
        state: SenderState::Draining,
        ..api.sender(CODE)
    };
    api.register(&[drained]).await;
    assert_ne!(sender(&api, &john, json!({})).await, CODE);
}

#[tokio::test]
async fn then_it_is_the_users_own_then_one_of_the_country_then_the_least_busy() {
    let api = TestApi::start().await;
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    let johns = Sender {
        owner: Some(john.id),
        ..api.sender(CODE)
    };
    let german = Sender {
        countries: vec![Country::parse("DE").unwrap()],
        ..api.sender("+4915112345678")
    };
    api.register(&[johns, german, fast(api.sender(OTHER))])
        .await;
    assert_eq!(sender(&api, &john, json!({})).await, CODE);
    let abroad = json!({"recipient": "+4915187654321"});
    assert_eq!(sender(&api, &jane, abroad).await, "+4915112345678");
    // Both are at home and nothing waits for them: the first.
    assert_eq!(sender(&api, &jane, json!({})).await, OWN);
    let busy = json!({"recipient": "+14155550124", "from": OWN});
    for _ in 0..3 {
        sender(&api, &jane, busy.clone()).await;
    }
    let beside = api.beside();
    beside.register(&[]).await;
    let another = json!({"recipient": "+14155550125"});
    assert_eq!(sender(&beside, &jane, another).await, OTHER);
}

fn capped(sender: Sender) -> Sender {
    Sender {
        cap: Some(DailyCap {
            segments: 1,
            zone: Zone::parse("Etc/UTC").unwrap(),
        }),
        ..fast(sender)
    }
}

#[tokio::test]
async fn one_that_is_paused_or_has_used_up_its_day_is_left_to_those_who_ask_for_it() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    api.register(&[capped(api.sender(OTHER))]).await;
    let to = |number: u32| json!({"recipient": format!("+1415555{number:04}")});
    let asked = json!({"recipient": "+14155550999", "from": OTHER});
    sender(&api, &john, asked.clone()).await;
    let beside = api.beside();
    beside.register(&[]).await;
    for number in 0..3 {
        assert_eq!(
            sender(&beside, &john, to(number)).await,
            OWN,
            "its day is spent"
        );
    }
    sender(&beside, &john, asked).await;

    let account = &api.state.provider.account;
    let pause = |address: &str| Pause {
        sender: SenderKey::new(account, address, "credential"),
        code: "21606".to_owned(),
        reason: "It is not ours.".to_owned(),
        since: START,
        probe_at: START + Duration::from_mins(1),
        failures: 0,
        probing_until: None,
    };
    api.register(&[fast(api.sender(OTHER)), api.sender(OWN)])
        .await;
    api.state.stores.pauses.pause(pause(OWN)).await.unwrap();
    let beside = api.beside();
    beside.register(&[]).await;
    for number in 10..13 {
        let answer = send(&beside, &john, to(number)).await.json();
        assert_eq!(answer["sender"], OTHER, "{answer}");
    }
    let mut asked = to(20);
    asked["from"] = json!(OWN);
    let answer = send(&beside, &john, asked).await.json();
    // Three texts wait for the end of the pause before it.
    let expected = answer["expected_at"].as_str().unwrap();
    assert!(expected.starts_with("2026-01-01T00:01:03"), "{answer}");
    assert_eq!(answer["paused"]["until"], "2026-01-01T00:01:00.120Z");
}

#[tokio::test]
async fn what_cannot_leave_from_where_it_is_to_is_refused_and_not_stored() {
    let api = TestApi::start().await;
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    let janes = Sender {
        owner: Some(jane.id),
        ..api.sender(CODE)
    };
    let off = Sender {
        state: SenderState::Off,
        ..api.sender("54321")
    };
    let drained = Sender {
        state: SenderState::Draining,
        ..api.sender("54322")
    };
    let german = Sender {
        countries: vec![Country::parse("DE").unwrap()],
        ..api.sender("54323")
    };
    api.register(&[janes, off, drained, german, api.sender("ACME")])
        .await;
    let cases = [
        (json!({"from": "+14155559999"}), "from", "you may use"),
        (json!({"from": CODE}), "from", "you may use"),
        (json!({"from": "54321"}), "from", "switched off"),
        (json!({"from": "54322"}), "from", "drained"),
        (json!({"from": "54323"}), "from", "country"),
        (json!({"from": "ACME"}), "from", "no texts from names"),
        (json!({"from": "+1"}), "from", "phone number"),
        (json!({"from": 7}), "from", "string"),
        (
            json!({"class": "urgent"}),
            "class",
            "otp, transactional or bulk",
        ),
        (json!({"time_zone": "Mars/Olympus"}), "time_zone", "IANA"),
        (json!({"time_zone": "EST"}), "time_zone", "IANA"),
        (
            json!({"smart_encoding": "yes"}),
            "smart_encoding",
            "true or false",
        ),
    ];
    for (terms, field, why) in cases {
        let refused = send(&api, &john, terms.clone()).await;
        assert_eq!(refused.problem(400), [field], "{terms}");
        let said = refused.json()["errors"][0]["message"].take();
        assert!(said.as_str().unwrap().contains(why), "{terms}: {said}");
        let mut text = json!({"recipient": ANNA, "content": "hello"});
        text.as_object_mut()
            .unwrap()
            .extend(terms.as_object().unwrap().clone());
        let path = "/messages?dry_run=true";
        let preview = api.post(path, Some(&john), &text).await.json();
        assert_eq!(preview["acceptable"], false, "{terms}");
        assert_eq!(preview["errors"][0]["field"], field, "{terms}");
        assert_eq!(preview["errors"][0]["message"], said, "{terms}");
        let batch = json!({"messages": [text]});
        let batch = api.post("/messages/batch", Some(&john), &batch).await;
        let item = batch.json()["results"][0].take();
        assert_eq!(item["status"], 400, "{terms}");
        assert_eq!(item["problem"]["errors"][0]["field"], field, "{terms}");
    }
    assert_eq!(api.get("/messages", &john).await.json(), json!([]));
    assert_eq!(sender(&api, &jane, json!({"from": CODE})).await, CODE);
}

#[tokio::test]
async fn a_country_that_no_sender_serves_is_refused_on_the_recipient() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let home = Sender {
        countries: vec![Country::parse("US").unwrap()],
        ..api.sender(OWN)
    };
    api.register(&[home]).await;
    let abroad = json!({"recipient": "+4915187654321"});
    let refused = send(&api, &john, abroad).await;
    assert_eq!(refused.problem(400), ["recipient"]);
    assert_eq!(api.get("/messages", &john).await.json(), json!([]));
    assert_eq!(sender(&api, &john, json!({})).await, OWN);
}

#[tokio::test]
async fn who_opted_out_of_one_sender_gets_texts_from_another() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    api.register(&[api.sender(CODE)]).await;
    let wish = mysms_core::domain::Wish {
        recipient: mysms_core::domain::Address::of_author(ANNA),
        senders: vec![CODE.to_owned()],
        consent: mysms_core::domain::Consent::Withdrawn,
        at: crate::testing::START,
    };
    let evidence = mysms_core::domain::Evidence::refusal(None);
    let noted = api.state.wishes.heed(&wish, &evidence, wish.at);
    noted.await.unwrap();
    send(&api, &john, json!({"from": CODE})).await.problem(409);
    assert_eq!(sender(&api, &john, json!({"from": OWN})).await, OWN);
    let list = api.get("/conversations", &john).await.json();
    assert_eq!(
        list[0]["opted_out"], false,
        "the next leaves from there too"
    );
}
