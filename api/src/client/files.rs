//! The files of the web client, inside the binary, as `build.rs` makes them.

use crate::encoding::Encoding;

/// A file, as it is and packed.
pub(super) struct File {
    name: &'static str,
    plain: &'static [u8],
    gzip: &'static [u8],
    brotli: &'static [u8],
}

/// In which forms there is each, the shorter first.
pub(super) const FORMS: [Encoding; 3] = [Encoding::Brotli, Encoding::Gzip, Encoding::Identity];

// `VERSION`, which changes with any of the files, and `FILES`, by name.
include!(concat!(env!("OUT_DIR"), "/files.rs"));

impl File {
    pub(super) fn content(&self, encoding: Encoding) -> &'static [u8] {
        match encoding {
            Encoding::Brotli => self.brotli,
            Encoding::Gzip => self.gzip,
            Encoding::Identity => self.plain,
        }
    }

    /// The type of what it holds.
    pub(super) fn kind(&self) -> &'static str {
        match self.name.rsplit_once('.') {
            Some((_, "html")) => "text/html; charset=utf-8",
            Some((_, "css")) => "text/css; charset=utf-8",
            Some((_, "js")) => "text/javascript; charset=utf-8",
            Some((_, "svg")) => "image/svg+xml",
            Some((_, "webmanifest")) => "application/manifest+json",
            _ => "application/octet-stream",
        }
    }
}

/// A file by its path below the folder `web`.
pub(super) fn find(name: &str) -> Option<&'static File> {
    let at = FILES.binary_search_by_key(&name, |file| file.name).ok()?;
    FILES.get(at)
}
