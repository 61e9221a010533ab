use std::sync::Arc;

use mongo::{ClockError, Mongo};
use mysms_core::clock::Clock;
use mysms_core::store::StoreError;
use runtime::config::MongoConfig;
use runtime::exit::Exit;

use crate::{SchemaError, require};

/// Why a process cannot use the ledger.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("MongoDB cannot be reached")]
    Unreachable(#[source] StoreError),
    #[error("the clocks of MongoDB and of this machine differ")]
    Clock(#[source] ClockError),
    #[error("the database cannot be used")]
    Schema(#[source] SchemaError),
}

/// Connects a process to the ledger, once it is sure that the clocks agree and that it knows the
/// schema.
pub async fn open(
    config: &MongoConfig,
    pool: u32,
    clock: &dyn Clock,
) -> Result<Arc<Mongo>, OpenError> {
    let mongo = Mongo::connect(config, pool)
        .await
        .map_err(OpenError::Unreachable)?;
    mongo.check_clock(clock).await.map_err(OpenError::Clock)?;
    require(mongo.database()).await.map_err(OpenError::Schema)?;
    Ok(Arc::new(mongo))
}

/// What the failure of a program over MongoDB is to whoever started it.
pub fn exit(error: &anyhow::Error) -> Exit {
    if let Some(exit) = error.chain().find_map(Exit::of) {
        return exit;
    }
    let schema = match error.downcast_ref() {
        Some(OpenError::Schema(schema)) => Some(schema),
        _ => error.downcast_ref(),
    };
    match schema {
        Some(SchemaError::Behind { .. }) => Exit::SchemaBehind,
        Some(SchemaError::Ahead) => Exit::SchemaTooNew,
        _ => Exit::Failed,
    }
}
