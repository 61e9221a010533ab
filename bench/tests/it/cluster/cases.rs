use bench::messenger::InboundText;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use mongodb::bson::DateTime;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::stage::{Answers, Scene, Setting, Stage};

/// What happens to a primary, and what is tried meanwhile.
pub(super) struct Act {
    pub(super) trouble: for<'a> fn(&'a Stage) -> BoxFuture<'a, anyhow::Result<()>>,
    pub(super) cases: &'static [Case],
}

/// What is asked for, and of whom.
pub(super) struct Case {
    pub(super) name: &'static str,
    /// What its APIs are told beside their addresses. The first one is asked last.
    pub(super) apis: &'static [Setting],
    pub(super) play: for<'a> fn(&'a Scene) -> BoxFuture<'a, anyhow::Result<Answers>>,
}

const NOTHING: Setting = &[];
const ONE_A_MINUTE: Setting = &[("SENDS_PER_MINUTE", "1")];
const BUDGET: Setting = &[("SEGMENTS_PER_DAY", "100")];

pub(super) const ACTS: &[Act] = &[
    Act {
        trouble: |stage| stage.cut_the_primary_off().boxed(),
        cases: &[
            Case {
                name: "replay_scheduled",
                apis: &[NOTHING],
                play: |scene| replay_scheduled(scene).boxed(),
            },
            Case {
                name: "replay_pace",
                apis: &[ONE_A_MINUTE],
                play: |scene| replay_pace(scene).boxed(),
            },
            Case {
                name: "replay_budget",
                apis: &[BUDGET, NOTHING],
                play: |scene| replay_budget(scene).boxed(),
            },
            Case {
                name: "inbound",
                apis: &[NOTHING],
                play: |scene| inbound(scene).boxed(),
            },
            Case {
                name: "logout",
                apis: &[NOTHING],
                play: |scene| logout(scene).boxed(),
            },
            Case {
                name: "history",
                apis: &[NOTHING],
                play: |scene| history(scene).boxed(),
            },
        ],
    },
    // A primary whose secondaries are dead is as much alone as one that is cut off.
    Act {
        trouble: |stage| stage.kill_the_secondaries().boxed(),
        cases: &[
            Case {
                name: "killed_secondaries",
                apis: &[ONE_A_MINUTE],
                play: |scene| replay_pace(scene).boxed(),
            },
            Case {
                name: "killed_secondaries_budget",
                apis: &[BUDGET, NOTHING],
                play: |scene| replay_budget(scene).boxed(),
            },
        ],
    },
];

/// How often something is asked again that is answered 503 each time.
const REPEATS: usize = 3;

/// When the repeat comes, the time at which the text was to be sent has passed.
async fn replay_scheduled(scene: &Scene) -> anyhow::Result<Answers> {
    let at = DateTime::from_millis(DateTime::now().timestamp_millis() + 3_000);
    let text = json!({
        "recipient": "+14155550123", "content": "later", "send_at": at.try_to_rfc3339_string()?,
    });
    let mut answers = Answers::default();
    store_in_doubt(scene, scene.first(), &text, &mut answers).await?;
    for _ in 0..REPEATS {
        if send(scene, scene.first(), &text, &mut answers).await? != StatusCode::SERVICE_UNAVAILABLE
        {
            break;
        }
    }
    Ok(answers)
}

/// The repeat comes too fast.
async fn replay_pace(scene: &Scene) -> anyhow::Result<Answers> {
    let mut answers = Answers::default();
    store_in_doubt(scene, scene.first(), &text(), &mut answers).await?;
    send(scene, scene.first(), &text(), &mut answers).await?;
    Ok(answers)
}

/// The repeat cannot be counted.
async fn replay_budget(scene: &Scene) -> anyhow::Result<Answers> {
    let mut answers = Answers::default();
    store_in_doubt(scene, scene.second(), &text(), &mut answers).await?;
    send(scene, scene.first(), &text(), &mut answers).await?;
    Ok(answers)
}

/// The provider tells again what was not taken, until it is.
async fn inbound(scene: &Scene) -> anyhow::Result<Answers> {
    let text = InboundText {
        sid: "SM0123456789abcdef0123456789abcdef".to_owned(),
        from: "+14155550123".to_owned(),
        body: "Thanks!".to_owned(),
    };
    let mut answers = Answers::default();
    for _ in 0..REPEATS {
        let status = scene.tell(&text).await?;
        answers.statuses.push(status);
        if status.is_success() {
            answers.received.push(text.sid);
            break;
        }
    }
    Ok(answers)
}

/// A token that is refused has ended, be it said by the logout or by what comes after it.
async fn logout(scene: &Scene) -> anyhow::Result<Answers> {
    let mut answers = Answers::default();
    for _ in 0..REPEATS {
        let request = scene
            .account
            .request(Method::POST, scene.first(), "/logout");
        let status = request.send().await?.status();
        answers.statuses.push(status);
        if status.is_success() || status == StatusCode::UNAUTHORIZED {
            answers.ended = true;
            break;
        }
    }
    Ok(answers)
}

/// What a history shows has been accepted.
async fn history(scene: &Scene) -> anyhow::Result<Answers> {
    let mut answers = Answers::default();
    store_in_doubt(scene, scene.first(), &text(), &mut answers).await?;
    let request = scene
        .account
        .request(Method::GET, scene.first(), "/messages");
    let answer = request.send().await?;
    answers.statuses.push(answer.status());
    if answer.status().is_success() {
        let shown: Vec<Value> = answer.json().await?;
        let ids = shown.iter().filter_map(|text| text["id"].as_str());
        answers.texts.extend(ids.map(str::to_owned));
    }
    Ok(answers)
}

fn text() -> Value {
    json!({"recipient": "+14155550123", "content": "Hello"})
}

/// Sends a text whose answer must be that nobody knows.
async fn store_in_doubt(
    scene: &Scene,
    base: &str,
    text: &Value,
    answers: &mut Answers,
) -> anyhow::Result<()> {
    let status = send(scene, base, text, answers).await?;
    let unclear = status == StatusCode::SERVICE_UNAVAILABLE;
    anyhow::ensure!(unclear, "a primary that is alone answered {status}");
    Ok(())
}

/// Sends a text, always with the same key.
async fn send(
    scene: &Scene,
    base: &str,
    text: &Value,
    answers: &mut Answers,
) -> anyhow::Result<StatusCode> {
    let request = scene.account.request(Method::POST, base, "/messages");
    let request = request.header("Idempotency-Key", "the-key").json(text);
    let answer = request.send().await?;
    let status = answer.status();
    answers.note_text(status, &answer.json().await?);
    Ok(status)
}
