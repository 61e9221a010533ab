//! Where the programs under test are.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// A directory with the messenger's programs, all of one build.
#[derive(Debug, Clone)]
pub struct Programs(PathBuf);

impl Programs {
    pub fn in_directory(directory: impl Into<PathBuf>) -> Self {
        Self(directory.into())
    }

    /// Those that were built together with the running program.
    pub fn beside_this_one() -> anyhow::Result<Self> {
        let this = std::env::current_exe()?;
        let directory = this.parent().context("a program without a directory")?;
        Ok(Self::in_directory(directory))
    }

    /// Fails if it has not been built.
    pub fn find(&self, name: &str) -> anyhow::Result<PathBuf> {
        let path = self.0.join(name);
        anyhow::ensure!(
            path.exists(),
            "{} is missing: `cargo build --workspace --all-features --bins` builds it",
            path.display()
        );
        Ok(path)
    }
}

/// `scripts/services.sh`, which knows where servers are to be had.
pub(super) fn services() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/services.sh")
}
