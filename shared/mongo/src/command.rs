//! Many statements in one command.

use mongodb::bson::{self, Document, doc};
use mysms_core::store::{Result, StoreError};
use serde::Deserialize;

use super::{Collections, DUPLICATE_KEY, STORE, answer, durable};

/// What the server says of an `update` command.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UpdateReply {
    /// How many documents matched, over all statements.
    n: usize,
    #[serde(default)]
    write_errors: Vec<Refused>,
    write_concern_error: Option<Document>,
}

#[derive(Deserialize)]
struct Refused {
    index: usize,
    code: i32,
}

impl Collections {
    /// Executes statements in their order. With `ordered`, none after one that was refused.
    pub(super) async fn update(
        &self,
        collection: &str,
        statements: Vec<Document>,
        ordered: bool,
    ) -> Result<UpdateReply> {
        let command = doc! {
            "update": collection,
            "updates": statements,
            "ordered": ordered,
            "writeConcern": bson::serialize_to_document(&durable()).map_err(corrupt)?,
        };
        let reply = answer(self.database.run_command(command)).await?;
        bson::deserialize_from_document(reply).map_err(corrupt)
    }
}

impl UpdateReply {
    /// How many documents matched; `None` if a unique index refused to change one.
    pub(super) fn matched(self) -> Result<Option<usize>> {
        let matched = self.n;
        let refused = self.refused_as_duplicates()?;
        Ok(refused.is_empty().then_some(matched))
    }

    /// The places of the statements that a unique index refused; for any other refusal all have failed.
    pub(super) fn refused_as_duplicates(self) -> Result<Vec<usize>> {
        if self.write_concern_error.is_some() {
            return Err(StoreError::unavailable(
                STORE,
                "no majority has the change in time",
            ));
        }
        let other = |refused: &&Refused| refused.code != DUPLICATE_KEY;
        match self.write_errors.iter().find(other) {
            Some(refused) => Err(refused_with(refused.code)),
            None => Ok(self
                .write_errors
                .iter()
                .map(|refused| refused.index)
                .collect()),
        }
    }
}

pub(super) fn corrupt(error: bson::error::Error) -> StoreError {
    StoreError::corrupt("a command", error)
}

pub(super) fn refused_with(code: i32) -> StoreError {
    StoreError::unavailable(STORE, format!("the server refused it with code {code}"))
}
