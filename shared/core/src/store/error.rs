use std::error::Error;
use std::sync::Arc;

/// The result of every operation of a store.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Why a store could not do what it was asked. Many callers may share one failure, so it can be
/// cloned.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The store did not answer in time or at all. The operation may have happened or not: repeat it
    /// with the same arguments.
    #[error("{store} did not answer")]
    Unavailable {
        store: &'static str,
        #[source]
        source: Arc<dyn Error + Send + Sync>,
    },
    /// A later version of this program made what is stored, in a way that this one cannot share.
    #[error("{what} was made by a later version of this program")]
    Later {
        what: &'static str,
        #[source]
        source: Arc<dyn Error + Send + Sync>,
    },
    /// What is stored cannot be read; repeating does not help.
    #[error("{what} cannot be read back")]
    Corrupt {
        what: &'static str,
        #[source]
        source: Arc<dyn Error + Send + Sync>,
    },
}

impl StoreError {
    pub fn unavailable(
        store: &'static str,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self::Unavailable {
            store,
            source: Arc::from(source.into()),
        }
    }

    pub fn corrupt(what: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Corrupt {
            what,
            source: Arc::from(source.into()),
        }
    }
}
