use std::time::Duration;

use clap::Parser;
use mysms_core::domain::{
    Class, Event, LineId, MessageId, NotSent, SANDBOX_SENDER, Sender, Settlement, TimelineEntry,
};
use mysms_core::provider::Glossary;
use mysms_core::store::{Pause, QueueId, SenderKey};
use runtime::exit::Exit;
use serde_json::json;

use super::{Home, Senders};
use crate::admin::AdminPorts;
use crate::testing::{START, TestApi, TestUser, new_claim};

const OWN: &str = "+15005550006";
const OTHER: &str = "+14155552672";
const CODE: &str = "12345";

#[derive(Parser)]
struct Line {
    #[command(subcommand)]
    senders: Senders,
}

/// What a command prints, and how it exits.
async fn run(api: &TestApi, line: &str) -> (String, Exit) {
    let words = ["senders"].into_iter().chain(line.split(' '));
    let Line { senders } = Line::try_parse_from(words).unwrap();
    let ports = AdminPorts {
        stores: api.stores.clone(),
        clock: api.clock.clone(),
        glossary: Glossary::new(|_| "the provider's words"),
        lease: api.state.delivery.lease(),
        home: Some(Home::new(&api.state.provider, &api.state.recipients)),
        heard_after: Duration::ZERO,
        checkup: None,
    };
    let done = senders.run(&ports).await.unwrap();
    api.state.outgoing.look().await.unwrap();
    done
}

async fn done(api: &TestApi, line: &str) -> String {
    let (text, exit) = run(api, line).await;
    assert_eq!(exit, Exit::Done, "{line}: {text}");
    text
}

async fn refused(api: &TestApi, line: &str) -> String {
    let (text, exit) = run(api, line).await;
    assert_eq!(exit, Exit::Failed, "{line}: {text}");
    text
}

fn is_refused(line: &str) -> bool {
    let words = ["senders"].into_iter().chain(line.split(' '));
    Line::try_parse_from(words).is_err()
}

async fn stored(api: &TestApi, address: &str) -> Option<Sender> {
    let registry = api.state.outgoing.registry().await.unwrap();
    registry.get(address).cloned()
}

async fn send(api: &TestApi, user: &TestUser, text: serde_json::Value) -> MessageId {
    let mut body = json!({"recipient": "+14155550123", "content": "hello"});
    let fields = text.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(fields);
    let answer = api.post("/messages", Some(user), &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["id"].as_str().unwrap().parse().unwrap()
}

async fn waiting(api: &TestApi, address: &str) -> u64 {
    let line = LineId::new(&api.state.provider.account, address);
    let class = Class::Transactional;
    let queue = QueueId { line, class };
    let read = api.stores.turns.queue(&queue).await;
    read.unwrap().0.waiting()
}

#[tokio::test]
async fn a_sender_is_added_with_all_that_is_said_of_it() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let line = "add 12345 --countries us,CA --rate 30 --daily-cap 5000 --owner john_doe \
                --inbound conversation --state draining \
                --quiet {\"windows\":[{\"from\":\"21:00\",\"to\":\"08:00\"}],\"time_zone\":\"UTC\"}";
    let text = done(&api, line).await;
    assert!(
        text.contains("12345: short_code, draining, 30 segments a second"),
        "{text}"
    );
    let sender = stored(&api, CODE).await.unwrap();
    let shown = serde_json::to_value(&sender).unwrap();
    let expected = json!({
        "address": "12345",
        "account": api.state.provider.account,
        "kind": "short_code",
        "countries": ["US", "CA"],
        "rate": 30.0,
        "cap": {"segments": 5000, "zone": "America/Los_Angeles"},
        "owner": john.id,
        "inbound": "conversation",
        "state": "draining",
        "quiet": {"windows": [{"from": "21:00", "to": "08:00"}], "time_zone": "UTC"},
    });
    assert_eq!(shown, expected);
    let line = "set 12345 --owner none --rate usual --quiet none --cap-zone Europe/Berlin \
                --countries all --state active";
    done(&api, line).await;
    let sender = stored(&api, CODE).await.unwrap();
    assert_eq!(
        (sender.owner, sender.rate, sender.quiet),
        (None, None, None)
    );
    let cap = sender.cap.unwrap();
    assert_eq!((cap.segments, cap.zone.name()), (5000, "Europe/Berlin"));
    assert!(sender.countries.is_empty(), "{:?}", sender.countries);
    done(&api, "set 12345 --daily-cap none").await;
    assert_eq!(stored(&api, CODE).await.unwrap().cap, None);
    let acts = api.stores.acts.acts(10).await.unwrap();
    let acts: Vec<_> = acts.iter().map(|act| act.command.as_str()).collect();
    assert_eq!(acts, ["senders set", "senders set", "senders add"]);
}

#[tokio::test]
async fn it_is_told_that_the_environments_sender_has_a_rate_from_then_on() {
    let api = TestApi::start().await;
    let text = done(&api, "add 12345").await;
    assert!(
        text.contains("From now on texts wait for their turn."),
        "{text}"
    );
    assert!(
        text.contains("+15005550006 has the rate of its kind now, long_code: 1 segments a second"),
        "{text}"
    );
    let text = done(&api, "set +15005550006 --rate 3").await;
    assert!(text.contains("3 segments a second"), "{text}");
    assert!(!text.contains("rate of its kind"), "{text}");
    let list = done(&api, "list").await;
    assert!(list.contains("+15005550006 (the environment's): long_code, active, 3 segments"));
    assert!(list.contains("12345: short_code, active, 100 segments a second, as usual"));
    done(&api, "drain 12345").await;
    let text = done(&api, "remove 12345").await;
    assert!(
        !text.contains("From now on"),
        "it has a rate of its own: {text}"
    );
    let text = done(&api, "set +15005550006 --rate usual").await;
    assert!(
        text.contains("From now on texts leave as they come"),
        "{text}"
    );
}

#[tokio::test]
async fn what_is_wrong_changes_nothing() {
    let api = TestApi::start().await;
    for line in [
        "add 12",
        "add 12345 --rate 0",
        "add 12345 --rate fast",
        "add 12345 --daily-cap 0",
        "add 12345 --cap-zone Mars",
        "add 12345 --countries XX",
        "add 12345 --kind pigeon",
        "add 12345 --state gone",
        "add 12345 --inbound me",
        "add 12345 --quiet at-night",
        "add 12345 --quiet {\"windows\":[{\"from\":\"9\",\"to\":\"10:00\"}]}",
    ] {
        assert!(is_refused(line), "{line}");
    }
    for (line, why) in [
        ("add 12345 --kind long_code", "looks like a short_code"),
        ("add 12345 --cap-zone UTC", "--daily-cap"),
        ("add 12345 --owner nobody", "no user nobody"),
        ("add +15005550006", "already"),
        ("set 12345 --rate 1", "no sender 12345"),
        ("drain 12345", "no sender 12345"),
        ("drain +15005550006 --to 12345", "no sender 12345"),
        ("remove 12345", "no sender 12345"),
        ("remove +15005550006", "the environment"),
        (
            "add 12345 --quiet {\"windows\":[{\"from\":\"21:00\",\"to\":\"08:00\"}]}",
            "time_zone",
        ),
    ] {
        let text = refused(&api, line).await;
        assert!(text.contains(why), "{line}: {text}");
    }
    assert_eq!(stored(&api, CODE).await, None);
    assert_eq!(api.stores.acts.acts(10).await.unwrap(), []);
}

#[tokio::test]
async fn one_with_waiting_texts_is_drained_before_it_is_removed() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    done(&api, "add 12345").await;
    done(&api, "add +14155552672 --rate 50").await;
    let first = send(&api, &john, json!({"from": CODE})).await;
    let later = json!({"from": CODE, "send_at": "2026-01-02T00:00:00Z"});
    let later = send(&api, &john, later).await;
    let claimed = send(&api, &john, json!({"from": CODE})).await;
    let mut worker = api.worker();
    worker.sender = CODE;
    let claim = new_claim(START);
    let ledger = &api.stores.ledger;
    let read = ledger.read(&[claimed]).await.unwrap();
    let won = ledger.claim_these(read, worker, claim).await;
    assert_eq!(won.unwrap().len(), 1);
    let text = refused(&api, "remove 12345").await;
    assert!(text.contains("drain"), "{text}");
    done(&api, "set 12345 --state draining").await;
    let text = refused(&api, "remove 12345").await;
    assert!(text.contains("Texts wait"), "{text}");

    let text = done(&api, "drain 12345 --to +14155552672").await;
    assert!(text.contains("2 texts were moved."), "{text}");
    assert!(text.contains("2 to +14155552672"), "{text}");
    let read = api.stores.ledger.read(&[first, later, claimed]).await;
    let mut messages = read.unwrap();
    messages.sort_by_key(|message| message.id);
    let senders: Vec<_> = messages.iter().map(|it| it.sender.as_deref()).collect();
    assert_eq!(senders, [Some(OTHER), Some(OTHER), Some(CODE)]);
    let turns: Vec<_> = messages[..2].iter().map(|it| it.turn.is_some()).collect();
    assert_eq!(turns, [true, false], "one that is not due gets it later");
    assert_eq!(waiting(&api, OTHER).await, 1);
    let path = format!("/messages/{}/{first}", john.hash);
    let shown = api.get(&path, &john).await.json();
    let last = shown["timeline"].as_array().unwrap().last().unwrap();
    assert_eq!(last["event"], "moved to another sender");
    let text = done(&api, "drain 12345").await;
    assert!(
        text.contains("0 texts were moved."),
        "it may be repeated: {text}"
    );
    let text = refused(&api, "remove 12345").await;
    assert!(text.contains("being sent from 12345"), "{text}");
    assert!(stored(&api, CODE).await.is_some());

    // The provider does not have it, so it waits for its sender once more.
    let not_sent = Settlement::NotSent(NotSent {
        not_before: START,
        entry: TimelineEntry::new(START, Event::NotSent),
    });
    let settled = ledger.settle(claimed, claim.token, not_sent, START).await;
    assert!(settled.unwrap());
    let text = refused(&api, "remove 12345").await;
    assert!(text.contains("Texts wait"), "{text}");
    let text = done(&api, "drain 12345").await;
    assert!(text.contains("1 texts were moved."), "{text}");
    done(&api, "remove 12345").await;
    assert_eq!(stored(&api, CODE).await, None);
}

#[tokio::test]
async fn what_has_nowhere_else_to_go_stays_and_is_told() {
    let api = TestApi::start().await;
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    done(&api, "add 12345").await;
    done(&api, "add 54321 --owner jane_doe").await;
    done(&api, "set +15005550006 --countries US").await;
    let german = json!({"from": CODE, "recipient": "+4915187654321"});
    let (johns, janes) = (
        send(&api, &john, german.clone()).await,
        send(&api, &jane, german).await,
    );
    let home = send(&api, &john, json!({"from": CODE})).await;
    let text = refused(&api, "drain 12345").await;
    assert!(text.contains("2 texts were moved."), "{text}");
    assert!(
        text.contains("1 to +15005550006") && text.contains("1 to 54321"),
        "{text}"
    );
    assert!(text.contains("1 texts stay where they are"), "{text}");
    let sender = async |id| {
        let read = api.stores.ledger.read(&[id]).await.unwrap();
        read[0].sender.clone().unwrap()
    };
    assert_eq!(sender(johns).await, CODE);
    assert_eq!(sender(janes).await, "54321");
    assert_eq!(sender(home).await, OWN);
    let refusal = json!({"recipient": "+14155550123", "content": "hello", "from": CODE});
    let refusal = api.post("/messages", Some(&john), &refusal).await;
    assert_eq!(refusal.problem(400), ["from"], "it takes no new texts");
}

#[tokio::test]
async fn a_sender_that_is_paused_is_tried_again_when_an_operator_says_so() {
    let api = TestApi::start().await;
    done(&api, &format!("add {CODE}")).await;
    let said = refused(&api, &format!("resume {CODE}")).await;
    assert!(said.contains("is not paused"), "{said}");
    refused(&api, "resume 54321").await;
    let account = &api.state.provider.account;
    let pauses = &api.state.stores.pauses;
    let pause = |sender| Pause {
        sender,
        code: "30023".to_owned(),
        reason: "Spent.".to_owned(),
        since: START,
        probe_at: START + Duration::from_hours(24),
        failures: 0,
        probing_until: None,
    };
    let others = SenderKey::of_carriers(account, OWN);
    for sender in [
        SenderKey::of_carriers(account, CODE),
        SenderKey::new(account, CODE, "credential"),
        others.clone(),
    ] {
        pauses.pause(pause(sender)).await.unwrap();
    }
    let said = done(&api, &format!("resume {CODE}")).await;
    assert!(said.contains("is tried again"), "{said}");
    let left = pauses.paused().await.unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].sender, others);
}

#[tokio::test]
async fn the_sender_of_the_sandbox_is_none_of_the_real_ones() {
    let api = TestApi::start().await;
    let said = refused(&api, &format!("add {SANDBOX_SENDER}")).await;
    assert!(said.contains("sandbox"), "{said}");
    assert!(stored(&api, SANDBOX_SENDER).await.is_none());
}
