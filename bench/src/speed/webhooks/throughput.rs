//! How fast one worker tells one endpoint that takes everything at once.

use tokio::time::Instant;

use super::super::us_each;
use super::{Stage, Webhooks};

/// From a tenth to nine tenths of what waits, so that neither start nor end counts.
#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
pub(super) async fn measure(
    stage: &mut Stage,
    figures: &mut Webhooks,
    progress: &impl Fn(String),
) -> anyhow::Result<()> {
    let user = stage.user("waiting").await?;
    let message = stage.delivered(&user).await?;
    stage.webhook(&user, &stage.receiver.url()).await?;
    let events = stage.scale.events;
    progress(format!("{events} events wait for an endpoint"));
    stage
        .store((0..events).map(|_| message.of(&message.owner)))
        .await?;
    let before = stage.receiver.taken();
    stage.stack.add_worker().await?;
    stage.receiver.has_taken(before + events / 10).await?;
    let (began, usages) = (Instant::now(), stage.stack.usages()?);
    let first = stage.receiver.taken();
    stage.receiver.has_taken(before + events * 9 / 10).await?;
    let (took, usages) = (began.elapsed(), stage.stack.usages()?.since(&usages));
    let told = stage.receiver.taken() - first;
    figures.events_per_s = told as f64 / took.as_secs_f64();
    figures.cpu_us_per_event = us_each(usages.workers.cpu + usages.database.cpu, told);
    stage.receiver.has_taken(before + events).await?;
    stage.stack.end_workers().await?;
    stage.receiver.lateness().await?;
    stage.forget_webhooks().await
}
