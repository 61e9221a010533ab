//! Changing records that others may change at the same time.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Kind, Records, Result, StoreError, written};
use crate::domain::Timestamp;

/// How often a change is tried that others come between.
const TRIES: u32 = 16;

/// Makes a record what `change` makes of it, and returns that; or nothing changes, and why is returned.
/// Repeating it is harmless if repeating `change` is.
pub async fn edit<T, E>(
    records: &dyn Records,
    key: (Kind, &str),
    now: Timestamp,
    change: impl Fn(Option<T>) -> std::result::Result<T, E>,
) -> Result<std::result::Result<T, E>>
where
    T: Serialize + DeserializeOwned,
{
    edit_at(records, key, now, |stored, _| change(stored)).await
}

/// The same, where `change` is also told the time by the clock that all processes share; `now` is the
/// caller's.
pub async fn edit_at<T, E>(
    records: &dyn Records,
    (kind, key): (Kind, &str),
    now: Timestamp,
    change: impl Fn(Option<T>, Timestamp) -> std::result::Result<T, E>,
) -> Result<std::result::Result<T, E>>
where
    T: Serialize + DeserializeOwned,
{
    for _ in 0..TRIES {
        let reading = records.record(kind, key, now).await?;
        let stored = reading.record;
        let seen = stored.as_ref().map_or(0, |stored| stored.version);
        let before = stored.as_ref().map(|stored| stored.value.clone());
        let read = stored.map(|stored| stored.read()).transpose()?;
        let after = match change(read, reading.at) {
            Ok(after) => after,
            Err(why) => return Ok(Err(why)),
        };
        let value = written(&after)?;
        // An unclear write may have been one.
        if before.as_ref() == Some(&value) || records.replace(kind, key, seen, Some(&value)).await?
        {
            return Ok(Ok(after));
        }
    }
    Err(kept_changing())
}

/// Removes a record, whatever it has become meanwhile. Repeating it is harmless.
pub async fn remove(
    records: &dyn Records,
    (kind, key): (Kind, &str),
    now: Timestamp,
) -> Result<()> {
    for _ in 0..TRIES {
        let Some(known) = records.record(kind, key, now).await?.record else {
            return Ok(());
        };
        if records.replace(kind, key, known.version, None).await? {
            return Ok(());
        }
    }
    Err(kept_changing())
}

fn kept_changing() -> StoreError {
    StoreError::unavailable("the records", "it kept changing")
}
