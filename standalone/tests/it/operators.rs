//! What operators do by hand while the messenger runs.

use serde_json::{Value, json};
use twilio_sim::{Options, Settings};

use crate::harness::{Client, Judge, Messenger, Mode, eventually, http};
use crate::in_every_mode;

in_every_mode!(
    a_users_password_is_reset_and_their_tokens_end,
    a_users_sessions_are_ended,
    whoever_is_let_sees_what_belongs_to_nobody_and_takes_it,
    what_operators_did_is_recorded_and_what_they_were_told_is_not,
    a_user_is_deleted_with_all_messages,
    who_is_let_in_is_for_operators_to_say,
    a_message_is_shown_with_its_timeline,
    sending_stays_paused_until_an_operator_resumes_it,
    failed_texts_are_sent_again_as_new_ones_and_only_once,
);

const RETRY: [&str; 4] = ["retry", "--failed", "--since", "1h"];

async fn failed_texts_are_sent_again_as_new_ones_and_only_once(mode: Mode) {
    let program = match mode {
        Mode::Embedded => "mysms",
        Mode::Servers => "mysms-worker",
    };
    let trial = Settings {
        trial: true,
        ..Settings::default()
    };
    let judge = Judge::with(Options {
        settings: trial,
        ..Options::default()
    })
    .await;
    let messenger = Messenger::start(mode, &judge).await;
    let client = messenger.client("retried").await;
    let mut failed = Vec::new();
    for n in 0..3 {
        let id = client.send("+14155550100", &format!("again {n}")).await;
        client.wait_for(&id, "failed").await;
        failed.push(id);
    }
    let deleted = failed.pop().unwrap();
    let path = format!("/messages/{}/{deleted}", client.hash);
    let answer = client.request(reqwest::Method::DELETE, &path, None).await;
    assert!(answer.status().is_success());
    judge.set(json!({"trial": false})).await;

    let asked = messenger.operate(program, &RETRY, "n\n").await;
    assert_eq!(asked.code, Some(1), "{asked:?}");
    assert!(
        asked.said.contains("2 messages will be sent again."),
        "{asked:?}"
    );
    assert_eq!(client.history().await.len(), 2, "nothing was done");

    let done = messenger.operate(program, &RETRY, "y\n").await;
    assert_eq!(done.code, Some(0), "{done:?}");
    let history = client.history().await;
    assert_eq!(history.len(), 4);
    for (old, retry) in failed.iter().zip(&history[2..]) {
        assert_eq!(retry["retry_of"], Value::from(old.as_str()));
        let retry = client
            .wait_for(retry["id"].as_str().unwrap(), "delivered")
            .await;
        let old = client.message(old).await;
        assert_eq!(old["status"], "failed", "a terminal status stays");
        assert_eq!(old["retry_of"], Value::Null);
        assert_eq!(old["content"], retry["content"]);
    }

    let scripted = [&RETRY[..], &["--yes"]].concat();
    let again = messenger.operate(program, &scripted, "").await;
    assert_eq!(again.code, Some(0), "{again:?}");
    assert!(
        again.said.contains("0 messages will be sent again.")
            && again.said.contains("2 that were retried before"),
        "{again:?}"
    );
    assert_eq!(client.history().await.len(), 4);
    let sent = ["again 0", "again 1"].map(str::to_owned);
    judge.assert_each_once(&sent).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_dead_jobs_are_listed_and_replayed() {
    let judge = Judge::start().await;
    let messenger = Messenger::start(Mode::Servers, &judge).await;
    let listed = messenger
        .operate("mysms-worker", &["dead", "list"], "")
        .await;
    assert_eq!(listed.code, Some(0), "{listed:?}");
    assert!(listed.said.contains("0 dead jobs"), "{listed:?}");
    let replayed = messenger
        .operate("mysms-worker", &["dead", "replay"], "")
        .await;
    assert_eq!(replayed.code, Some(0), "{replayed:?}");
    assert!(
        replayed.said.contains("0 jobs are back in the queue"),
        "{replayed:?}"
    );
}

async fn a_message_is_shown_with_its_timeline(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start(mode, &judge).await;
    let client = messenger.client("shown").await;
    let id = client.send("+14155550123", "nobody's business").await;
    client.wait_for(&id, "delivered").await;

    let shown = messenger.operate_admin(mode, &["show", &id]).await;
    assert_eq!(shown.code, Some(0), "{shown:?}");
    for part in [&id, "shown", "delivered", "…23", "timeline", "SM"] {
        assert!(shown.said.contains(part), "{part}: {shown:?}");
    }
    assert!(!shown.said.contains("nobody's business"), "{shown:?}");
    assert!(!shown.said.contains("4155550123"), "{shown:?}");
    // The provider's console knows it by this name.
    let message = client.message(&id).await;
    let sid = message["provider_sid"].as_str().unwrap();
    let by_sid = messenger.operate_admin(mode, &["show", sid]).await;
    assert_eq!(by_sid.code, Some(0), "{by_sid:?}");
    assert!(by_sid.said.contains(&id), "{by_sid:?}");
    let revealed = messenger
        .operate_admin(mode, &["show", "--reveal", &id])
        .await;
    assert!(revealed.said.contains("nobody's business"), "{revealed:?}");
    assert!(revealed.said.contains("+14155550123"), "{revealed:?}");

    let unknown = uuid::Uuid::nil().to_string();
    let none = messenger.operate_admin(mode, &["show", &unknown]).await;
    assert_eq!(none.code, Some(1), "{none:?}");
    let nonsense = messenger
        .operate_admin(mode, &["show", "what is it?"])
        .await;
    assert_eq!(nonsense.code, Some(2), "{nonsense:?}");
}

async fn sending_stays_paused_until_an_operator_resumes_it(mode: Mode) {
    let judge = Judge::start().await;
    let mut messenger = Messenger::start(mode, &judge).await;
    let client = messenger.client("patient").await;
    let reason = ["pause", "--reason", "maintenance"];
    let paused = messenger.operate_admin(mode, &reason).await;
    assert_eq!(paused.code, Some(0), "{paused:?}");
    // Who has just been started knows of it at once, the others a moment later.
    messenger.kill();
    messenger.restart().await;
    for n in 0..3 {
        client.send("+14155550100", &format!("wait {n}")).await;
    }
    eventually("they are due for a while", || async {
        let status = messenger.operate_admin(mode, &["status"]).await.said;
        let due = status.lines().find(|line| line.contains("send "));
        let due = due.and_then(|line| line.split("due for ").nth(1)?.strip_suffix(" s"));
        due.is_some_and(|seconds| seconds.parse::<u32>().unwrap() >= 2)
    })
    .await;
    let status = messenger.operate_admin(mode, &["status"]).await;
    for part in ["        3  oldest due", "paused senders 1", "maintenance"] {
        assert!(status.said.contains(part), "{part}: {status:?}");
    }
    messenger.kill();
    messenger.restart().await;
    client.send("+14155550100", "wait 3").await;
    assert_eq!(judge.accepted().await.len(), 0, "something was sent");

    let resumed = messenger.operate_admin(mode, &["resume"]).await;
    assert_eq!(resumed.code, Some(0), "{resumed:?}");
    assert!(resumed.said.contains("Sending goes on."), "{resumed:?}");
    client.wait_for_all_delivered(4).await;
    let bodies: Vec<_> = (0..4).map(|n| format!("wait {n}")).collect();
    judge.assert_each_once(&bodies).await;
    let again = messenger.operate_admin(mode, &["resume"]).await;
    assert_eq!(again.code, Some(0), "{again:?}");
}

/// A login's status.
async fn log_in(messenger: &Messenger, name: &str, password: &str) -> u16 {
    let credentials = json!({"username": name, "password": password});
    status_of(messenger, "/login", credentials).await
}

async fn status_of(messenger: &Messenger, path: &str, body: Value) -> u16 {
    let call = http().post(format!("{}{path}", messenger.base)).json(&body);
    call.send().await.unwrap().status().as_u16()
}

/// Waits until a token is good for nothing.
async fn ends(client: &Client) {
    eventually("the token has ended", || async {
        let me = client.request(reqwest::Method::GET, "/me", None).await;
        me.status() == 401
    })
    .await;
}

async fn a_users_password_is_reset_and_their_tokens_end(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start(mode, &judge).await;
    let client = messenger.client("forgetful").await;
    let program = match mode {
        Mode::Embedded => "mysms",
        Mode::Servers => "mysms-api",
    };
    let reset = ["admin", "reset-password", "Forgetful"];
    let short = messenger.operate(program, &reset, "short\n").await;
    assert_eq!(short.code, Some(1), "{short:?}");
    assert_eq!(log_in(&messenger, "forgetful", "password123").await, 200);

    let done = messenger.operate(program, &reset, "new password\n").await;
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(!done.said.contains("new password\n"), "{done:?}");
    assert_eq!(log_in(&messenger, "forgetful", "password123").await, 401);
    assert_eq!(log_in(&messenger, "forgetful", "new password").await, 200);
    ends(&client).await;

    let made_up = messenger
        .operate_admin(mode, &["reset-password", "--generate", "forgetful"])
        .await;
    assert_eq!(made_up.code, Some(0), "{made_up:?}");
    let password = made_up.said.lines().find(|line| line.len() == 32).unwrap();
    assert_eq!(log_in(&messenger, "forgetful", password).await, 200);
    let nobody = messenger
        .operate_admin(mode, &["reset-password", "--generate", "nobody"])
        .await;
    assert_eq!(nobody.code, Some(1), "{nobody:?}");
}

async fn a_users_sessions_are_ended(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start(mode, &judge).await;
    let client = messenger.client("everywhere").await;
    let other = messenger.client("elsewhere").await;
    let done = messenger
        .operate_admin(mode, &["end-sessions", "Everywhere"])
        .await;
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(done.said.contains("everywhere"), "{done:?}");
    ends(&client).await;
    assert_eq!(other.history().await.len(), 0, "it is good");
    assert_eq!(log_in(&messenger, "everywhere", "password123").await, 200);
    let nobody = messenger
        .operate_admin(mode, &["end-sessions", "nobody"])
        .await;
    assert_eq!(nobody.code, Some(1), "{nobody:?}");
}

async fn whoever_is_let_sees_what_belongs_to_nobody_and_takes_it(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start(mode, &judge).await;
    let client = messenger.client("front_desk").await;
    judge.write("384387", "Your parcel is here").await;
    let listed = messenger.operate_admin(mode, &["inbox", "list"]).await;
    assert!(!listed.said.contains("seen by"), "{listed:?}");
    let path = "/inbox/unassigned";
    let closed = client.request(reqwest::Method::GET, path, None).await;
    assert_eq!(closed.status(), 403);

    let granted = ["inbox", "grant", "Front_Desk"];
    let granted = messenger.operate_admin(mode, &granted).await;
    assert_eq!(granted.code, Some(0), "{granted:?}");
    let unassigned = || async {
        let answer = client.request(reqwest::Method::GET, path, None).await;
        let list: Value = answer.json().await.unwrap();
        list.as_array().cloned().unwrap_or_default()
    };
    eventually("it is seen", || async { unassigned().await.len() == 1 }).await;
    let text = unassigned().await.remove(0);
    assert_eq!(text["counterpart"], "384387");
    let listed = messenger.operate_admin(mode, &["inbox", "list"]).await;
    for part in ["unassigned       1", "seen by          front_desk"] {
        assert!(listed.said.contains(part), "{part}: {listed:?}");
    }

    let claim = format!("{path}/{}/claim", text["id"].as_str().unwrap());
    for _ in 0..2 {
        let claimed = client.request(reqwest::Method::POST, &claim, None).await;
        assert_eq!(claimed.status(), 200);
    }
    assert_eq!(unassigned().await.len(), 0);
    let revoked = messenger
        .operate_admin(mode, &["inbox", "revoke", "front_desk"])
        .await;
    assert_eq!(revoked.code, Some(0), "{revoked:?}");
    eventually("it is closed", || async {
        let answer = client.request(reqwest::Method::GET, path, None).await;
        answer.status() == 403
    })
    .await;
    let nobody = messenger
        .operate_admin(mode, &["inbox", "grant", "nobody"])
        .await;
    assert_eq!(nobody.code, Some(1), "{nobody:?}");
    let acts = messenger.operate_admin(mode, &["acts"]).await;
    assert!(acts.said.contains("inbox grant"), "{acts:?}");
}

async fn what_operators_did_is_recorded_and_what_they_were_told_is_not(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start(mode, &judge).await;
    let client = messenger.client("looked_after").await;
    let id = client.send("+14155550123", "for one pair of eyes").await;
    let nothing = messenger.operate_admin(mode, &["acts"]).await;
    assert!(nothing.said.contains("Nothing is recorded"), "{nothing:?}");
    for command in [
        &["show", &id][..],
        &["show", "--reveal", &id],
        &["pause", "--reason", "a secret reason"],
        &["resume"],
        &["end-sessions", "looked_after"],
        &["end-sessions", "nobody"],
        &["delete-user", "--yes", "looked_after"],
    ] {
        messenger.operate_admin(mode, command).await;
    }
    let acts = messenger.operate_admin(mode, &["acts"]).await;
    // What is logged is in it as well.
    let printed = |line: &&str| !line.contains(" INFO ");
    let lines: Vec<_> = acts.said.lines().filter(printed).collect();
    let commands = [
        "delete-user",
        "end-sessions",
        "resume",
        "pause",
        "show --reveal",
    ];
    assert_eq!(lines.len(), commands.len(), "{acts:?}");
    for (line, command) in lines.iter().zip(commands) {
        assert!(line.contains(command), "{command}: {acts:?}");
    }
    assert!(lines[4].ends_with(&id), "{acts:?}");
    for word in ["looked_after", "secret", "eyes", "4155"] {
        assert!(!acts.said.contains(word), "{word}: {acts:?}");
    }
    let latest = messenger
        .operate_admin(mode, &["acts", "--limit", "1"])
        .await;
    assert!(
        latest.said.contains(lines[0]) && !latest.said.contains(lines[1]),
        "{latest:?}"
    );
}

async fn sign_up(messenger: &Messenger, name: &str, invite: Option<&str>) -> u16 {
    let body = json!({"username": name, "password": "password123", "invite": invite});
    status_of(messenger, "/signup", body).await
}

async fn who_is_let_in_is_for_operators_to_say(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start_with(mode, &judge, &[("SIGNUP", "closed")]).await;
    assert_eq!(sign_up(&messenger, "stranger", None).await, 403);
    let invite = async || {
        let note = ["invite", "--note", "for\nAnna", "--days", "2"];
        let given = messenger.operate_admin(mode, &note).await;
        assert_eq!(given.code, Some(0), "{given:?}");
        let code = given.said.lines().find(|line| line.len() == 32).unwrap();
        code.to_owned()
    };
    let (first, second) = (invite().await, invite().await);
    assert_eq!(sign_up(&messenger, "anna", Some(&first)).await, 201);
    assert_eq!(sign_up(&messenger, "bert", Some(&first)).await, 403);
    let listed = messenger.operate_admin(mode, &["invites"]).await.said;
    for part in ["2 invites", "used by anna", "open until", r"for\nAnna"] {
        assert!(listed.contains(part), "{part}: {listed}");
    }
    assert!(!listed.contains(&first) && !listed.contains(&second));
    let open = listed.lines().find(|line| line.contains("open until"));
    let name = open.unwrap().split(' ').next().unwrap();
    let revoke = ["revoke-invite", name];
    let done = messenger.operate_admin(mode, &revoke).await;
    assert_eq!(done.code, Some(0), "{done:?}");
    let again = messenger.operate_admin(mode, &revoke).await;
    assert_eq!(again.code, Some(1), "{again:?}");
    assert_eq!(sign_up(&messenger, "bert", Some(&second)).await, 403);

    let create = ["create-user", "--generate", "Carl"];
    let created = messenger.operate_admin(mode, &create).await;
    assert_eq!(created.code, Some(0), "{created:?}");
    let password = created.said.lines().find(|line| line.len() == 32).unwrap();
    assert_eq!(log_in(&messenger, "carl", password).await, 200);
    let again = messenger.operate_admin(mode, &create).await;
    assert_eq!(again.code, Some(1), "{again:?}");
    let program = match mode {
        Mode::Embedded => "mysms",
        Mode::Servers => "mysms-api",
    };
    let create = ["admin", "create-user", "dora"];
    let short = messenger.operate(program, &create, "short\n").await;
    assert_eq!(short.code, Some(1), "{short:?}");
    let created = messenger.operate(program, &create, "password456\n").await;
    assert_eq!(created.code, Some(0), "{created:?}");
    assert_eq!(log_in(&messenger, "dora", "password456").await, 200);
}

async fn a_user_is_deleted_with_all_messages(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start(mode, &judge).await;
    let client = messenger.client("leaving").await;
    let id = client.send("+14155550100", "my last").await;
    client.wait_for(&id, "delivered").await;
    let delete = ["delete-user", "leaving"];
    let declined = messenger.operate_admin(mode, &delete).await;
    assert_eq!(declined.code, Some(1), "{declined:?}");
    assert_eq!(client.history().await.len(), 1);

    let done = messenger
        .operate_admin(mode, &[&delete[..], &["--yes"]].concat())
        .await;
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(done.said.contains("with 1 messages"), "{done:?}");
    ends(&client).await;
    assert_eq!(log_in(&messenger, "leaving", "password123").await, 401);
    let shown = messenger.operate_admin(mode, &["show", &id]).await;
    assert!(shown.said.contains("deleted at"), "{shown:?}");
    // The name is free again, and the new user has nothing of the old one's.
    let successor = messenger.client("leaving").await;
    assert_eq!(successor.history().await.len(), 0);
}
