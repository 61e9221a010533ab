use migrations::migrate;
use mongo::Mongo;
use mongodb::Database;
use mysms_core::domain::Timestamp;
use runtime::config::MongoConfig;

/// Connections of one adapter: more than the tasks of any race.
const POOL: u32 = 32;

/// A database of a test's own, with the schema that the migrations make.
pub(crate) struct Scratch(lab::Scratch);

impl Scratch {
    /// On the server that all tests share.
    pub(crate) async fn new() -> Self {
        Self::migrated(lab::Scratch::new()).await
    }

    /// On the server at `uri`.
    pub(crate) async fn on(uri: &str) -> Self {
        Self::migrated(lab::Scratch::on(uri)).await
    }

    /// Another one on the same server.
    pub(crate) async fn another(&self) -> Self {
        Self::on(self.0.server()).await
    }

    async fn migrated(database: lab::Scratch) -> Self {
        let scratch = Self(database);
        let database = scratch.database().await;
        migrate(&database, Timestamp::EPOCH).await.unwrap();
        scratch
    }

    pub(crate) async fn connect(&self) -> Mongo {
        let config = MongoConfig {
            uri: self.0.server().into(),
            database: self.0.name().to_owned(),
        };
        match Mongo::connect(&config, POOL).await {
            Ok(mongo) => mongo,
            Err(error) => panic!("run `make services`, which starts a MongoDB: {error:?}"),
        }
    }

    /// The database as the adapter sees it.
    pub(crate) async fn database(&self) -> Database {
        self.connect().await.database().clone()
    }

    pub(crate) async fn remove(&self) {
        self.0.remove().await.unwrap();
    }
}
