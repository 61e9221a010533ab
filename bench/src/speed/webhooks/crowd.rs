//! What many endpoints cost, while nothing happens and once something does.

use std::time::Duration;

use anyhow::Context as _;
use mongodb::Database;
use mongodb::bson::{Document, Uuid, doc};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::super::megabytes;
use super::{Stage, Webhooks, insert_all};

/// Of each user.
const ENDPOINTS: usize = 4;

/// How many endpoints a worker that has just begun looks at in a second.
const LOOKED_AT: u64 = 100;

const RECORDS: &str = "records";

/// The collections in which there is something of endpoints, and the messages that they are told.
const COLLECTIONS: [&str; 3] = [RECORDS, "told", "messages"];

pub(super) async fn measure(
    stage: &mut Stage,
    figures: &mut Webhooks,
    progress: &impl Fn(String),
) -> anyhow::Result<()> {
    let user = stage.user("example").await?;
    let message = stage.delivered(&user).await?;
    stage.webhook(&user, &stage.receiver.url()).await?;
    let count = stage.scale.endpoints;
    progress("a worker without endpoints".to_owned());
    let example = Example::take(stage).await?;
    stage.stack.add_worker().await?;
    let nobody = spent(stage).await?;
    stage.stack.end_workers().await?;

    progress(format!("{count} endpoints for which nothing happens"));
    let owners = example.multiply(stage).await?;
    stage.stack.add_worker().await?;
    sleep(Duration::from_secs(count / LOOKED_AT + 5)).await;
    let idle = spent(stage).await?;
    figures.note_idle(count, &idle, &nobody);
    figures.idle_worker_rss_mb = megabytes(stage.stack.usages()?.workers.peak_kib);
    stage.stack.end_workers().await?;

    progress(format!("{count} endpoints that are told something"));
    let before = stage.receiver.taken();
    stage
        .store(owners.iter().map(|owner| message.of(&(*owner).into())))
        .await?;
    stage.stack.add_worker().await?;
    stage.receiver.has_taken(before + count).await?;
    figures.telling_worker_rss_mb = megabytes(stage.stack.usages()?.workers.peak_kib);
    stage.stack.end_workers().await
}

/// What the database did for endpoints, and what it all cost, in a while.
struct Spent {
    reads: i64,
    writes: i64,
    worker: Duration,
    mongod: Duration,
    took: Duration,
}

impl Webhooks {
    /// What `count` endpoints cost beyond what a worker without any costs.
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    fn note_idle(&mut self, count: u64, idle: &Spent, nobody: &Spent) {
        let reads = (idle.reads - nobody.reads).max(1);
        let took = idle.took.as_secs_f64();
        let percent = |of: fn(&Spent) -> Duration| {
            let more = of(idle).saturating_sub(of(nobody));
            100.0 * more.as_secs_f64() / took
        };
        self.idle_endpoints = count;
        self.idle_seconds_per_query = count as f64 * took / reads as f64;
        self.idle_writes = idle.writes - nobody.writes;
        self.idle_worker_cpu_percent = percent(|spent| spent.worker);
        self.idle_mongod_cpu_percent = percent(|spent| spent.mongod);
    }
}

async fn spent(stage: &Stage) -> anyhow::Result<Spent> {
    let began = Instant::now();
    let (usages, [reads, writes]) = (stage.stack.usages()?, commands(&stage.database).await?);
    sleep(stage.scale.idle).await;
    let [more_reads, more_writes] = commands(&stage.database).await?;
    let usages = stage.stack.usages()?.since(&usages);
    Ok(Spent {
        reads: more_reads - reads,
        writes: more_writes - writes,
        worker: usages.workers.cpu,
        mongod: usages.database.cpu,
        took: began.elapsed(),
    })
}

/// How often the collections were read and written since the server began.
async fn commands(database: &Database) -> anyhow::Result<[i64; 2]> {
    let admin = database.client().database("admin");
    let top = admin.run_command(doc! {"top": 1}).await?;
    let totals = top.get_document("totals")?;
    let count = |kind: &str| {
        let counts = COLLECTIONS.map(|collection| {
            let name = format!("{}.{collection}", database.name());
            // One that was never touched is not listed.
            let kinds = totals.get_document(name).ok();
            let kind = kinds.and_then(|kinds| kinds.get_document(kind).ok());
            let count = kind.and_then(|kind| kind.get("count"));
            count.and_then(|count| count.as_i64().or(count.as_i32().map(i64::from)))
        });
        counts.into_iter().flatten().sum::<i64>()
    };
    let sum = |kinds: &[&str]| kinds.iter().map(|kind| count(kind)).sum();
    Ok([
        sum(&["queries", "getmore", "commands"]),
        sum(&["insert", "update", "remove"]),
    ])
}

/// A webhook as it is stored, which others are made like: to sign up as many users as that takes would take
/// too long.
struct Example {
    endpoint: Document,
    progress: Document,
}

impl Example {
    /// Takes the only one that there is.
    async fn take(stage: &Stage) -> anyhow::Result<Self> {
        let records = stage.database.collection::<Document>(RECORDS);
        let take = async |kind: &str| {
            let taken = records.find_one_and_delete(doc! {"_id.kind": kind}).await?;
            taken.with_context(|| format!("a record of the kind {kind}"))
        };
        Ok(Self {
            endpoint: take("endpoint").await?,
            progress: take("progress").await?,
        })
    }

    /// Stores as many as the scale says; returns their owners.
    async fn multiply(&self, stage: &Stage) -> anyhow::Result<Vec<Uuid>> {
        let users = usize::try_from(stage.scale.endpoints)? / ENDPOINTS;
        let owners: Vec<_> = (0..users).map(|_| Uuid::new()).collect();
        let mut records = Vec::new();
        for owner in &owners {
            for _ in 0..ENDPOINTS {
                records.extend(self.of(*owner)?);
            }
        }
        let collection = stage.database.collection::<Document>(RECORDS);
        insert_all(&collection, records.into_iter()).await?;
        Ok(owners)
    }

    fn of(&self, owner: Uuid) -> anyhow::Result<[Document; 2]> {
        let id = Uuid::new();
        let key = format!("{owner}/{id}");
        let mut value: Value = serde_json::from_str(self.endpoint.get_str("value")?)?;
        value["id"] = json!(id.to_string());
        value["owner"] = json!(owner.to_string());
        let (mut endpoint, mut progress) = (self.endpoint.clone(), self.progress.clone());
        endpoint.insert("value", value.to_string());
        endpoint.insert("_id", doc! {"kind": "endpoint", "key": &key});
        progress.insert("_id", doc! {"kind": "progress", "key": key});
        Ok([endpoint, progress])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_worker_costs_without_endpoints_does_not_count_for_them() {
        let spent = |reads, writes, cpu| Spent {
            reads,
            writes,
            worker: Duration::from_millis(cpu),
            mongod: Duration::from_millis(2 * cpu),
            took: Duration::from_secs(10),
        };
        let mut figures = Webhooks::default();
        figures.note_idle(100, &spent(250, 7, 1100), &spent(50, 7, 100));
        assert!((figures.idle_seconds_per_query - 5.0).abs() < 1e-9);
        assert_eq!(figures.idle_writes, 0);
        assert!((figures.idle_worker_cpu_percent - 10.0).abs() < 1e-9);
        assert!((figures.idle_mongod_cpu_percent - 20.0).abs() < 1e-9);
    }
}
