//! The files of the web client, inside the binary.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use http::HeaderValue;
use sha2::{Digest, Sha256};

use crate::messages::tag;

pub(super) struct File {
    pub(super) content: &'static [u8],
    pub(super) tag: HeaderValue,
}

/// By their paths below the folder `web`.
static FILES: LazyLock<BTreeMap<&str, File>> = LazyLock::new(|| {
    // What `build.rs` found in the folder.
    let files: [(&str, &[u8]); _] = include!(concat!(env!("OUT_DIR"), "/files.rs"));
    let described = files.into_iter().filter_map(|(name, content)| {
        let tag = tag::of(content, [])?;
        Some((name, File { content, tag }))
    });
    described.collect()
});

/// The script that lets the web client start without a network, with what it has to know of this version: the
/// tags of the files by the paths at which they are asked for.
static WORKER: LazyLock<Option<File>> = LazyLock::new(|| {
    let is_of_client = |name: &&str| !name.starts_with("docs/") && *name != "sw.js";
    let names = FILES.keys().copied().filter(is_of_client);
    let tags: serde_json::Map<_, _> = names
        .filter_map(|name| {
            let path = match name {
                "index.html" => String::new(),
                name => format!("web/{name}"),
            };
            let tag = FILES.get(name)?.tag.to_str().ok()?;
            Some((path, tag.into()))
        })
        .collect();
    let files = serde_json::Value::from(tags).to_string();
    let version = hex::encode(&Sha256::digest(&files)[..8]);
    let script = String::from_utf8_lossy(FILES.get("sw.js")?.content);
    let text = format!("self.FILES = {files};\nself.VERSION = \"{version}\";\n{script}");
    let content: &[u8] = text.leak().as_bytes();
    let tag = tag::of(content, None)?;
    Some(File { content, tag })
});

pub(super) fn worker() -> Option<&'static File> {
    WORKER.as_ref()
}

pub(super) fn find(name: &str) -> Option<&'static File> {
    FILES.get(name)
}
