//! What a large ledger costs: pages of a history, messages that come due, memory.

use std::time::Duration;

use anyhow::Context as _;
use lab::Account;
use mongodb::Collection;
use mongodb::bson::{DateTime, Document, doc};
use twilio_sim::TEST_ACCOUNT_SID;

use super::Field;
use super::ceiling::document;
use super::delivering::until_accepted;
use super::load::{Length, Pace, Target, window};
use super::report::Report;

/// Documents inserted by one command.
const BATCH: u64 = 2_000;

/// Messages that come due at the same moment.
const DUE: usize = 100;

/// From their insert to that moment.
const DUE_IN: Duration = Duration::from_secs(3);

const LATER: Duration = Duration::from_hours(10 * 24);

/// Pages read for a percentile, and over how many connections.
const PAGES: u64 = 1_000;
const READERS: usize = 2;

/// With whom a user talks.
const PEOPLE: u64 = 100;

const HISTORY: &str = "/messages?limit=50&order=desc";
const CONVERSATIONS: &str = "/conversations?limit=50";

pub(super) async fn measure(
    field: &mut Field,
    report: &mut Report,
    progress: &impl Fn(String),
) -> anyhow::Result<()> {
    let database = field.stack.database().await?;
    let messages = database.collection::<Document>("messages");
    let talker = talker(field).await?;
    report.history_small_p99_ms = pages(&field.target, HISTORY).await?;
    report.conversations_small_p99_ms = pages(&talker, CONVERSATIONS).await?;
    grow(&messages, field.scale.grown, progress).await?;
    report.grown_to = messages.estimated_document_count().await?;
    progress("reading pages of the grown ledger".to_owned());
    report.history_large_p99_ms = pages(&field.target, HISTORY).await?;
    report.history_growth_ratio = report.history_large_p99_ms / report.history_small_p99_ms;
    report.conversations_large_p99_ms = pages(&talker, CONVERSATIONS).await?;
    report.conversations_growth_ratio =
        report.conversations_large_p99_ms / report.conversations_small_p99_ms;

    progress(format!(
        "{DUE} messages come due among all that are scheduled"
    ));
    report.due_pickup_p99_ms = due(field, &messages).await?;

    progress("streaming a long history".to_owned());
    let users = database.collection::<Document>("users");
    let user = users.find_one(doc! {}).await?.context("a user")?;
    let own = doc! { "owner": user.get("_id").context("a user with an id")? };
    let share = doc! { "$set": own };
    let chosen = doc! { "polls": { "$lt": 1 }, "wake_at": { "$gt": DateTime::now() } };
    messages.update_many(chosen, share).await?;
    let whole = || field.target.reader("/messages".to_owned());
    window(1, Pace::Closed, Length::Count(1), whole).await?;
    Ok(())
}

/// A user who talks with as many people as most do, not with as many as a load has texts.
async fn talker(field: &Field) -> anyhow::Result<Target> {
    let seen = field.stack.provider.accepted().await?;
    let http = lab::http(Duration::from_secs(10))?;
    let account = Account::sign_up(http, &field.stack.api, "talker").await?;
    let target = Target::new(&field.stack.api, account.token())?;
    window(1, Pace::Closed, Length::Count(PEOPLE), || target.poster()).await?;
    until_accepted(field, u64::try_from(seen)? + PEOPLE).await?;
    Ok(target)
}

/// The p99 of a page of a user's history or conversations, in milliseconds.
async fn pages(target: &Target, path: &str) -> anyhow::Result<f64> {
    let reader = || target.reader(path.to_owned());
    let read = window(READERS, Pace::Closed, Length::Count(PAGES), reader).await?;
    Ok(read.quantile_ms(0.99))
}

/// Fills the ledger with messages of others; a fifth of them are one polled once, which the history
/// of one user is made of later.
async fn grow(
    messages: &Collection<Document>,
    count: u64,
    progress: &impl Fn(String),
) -> anyhow::Result<()> {
    let mut grown = 0;
    while grown < count {
        let batch = (grown..count.min(grown + BATCH)).map(|n| {
            let polls = i32::from(n % 5 != 0);
            scheduled(DateTime::now(), LATER, polls)
        });
        grown = count.min(grown + BATCH);
        messages.insert_many(batch).ordered(false).await?;
        if grown % (50 * BATCH) == 0 || grown == count {
            progress(format!("the ledger grows: {grown} of {count}"));
        }
    }
    Ok(())
}

fn scheduled(now: DateTime, after: Duration, polls: i32) -> Document {
    let later = |time: Duration| DateTime::from_millis(now.timestamp_millis() + millis(time));
    let mut message = document();
    message.insert("account", TEST_ACCOUNT_SID);
    message.insert("not_before", later(after));
    message.insert("wake_at", later(after));
    message.insert("expires_at", later(after + LATER));
    message.insert("polls", polls);
    message
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

/// How long after they came due messages reached the provider, in milliseconds: all but the slowest
/// hundredth of them.
async fn due(field: &Field, messages: &Collection<Document>) -> anyhow::Result<f64> {
    let provider = &field.stack.provider;
    let seen = provider.accepted().await?;
    let now = DateTime::now();
    let batch = (0..DUE).map(|n| {
        let mut message = scheduled(now, DUE_IN, 1);
        message.insert("body", format!("due {n}"));
        message
    });
    messages.insert_many(batch).await?;
    until_accepted(field, u64::try_from(seen + DUE)?).await?;
    let due_at = now.timestamp_millis() + millis(DUE_IN);
    let mut delays = Vec::new();
    for entry in provider.book().await?.split_off(seen) {
        let created = DateTime::parse_rfc3339_str(&entry.created)?;
        delays.push(created.timestamp_millis() - due_at);
    }
    delays.sort_unstable();
    let at = delays.len() * 99 / 100;
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    Ok(delays.get(at).copied().unwrap_or_default().max(0) as f64)
}
