//! The secret that login tokens are signed with, made once and kept beside the data.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context as _;
use rand::RngExt;
use secrecy::SecretString;

/// Reads the secret from `path`, or makes it: 64 hexadecimal digits that only the owner can read.
pub(crate) fn read_or_make(path: &Path) -> anyhow::Result<SecretString> {
    match std::fs::read_to_string(path) {
        Ok(secret) => Ok(secret.trim_end().into()),
        Err(error) if error.kind() == ErrorKind::NotFound => make(path),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
    }
}

/// The file appears whole or not at all: a crash in between must not leave half a secret behind.
fn make(path: &Path) -> anyhow::Result<SecretString> {
    let bytes: [u8; 32] = rand::rng().random();
    let secret: String = bytes
        .iter()
        .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    let draft = path.with_extension("new");
    let write = || {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&draft)?;
        file.write_all(secret.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&draft, path)
    };
    write().with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(secret.into())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

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
