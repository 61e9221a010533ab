//! A server that freezes or dies, and comes back.

use std::time::Duration;

use futures_util::future::join_all;
use lab::Mongod;
use mongo::Mongo;
use mysms_core::domain::{Lane, Message};
use mysms_core::store::{Accounts, Pauses, StoreError, Upkeep};
use tokio::time::timeout;

use super::{Scratch, ledger};
use crate::store::fixtures::{
    ACCOUNT, BY, at, claim, fact, id, message, rejected, sid, token, user,
};

/// An operation is to fail within 3 seconds. The rest is for a busy machine, and less than the
/// driver takes to give up by itself.
const TOO_LONG: Duration = Duration::from_secs(9);

/// Until when everything has to work again.
const RECOVERY: Duration = Duration::from_mins(1);

/// One operation of every kind, all at once; each has to fail as it would for a caller.
async fn assert_all_fail(mongo: &Mongo) {
    let ledger = ledger(mongo);
    let operations: [futures_util::future::BoxFuture<'_, Option<StoreError>>; 9] = [
        Box::pin(async { mongo.ping().await.err() }),
        Box::pin(async { ledger.insert(message(9)).await.err() }),
        Box::pin(async { ledger.read(&[id(1)]).await.err() }),
        Box::pin(async { ledger.due(ACCOUNT, Lane::Send, at(0), 9).await.err() }),
        Box::pin(async {
            let ids = [id(1), id(2)];
            let claimed = ledger.claim(&ids, BY, claim(token(1), at(0))).await;
            claimed.err()
        }),
        Box::pin(async {
            ledger
                .settle(id(1), token(1), rejected(), at(1))
                .await
                .err()
        }),
        Box::pin(async {
            let said = fact(id(1), sid(1), "sent", at(1));
            ledger.apply_fact(&said).await.err()
        }),
        Box::pin(async { ledger.delete_all(user(1), at(1)).await.err() }),
        Box::pin(async { mongo.by_id(user(1)).await.err() }),
    ];
    let errors = timeout(TOO_LONG, join_all(operations)).await.unwrap();
    for error in errors {
        let unavailable = matches!(error, Some(StoreError::Unavailable { .. }));
        assert!(unavailable, "{error:?}");
    }
}

/// The messages as they are as soon as the server answers again.
async fn read_when_back(mongo: &Mongo) -> Vec<Message> {
    let ledger = ledger(mongo);
    let back = async {
        loop {
            if let Ok(messages) = ledger.read(&[id(1)]).await {
                return messages;
            }
        }
    };
    timeout(RECOVERY, back).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_server_keeps_nobody_waiting() {
    let mut server = Mongod::start().await.unwrap();
    let mongo = Scratch::on(&server.uri()).await.connect().await;
    let ledger = ledger(&mongo);
    ledger.insert(message(1)).await.unwrap();
    server.freeze().unwrap();
    assert_all_fail(&mongo).await;
    server.thaw().unwrap();
    assert_eq!(read_when_back(&mongo).await.len(), 1);
    assert!(mongo.paused().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_survives_the_death_of_the_server() {
    let mut server = Mongod::start().await.unwrap();
    let mongo = Scratch::on(&server.uri()).await.connect().await;
    let ledger = ledger(&mongo);
    ledger.insert(message(1)).await.unwrap();
    let ids = [id(1)];
    let claimed = ledger.claim(&ids, BY, claim(token(1), at(0))).await;
    let claimed = claimed.unwrap();
    server.kill().unwrap();
    assert_all_fail(&mongo).await;
    server.bring_back().await.unwrap();
    assert_eq!(read_when_back(&mongo).await, claimed);
}

#[tokio::test]
async fn where_no_server_is_nobody_waits_for_one() {
    // Nobody listens on port 9, which is set aside for discarding what is sent there.
    let config = runtime::config::MongoConfig {
        uri: "mongodb://user:s3cret@127.0.0.1:9".into(),
        database: "mysms".to_owned(),
    };
    let connected = timeout(TOO_LONG, Mongo::connect(&config, 1)).await.unwrap();
    let error = connected.err().unwrap();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    assert!(!format!("{error:?}").contains("s3cret"));
}
