use async_trait::async_trait;
use mysms_core::domain::{Message, MessageId, UserId};
use mysms_core::store::{History, Lead, Order, Page, Part, Result, SEARCHED, Ways};
use sqlx::{QueryBuilder, Sqlite as Driver};

use super::messages::at_most;
use super::{Sqlite, row, unavailable};

#[async_trait]
impl History for Sqlite {
    async fn find(&self, owner: UserId, id: MessageId) -> Result<Option<Message>> {
        let found =
            sqlx::query("SELECT * FROM messages WHERE id = ? AND owner = ? AND visible = 1")
                .bind(id.as_uuid())
                .bind(owner.as_uuid())
                .fetch_optional(&self.readers)
                .await
                .map_err(unavailable)?;
        found.as_ref().map(row::message).transpose()
    }

    async fn page(&self, owner: UserId, page: Page) -> Result<Part> {
        let page = &page;
        let lead = page.lead(|lead| self.how_many(owner, page, lead)).await?;
        page.fill(|after, limit| async move {
            let rows = stretch(owner, page, lead, after, limit)
                .build()
                .fetch_all(&self.readers)
                .await
                .map_err(unavailable)?;
            rows.iter().map(row::message).collect()
        })
        .await
    }
}

impl Sqlite {
    /// How many messages from the beginning of a page on meet a condition, up to as many as are looked
    /// through.
    async fn how_many(&self, owner: UserId, page: &Page, lead: Lead<'_>) -> Result<u64> {
        let found: i64 = count(owner, page, lead)
            .build_query_scalar()
            .fetch_one(&self.readers)
            .await
            .map_err(unavailable)?;
        Ok(found.unsigned_abs())
    }
}

fn count(owner: UserId, page: &Page, lead: Lead<'_>) -> QueryBuilder<Driver> {
    let mut query = QueryBuilder::new("SELECT COUNT(*) FROM (SELECT 1 FROM ");
    query.push(index(lead));
    push_found_by(&mut query, owner, page, lead, page.after);
    query.push(" LIMIT ");
    query.push_bind(at_most(SEARCHED));
    query.push(")");
    query
}

/// Reads the messages of a page that come after one, as far as they can be told without looking through
/// many.
fn stretch(
    owner: UserId,
    page: &Page,
    lead: Lead<'_>,
    after: Option<MessageId>,
    limit: usize,
) -> QueryBuilder<Driver> {
    let mut query = QueryBuilder::new(row::LISTED.as_str());
    query.push(" FROM ");
    query.push(index(lead));
    if let Lead::Tag(_) = lead {
        // Unlike any other join, it is done in the order in which it is written.
        query.push(" CROSS JOIN messages ON id = message");
    }
    push_found_by(&mut query, owner, page, lead, after);
    query.push(" AND visible = 1");
    if page.filter.ways == Ways::Sent {
        query.push(" AND direction = 'outbound'");
    }
    query.push(format!(" ORDER BY {} ", id_in(lead)));
    query.push(match page.order {
        Order::OldestFirst => "ASC LIMIT ",
        Order::NewestFirst => "DESC LIMIT ",
    });
    query.push_bind(at_most(limit));
    query
}

/// The index of a condition. It is named, because SQLite prefers another one if the ids have two bounds.
fn index(lead: Lead<'_>) -> &'static str {
    match lead {
        Lead::Owner => "messages INDEXED BY messages_history",
        Lead::Counterpart(_) => "messages INDEXED BY messages_conversation",
        Lead::Reference(_) => "messages INDEXED BY messages_reference",
        Lead::Tag(_) => "tagged",
    }
}

/// What the index of a condition tells by itself.
fn push_found_by(
    query: &mut QueryBuilder<Driver>,
    owner: UserId,
    page: &Page,
    lead: Lead<'_>,
    after: Option<MessageId>,
) {
    let (of_owner, condition) = match lead {
        Lead::Owner => (" WHERE visible = 1 AND owner = ", None),
        Lead::Counterpart(number) => (
            " WHERE visible = 1 AND owner = ",
            Some((" AND counterpart = ", number.as_str())),
        ),
        Lead::Reference(reference) => (
            " WHERE owner = ",
            Some((" AND reference = ", reference.as_str())),
        ),
        Lead::Tag(tag) => (" WHERE user = ", Some((" AND tag = ", tag.as_str()))),
    };
    query.push(of_owner);
    query.push_bind(owner.as_uuid());
    if let Some((condition, value)) = condition {
        query.push(condition);
        query.push_bind(value.to_owned());
    }
    let beyond = match page.order {
        Order::OldestFirst => ">",
        Order::NewestFirst => "<",
    };
    let ends = [
        (beyond, after),
        (">=", page.filter.first_id()),
        ("<", page.filter.end_id()),
    ];
    for (compared, id) in ends {
        if let Some(id) = id {
            query.push(format!(" AND {} {compared} ", id_in(lead)));
            query.push_bind(id.as_uuid());
        }
    }
}

/// The column in which the index of a condition has the ids.
fn id_in(lead: Lead<'_>) -> &'static str {
    match lead {
        Lead::Tag(_) => "message",
        Lead::Owner | Lead::Counterpart(_) | Lead::Reference(_) => "id",
    }
}

#[cfg(test)]
mod tests {
    use mysms_core::domain::{Address, Reference, Tag, Tags, Timestamp};
    use mysms_core::store::Filter;
    use sqlx::{AssertSqlSafe, Row};

    use super::*;

    async fn plan(store: &Sqlite, query: QueryBuilder<Driver>) -> Vec<String> {
        let explain = format!("EXPLAIN QUERY PLAN {}", query.sql().as_str());
        let steps = sqlx::query(AssertSqlSafe(explain));
        let steps = steps.fetch_all(&store.readers).await.unwrap();
        steps.iter().map(|step| step.get("detail")).collect()
    }

    /// A page after another one of what was sent since a time.
    fn page(order: Order) -> Page {
        let now = Timestamp::from_millis(1_767_225_600_000);
        Page {
            order,
            after: Some(MessageId::generate(now)),
            limit: 50,
            filter: Filter {
                counterpart: Some(Address::of_author("+14155550123")),
                reference: Some(Reference::parse("order 17".to_owned()).unwrap()),
                tags: Tags::of([Tag::parse("shop:1").unwrap()]).unwrap(),
                since: Some(now),
                ..Filter::default()
            },
        }
    }

    /// However many messages there are, those of a condition are read in their order, and no others.
    #[tokio::test]
    async fn each_condition_is_found_by_its_index_without_sorting() {
        let directory = tempfile::tempdir().unwrap();
        let store = Sqlite::open(&directory.path().join("ledger.db")).await;
        let store = store.unwrap();
        let owner = UserId::generate(Timestamp::EPOCH);
        for order in [Order::OldestFirst, Order::NewestFirst] {
            let page = page(order);
            let leads = page.filter.leads();
            let [counterpart, reference, tag] = leads[..] else {
                panic!("{leads:?}");
            };
            let by_id = "SEARCH messages USING INDEX sqlite_autoindex_messages_1 (id=?)";
            for (lead, expected) in [
                (Lead::Owner, vec!["INDEX messages_history (owner=? AND id"]),
                (
                    counterpart,
                    vec!["INDEX messages_conversation (owner=? AND counterpart=? AND id"],
                ),
                (
                    reference,
                    vec!["INDEX messages_reference (owner=? AND reference=? AND id"],
                ),
                (
                    tag,
                    vec!["PRIMARY KEY (user=? AND tag=? AND message", by_id],
                ),
            ] {
                let query = stretch(owner, &page, lead, page.after, page.limit);
                let steps = plan(&store, query).await;
                assert_eq!(steps.len(), expected.len(), "{lead:?}: {steps:#?}");
                for (step, expected) in steps.iter().zip(&expected) {
                    assert!(step.contains(expected), "{lead:?}: {steps:#?}");
                }
                let counted = plan(&store, count(owner, &page, lead)).await;
                let searches: Vec<_> = counted.iter().filter(|step| step.contains('=')).collect();
                assert_eq!(searches.len(), 1, "{lead:?}: {counted:#?}");
                assert!(searches[0].contains(expected[0]), "{lead:?}: {counted:#?}");
            }
        }
    }
}
