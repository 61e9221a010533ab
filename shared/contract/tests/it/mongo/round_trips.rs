//! What a batch is for, and what is asked once for many.

use std::time::Instant;

use futures_util::future::join_all;
use lab::Mongod;
use mongo::Mongo;
use mongodb::bson::{Document, doc};
use mysms_core::store::{
    Counter, Kind, NumberDigest, Quotas, Records, Reservation, Reserved, Upkeep,
};

use super::{Scratch, ledger};
use crate::store::fixtures::{BY, at, claim, fact, id, message, sid, token, user};
use crate::store::quotas::charge;

const MESSAGES: u64 = 200;

/// How many commands of these kinds the server has executed so far.
async fn commands(mongo: &Mongo, kinds: &[&str]) -> i64 {
    let status = doc! { "serverStatus": 1 };
    let status: Document = mongo.database().run_command(status).await.unwrap();
    let metrics = status.get_document("metrics").unwrap();
    let commands = metrics.get_document("commands").unwrap();
    let total = |kind: &&str| {
        let total = commands.get_document(kind).unwrap().get("total").unwrap();
        total.as_i64().unwrap()
    };
    kinds.iter().map(total).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_come_together_share_a_round_trip() {
    let server = Mongod::start().await.unwrap();
    let mongo = Scratch::on(&server.uri()).await.connect().await;

    let ledger = ledger(&mongo);
    let before = commands(&mongo, &["insert"]).await;
    let inserts = (1..=MESSAGES).map(|number| ledger.insert(message(number)));
    for inserted in join_all(inserts).await {
        inserted.unwrap();
    }
    let inserts = commands(&mongo, &["insert"]).await - before;
    assert!(inserts <= 20, "{inserts} commands for {MESSAGES} inserts");

    let ids: Vec<_> = (1..=MESSAGES).map(id).collect();
    let claimed = ledger.claim(&ids, BY, claim(token(1), at(0))).await;
    claimed.unwrap();
    let writes = ["update", "findAndModify"];
    let before = commands(&mongo, &writes).await;
    let facts: Vec<_> = (1..=MESSAGES)
        .flat_map(|number| {
            ["accepted", "sent", "delivered"].map(|word| fact(id(number), sid(number), word, at(1)))
        })
        .collect();
    for merged in join_all(facts.iter().map(|fact| ledger.apply_fact(fact))).await {
        merged.unwrap();
    }
    let writes = commands(&mongo, &writes).await - before;
    assert!(writes <= 40, "{writes} commands for {} facts", facts.len());
}

#[tokio::test]
async fn a_text_is_counted_everywhere_in_one_round_trip() {
    let server = Mongod::start().await.unwrap();
    let mongo = Scratch::on(&server.uri()).await.connect().await;
    let number = NumberDigest([1; 16]);
    let counters = [
        Counter::User(user(1)),
        Counter::Everybody,
        Counter::Abroad,
        Counter::Recipient(number),
        Counter::Prefix(number),
    ];
    let charges = counters.map(|counter| charge(counter, 1)).to_vec();
    let text = Reservation::new(charges, at(0), at(0));
    let kinds = ["update", "find", "insert", "findAndModify"];
    let before = commands(&mongo, &kinds).await;
    assert_eq!(mongo.reserve(&text).await.unwrap(), Reserved::Granted);
    assert_eq!(commands(&mongo, &kinds).await - before, 1);
    mongo.give_back(&text).await.unwrap();
    assert_eq!(commands(&mongo, &kinds).await - before, 2);
    assert_eq!(mongo.spent(&counters, at(0)).await.unwrap(), [0; 5]);
    assert_eq!(commands(&mongo, &kinds).await - before, 3);
}

#[tokio::test]
async fn a_record_and_the_time_are_read_in_one_round_trip() {
    let server = Mongod::start().await.unwrap();
    let mongo = Scratch::on(&server.uri()).await.connect().await;
    let line = async || mongo.record(Kind::Line, "a line", at(0)).await.unwrap();
    let kinds = ["aggregate", "find", "hello", "update", "insert"];
    let replaced = mongo.replace(Kind::Line, "a line", 0, Some("1"));
    assert!(replaced.await.unwrap());
    let others = || commands(&mongo, &kinds[1..]);
    let (reads, before) = (commands(&mongo, &kinds[..1]).await, others().await);
    for _ in 0..20 {
        assert!(line().await.record.is_some());
    }
    assert_eq!(commands(&mongo, &kinds[..1]).await - reads, 20);
    // The driver says hello now and then by itself.
    let more = others().await - before;
    assert!(more < 10, "{more}");
}

#[tokio::test]
async fn any_number_of_questions_whether_it_works_costs_one_round_trip_a_second() {
    let server = Mongod::start().await.unwrap();
    let mongo = Scratch::on(&server.uri()).await.connect().await;
    let (before, began) = (commands(&mongo, &["find"]).await, Instant::now());
    for answer in join_all((0..1000).map(|_| mongo.ping())).await {
        answer.unwrap();
    }
    let most = i64::try_from(began.elapsed().as_secs()).unwrap() + 1;
    let asked = commands(&mongo, &["find"]).await - before;
    assert!((1..=most).contains(&asked), "{asked} round trips");
}
