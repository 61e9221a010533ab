//! What programs noted on texts is found by an index, however much of it there is.

use mongo::Mongo;
use mongodb::bson::{Document, doc};
use mysms_core::domain::NewMessage;
use mysms_core::store::{Filter, History, Order, Page};

use super::indexes::{COUNTERPART, Indexes, RARE_NUMBER};
use super::{Scratch, ledger};
use crate::store::fixtures::{address, message, reference, tags, user};

const REFERENCES: &str = "owner: 1, reference: 1, _id: -1";
const TAGS: &str = "owner: 1, tags: 1, _id: -1";

/// As many as one customer has of the texts of all users.
const OF_A_CUSTOMER: i64 = 10;

/// Notes something on a message: the half of them are bills, and every tenth belongs to an order.
pub(super) fn put_on(document: &mut Document, number: u64) {
    if number.is_multiple_of(2) {
        let customer = format!("customer:{}", number % 10_000 / 2);
        document.insert("tags", vec![customer, "kind:bill".to_owned()]);
    }
    if number.is_multiple_of(10) {
        document.insert("reference", format!("order {}", number / 100));
    }
}

pub(super) async fn all(mongo: &Mongo, indexes: &Indexes) {
    for order in [Order::OldestFirst, Order::NewestFirst] {
        let page = |filter| Page {
            order,
            after: None,
            limit: 200,
            filter,
        };
        let read = async |what: &str, used: &[&str], most: i64, filter: Filter| {
            let found = mongo.page(user(1), page(filter));
            let found = indexes.assert(what, used, most, found).await.unwrap();
            assert_eq!(found.searched_to, None, "{what}");
            found.messages.len()
        };
        let bills = Filter {
            tags: tags(&["kind:bill"]),
            ..Filter::default()
        };
        assert_eq!(read("a tag", &[TAGS], 200, bills.clone()).await, 200);
        let order_5 = Filter {
            reference: Some(reference("order 5")),
            ..Filter::default()
        };
        let found = read("a reference", &[REFERENCES], 10, order_5.clone()).await;
        assert!(
            (1..10).contains(&found),
            "{found}: the others are another user's"
        );
        // What is counted is counted in the index alone, and the rarest is read.
        let both = Filter {
            tags: tags(&["kind:bill", "customer:7"]),
            ..Filter::default()
        };
        let found = read("two tags", &[TAGS], OF_A_CUSTOMER, both).await;
        assert!(found > 0);
        let all = Filter {
            counterpart: Some(address(RARE_NUMBER)),
            reference: order_5.reference,
            ..bills.clone()
        };
        let used = [TAGS, REFERENCES, COUNTERPART];
        assert_eq!(read("all of them", &used, 10, all).await, 1);
        let seen = mongo.page(user(1), page(bills));
        let seen = indexes.profiler.watch("messages", seen).await;
        assert!(seen.iter().all(|seen| !seen.sorted), "{seen:?}");
    }
}

#[tokio::test]
async fn a_tag_is_stored_as_a_text_and_none_are_absent() {
    let scratch = Scratch::new().await;
    let mongo = scratch.connect().await;
    let ledger = ledger(&mongo);
    let noted = NewMessage {
        tags: tags(&["shop:1", "kind:bill"]),
        ..message(1)
    };
    ledger.insert(noted).await.unwrap();
    ledger.insert(message(2)).await.unwrap();
    let messages = mongo.database().collection::<Document>("messages");
    let stored = messages.find_one(doc! { "tags": "shop:1" }).await.unwrap();
    let stored = stored.unwrap();
    let stored: Vec<_> = stored.get_array("tags").unwrap().iter().collect();
    assert_eq!(stored, [&"kind:bill".into(), &"shop:1".into()]);
    let without = doc! { "tags": { "$exists": false }, "reference": { "$exists": false } };
    assert_eq!(messages.count_documents(without).await.unwrap(), 1);
    scratch.remove().await;
}
