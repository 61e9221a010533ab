//! Disks that fail.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A small filesystem of a test's own, unmounted with it.
pub(crate) struct SmallDisk(TempDir);

impl SmallDisk {
    pub(crate) fn mount() -> Self {
        let directory = TempDir::new().expect("a directory");
        let options = ["-t", "tmpfs", "-o", "size=16m", "tmpfs"];
        let mounted = Command::new("mount")
            .args(options)
            .arg(directory.path())
            .output();
        let mounted = mounted.expect("mount can be run");
        let why = String::from_utf8_lossy(&mounted.stderr);
        assert!(
            mounted.status.success(),
            "a test of a full disk mounts one, as root: {why}"
        );
        Self(directory)
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Leaves no byte of room.
    pub(crate) fn fill(&self) {
        let mut ballast = File::create(self.ballast()).expect("a file");
        for size in [65_536, 1] {
            let full = loop {
                if let Err(error) = ballast.write_all(&vec![0; size]) {
                    break error;
                }
            };
            assert_eq!(full.kind(), ErrorKind::StorageFull);
        }
    }

    /// Makes room again.
    pub(crate) fn clear(&self) {
        std::fs::remove_file(self.ballast()).expect("it was filled");
    }

    fn ballast(&self) -> PathBuf {
        self.path().join("ballast")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Whoever still has a file open there does not keep it from going.
        let _ = Command::new("umount")
            .arg("--lazy")
            .arg(self.path())
            .status();
    }
}

/// Lets calls of a process about its database fail.
pub(crate) struct FailingDisk(TempDir);

impl FailingDisk {
    pub(crate) fn build() -> Self {
        let disk = Self(TempDir::new().expect("a directory"));
        let source = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/it/harness/failing_disk.c"
        );
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"])
            .args([disk.library(), source.into(), "-ldl".into()])
            .output();
        let built = built.expect("cc can be run");
        let why = String::from_utf8_lossy(&built.stderr);
        assert!(built.status.success(), "{why}");
        disk
    }

    /// What a process needs in its environment for its disk to fail.
    pub(crate) fn settings(&self) -> [(&'static str, String); 2] {
        let text = |path: PathBuf| path.to_str().expect("a UTF-8 path").to_owned();
        [
            ("LD_PRELOAD", text(self.library())),
            ("DISK_FAULTS", text(self.faults())),
        ]
    }

    /// Each of these calls, `open`, `write` or `sync`, fails with its errno from now on.
    pub(crate) fn fail(&self, faults: &[(&str, i32)]) {
        let lines = faults.iter().map(|(call, code)| format!("{call} {code}\n"));
        // It appears whole.
        let draft = self.0.path().join("draft");
        std::fs::write(&draft, lines.collect::<String>()).expect("a file");
        std::fs::rename(draft, self.faults()).expect("a file");
    }

    pub(crate) fn mend(&self) {
        std::fs::remove_file(self.faults()).expect("it failed");
    }

    fn library(&self) -> PathBuf {
        self.0.path().join("failing_disk.so")
    }

    fn faults(&self) -> PathBuf {
        self.0.path().join("faults")
    }
}
