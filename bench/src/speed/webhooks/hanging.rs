//! Whether an endpoint that hangs slows the others: of its user, and of another one.

use hdrhistogram::Histogram;
use serde_json::json;

use super::super::load::{Length, Pace, window};
use super::super::report::median;
use super::{Stage, User, Webhooks};

/// Connections over which each user posts, and texts in a second: so few that no time is spent on waiting for
/// the machine.
const LANES: usize = 8;
const PER_S: f64 = 20.0;

pub(super) async fn measure(
    stage: &mut Stage,
    figures: &mut Webhooks,
    progress: &impl Fn(String),
) -> anyhow::Result<()> {
    let users = [stage.user("afflicted").await?, stage.user("other").await?];
    for user in &users {
        stage.webhook(user, &stage.receiver.url()).await?;
    }
    let hanging = stage
        .webhook(&users[0], &stage.receiver.hanging_url())
        .await?;
    let path = |what: &str| format!("/webhooks/{hanging}/{what}");
    stage.call(&users[0], &path("disable"), &json!({})).await?;
    stage.stack.add_worker().await?;
    progress("events of two users, to warm up".to_owned());
    lateness(stage, &users).await?;
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    for turn in 1..=stage.scale.hook_windows {
        progress(format!(
            "events with and without an endpoint that hangs, window {turn}"
        ));
        alone.push(lateness(stage, &users).await?);
        let enable = json!({"from": "now"});
        stage.call(&users[0], &path("enable"), &enable).await?;
        beside.push(lateness(stage, &users).await?);
        stage.call(&users[0], &path("disable"), &json!({})).await?;
        stage.receiver.let_go();
    }
    stage.stack.end_workers().await?;
    let of = |windows: &[Histogram<u64>], quantile| {
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
        let each = windows
            .iter()
            .map(|it| it.value_at_quantile(quantile) as f64);
        median(each.collect())
    };
    figures.late_p50_ms = of(&alone, 0.5);
    figures.late_p50_hanging_ms = of(&beside, 0.5);
    figures.late_p99_ms = of(&alone, 0.99);
    figures.late_p99_hanging_ms = of(&beside, 0.99);
    figures.hanging_ratio = figures.late_p99_hanging_ms / figures.late_p99_ms;
    stage.forget_webhooks().await
}

/// How late events come to those who answer while texts are posted.
async fn lateness(stage: &Stage, users: &[User; 2]) -> anyhow::Result<Histogram<u64>> {
    let length = Length::Time(stage.scale.hook_window);
    let [one, other] = users
        .each_ref()
        .map(|user| window(LANES, Pace::Open(PER_S), length, || user.target.poster()));
    let (one, other) = tokio::join!(one, other);
    one?;
    other?;
    stage.receiver.lateness().await
}
