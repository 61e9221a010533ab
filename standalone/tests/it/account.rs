//! Operators look whether the account at the provider is set up so that no text is lost.

use serde_json::json;
use twilio_sim::{Options, TEST_SENDER, Terms};

use crate::harness::{Ended, Judge, Messenger, Mode, eventually};

crate::in_every_mode!(
    what_would_lose_texts_is_found_and_mended,
    what_others_use_is_changed_only_by_whoever_has_seen_that,
    whatever_is_wrong_with_the_account_is_said,
    every_page_of_what_the_account_has_is_read,
);

const ANNA: &str = "+14155550100";

/// Behind the first one on every page of lists.
const OTHER: &str = "+15005550010";
const OTHER_SERVICE: &str = "MG00000000000000000000000000000009";
const CODE: &str = "12345";

async fn check(messenger: &Messenger, mode: Mode) -> Ended {
    let arguments = ["twilio", "check"];
    messenger.operate_admin(mode, &arguments).await
}

async fn fix(messenger: &Messenger, mode: Mode, typed: &'static str) -> Ended {
    let arguments = ["admin", "twilio", "check", "--fix"];
    let program = match mode {
        Mode::Embedded => "mysms",
        Mode::Servers => "mysms-api",
    };
    messenger.operate(program, &arguments, typed).await
}

async fn what_would_lose_texts_is_found_and_mended(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start(mode, &judge).await;
    let client = messenger.client("john_doe").await;
    let sent = client.send(ANNA, "hello").await;
    client.wait_for(&sent, "delivered").await;
    let well = check(&messenger, mode).await;
    assert_eq!(well.code, Some(0), "{well:?}");
    assert!(
        well.said.contains("What is written to it comes to us"),
        "{well:?}"
    );

    judge.set(json!({"inbound_url": ""})).await;
    let lost = check(&messenger, mode).await;
    assert_eq!(lost.code, Some(1), "{lost:?}");
    assert!(lost.said.contains("no address is set for it"), "{lost:?}");
    assert!(lost.said.contains("--fix"), "{lost:?}");

    let left = fix(&messenger, mode, "n\n").await;
    assert_eq!(left.code, Some(1), "{left:?}");
    assert!(left.said.contains("Nothing was changed"), "{left:?}");
    let mended = fix(&messenger, mode, "y\n").await;
    assert_eq!(mended.code, Some(0), "{mended:?}");
    judge.write(ANNA, "is anybody there?").await;
    eventually("the answer comes to us", || async {
        let history = client.export("/conversations", "application/json").await;
        history.contains("is anybody there?")
    })
    .await;
    let acts = messenger.operate_admin(mode, &["acts"]).await;
    assert!(acts.said.contains("twilio fix"), "{acts:?}");
}

async fn what_others_use_is_changed_only_by_whoever_has_seen_that(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start(mode, &judge).await;
    let others = "https://crm.example.com/inbound?token=secret";
    judge.set(json!({ "inbound_url": others })).await;
    let found = check(&messenger, mode).await;
    assert_eq!(found.code, Some(1), "{found:?}");
    assert!(
        found
            .said
            .contains("goes to https://crm.example.com/inbound, not to us"),
        "{found:?}"
    );
    assert!(!found.said.contains("secret"), "{found:?}");
    // Nobody is there to answer.
    let asked = fix(&messenger, mode, "").await;
    assert_eq!(asked.code, Some(1), "{asked:?}");
    assert!(asked.said.contains("used by something else"), "{asked:?}");
    assert_eq!(judge.settings().await["inbound_url"], others);
}

async fn whatever_is_wrong_with_the_account_is_said(mode: Mode) {
    let judge = Judge::start().await;
    let settings = [("RECIPIENT_COUNTRIES", "US,DE")];
    let messenger = Messenger::start_with(mode, &judge, &settings).await;
    for (setup, said, code) in [
        (json!({}), "0 broken, 0 unwise, 0 unknown", 0),
        (
            json!({"status": "suspended"}),
            "The account is suspended",
            1,
        ),
        (json!({"type": "Trial"}), "trial account", 0),
        (json!({"sms_method": "GET"}), "asked for with GET", 1),
        (
            json!({"countries": ["US"]}),
            "RECIPIENT_COUNTRIES allows DE",
            1,
        ),
        (
            json!({"service": {"use_inbound_webhook_on_number": false}}),
            "by its service",
            1,
        ),
        (
            json!({"service": {"campaign": null}}),
            "No campaign is registered",
            1,
        ),
        (json!({"service": {"campaign": "PENDING"}}), "is PENDING", 1),
        (
            json!({"refused": ["numbers", "services", "countries", "account"]}),
            "It cannot be seen",
            0,
        ),
    ] {
        judge.set_up(setup.clone()).await;
        let found = check(&messenger, mode).await;
        assert!(found.said.contains(said), "{setup}: {found:?}");
        assert_eq!(found.code, Some(code), "{setup}: {found:?}");
    }
    judge.set_up(json!({})).await;
    judge
        .script(json!({"fault": {"kind": "list_refused", "status": 403}}))
        .await;
    let found = check(&messenger, mode).await;
    assert!(
        found.said.contains("unknown outcomes cannot be settled"),
        "{found:?}"
    );
    judge.mend().await;
    for (sender, said, code) in [
        ("+18005550100", "The account does not have it", 1),
        ("12345", "The account does not have it", 1),
        ("Shop", "Nobody can answer a name", 0),
    ] {
        let added = messenger
            .operate_admin(mode, &["senders", "add", sender])
            .await;
        assert_eq!(added.code, Some(0), "{added:?}");
        let found = check(&messenger, mode).await;
        assert!(found.said.contains(said), "{sender}: {found:?}");
        assert_eq!(found.code, Some(code), "{sender}: {found:?}");
        for act in ["drain", "remove"] {
            messenger
                .operate_admin(mode, &["senders", act, sender])
                .await;
        }
    }
}

async fn every_page_of_what_the_account_has_is_read(mode: Mode) {
    let senders = [TEST_SENDER, OTHER, "123456", CODE].map(str::to_owned);
    let by_code = Terms {
        number: Some(CODE.to_owned()),
        ..Terms::default()
    };
    let judge = Judge::with(Options {
        senders: senders.into(),
        terms: [(OTHER_SERVICE.to_owned(), by_code)].into(),
        ..Options::default()
    });
    let judge = judge.await;
    let messenger = Messenger::start(mode, &judge).await;
    let add = async |sender| {
        let arguments = ["senders", "add", sender];
        let added = messenger.operate_admin(mode, &arguments).await;
        assert_eq!(added.code, Some(0), "{added:?}");
    };
    judge.set_up(json!({"largest_page": 1})).await;
    for sender in [OTHER_SERVICE, CODE] {
        add(sender).await;
    }
    let well = check(&messenger, mode).await;
    assert_eq!(well.code, Some(0), "{well:?}");
    // It has no number, but a short code.
    let by_code = format!("sender {OTHER_SERVICE}, short code {CODE}");
    assert!(well.said.contains(&by_code), "{well:?}");

    add(OTHER).await;
    let by_service = json!({"numbers": [OTHER], "use_inbound_webhook_on_number": false});
    let setup = json!({"largest_page": 1, "service": by_service});
    judge.set_up(setup).await;
    let lost = check(&messenger, mode).await;
    assert_eq!(lost.code, Some(1), "{lost:?}");
    let about = format!("sender {OTHER}, by its service");
    assert!(lost.said.contains(&about), "{lost:?}");

    // Twilio lists all in which it occurs.
    judge.set_up(json!({"largest_page": 1})).await;
    add("23456").await;
    let foreign = check(&messenger, mode).await;
    assert_eq!(foreign.code, Some(1), "{foreign:?}");
    assert!(foreign.said.contains("1 broken"), "{foreign:?}");
    assert!(
        foreign.said.contains("The account does not have it"),
        "{foreign:?}"
    );
}
