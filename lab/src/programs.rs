//! Where programs are: the messenger's own, and the servers'.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::Context as _;
use tokio::process::Command;

/// A directory with the messenger's programs, all of one build.
#[derive(Debug, Clone)]
pub struct Programs(PathBuf);

impl Programs {
    /// Those that were built together with `program`.
    pub fn beside(program: impl AsRef<Path>) -> anyhow::Result<Self> {
        let directory = program.as_ref().parent();
        Ok(Self(
            directory.context("a program without a directory")?.into(),
        ))
    }

    /// Those that were built together with the running program.
    pub fn beside_this_one() -> anyhow::Result<Self> {
        Self::beside(std::env::current_exe()?)
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
pub(crate) fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/services.sh")
}

/// Has `scripts/services.sh` do something, and returns what it prints.
pub async fn services(arguments: &[&str]) -> anyhow::Result<String> {
    let mut script = Command::new(script());
    script.args(arguments).stdin(Stdio::null());
    let output = script.output().await?;
    let why = String::from_utf8_lossy(&output.stderr);
    let arguments = arguments.join(" ");
    anyhow::ensure!(output.status.success(), "services.sh {arguments}: {why}");
    Ok(String::from_utf8(output.stdout)?.trim_end().to_owned())
}
