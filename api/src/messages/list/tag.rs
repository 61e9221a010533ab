//! The entity tags of pages (RFC 9110, 8.8.3 and 13.1.2).

use http::header::IF_NONE_MATCH;
use http::{HeaderMap, HeaderValue};
use sha2::{Digest, Sha256};

/// The tag of a page: it changes when anything in it does, or whether there is more beside it.
pub(crate) fn of<'a>(
    page: &[u8],
    beside: impl IntoIterator<Item = &'a HeaderValue>,
) -> Option<HeaderValue> {
    let mut hash = Sha256::new();
    hash.update(page);
    for link in beside {
        hash.update(link.as_bytes());
    }
    let digest = hex::encode(&hash.finalize()[..16]);
    HeaderValue::from_str(&format!("\"{digest}\"")).ok()
}

/// Whether a client says that it has what the tag stands for.
pub(crate) fn is_known(tag: &HeaderValue, asked: &HeaderMap) -> bool {
    let lines = asked.get_all(IF_NONE_MATCH).iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .any(|known| known == "*" || tag == known.strip_prefix("W/").unwrap_or(known))
}
