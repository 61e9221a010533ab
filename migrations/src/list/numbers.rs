use futures_util::TryStreamExt;
use mongodb::Database;
use mongodb::bson::{Document, doc};
use mongodb::error::Result;

/// A Mexican number in the form with a 1 after the country code, which was stored as it was written.
const LONG_FORM: &str = r"^\+521[0-9]{10}$";

pub(super) async fn apply(database: &Database) -> Result<()> {
    let messages = database.collection::<Document>("messages");
    // Both at once, because no index leads to them.
    let fields = ["counterpart", "recipient"];
    let is_long = fields.map(|field| doc! { field: { "$regex": LONG_FORM } });
    let shortened: Document = fields
        .map(|field| (field.to_owned(), shortened(field).into()))
        .into_iter()
        .collect();
    let update = vec![doc! { "$set": shortened }];
    messages
        .update_many(doc! { "$or": is_long.to_vec() }, update)
        .await?;
    let wishes = database.collection::<Document>("opt_outs");
    let long = doc! { "recipient": { "$regex": LONG_FORM } };
    let number = in_one_form("recipient");
    let id = doc! { "$concat": ["$sender", " ", number.clone()] };
    // Of two wishes about one number the later one counts.
    let later = doc! { "$cond": [{ "$gt": ["$$new.at", "$at"] }, "$$new", "$$ROOT"] };
    let moved = wishes.aggregate([
        doc! { "$match": long.clone() },
        doc! { "$set": { "_id": id, "recipient": number } },
        doc! { "$merge": {
            "into": "opt_outs", "on": "_id",
            "whenMatched": [{ "$replaceWith": later }], "whenNotMatched": "insert",
        } },
    ]);
    moved.await?.try_collect::<Vec<_>>().await?;
    wishes.delete_many(long).await?;
    Ok(())
}

/// A field that may have another form, or none.
fn shortened(field: &str) -> Document {
    let field = format!("${field}");
    let is_long = doc! { "$regexMatch": { "input": &field, "regex": LONG_FORM } };
    doc! { "$cond": [is_long, in_one_form(&field[1..]), &field] }
}

fn in_one_form(field: &str) -> Document {
    let national = doc! { "$substrCP": [format!("${field}"), 4, 10] };
    doc! { "$concat": ["+52", national] }
}
