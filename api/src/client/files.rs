//! The files of the web client, inside the binary.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use http::HeaderValue;

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

const INSIDE: [(&str, &[u8]); 92] = files![
    "api/client.js",
    "api/http.js",
    "api/page.js",
    "api/session.js",
    "api/stream.js",
    "api/types.js",
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
    "lib/excerpt.js",
    "lib/icons.js",
    "lib/list.js",
    "lib/mark.js",
    "lib/pause.js",
    "lib/router.js",
    "lib/storage.js",
    "lib/time.js",
    "main.js",
    "model/conversations.js",
    "model/desk.js",
    "model/drafts.js",
    "model/expectation.js",
    "model/inbox.js",
    "model/listing.js",
    "model/number.js",
    "model/outbox.js",
    "model/preview.js",
    "model/segments.js",
    "model/sender.js",
    "model/setup.js",
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
    "thread.css",
    "tokens.css",
    "views/account.js",
    "views/auth.js",
    "views/bubble.js",
    "views/choices.js",
    "views/composer.js",
    "views/consent.js",
    "views/conversations.js",
    "views/counter.js",
    "views/details.js",
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

pub(super) fn find(name: &str) -> Option<&'static File> {
    FILES.get(name)
}

#[cfg(test)]
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FILES.keys().copied()
}
