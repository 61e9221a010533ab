use std::future::Future;

use futures_util::TryStreamExt;
use mongodb::Database;
use mongodb::bson::{Document, doc};

/// The server's own record of what it did.
pub(super) struct Profiler(Database);

/// One statement as the server saw it.
#[derive(Debug)]
pub(super) struct Seen {
    /// How it found its documents, such as `IXSCAN { _id: 1 }`.
    pub(super) plan: String,
    pub(super) documents_read: i64,
    pub(super) keys_read: i64,
    /// It put them in order by itself, after it had read all of them.
    pub(super) sorted: bool,
    pub(super) modified: i64,
}

impl Profiler {
    pub(super) fn new(database: Database) -> Self {
        Self(database)
    }

    /// How the server looked for documents of a collection in the course of `call`.
    pub(super) async fn watch(&self, collection: &str, call: impl Future) -> Vec<Seen> {
        self.set_level(0).await;
        let records = self.0.collection::<Document>("system.profile");
        records.drop().await.unwrap();
        self.set_level(2).await;
        call.await;
        self.set_level(0).await;
        // An insert looks for nothing, so it has no plan.
        let of_collection = doc! {
            "ns": format!("{}.{collection}", self.0.name()),
            "planSummary": { "$exists": true },
        };
        let found = records.find(of_collection).sort(doc! { "ts": 1 }).await;
        let found: Vec<_> = found.unwrap().try_collect().await.unwrap();
        found.iter().map(Seen::from).collect()
    }

    async fn set_level(&self, level: i32) {
        self.0.run_command(doc! { "profile": level }).await.unwrap();
    }
}

impl From<&Document> for Seen {
    fn from(record: &Document) -> Self {
        let number = |field: &str| {
            let value = record.get(field);
            let int = value.and_then(|value| value.as_i32().map(i64::from));
            int.or_else(|| value.and_then(mongodb::bson::Bson::as_i64))
        };
        Self {
            plan: record.get_str("planSummary").unwrap_or_default().to_owned(),
            documents_read: number("docsExamined").unwrap_or_default(),
            keys_read: number("keysExamined").unwrap_or_default(),
            sorted: record.get_bool("hasSortStage").unwrap_or_default(),
            modified: number("nModified").unwrap_or_default(),
        }
    }
}
