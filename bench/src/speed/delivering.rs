//! How fast texts are delivered: the worker alone, how soon a text is with the provider, and whether each
//! came there once.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::Context as _;
use futures_util::TryStreamExt as _;
use mongodb::bson::{Document, doc};
use tokio::time::{Instant, sleep};

use super::accepting::accept;
use super::load::{Length, Pace, Target, body, window};
use super::report::Report;
use super::{AT_ONCE, Field, end_to_end};

/// The simulated provider says of each text that it was sent, and then that it was delivered.
pub(super) const CALLBACKS: u64 = 2;

const STANDSTILL: Duration = Duration::from_mins(1);

const LOOK: Duration = Duration::from_millis(10);

/// What a worker has in flight unless it is told otherwise.
const CONCURRENCY: usize = 64;

pub(super) async fn measure(
    field: &mut Field,
    report: &mut Report,
    progress: &impl Fn(String),
) -> anyhow::Result<()> {
    forget(field).await?;
    report.worker_concurrency = CONCURRENCY;
    dispatch(field, report, progress).await?;

    let first = field.target.posted();
    let seen = field.stack.provider.book().await?.len();
    field.stack.add_worker().await?;
    end_to_end::measure(field, report, progress).await?;

    progress("accepting while delivering".to_owned());
    let meanwhile = accept(field, AT_ONCE, Pace::Closed).await?;
    report.accept_while_delivering_per_s = meanwhile.window.per_s();
    until_taken(field, seen, first).await?;
    receipts(field, report, progress).await?;
    judge(field, report, seen, first).await?;
    field.note_memory(report)
}

/// Texts for which no worker was there so far are not to be delivered; their jobs come to nothing.
async fn forget(field: &Field) -> anyhow::Result<()> {
    let messages = field
        .stack
        .database()
        .await?
        .collection::<Document>("messages");
    messages.delete_many(doc! {}).await?;
    Ok(())
}

/// The worker's own speed: texts wait for it, and the provider takes its time.
async fn dispatch(
    field: &mut Field,
    report: &mut Report,
    progress: &impl Fn(String),
) -> anyhow::Result<()> {
    for delay in [0, 50, 200] {
        let per_s = dispatch_with(field, delay, report, progress).await?;
        match delay {
            0 => report.dispatch_0ms_per_s = per_s,
            50 => report.dispatch_50ms_per_s = per_s,
            _ => report.dispatch_200ms_per_s = per_s,
        }
    }
    field.stack.provider.delay_answers(0).await
}

/// From a tenth to nine tenths of the backlog, so that neither start nor end counts.
#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
async fn dispatch_with(
    field: &mut Field,
    delay: u32,
    report: &mut Report,
    progress: &impl Fn(String),
) -> anyhow::Result<f64> {
    let backlog = match delay {
        200 => field.scale.backlog / 2,
        _ => field.scale.backlog,
    };
    progress(format!(
        "{backlog} texts for a provider that answers after {delay} ms"
    ));
    field.stack.provider.delay_answers(delay).await?;
    let before = u64::try_from(field.stack.provider.accepted().await?)?;
    post(&field.target, backlog).await?;
    field.stack.add_worker().await?;
    until_accepted(field, before + backlog / 10).await?;
    let (began, first) = (Instant::now(), field.stack.provider.accepted().await?);
    until_accepted(field, before + backlog * 9 / 10).await?;
    let (took, last) = (began.elapsed(), field.stack.provider.accepted().await?);
    until_accepted(field, before + backlog).await?;
    until_called_back(field, CALLBACKS * (before + backlog)).await?;
    field.note_memory(report)?;
    field.stack.end_workers().await?;
    Ok((last - first) as f64 / took.as_secs_f64())
}

pub(super) async fn post(target: &Target, count: u64) -> anyhow::Result<()> {
    let length = Length::Count(count);
    window(AT_ONCE, Pace::Closed, length, || target.poster()).await?;
    Ok(())
}

/// How long a text takes to the provider when there is no rush: at a tenth of what is accepted.
async fn receipts(
    field: &Field,
    report: &mut Report,
    progress: &impl Fn(String),
) -> anyhow::Result<()> {
    progress("from POST to the provider's receipt".to_owned());
    let (first, seen) = (
        field.target.posted(),
        field.stack.provider.book().await?.len(),
    );
    accept(field, AT_ONCE, Pace::Open(report.e2e_per_s / 4.0)).await?;
    until_taken(field, seen, first).await?;
    let mut delays = Vec::new();
    let sent = sent_times(field, first).await?;
    for entry in field.stack.provider.book().await?.split_off(seen) {
        let created = mongodb::bson::DateTime::parse_rfc3339_str(&entry.created)?;
        let at = sent.get(&entry.body).context("a text that nobody sent")?;
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
        delays.push((created.timestamp_millis() - at) as f64);
    }
    delays.sort_by(f64::total_cmp);
    let at = |percent: usize| delays.get(delays.len() * percent / 100).copied();
    report.receipt_p50_ms = at(50).unwrap_or_default();
    report.receipt_p99_ms = at(99).unwrap_or_default();
    Ok(())
}

/// When each text from number `first` on was accepted, in milliseconds since 1970, by its body.
async fn sent_times(field: &Field, first: u64) -> anyhow::Result<HashMap<String, i64>> {
    let messages = field
        .stack
        .database()
        .await?
        .collection::<Document>("messages");
    let newest = i64::try_from(field.target.posted() - first)?;
    let found = messages.find(doc! {}).sort(doc! {"_id": -1}).limit(newest);
    let documents: Vec<Document> = found.await?.try_collect().await?;
    let read = |document: &Document| {
        let at = document.get_datetime("sent_at")?.timestamp_millis();
        anyhow::Ok((document.get_str("body")?.to_owned(), at))
    };
    documents.iter().map(read).collect()
}

/// Every text from number `first` on must be in the provider's book once, after the `seen` oldest.
async fn judge(field: &Field, report: &mut Report, seen: usize, first: u64) -> anyhow::Result<()> {
    let mut copies: HashMap<String, usize> = HashMap::new();
    for entry in field.stack.provider.book().await?.split_off(seen) {
        *copies.entry(entry.body).or_default() += 1;
    }
    let posted = first..field.target.posted();
    report.lost = posted.filter(|n| !copies.contains_key(&body(*n))).count();
    report.duplicates = copies.values().map(|count| count - 1).sum();
    Ok(())
}

/// Waits until the provider has all texts from number `first` on, and all callbacks are stored.
async fn until_taken(field: &Field, seen: usize, first: u64) -> anyhow::Result<()> {
    let all = u64::try_from(seen)? + field.target.posted() - first;
    until_accepted(field, all).await?;
    until_called_back(field, CALLBACKS * all).await
}

pub(super) async fn until_accepted(field: &Field, count: u64) -> anyhow::Result<()> {
    let provider = &field.stack.provider;
    until(count, "are accepted", || provider.accepted()).await
}

pub(super) async fn until_called_back(field: &Field, count: u64) -> anyhow::Result<()> {
    let provider = &field.stack.provider;
    until(count, "callbacks are stored", || {
        provider.callbacks_delivered()
    })
    .await
}

pub(super) async fn until<F>(count: u64, what: &str, now: impl Fn() -> F) -> anyhow::Result<()>
where
    F: Future<Output = anyhow::Result<usize>>,
{
    let (mut seen, mut seen_at) = (0, Instant::now());
    loop {
        let there = u64::try_from(now().await?)?;
        if there >= count {
            return Ok(());
        }
        if there > seen {
            (seen, seen_at) = (there, Instant::now());
        }
        let waiting = seen_at.elapsed() < STANDSTILL;
        anyhow::ensure!(waiting, "only {there} of {count} {what}, and no more come");
        sleep(LOOK).await;
    }
}
