//! The ledger in MongoDB, for a messenger of many processes.
//!
//! A message is changed by one statement alone, which puts what it is to be in the place of the version
//! that was seen (`swap.rs`), so that a stale decision is harmless. Collections and indexes are made by
//! the `migrations` crate.

mod accounts;
mod acts;
mod changes;
mod clock;
mod command;
mod consents;
mod conversations;
mod counterparts;
mod document;
mod elections;
mod filter;
mod history;
mod index;
mod insert;
mod invites;
mod keys;
mod messages;
mod operations;
mod opt_outs;
mod pauses;
mod quotas;
mod records;
mod revocations;
mod sessions;
mod swap;
mod told;
mod turns;
mod upkeep;
mod uploads;
mod waiting;

use std::future::IntoFuture;
use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt;
use mongodb::action::Find;
use mongodb::bson::{Document, doc};
use mongodb::error::{Error, ErrorKind, WriteFailure};
use mongodb::options::{
    Acknowledgment, ClientOptions, ReadConcern, ReadPreference, SelectionCriteria, WriteConcern,
};
use mongodb::{Client, Collection, Database};
use mysms_core::chain::Chain;
use mysms_core::domain::Message;
use mysms_core::store::{Batches, Pulse, Result, StoreError};
use runtime::config::MongoConfig;
use secrecy::ExposeSecret;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use self::accounts::UserDocument;
use self::acts::ActDocument;
use self::consents::ConsentDocument;
use self::document::MessageDocument;
use self::elections::Elections;
use self::insert::Inserts;
use self::invites::InviteDocument;
use self::keys::KeyDocument;
use self::opt_outs::WishDocument;
use self::pauses::PauseDocument;
use self::quotas::QuotaDocument;
use self::records::RecordDocument;
use self::revocations::RevocationDocument;
use self::sessions::SessionDocument;
use self::told::ToldDocument;
use self::turns::{EndDocument, QueueDocument};
use self::uploads::{PartDocument, UploadDocument};

pub use clock::ClockError;

const STORE: &str = "MongoDB";

/// How long the driver looks for a server that can take a statement, and the server waits for a
/// majority.
const SERVER_WITHIN: Duration = Duration::from_secs(3);

/// How long a statement may take in all, so that whoever waits for it can be told within 3 seconds
/// that the ledger is away. A driver left to itself waits for ever on a server that is frozen.
const ANSWER_WITHIN: Duration = Duration::from_millis(2800);

/// How many batches of one kind are executed at the same time: while one is on its way, another is
/// made ready.
const UNDER_WAY: usize = 2;

/// The server's code for a unique index that holds the key already.
const DUPLICATE_KEY: i32 = 11_000;

/// A ledger in a MongoDB database: a replica set, or a single server.
///
/// What it has answered is written to the journals of a majority. Connections come back by
/// themselves after the server was away.
#[derive(Clone)]
pub struct Mongo {
    db: Collections,
    inserts: Batches<Inserts>,
    pulse: Arc<Pulse>,
}

/// Executes statements one by one.
#[derive(Clone)]
struct Collections {
    database: Database,
    messages: Collection<MessageDocument>,
    users: Collection<UserDocument>,
    invites: Collection<InviteDocument>,
    keys: Collection<KeyDocument>,
    acts: Collection<ActDocument>,
    pauses: Collection<PauseDocument>,
    revocations: Collection<RevocationDocument>,
    sessions: Collection<SessionDocument>,
    quotas: Collection<QuotaDocument>,
    opt_outs: Collection<WishDocument>,
    consents: Collection<ConsentDocument>,
    records: Collection<RecordDocument>,
    told: Collection<ToldDocument>,
    queues: Collection<QueueDocument>,
    turns: Collection<EndDocument>,
    uploads: Collection<UploadDocument>,
    upload_parts: Collection<PartDocument>,
    /// The servers are a replica set.
    replicated: bool,
    elections: Elections,
}

impl Mongo {
    /// Connects with at most `pool` connections to each server; fails if none answers.
    pub async fn connect(config: &MongoConfig, pool: u32) -> Result<Self> {
        let mut options = ClientOptions::parse(config.uri.expose_secret())
            .await
            .map_err(failed)?;
        options.app_name.get_or_insert_with(|| "mysms".to_owned());
        options.connect_timeout.get_or_insert(SERVER_WITHIN);
        options
            .server_selection_timeout
            .get_or_insert(SERVER_WITHIN);
        options.max_pool_size = Some(pool);
        options.selection_criteria =
            Some(SelectionCriteria::ReadPreference(ReadPreference::Primary));
        // A primary that was cut off shows what will be rolled back. No answer and no decision may rest
        // on that, so every read is of what a majority has; what a majority has acknowledged is there
        // before the one who wrote it is answered.
        options.read_concern = Some(ReadConcern::majority());
        options.write_concern = Some(durable());
        let elections = Elections::new();
        options.sdam_event_handler = Some(elections.watch());
        let client = Client::with_options(options).map_err(failed)?;
        let database = client.database(&config.database);
        // Not cut off at the usual limit, because only the driver can say why it found no server.
        let hello = database.run_command(doc! { "hello": 1 }).await;
        let replicated = hello.map_err(failed)?.contains_key("setName");
        if replicated {
            elections.first().await;
        }
        let collections = Collections {
            messages: database.collection("messages"),
            users: database.collection("users"),
            invites: database.collection("invites"),
            keys: database.collection("keys"),
            acts: database.collection("acts"),
            pauses: database.collection("senders"),
            revocations: database.collection("revocations"),
            sessions: database.collection("sessions"),
            quotas: database.collection("quotas"),
            opt_outs: database.collection("opt_outs"),
            consents: database.collection("consents"),
            records: database.collection("records"),
            told: database.collection("told"),
            queues: database.collection_with_options("queues", turns::hints()),
            turns: database.collection_with_options("turns", turns::hints()),
            uploads: database.collection("uploads"),
            upload_parts: database.collection("upload_parts"),
            database,
            replicated,
            elections,
        };
        Ok(Self {
            inserts: Batches::new("insert", Inserts(collections.clone()), UNDER_WAY),
            pulse: Arc::default(),
            db: collections,
        })
    }

    /// The database, for those who check or change its schema.
    pub fn database(&self) -> &Database {
        &self.db.database
    }
}

impl Collections {
    /// The one message that a filter can match.
    async fn first(&self, filter: Document) -> Result<Option<Message>> {
        let found = self.read(self.messages.find_one(filter.clone())).await?;
        let found = match found {
            None if self.replicated => self.surely_one(&self.messages, filter).await?,
            found => found,
        };
        found.map(Message::try_from).transpose()
    }

    /// The one document that a filter can match, in any case what has been acknowledged by now. Until
    /// it knows that it has been replaced, a primary that was cut off shows what was true before; that
    /// something is not there may be answered only by one that a majority still follows.
    async fn surely_one<T: DeserializeOwned + Send + Sync>(
        &self,
        collection: &Collection<T>,
        filter: Document,
    ) -> Result<Option<T>> {
        let mut find = collection.find_one(filter);
        // A single server is asked as always: it is all the servers there are.
        if self.replicated {
            let latest = ReadConcern::linearizable();
            find = find.read_concern(latest).max_time(SERVER_WITHIN);
        }
        answer(find).await
    }

    /// Stores what is the same whoever repeats it; `filter` finds it by its id.
    async fn insert_once<T>(
        &self,
        collection: &Collection<T>,
        document: T,
        filter: Document,
    ) -> Result<()>
    where
        T: Serialize + DeserializeOwned + Send + Sync,
    {
        let insert = collection.insert_one(document);
        if answer_unless_taken(insert).await?.is_none() {
            stored_for_good(self.read(collection.find_one(filter)).await?)?;
        }
        Ok(())
    }

    /// Fails unless a majority follows the primary at this moment, so that whatever was acknowledged
    /// before is shown by the reads to come.
    async fn require_majority(&self) -> Result<()> {
        let nobody = doc! { "_id": "" };
        self.surely_one(&self.pauses, nobody).await?;
        Ok(())
    }

    /// The same before it is answered that there is nothing, or no more; a single server need not be asked,
    /// as it is all the servers there are.
    async fn no_other_knows_more(&self) -> Result<()> {
        if self.replicated {
            let election = self.elections.latest();
            self.require_majority().await?;
            self.require_no_election_since(election)?;
        }
        Ok(())
    }

    async fn all(&self, find: Find<'_, MessageDocument>) -> Result<Vec<Message>> {
        let read = async { find.await?.try_collect::<Vec<_>>().await };
        self.read(read)
            .await?
            .into_iter()
            .map(Message::try_from)
            .collect()
    }

    /// The same, without those that this program cannot read: they would keep it from all the others.
    async fn readable(&self, find: Find<'_, MessageDocument>) -> Result<Vec<Message>> {
        let read = async {
            let mut cursor = find.await?;
            let mut found = Vec::new();
            while cursor.advance().await? {
                let document = cursor.deserialize_current().map_err(failed);
                match document.and_then(Message::try_from) {
                    Ok(message) => found.push(message),
                    Err(error) => {
                        let id = cursor.current().get("_id").ok().flatten();
                        let error = Chain(&error);
                        tracing::error!(?id, %error, "a message cannot be read and is left alone");
                    }
                }
            }
            Ok(found)
        };
        self.read(read).await
    }

    /// Reads, never what is older than an earlier read, whatever primaries are elected meanwhile: nobody
    /// may see a status go back, and no decision may rest on what was known to be over.
    async fn read<T>(
        &self,
        read: impl IntoFuture<Output = mongodb::error::Result<T>>,
    ) -> Result<T> {
        let election = self.elections.latest();
        if !self.elections.is_trusted(election) {
            self.require_majority().await?;
            self.elections.trust(election);
        }
        let read = answer(read).await?;
        self.require_no_election_since(election)?;
        Ok(read)
    }

    fn require_no_election_since(&self, election: u64) -> Result<()> {
        if self.elections.latest() == election {
            return Ok(());
        }
        Err(StoreError::unavailable(
            STORE,
            "another primary was elected",
        ))
    }
}

/// What is answered is in the journals of a majority.
fn durable() -> WriteConcern {
    WriteConcern::builder()
        .w(Acknowledgment::Majority)
        .journal(true)
        .w_timeout(SERVER_WITHIN)
        .build()
}

/// What refused a write as a duplicate, or as older. A majority has to have it: what may yet be rolled
/// back has refused nothing.
fn stored_for_good<T>(found: Option<T>) -> Result<T> {
    found.ok_or_else(|| StoreError::unavailable(STORE, "it is not stored for good yet"))
}

/// Waits for the driver, but not longer than a caller can.
async fn answer<T>(call: impl IntoFuture<Output = mongodb::error::Result<T>>) -> Result<T> {
    match timeout(ANSWER_WITHIN, call.into_future()).await {
        Ok(result) => result.map_err(failed),
        Err(elapsed) => Err(StoreError::unavailable(STORE, elapsed)),
    }
}

/// Like [`answer`]; `None` if a unique index refused the write, which did nothing then.
async fn answer_unless_taken<T>(
    call: impl IntoFuture<Output = mongodb::error::Result<T>>,
) -> Result<Option<T>> {
    let call = call.into_future();
    answer(async {
        match call.await {
            Ok(value) => Ok(Some(value)),
            Err(error) if is_duplicate_key(&error) => Ok(None),
            Err(error) => Err(error),
        }
    })
    .await
}

fn is_duplicate_key(error: &Error) -> bool {
    match &*error.kind {
        ErrorKind::Write(WriteFailure::WriteError(error)) => error.code == DUPLICATE_KEY,
        ErrorKind::Command(error) => error.code == DUPLICATE_KEY,
        _ => false,
    }
}

fn failed(error: Error) -> StoreError {
    match *error.kind {
        ErrorKind::BsonDeserialization(_) | ErrorKind::Bson(_) => {
            StoreError::corrupt("a document", error)
        }
        _ => StoreError::unavailable(STORE, error),
    }
}
