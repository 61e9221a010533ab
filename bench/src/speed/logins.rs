//! What a login tells by the time that it takes, and what a crowd of them costs in memory.

use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use reqwest::{Client, StatusCode};
use serde_json::json;
use tokio::time::Instant;

use super::Field;
use super::report::{Report, median};

/// Attempts with a known name, and as many with unknown ones, in turns.
const ATTEMPTS: usize = 60;

/// Logins of a crowd, and how many of them come at once.
const CROWD: usize = 100;
const AT_ONCE: usize = 16;

/// The name that `Field` has signed up.
const KNOWN: &str = "speed";

/// An attacker who measures would learn who is a user from any difference but noise.
pub(super) async fn measure(
    field: &Field,
    report: &mut Report,
    progress: &impl Fn(String),
) -> anyhow::Result<()> {
    progress("failing logins of a user and of nobody".to_owned());
    let http = lab::http(Duration::from_secs(30))?;
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for turn in 0..ATTEMPTS {
        known.push(attempt(&http, field, KNOWN).await?);
        unknown.push(attempt(&http, field, &format!("nobody{turn}")).await?);
    }
    report.login_known_ms = median(known);
    report.login_unknown_ms = median(unknown);
    report.login_ratio = report.login_known_ms / report.login_unknown_ms;

    progress(format!("{CROWD} logins, {AT_ONCE} at once"));
    stream::iter(0..CROWD)
        .map(|_| attempt(&http, field, KNOWN))
        .buffer_unordered(AT_ONCE)
        .try_collect::<Vec<_>>()
        .await?;
    field.note_memory(report)
}

/// Tries a wrong password; gives the milliseconds until the answer.
async fn attempt(http: &Client, field: &Field, username: &str) -> anyhow::Result<f64> {
    let credentials = json!({"username": username, "password": "a wrong password"});
    let url = format!("{}/login", field.stack.api);
    let began = Instant::now();
    let answer = http.post(url).json(&credentials).send().await?;
    let took = began.elapsed();
    let status = answer.status();
    anyhow::ensure!(
        status == StatusCode::UNAUTHORIZED,
        "a wrong password was answered {status}"
    );
    Ok(took.as_secs_f64() * 1e3)
}
