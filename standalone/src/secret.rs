//! The secret that login tokens are signed with, made once and kept beside the data.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context as _, bail};
use rand::RngExt;
use runtime::config::check_key;
use secrecy::{ExposeSecret, SecretString};

use crate::private;

/// Reads the secret from `path`, or makes it: 64 hexadecimal digits that only the owner can read.
pub(crate) fn read_or_make(path: &Path) -> anyhow::Result<SecretString> {
    match std::fs::read_to_string(path) {
        Ok(secret) => check(path, secret.trim_end().into()),
        Err(error) if error.kind() == ErrorKind::NotFound => make(path),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
    }
}

/// A damaged key would sign tokens that anybody can make, and one that others could read is theirs.
fn check(path: &Path, secret: SecretString) -> anyhow::Result<SecretString> {
    let (name, remedy) = (
        path.display(),
        "restore it, or remove it to have a new one made; everybody then has to log in again",
    );
    if let Err(weak) = check_key(&secret) {
        bail!("the key in {name} {weak}: {remedy}");
    }
    let open = private::is_open(path);
    if open.with_context(|| format!("{name} cannot be looked at"))? {
        bail!(
            "others may read the key in {name}: set its mode to 600 if they have not, or remove it to have a new one made"
        );
    }
    Ok(secret)
}

/// 64 hexadecimal digits that nobody can guess.
pub(crate) fn generate() -> SecretString {
    let bytes: [u8; 32] = rand::rng().random();
    let secret: String = bytes
        .iter()
        .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    secret.into()
}

/// The file appears whole or not at all: a crash in between must not leave half a secret behind.
fn make(path: &Path) -> anyhow::Result<SecretString> {
    let secret = generate();
    let draft = path.with_extension("new");
    let write = || {
        // What is left of another try, or was put there to catch the key, is not written to.
        match std::fs::remove_file(&draft) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&draft)?;
        file.write_all(secret.expose_secret().as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&draft, path)
    };
    write().with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_damaged_key_and_one_that_others_can_read_are_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("jwt-secret");
        for damaged in [
            "",
            "\n",
            "short",
            "0000000000000000000000000000000000000000",
        ] {
            std::fs::write(&path, damaged).unwrap();
            std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
            let error = read_or_make(&path).unwrap_err().to_string();
            assert!(error.contains("remove it"), "{error}");
        }
        std::fs::remove_file(&path).unwrap();
        read_or_make(&path).unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        let error = read_or_make(&path).unwrap_err().to_string();
        assert!(error.contains("set its mode to 600"), "{error}");
    }

    #[test]
    fn a_key_is_not_written_through_somebody_elses_link() {
        let directory = tempfile::tempdir().unwrap();
        let (path, theirs) = (
            directory.path().join("jwt-secret"),
            directory.path().join("theirs"),
        );
        std::fs::write(&theirs, "of somebody else").unwrap();
        std::os::unix::fs::symlink(&theirs, path.with_extension("new")).unwrap();
        read_or_make(&path).unwrap();
        assert_eq!(
            std::fs::read_to_string(&theirs).unwrap(),
            "of somebody else"
        );
        assert!(std::fs::symlink_metadata(&path).unwrap().is_file());
    }

    #[test]
    fn a_secret_is_made_once_and_read_back() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("jwt-secret");
        let made = read_or_make(&path).unwrap();
        assert_eq!(made.expose_secret().len(), 64);
        let read = read_or_make(&path).unwrap();
        assert_eq!(made.expose_secret(), read.expose_secret());
    }
}
