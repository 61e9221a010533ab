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

macro_rules! files {
    ($($name:literal,)*) => {
        [$(($name, include_bytes!(concat!("../../../web/", $name)))),*]
    };
}

/// By their paths below the folder `web`.
static FILES: LazyLock<BTreeMap<&str, File>> = LazyLock::new(|| {
    let files: [(&str, &[u8]); _] = INSIDE;
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

const INSIDE: [(&str, &[u8]); 106] = files![
    "api/client.js",
    "api/exchange.js",
    "api/http.js",
    "api/login.js",
    "api/page.js",
    "api/session.js",
    "api/stream.js",
    "api/types.js",
    "app.webmanifest",
    "base.css",
    "controls.css",
    "docs/answer.js",
    "docs/contract.js",
    "docs/docs.css",
    "docs/index.html",
    "docs/login.js",
    "docs/main.js",
    "docs/markdown.js",
    "docs/operation.js",
    "docs/request.js",
    "docs/schema.js",
    "docs/start.js",
    "docs/trying.js",
    "icon.svg",
    "index.html",
    "layout.css",
    "lib/announce.js",
    "lib/base.js",
    "lib/channel.js",
    "lib/clipboard.js",
    "lib/dom.js",
    "lib/drawer.js",
    "lib/excerpt.js",
    "lib/icons.js",
    "lib/lead.js",
    "lib/list.js",
    "lib/lock.js",
    "lib/mark.js",
    "lib/pause.js",
    "lib/router.js",
    "lib/storage.js",
    "lib/tabs.js",
    "lib/time.js",
    "lib/worker.js",
    "main.js",
    "model/conversations.js",
    "model/desk.js",
    "model/drafts.js",
    "model/expectation.js",
    "model/feed.js",
    "model/inbox.js",
    "model/listing.js",
    "model/number.js",
    "model/outbox.js",
    "model/preview.js",
    "model/segments.js",
    "model/sender.js",
    "model/setup.js",
    "model/shrink.js",
    "model/standing.js",
    "model/text.js",
    "model/thread.js",
    "model/waiting.js",
    "model/wording.js",
    "parts/connection.js",
    "parts/dialog.js",
    "parts/export.js",
    "parts/field.js",
    "parts/form.js",
    "parts/linked.js",
    "parts/media.js",
    "parts/ribbon.js",
    "parts/states.js",
    "parts/zone.js",
    "start.js",
    "sw.js",
    "thread.css",
    "tokens.css",
    "views/account.js",
    "views/attachments.js",
    "views/auth.js",
    "views/bubble.js",
    "views/choices.js",
    "views/composer.js",
    "views/consent.js",
    "views/conversations.js",
    "views/counter.js",
    "views/details.js",
    "views/forgetting.js",
    "views/home.js",
    "views/inbox.js",
    "views/keys.js",
    "views/lines.js",
    "views/new.js",
    "views/no-answer.js",
    "views/outgoing.js",
    "views/quiet.js",
    "views/relogin.js",
    "views/resend.js",
    "views/scheduler.js",
    "views/search.js",
    "views/sessions.js",
    "views/settings.js",
    "views/talk.js",
    "views/thread.js",
    "views/webhooks.js",
];

pub(super) fn worker() -> Option<&'static File> {
    WORKER.as_ref()
}

pub(super) fn find(name: &str) -> Option<&'static File> {
    FILES.get(name)
}

#[cfg(test)]
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FILES.keys().copied()
}
