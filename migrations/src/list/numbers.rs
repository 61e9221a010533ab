use futures_util::TryStreamExt;
use mongodb::Database;
use mongodb::bson::{Document, doc};
use mongodb::error::Result;

/// A form of a country's numbers that has a digit more than their one form, and was stored as it was written.
pub(super) struct LongForm {
    numbers: &'static str,
    /// The code of the country.
    code: &'static str,
}

pub(super) const MEXICAN: LongForm = LongForm {
    numbers: r"^\+521[0-9]{10}$",
    code: "+52",
};

pub(super) const ARGENTINIAN: LongForm = LongForm {
    numbers: r"^\+549[0-9]{10}$",
    code: "+54",
};

/// Gives each subscriber one number. Of two wishes about one number the later one counts.
pub(super) async fn shorten(database: &Database, form: LongForm) -> Result<()> {
    let is_long = doc! { "$regex": form.numbers };
    let messages = database.collection::<Document>("messages");
    // Both at once, because no index leads to them.
    let fields = ["counterpart", "recipient"];
    let any_is_long = fields.map(|field| doc! { field: is_long.clone() });
    let shortened: Document = fields
        .map(|field| (field.to_owned(), form.shortened(field).into()))
        .into_iter()
        .collect();
    let update = vec![doc! { "$set": shortened }];
    messages
        .update_many(doc! { "$or": any_is_long.to_vec() }, update)
        .await?;
    let wishes = database.collection::<Document>("opt_outs");
    let long = doc! { "recipient": is_long };
    let number = form.in_one_form("recipient");
    let id = doc! { "$concat": ["$sender", " ", number.clone()] };
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

impl LongForm {
    /// A field that may have another form, or none.
    fn shortened(&self, field: &str) -> Document {
        let value = format!("${field}");
        let is_long = doc! { "$regexMatch": { "input": &value, "regex": self.numbers } };
        doc! { "$cond": [is_long, self.in_one_form(field), &value] }
    }

    fn in_one_form(&self, field: &str) -> Document {
        let national = doc! { "$substrCP": [format!("${field}"), 4, 10] };
        doc! { "$concat": [self.code, national] }
    }
}
