//! Reads the ledger as it is in MongoDB, past the messenger, and watches it meanwhile.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use anyhow::Context as _;
use futures_util::TryStreamExt as _;
use mongodb::bson::{self, Document, doc};
use mongodb::options::{ClientOptions, ReadConcern};
use mongodb::{Client, Collection};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::outages::now;
use super::setting::{GIVEN_UP_AFTER, SHORT_VALIDITY};
use super::texts::Content;

/// How long the database may take to show the whole ledger.
const PATIENCE: Duration = Duration::from_secs(20);

/// A message as its document has it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Row {
    #[serde(rename = "_id")]
    pub(super) id: bson::Uuid,
    pub(super) owner: bson::Uuid,
    pub(super) idempotency_key: Option<String>,
    pub(super) recipient: Option<String>,
    pub(super) body: Option<String>,
    #[serde(default)]
    pub(super) media: Vec<FileRow>,
    pub(super) status: String,
    pub(super) error_code: Option<String>,
    pub(super) provider: Option<ProviderRow>,
    pub(super) sender: Option<String>,
    pub(super) updated_at: bson::DateTime,
    #[serde(default)]
    pub(super) timeline: Vec<EntryRow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct ProviderRow {
    pub(super) sid: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct FileRow {
    pub(super) url: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct EntryRow {
    pub(super) at: bson::DateTime,
    pub(super) event: String,
}

impl Row {
    /// Whether it says and brings what was wanted.
    pub(super) fn says(&self, content: &Content) -> bool {
        let urls = self.media.iter().map(|file| &file.url);
        self.body.as_deref().unwrap_or_default() == content.body && urls.eq(&content.urls)
    }

    /// Whether it is a user's: somebody who has a receiver.
    pub(super) fn is_owned(&self) -> bool {
        self.owner != NOBODY
    }

    /// Whether it was moved to another sender while it waited.
    pub(super) fn was_moved(&self) -> bool {
        self.timeline.iter().any(|entry| entry.event == MOVED)
    }
}

/// Who has what was received and belongs to no user.
pub(super) const NOBODY: bson::Uuid = bson::Uuid::from_bytes([0; 16]);

const MOVED: &str = "moved";

/// The part of a document that is watched.
#[derive(Debug, Clone, Deserialize)]
struct Watched {
    #[serde(rename = "_id")]
    id: bson::Uuid,
    status: String,
    rank: i32,
}

/// The rank from which on a status never goes back: the provider has the text.
const TAKEN: i32 = 2;

/// The collection of messages, and what was seen of it so far.
pub(super) struct Ledger {
    messages: Collection<Document>,
    ranks: HashMap<bson::Uuid, i32>,
    went_back: BTreeMap<String, String>,
    /// It is in a replica set.
    in_a_set: bool,
}

/// How many messages have each status.
pub(super) type Census = BTreeMap<String, usize>;

impl Ledger {
    /// Opens the database that `uri` names.
    pub(super) async fn open(uri: &str) -> anyhow::Result<Self> {
        let mut options = ClientOptions::parse(uri).await?;
        let in_a_set = options.repl_set_name.is_some();
        // What only one member has may not stay.
        options.read_concern = in_a_set.then(ReadConcern::majority);
        let client = Client::with_options(options)?;
        let database = client.default_database().context("a URI with a database")?;
        Ok(Self {
            messages: database.collection("messages"),
            ranks: HashMap::new(),
            went_back: BTreeMap::new(),
            in_a_set,
        })
    }

    /// All messages, the oldest first.
    pub(super) async fn rows(&self) -> anyhow::Result<Vec<Row>> {
        let fields = doc! {
            "owner": 1, "idempotency_key": 1, "recipient": 1, "body": 1, "media.url": 1, "status": 1, "error_code": 1,
            "provider": 1, "sender": 1, "updated_at": 1, "timeline.at": 1, "timeline.event": 1,
        };
        self.read(fields).await
    }

    /// Looks at every message once, notes whose status has gone back since the last look, and
    /// counts.
    ///
    /// In a replica set a look is no evidence: another primary may know later than the last one what
    /// a majority has.
    pub(super) async fn watch(&mut self) -> anyhow::Result<Census> {
        let messages: Vec<Watched> = self.read(doc! {"status": 1, "rank": 1}).await?;
        let mut census = Census::new();
        for Watched { id, status, rank } in messages {
            let highest = self.ranks.entry(id).or_insert(rank);
            if rank < *highest && *highest >= TAKEN && !self.in_a_set {
                let note = format!("its rank went back from {highest} to {rank}");
                self.went_back.insert(id.to_string(), note);
            }
            *highest = rank.max(*highest);
            *census.entry(status).or_default() += 1;
        }
        Ok(census)
    }

    /// Gives the messages to these recipients the short validity.
    pub(super) async fn cut_validity(&self, recipients: &[&str]) -> anyhow::Result<()> {
        self.cut(doc! {"recipient": {"$in": recipients}}).await
    }

    /// Does the same with those messages whose outcome has been unknown for long enough that whoever could
    /// tell of it has.
    pub(super) async fn cut_validity_in_doubt(&self, recipients: &[&str]) -> anyhow::Result<()> {
        let long_ago = now() - i64::try_from(GIVEN_UP_AFTER.as_millis())?;
        self.cut(doc! {
            "recipient": {"$in": recipients},
            "status": "sending",
            "last_claim_at": {"$lt": bson::DateTime::from_millis(long_ago)},
        })
        .await
    }

    async fn cut(&self, messages: Document) -> anyhow::Result<()> {
        let until = doc! {"$add": ["$sent_at", i64::try_from(SHORT_VALIDITY.as_millis())?]};
        let cut = vec![doc! {"$set": {"expires_at": until}}];
        self.messages.update_many(messages, cut).await?;
        Ok(())
    }

    /// The messages whose status was seen to go back, and how.
    pub(super) fn went_back(&self) -> &BTreeMap<String, String> {
        &self.went_back
    }

    /// The whole document of a message, for people to read.
    pub(super) async fn document(&self, id: bson::Uuid) -> anyhow::Result<Document> {
        let document = self.messages.find_one(doc! {"_id": id}).await?;
        Ok(document.unwrap_or_default())
    }

    async fn read<T>(&self, fields: Document) -> anyhow::Result<Vec<T>>
    where
        T: DeserializeOwned + Send + Sync + Unpin,
    {
        let read = async {
            let typed = self.messages.clone_with_type::<T>();
            let found = typed.find(doc! {}).projection(fields).sort(doc! {"_id": 1});
            found.await?.try_collect().await
        };
        Ok(timeout(PATIENCE, read)
            .await
            .context("the ledger is silent")??)
    }
}
