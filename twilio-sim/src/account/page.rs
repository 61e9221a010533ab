//! The pages in which lists are shown, as both generations of Twilio's API have them.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::{FromRequestParts, OriginalUri},
    http::{header::HOST, request::Parts},
};
use form_urlencoded::Serializer;
use serde_json::{Value, json};

use crate::state::Sim;

const SIZE: &str = "PageSize";
const NUMBER: &str = "Page";
const TOKEN: &str = "PageToken";

/// In front of how many come before a page; clients have to take tokens as they are.
const PREFIX: &str = "PA";

/// How long a page is if nobody says so.
const USUAL: usize = 50;

/// Which page of which list is asked for.
pub(super) struct Wanted {
    /// With the host that the request was for.
    url: String,
    /// What the list is asked for beside its pages.
    others: Vec<(String, String)>,
    size: usize,
    number: usize,
    /// How many come before it.
    before: usize,
}

impl FromRequestParts<Arc<Sim>> for Wanted {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, sim: &Arc<Sim>) -> Result<Self, Infallible> {
        let OriginalUri(uri) = OriginalUri::from_request_parts(parts, sim).await?;
        let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
        let mut wanted = Self {
            url: format!("http://{}{}", host.unwrap_or_default(), uri.path()),
            others: Vec::new(),
            size: USUAL,
            number: 0,
            before: 0,
        };
        let query = uri.query().unwrap_or_default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()).into_owned() {
            let count = value.strip_prefix(PREFIX).unwrap_or(&value).parse();
            match &*name {
                SIZE => wanted.size = count.unwrap_or(USUAL),
                NUMBER => wanted.number = count.unwrap_or(0),
                TOKEN => wanted.before = count.unwrap_or(0),
                _ => wanted.others.push((name, value)),
            }
        }
        wanted.size = wanted.size.clamp(1, sim.live().setup.largest_page);
        Ok(wanted)
    }
}

impl Wanted {
    /// As `api.twilio.com` shows it: the next page has an address without a host.
    pub(super) fn of_account(&self, key: &str, list: Vec<Value>) -> Value {
        let (shown, next) = self.cut(list);
        let path = self.url.splitn(4, '/').nth(3).unwrap_or_default();
        json!({
            key: shown,
            "page": self.number,
            "page_size": self.size,
            "next_page_uri": next.map(|query| format!("/{path}?{query}")),
        })
    }

    /// As the other hosts show it.
    pub(super) fn elsewhere(&self, key: &str, list: Vec<Value>) -> Value {
        let (shown, next) = self.cut(list);
        json!({
            key: shown,
            "meta": {
                "key": key,
                "page": self.number,
                "page_size": self.size,
                "next_page_url": next.map(|query| format!("{}?{query}", self.url)),
            },
        })
    }

    /// What the page has, and the query of the next one.
    fn cut(&self, list: Vec<Value>) -> (Vec<Value>, Option<String>) {
        let end = self.before.saturating_add(self.size);
        let next = (list.len() > end).then(|| {
            Serializer::new(String::new())
                .extend_pairs(&self.others)
                .append_pair(SIZE, &self.size.to_string())
                .append_pair(NUMBER, &(self.number + 1).to_string())
                .append_pair(TOKEN, &format!("{PREFIX}{end}"))
                .finish()
        });
        let shown = list.into_iter().skip(self.before).take(self.size);
        (shown.collect(), next)
    }
}
