use lab::Scratch;
use mongo::Mongo;
use mongodb::Database;
use mongodb::bson::{Document, doc};
use runtime::config::MongoConfig;

/// A connection of its own, as another process has.
pub(crate) async fn connect(scratch: &Scratch) -> Database {
    let config = MongoConfig {
        uri: scratch.server().into(),
        database: scratch.name().to_owned(),
    };
    match Mongo::connect(&config, 4).await {
        Ok(mongo) => mongo.database().clone(),
        Err(error) => panic!("run `make services`, which starts a MongoDB: {error:?}"),
    }
}

/// Records a migration that this version does not know.
pub(crate) async fn record_unknown(database: &Database, major: i32) {
    let record = doc! { "_id": 1000, "major": major, "name": "of a version to come" };
    let records = database.collection::<Document>("migrations");
    records.insert_one(record).await.unwrap();
}
