//! What the provider said, merged by rank into whatever the message is.

use mongodb::bson::{Bson, Document, bson, doc};

use super::{
    REMOVE, Statement, appended, cond, content_kept_if, held, literal, merged, named, status,
};
use crate::domain::{Event, Fact, LeaseToken, MessageId, Status, TimelineEntry};
use crate::store::mongo::document::{date, entry, rank};

/// Merges a fact into the message that it is addressed to, if that has its SID or none. The unique
/// index refuses it if the SID belongs to another message.
pub(in crate::store::mongo) fn fact_to_named(id: MessageId, fact: &Fact) -> Statement {
    let mut filter = named(id);
    filter.insert("account", &fact.account);
    let its_own = doc! { "provider.sid": fact.sid.as_str() };
    let none = doc! { "provider.sid": { "$exists": false } };
    filter.insert("$or", vec![its_own, none]);
    Statement::new(filter, merge(fact))
}

/// Merges a fact into the message that has its SID.
pub(in crate::store::mongo) fn fact_about_owned(fact: &Fact) -> Statement {
    let filter = doc! { "provider.sid": fact.sid.as_str(), "account": &fact.account };
    Statement::new(filter, merge(fact))
}

/// Gives the message held by a token the SID of a fact. The unique index refuses it if the SID
/// belongs to another message.
pub(in crate::store::mongo) fn adopt(id: MessageId, token: LeaseToken, fact: &Fact) -> Statement {
    let adopted = TimelineEntry::new(fact.at, Event::Adopted).with_sid(&fact.sid);
    let mut update = vec![doc! { "$set": {
        "provider": provider(fact, true),
        "timeline": appended(literal(entry(&adopted))),
        "updated_at": date(fact.at),
    } }];
    update.extend(raise_or_record(fact, Event::Provider, rises(fact)));
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
        Status::Delivered => bson!({ "$and": [rises(fact), { "$not": ["$provider.adopted"] }] }),
        _ => Bson::Boolean(false),
    };
    Statement::new(filter, raise_or_record(fact, Event::Surplus, raises))
}

fn merge(fact: &Fact) -> Vec<Document> {
    let first_writer = doc! { "$ifNull": ["$provider", provider(fact, false)] };
    let mut update = vec![doc! { "$set": { "provider": first_writer } }];
    update.extend(raise_or_record(fact, Event::Provider, rises(fact)));
    update
}

fn provider(fact: &Fact, adopted: bool) -> Bson {
    literal(doc! { "sid": fact.sid.as_str(), "at": date(fact.at), "adopted": adopted })
}

fn rises(fact: &Fact) -> Bson {
    bson!({ "$lt": ["$rank", rank(fact.status.status())] })
}

/// The stages that put a fact on the timeline unless it is there, and make its status the message's
/// if `raises` (an expression) holds.
fn raise_or_record(fact: &Fact, event: Event, raises: Bson) -> Vec<Document> {
    let code_wins = match event {
        Event::Provider => has_smaller_code(fact),
        _ => Bson::Boolean(false),
    };
    // What later stages have to know of the message as it was.
    let before = doc! { "raises": raises, "code_wins": code_wins, "new": is_new(fact, event) };
    vec![
        doc! { "$set": { "fact": before } },
        doc! { "$set": merged([recorded(fact, event), raised(fact)]) },
        doc! { "$unset": "fact" },
    ]
}

/// Of two codes for one status the smaller stays, so that no order of arrival shows.
fn has_smaller_code(fact: &Fact) -> Bson {
    let Some(code) = &fact.code else {
        return Bson::Boolean(false);
    };
    let no_code = bson!({ "$eq": [{ "$type": "$error_code" }, "missing"] });
    bson!({ "$and": [
        { "$eq": ["$rank", rank(fact.status.status())] },
        { "$or": [no_code, { "$lt": [literal(code), "$error_code"] }] },
    ] })
}

/// Entries are the same fact if they differ in nothing but time and detail.
fn is_new(fact: &Fact, event: Event) -> Bson {
    let mut word = entry(&said(fact, event));
    word.remove("at");
    word.remove("detail");
    let known = doc! { "$map": { "input": "$timeline", "in": {
        "event": "$$this.event",
        "sid": "$$this.sid",
        "status": "$$this.status",
        "code": "$$this.code",
    } } };
    bson!({ "$not": [{ "$in": [literal(word), known] }] })
}

fn said(fact: &Fact, event: Event) -> TimelineEntry {
    TimelineEntry::new(fact.at, event)
        .with_sid(&fact.sid)
        .with_status(fact.status.status())
        .with_code(fact.code.as_deref())
        .with_detail(fact.detail.as_deref())
}

fn recorded(fact: &Fact, event: Event) -> Document {
    let entry = literal(entry(&said(fact, event)));
    let changed = doc! { "$or": ["$fact.raises", "$fact.new", "$fact.code_wins"] };
    doc! {
        "timeline": cond("$fact.new", appended(entry), "$timeline"),
        "updated_at": cond(changed, date(fact.at), "$updated_at"),
    }
}

/// What depends on the status.
fn raised(fact: &Fact) -> Document {
    let to = fact.status.status();
    let if_raised = |field: &str, value: Bson| cond("$fact.raises", value, format!("${field}"));
    let mut set: Document = status(to)
        .into_iter()
        .map(|(field, value)| (field.clone(), if_raised(&field, value)))
        .collect();
    let code = fact.code.as_ref().map_or(Bson::from(REMOVE), literal);
    let known_code = cond("$fact.code_wins", code.clone(), "$error_code");
    set.insert("error_code", cond("$fact.raises", code, known_code));
    for ended in ["lease", "unseen"] {
        set.insert(ended, if_raised(ended, REMOVE.into()));
    }
    if to == Status::Delivered {
        let at = date(fact.at).into();
        set.insert("delivered_at", if_raised("delivered_at", at));
    }
    let poll_at = fact.poll_at.filter(|_| !to.is_terminal()).map(date);
    let alarm = poll_at.map_or(Bson::from(REMOVE), |at| cond("$visible", at, REMOVE));
    set.insert("wake_at", if_raised("wake_at", alarm));
    if let Some(at) = poll_at {
        let due = cond("$visible", at, "$not_before");
        set.insert("not_before", if_raised("not_before", due));
    }
    let kept = doc! { "$or": ["$visible", { "$not": ["$fact.raises"] }] };
    merged([set, content_kept_if(kept)])
}
