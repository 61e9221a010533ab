//! What the provider said, merged by rank into whatever the message is.
//!
//! The pipelines are the same for every fact: what a fact says is data, which their first stage puts
//! into a field `fact`, so that one statement can bring each of many messages its own.

use mongodb::bson::{Bson, Document, bson, doc};

use super::{
    REMOVE, Statement, among, appended, cond, content_kept_if, held, literal, merged, named,
    touched_if,
};
use crate::domain::{Event, Fact, LeaseToken, MessageId, Provider, Status, TimelineEntry};
use crate::store::mongo::document::{self, date, entry, insert_present, rank, stored};

/// Merges a fact into the message that it is addressed to, if that has its SID or none. The unique
/// index refuses it if the SID belongs to another message.
pub(in crate::store::mongo) fn fact_to_named(id: MessageId, fact: &Fact) -> Statement {
    let mut filter = named(id);
    filter.insert("account", &fact.account);
    let its_own = doc! { "provider.sid": fact.sid.as_str() };
    let none = doc! { "provider.sid": { "$exists": false } };
    filter.insert("$or", vec![its_own, none]);
    Statement::new(filter, merge(literal(said(fact, Event::Provider))))
}

/// Merges a fact each into messages of the facts' accounts, where a message has the fact's SID or
/// none. Once the unique index refuses one of them, the rest may not be merged either.
pub(in crate::store::mongo) fn facts_to_named(facts: &[(MessageId, &Fact)]) -> Statement {
    let ids: Vec<_> = facts.iter().map(|(id, _)| *id).collect();
    let of_each = |value: fn(&Fact) -> Bson| {
        let values: Vec<_> = facts.iter().map(|(_, fact)| value(fact)).collect();
        let places: Vec<_> = ids.iter().map(|id| stored(id.as_uuid())).collect();
        let place = doc! { "$indexOfArray": [literal(places), "$_id"] };
        bson!({ "$arrayElemAt": [literal(values), place] })
    };
    let sid = of_each(|fact| fact.sid.as_str().into());
    let its_own_or_none = doc! { "$in": [
        { "$ifNull": ["$provider.sid", Bson::Null] },
        [Bson::Null, sid],
    ] };
    let filter = doc! { "_id": among(&ids), "$expr": its_own_or_none };
    Statement::new(
        filter,
        merge(of_each(|fact| said(fact, Event::Provider).into())),
    )
}

/// Merges a fact into the message that has its SID.
pub(in crate::store::mongo) fn fact_about_owned(fact: &Fact) -> Statement {
    let filter = doc! { "provider.sid": fact.sid.as_str(), "account": &fact.account };
    Statement::new(filter, merge(literal(said(fact, Event::Provider))))
}

/// Gives the message held by a token the SID of a fact. The unique index refuses it if the SID
/// belongs to another message.
pub(in crate::store::mongo) fn adopt(id: MessageId, token: LeaseToken, fact: &Fact) -> Statement {
    let adopted = TimelineEntry::new(fact.at, Event::Adopted).with_sid(&fact.sid);
    let mut update = vec![doc! { "$set": {
        "provider": literal(provider(fact, true)),
        "timeline": appended(literal(entry(&adopted))),
        "fact": literal(said(fact, Event::Provider)),
    } }];
    update.extend(raise_or_record(judged(rises(), has_smaller_code())));
    Statement::new(held(id, token), update)
}

/// Records a fact about a second SID for a message. That the text was received raises the status,
/// unless the message's own SID came from a list.
pub(in crate::store::mongo) fn surplus(id: MessageId, fact: &Fact) -> Statement {
    let mut filter = named(id);
    filter.insert("account", &fact.account);
    let another = doc! { "$exists": true, "$ne": fact.sid.as_str() };
    filter.insert("provider.sid", another);
    let raises = match fact.status.status() {
        Status::Delivered => bson!({ "$and": [rises(), { "$not": ["$provider.adopted"] }] }),
        _ => Bson::Boolean(false),
    };
    let mut update = vec![doc! { "$set": { "fact": literal(said(fact, Event::Surplus)) } }];
    update.extend(raise_or_record(judged(raises, false)));
    Statement::new(filter, update)
}

/// What a fact says, for the stages to come. What does not apply is absent.
fn said(fact: &Fact, event: Event) -> Document {
    let status = fact.status.status();
    let entry = entry(
        &TimelineEntry::new(fact.at, event)
            .with_sid(&fact.sid)
            .with_status(status)
            .with_code(fact.code.as_deref())
            .with_detail(fact.detail.as_deref()),
    );
    // Entries are the same fact if they differ in nothing but time and detail.
    let mut word = entry.clone();
    word.remove("at");
    word.remove("detail");
    let mut said = doc! {
        "at": date(fact.at),
        "status": status.as_str(),
        "rank": rank(status),
        "provider": provider(fact, false),
        "entry": entry,
        "word": word,
    };
    let delivered_at = (status == Status::Delivered).then_some(fact.at);
    let poll_at = fact.poll_at.filter(|_| !status.is_terminal());
    let times = [("delivered_at", delivered_at), ("poll_at", poll_at)];
    insert_present(&mut said, times.map(|(field, at)| (field, at.map(date))));
    insert_present(&mut said, [("code", fact.code.as_deref())]);
    said
}

fn provider(fact: &Fact, adopted: bool) -> Document {
    document::provider(&Provider {
        sid: fact.sid.clone(),
        at: fact.at,
        adopted,
    })
}

/// The stages that merge what `said` (an expression) is about the message's own SID.
fn merge(said: Bson) -> Vec<Document> {
    let first_writer = doc! { "provider": { "$ifNull": ["$provider", "$fact.provider"] } };
    let judged = judged(rises(), has_smaller_code());
    let mut update = vec![doc! { "$set": { "fact": said } }];
    update.extend(raise_or_record(merged([first_writer, judged])));
    update
}

/// What later stages have to know of the message as it was.
fn judged(raises: impl Into<Bson>, code_wins: impl Into<Bson>) -> Document {
    let known = doc! { "$map": { "input": "$timeline", "in": {
        "event": "$$this.event",
        "sid": "$$this.sid",
        "status": "$$this.status",
        "code": "$$this.code",
    } } };
    doc! {
        "fact.raises": raises,
        "fact.code_wins": code_wins,
        "fact.new": { "$not": [{ "$in": ["$fact.word", known] }] },
    }
}

fn rises() -> Bson {
    bson!({ "$lt": ["$rank", "$fact.rank"] })
}

/// Of two codes for one status the smaller stays, so that no order of arrival shows.
fn has_smaller_code() -> Bson {
    let is_missing = |field: &str| bson!({ "$eq": [{ "$type": field }, "missing"] });
    bson!({ "$and": [
        { "$not": [is_missing("$fact.code")] },
        { "$eq": ["$rank", "$fact.rank"] },
        { "$or": [is_missing("$error_code"), { "$lt": ["$fact.code", "$error_code"] }] },
    ] })
}

/// The stages that put the fact on the timeline unless it is there, and make its status the
/// message's if it was `judged` to raise it.
fn raise_or_record(judged: Document) -> [Document; 3] {
    [
        doc! { "$set": judged },
        doc! { "$set": merged([recorded(), raised()]) },
        doc! { "$unset": "fact" },
    ]
}

fn recorded() -> Document {
    let changed = doc! { "$or": ["$fact.raises", "$fact.new", "$fact.code_wins"] };
    let timeline = cond("$fact.new", appended("$fact.entry"), "$timeline");
    merged([
        doc! { "timeline": timeline },
        touched_if(changed, "$fact.at"),
    ])
}

/// What depends on the status.
fn raised() -> Document {
    let or_as_it_was = |value: &str, field: &str| bson!({ "$ifNull": [value, field] });
    let later = or_as_it_was("$fact.poll_at", "$not_before");
    let if_raised = |field: &str, value: Bson| cond("$fact.raises", value, format!("${field}"));
    let mut set = Document::new();
    for (field, value) in [
        ("status", "$fact.status".into()),
        ("rank", "$fact.rank".into()),
        ("lease", REMOVE.into()),
        ("unseen", REMOVE.into()),
        (
            "delivered_at",
            or_as_it_was("$fact.delivered_at", "$delivered_at"),
        ),
        ("wake_at", cond("$visible", "$fact.poll_at", REMOVE)),
        ("not_before", cond("$visible", later, "$not_before")),
    ] {
        set.insert(field, if_raised(field, value));
    }
    let takes_code = doc! { "$or": ["$fact.raises", "$fact.code_wins"] };
    set.insert("error_code", cond(takes_code, "$fact.code", "$error_code"));
    let kept = doc! { "$or": ["$visible", { "$not": ["$fact.raises"] }] };
    merged([set, content_kept_if(kept)])
}
