//! The texts that are sent, and what was said of each when it was accepted.

use std::time::Duration;

use anyhow::Context as _;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use lab::Account;
use mongodb::bson::DateTime;
use reqwest::{Method, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::time::{Instant, sleep};

/// Texts of one request, as many as the API takes.
const BATCH: usize = 1000;

/// Requests of one user at once, as many as the API takes.
const AT_ONCE: usize = 2;

/// How long a text that the messenger is too busy for is tried again.
const PATIENCE: Duration = Duration::from_mins(1);

const PAUSE: Duration = Duration::from_millis(200);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Class {
    Otp,
    Transactional,
    Bulk,
}

/// A text for a recipient who gets no other.
#[derive(Debug, Clone)]
pub(super) struct Text {
    pub(super) to: String,
    /// The sender's address.
    pub(super) from: &'static str,
    pub(super) class: Class,
    pub(super) segments: u32,
}

/// A text that was accepted. Times are in milliseconds since 1970.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) text: Text,
    /// When the request was made.
    pub(super) asked_at: i64,
    /// When it probably leaves, as the answer tells, and when at the latest.
    pub(super) expected_at: i64,
    pub(super) expected_by: i64,
}

/// The answer to a text that was accepted, as far as it is read here.
#[derive(Deserialize)]
struct Accepted {
    expected_at: String,
    expected_by: String,
}

#[derive(Deserialize)]
struct BatchAnswer {
    results: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    accepted: Option<Accepted>,
    problem: Option<serde_json::Value>,
}

impl Class {
    pub(super) const ALL: [Self; 3] = [Self::Otp, Self::Transactional, Self::Bulk];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Otp => "otp",
            Self::Transactional => "transactional",
            Self::Bulk => "bulk",
        }
    }
}

impl Text {
    fn request(&self) -> serde_json::Value {
        json!({
            "recipient": self.to, "content": body(self.segments),
            "from": self.from, "class": self.class,
        })
    }

    fn sent(self, asked_at: i64, accepted: &Accepted) -> anyhow::Result<Sent> {
        Ok(Sent {
            text: self,
            asked_at,
            expected_at: millis(&accepted.expected_at)?,
            expected_by: millis(&accepted.expected_by)?,
        })
    }
}

/// A body that takes so many segments.
fn body(segments: u32) -> String {
    // Beyond one, each takes 153 characters.
    let length = segments.saturating_sub(1) * 153 + 100;
    std::iter::repeat_n('x', length as usize).collect()
}

fn millis(time: &str) -> anyhow::Result<i64> {
    Ok(DateTime::parse_rfc3339_str(time)?.timestamp_millis())
}

/// The time by which the provider's book is written, because it is of this machine.
pub(super) fn now() -> i64 {
    DateTime::now().timestamp_millis()
}

/// Sends one text.
pub(super) async fn send(account: &Account, api: &str, text: Text) -> anyhow::Result<Sent> {
    let asked_at = now();
    let answer = post(account, api, "/messages", &text.request()).await?;
    let accepted: Accepted = answer.json().await?;
    text.sent(asked_at, &accepted)
}

/// Sends many at once.
pub(super) async fn send_all(
    account: &Account,
    api: &str,
    texts: &[Text],
) -> anyhow::Result<Vec<Sent>> {
    let batches = stream::iter(texts.chunks(BATCH)).map(|batch| send_batch(account, api, batch));
    let sent: Vec<Vec<Sent>> = batches.buffered(AT_ONCE).try_collect().await?;
    Ok(sent.concat())
}

async fn send_batch(account: &Account, api: &str, batch: &[Text]) -> anyhow::Result<Vec<Sent>> {
    let messages: Vec<_> = batch.iter().map(Text::request).collect();
    let asked_at = now();
    let request = json!({ "messages": messages });
    let answer = post(account, api, "/messages/batch", &request).await?;
    let BatchAnswer { results } = answer.json().await?;
    anyhow::ensure!(results.len() == batch.len(), "an answer to each text");
    let texts = batch.iter().cloned().zip(results);
    let sent = texts.map(|(text, item)| {
        let Some(accepted) = item.accepted else {
            anyhow::bail!("a text was refused: {:?}", item.problem);
        };
        text.sent(asked_at, &accepted)
    });
    sent.collect()
}

/// Asks until the messenger is not too busy to answer.
async fn post(
    account: &Account,
    api: &str,
    path: &str,
    body: &serde_json::Value,
) -> anyhow::Result<Response> {
    let until = Instant::now() + PATIENCE;
    loop {
        let request = account.request(Method::POST, api, path).json(body);
        let answer = request.send().await?;
        if !answer.status().is_server_error() {
            let refused = answer.error_for_status_ref().err();
            let Some(error) = refused else {
                return Ok(answer);
            };
            let why = answer.text().await?;
            return Err(error).with_context(|| why);
        }
        let in_time = Instant::now() < until;
        anyhow::ensure!(in_time, "nobody accepts a text: {}", answer.status());
        sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_takes_as_many_segments_as_it_should() {
        let lengths: Vec<_> = (1..=6).map(|segments| body(segments).len()).collect();
        assert!(lengths[0] <= 160);
        for (segments, length) in (2..).zip(&lengths[1..]) {
            assert_eq!(length.div_ceil(153), segments);
        }
    }
}
