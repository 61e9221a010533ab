//! The directory that holds texts, numbers and keys, which are nobody's business but the owner's.

use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use anyhow::{Context as _, bail};
use rustix::fs::Mode;

/// What the messenger keeps there, by the beginnings of the names.
const OURS: [&str; 4] = ["mysms.sqlite3", "jwt-secret", "simulator.jsonl", LOCK];

const LOCK: &str = "mysms.lock";

/// Bits of a file's mode by which others than its owner may do something with it.
const OTHERS: u32 = 0o077;

/// Whether others than its owner may do something with it.
pub(crate) fn is_open(path: &Path) -> io::Result<bool> {
    Ok(std::fs::metadata(path)?.permissions().mode() & OTHERS != 0)
}

/// From now on whatever this process makes is for its owner alone.
pub(crate) fn make_files_private() {
    rustix::process::umask(Mode::from_raw_mode(OTHERS));
}

/// Makes the directory, or takes away from others what an earlier version left open to them.
///
/// A directory that holds other things too is left to its owner, who is told.
pub(crate) fn prepare(directory: &Path) -> anyhow::Result<()> {
    let name = directory.display();
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .with_context(|| format!("the directory {name} cannot be made"))?;
    let closed = close(directory).with_context(|| format!("cannot look into {name}"))?;
    if !closed {
        tracing::warn!(
            directory = %name,
            "other users of this machine may look into the data directory: set DATA_DIR to one of its own, or its mode to 700"
        );
    }
    Ok(())
}

/// Whether nobody else can look into it now.
fn close(directory: &Path) -> io::Result<bool> {
    let mut shared = false;
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        let is_ours = OURS
            .iter()
            .any(|ours| name.to_string_lossy().starts_with(ours));
        if !is_ours {
            shared = true;
        } else if !is_secret(&entry.path()) {
            restrict(&entry.path(), 0o600)?;
        }
    }
    let open = is_open(directory)?;
    if open && !shared {
        restrict(directory, 0o700)?;
    }
    Ok(!(open && shared))
}

/// A key that others could read is not made good by hiding it now.
fn is_secret(path: &Path) -> bool {
    path.ends_with(crate::config::SECRET_FILE)
}

fn restrict(path: &Path, mode: u32) -> io::Result<()> {
    if is_open(path)? {
        std::fs::set_permissions(path, Permissions::from_mode(mode))?;
        tracing::info!(path = %path.display(), "it is now for its owner alone");
    }
    Ok(())
}

/// Holds the directory against a second messenger, for as long as this is kept: two of them would
/// each believe to be the only one that sends.
///
/// The directory itself is locked, which nobody can remove, and a file in it: by that alone a network file
/// system tells other machines, and versions before tell theirs.
pub(crate) fn hold(directory: &Path) -> anyhow::Result<[File; 2]> {
    let path = directory.join(LOCK);
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .with_context(|| format!("{} cannot be opened", path.display()))?;
    let whole = File::open(directory)
        .with_context(|| format!("{} cannot be opened", directory.display()))?;
    let held = [whole, file];
    for part in &held {
        match part.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => bail!(
                "another mysms uses {}: stop it, or set DATA_DIR to another directory",
                directory.display()
            ),
            Err(TryLockError::Error(error)) => {
                return Err(error)
                    .with_context(|| format!("{} cannot be locked", directory.display()));
            }
        }
    }
    Ok(held)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn directory() -> (tempfile::TempDir, std::path::PathBuf) {
        let scratch = tempfile::tempdir().unwrap();
        let directory = scratch.path().join("data");
        (scratch, directory)
    }

    #[test]
    fn a_new_directory_is_its_owners_alone() {
        let (_scratch, directory) = directory();
        prepare(&directory.join("deep")).unwrap();
        assert_eq!(mode(&directory.join("deep")), 0o700);
    }

    #[test]
    fn what_an_earlier_version_left_open_is_closed() {
        let (_scratch, directory) = directory();
        std::fs::create_dir(&directory).unwrap();
        std::fs::set_permissions(&directory, Permissions::from_mode(0o755)).unwrap();
        let files = ["mysms.sqlite3", "mysms.sqlite3-wal", "simulator.jsonl"];
        for name in files {
            std::fs::write(directory.join(name), "").unwrap();
            let open = Permissions::from_mode(0o644);
            std::fs::set_permissions(directory.join(name), open).unwrap();
        }
        prepare(&directory).unwrap();
        assert_eq!(mode(&directory), 0o700);
        assert!(
            files
                .iter()
                .all(|name| mode(&directory.join(name)) == 0o600)
        );
    }

    #[test]
    fn a_directory_of_others_is_left_as_it_is() {
        let (_scratch, directory) = directory();
        std::fs::create_dir(&directory).unwrap();
        std::fs::set_permissions(&directory, Permissions::from_mode(0o755)).unwrap();
        for name in ["mysms.sqlite3", "thesis.odt"] {
            std::fs::write(directory.join(name), "").unwrap();
            let open = Permissions::from_mode(0o644);
            std::fs::set_permissions(directory.join(name), open).unwrap();
        }
        prepare(&directory).unwrap();
        assert_eq!(mode(&directory), 0o755);
        assert_eq!(mode(&directory.join("thesis.odt")), 0o644);
        assert_eq!(mode(&directory.join("mysms.sqlite3")), 0o600);
    }

    #[test]
    fn one_messenger_at_a_time_holds_it() {
        let (_scratch, directory) = directory();
        prepare(&directory).unwrap();
        let held = hold(&directory).unwrap();
        let refused = hold(&directory).unwrap_err().to_string();
        assert!(refused.contains("set DATA_DIR"), "{refused}");
        std::fs::remove_file(directory.join(LOCK)).unwrap();
        assert!(hold(&directory).is_err(), "whatever somebody removes");
        drop(held);
        assert!(hold(&directory).is_ok());
    }
}
