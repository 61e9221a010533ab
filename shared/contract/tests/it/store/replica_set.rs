//! The adapters that are stamped with the contract run on a single server, as tests find one. What
//! may differ on a replica set is tried on one here.

use lab::Mongod;

use super::adapters::mongo_in;
use super::{accepting, adopting, claims, random, repeats};
use crate::mongo::Scratch;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_set_does_what_a_single_server_does() {
    let server = Mongod::start_replica_set().await.unwrap();
    let store = mongo_in(Scratch::on(&server.uri()).await).await;
    random::operations_do_what_the_reference_does(&store).await;
    claims::each_message_of_twenty_racing_batches_is_won_once(&store).await;

    let other = store.another().await;
    accepting::one_of_twenty_racing_requests_with_one_key_is_stored(&other).await;
    let other = store.another().await;
    adopting::one_of_twenty_racing_adoptions_gets_the_sid(&other).await;
    let other = store.another().await;
    repeats::repeat_claim_is_harmless(&other).await;
    drop(server);
}
