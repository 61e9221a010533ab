//! Which process it is that goes by a name, while it comes and goes.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

/// Where the id of a process that is started again and again can be seen.
#[derive(Debug, Clone)]
pub enum Whereabouts {
    /// A child of ours; 0 while it does not run.
    Child(Arc<AtomicI32>),
    /// It writes its id into a file.
    File(PathBuf),
}

impl Whereabouts {
    /// Of a child that has not been started yet.
    pub(super) fn unborn() -> Self {
        Self::Child(Arc::default())
    }

    /// Takes note of what a child has become.
    pub(super) fn note(&self, pid: Option<i32>) {
        if let Self::Child(current) = self {
            current.store(pid.unwrap_or(0), Ordering::SeqCst);
        }
    }

    /// The process, if it runs.
    pub fn pid(&self) -> Option<i32> {
        let pid = match self {
            Self::Child(current) => current.load(Ordering::SeqCst),
            Self::File(path) => {
                let written = std::fs::read_to_string(path).ok()?;
                written.trim().parse().ok()?
            }
        };
        (pid > 0).then_some(pid)
    }
}
