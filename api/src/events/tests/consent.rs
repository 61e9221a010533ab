//! What those are told who look after what people want.

use std::time::Duration;

use mysms_core::domain::{Address, Consent, Right, Sender, Wish};
use serde_json::json;

use super::{Stream, pass_changes_on};
use crate::testing::TestApi;

const ANNA: &str = "+14155550123";
const OWN: &str = "+15005550007";
const SHARED: &str = "+15005550006";

#[tokio::test]
async fn whoever_looks_after_a_sender_is_told_what_people_want_of_it() {
    let api = TestApi::start().await;
    let _hub = pass_changes_on(&api);
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    let own = Sender {
        owner: Some(john.id),
        ..api.sender(OWN)
    };
    api.register(&[own]).await;
    api.grant(jane.id, Right::Consent, true).await;
    let mut johns = Stream::open(&api, &john).await;
    let mut janes = Stream::open(&api, &jane).await;
    johns.expect("ready").await;
    janes.expect("ready").await;
    // Another process noted it.
    let note = async |sender: &str, consent| {
        api.clock.advance(Duration::from_secs(1));
        let now = mysms_core::clock::Clock::now(&*api.clock);
        let wish = Wish {
            recipient: Address::of_author(ANNA),
            senders: vec![sender.to_owned()],
            consent,
            at: now,
        };
        api.stores.opt_outs.note(&wish, now).await.unwrap();
        for _ in 0..2 {
            api.state.opt_outs.look(now).await.unwrap();
        }
    };
    note(OWN, Consent::Withdrawn).await;
    let told = johns.expect("opt_out.changed").await;
    assert_eq!(told["number"], ANNA);
    assert_eq!(
        (&told["sender"], &told["state"]),
        (&json!(OWN), &json!("withdrawn"))
    );
    let before = johns.last.clone();
    note(SHARED, Consent::Maybe).await;
    let told = janes.expect("opt_out.changed").await;
    assert_eq!(
        (&told["sender"], &told["state"]),
        (&json!(SHARED), &json!("maybe"))
    );
    // Each is told once, and nothing of what they do not look after.
    note(OWN, Consent::Given).await;
    assert_eq!(johns.expect("opt_out.changed").await["state"], "given");
    assert_eq!(johns.last, before, "it is no place to go on from");
    note(SHARED, Consent::Withdrawn).await;
    assert_eq!(janes.expect("opt_out.changed").await["state"], "withdrawn");
}

#[tokio::test]
async fn too_much_to_be_told_one_by_one_is_told_once() {
    let api = TestApi::start().await;
    let _hub = pass_changes_on(&api);
    let jane = api.user("jane_doe").await;
    api.grant(jane.id, Right::Consent, true).await;
    let mut stream = Stream::open(&api, &jane).await;
    stream.expect("ready").await;
    api.clock.advance(Duration::from_secs(1));
    let look = async || {
        let now = mysms_core::clock::Clock::now(&*api.clock);
        api.state.opt_outs.look(now).await.unwrap();
    };
    let now = mysms_core::clock::Clock::now(&*api.clock);
    let wish = |number: u32| Wish {
        recipient: Address::of_author(&format!("+1415555{number:04}")),
        senders: vec![SHARED.to_owned()],
        consent: Consent::Withdrawn,
        at: now,
    };
    let wishes: Vec<_> = (0..1001).map(wish).collect();
    api.stores.opt_outs.note_all(&wishes, now).await.unwrap();
    api.clock.advance(Duration::from_secs(1));
    look().await;
    stream.expect("reset").await;
    api.clock.advance(Duration::from_secs(1));
    let later = mysms_core::clock::Clock::now(&*api.clock);
    let next = wish(5000);
    api.stores.opt_outs.note(&next, later).await.unwrap();
    look().await;
    assert_eq!(
        stream.expect("opt_out.changed").await["number"],
        "+14155555000"
    );
}
