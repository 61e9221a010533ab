use mongodb::Database;
use mongodb::bson::{Document, doc};
use shared::config::MongoConfig;
use shared::store::mongo::Mongo;
use uuid::Uuid;

use crate::uri::mongo_uri;

/// An empty database of a test's own.
pub(crate) struct Scratch {
    server: String,
    name: String,
}

impl Scratch {
    pub(crate) fn new() -> Self {
        Self {
            server: mongo_uri(),
            name: format!("mysms_test_{}", Uuid::new_v4().simple()),
        }
    }

    /// A connection of its own, as another process has.
    pub(crate) async fn connect(&self) -> Database {
        let config = MongoConfig {
            uri: self.server.as_str().into(),
            database: self.name.clone(),
        };
        match Mongo::connect(&config, 4).await {
            Ok(mongo) => mongo.database().clone(),
            Err(error) => panic!("run `make services`, which starts a MongoDB: {error:?}"),
        }
    }

    /// The server's address with the database as its path.
    pub(crate) fn uri(&self) -> String {
        let (server, options) = self.server.split_once('?').unwrap_or((&self.server, ""));
        let hosts = server.find("://").map_or(0, |scheme| scheme + 3);
        let path = server[hosts..].find('/').map(|path| hosts + path);
        let server = &server[..path.unwrap_or(server.len())];
        format!("{server}/{}?{options}", self.name)
    }

    pub(crate) async fn remove(self) {
        self.connect().await.drop().await.unwrap();
    }
}

/// Records a migration that this version does not know.
pub(crate) async fn record_unknown(database: &Database, major: i32) {
    let record = doc! { "_id": 1000, "major": major, "name": "of a version to come" };
    let records = database.collection::<Document>("migrations");
    records.insert_one(record).await.unwrap();
}
