//! In which form a client wants what it asks for (RFC 9110, 12.5.3).

use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use http::{HeaderMap, HeaderValue};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Brotli,
    Gzip,
    Identity,
}

impl Encoding {
    /// What a request likes best of these, the shorter first; of what it likes as much, the shortest. Who refuses
    /// everything gets the content as it is, which all understand.
    pub(crate) fn wanted(asked: &HeaderMap, offered: &[Self]) -> Self {
        let lines = asked.get_all(ACCEPT_ENCODING).iter();
        let lines = lines.filter_map(|line| line.to_str().ok());
        let parts: Vec<_> = lines.flat_map(|line| line.split(',')).map(wish).collect();
        let said = |name: &str| {
            parts
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, q)| *q)
        };
        let quality = |encoding: Self| {
            let named = encoding.names().iter().find_map(|name| said(name));
            // It needs not be named to be good enough.
            let otherwise = u32::from(encoding == Self::Identity);
            named.or_else(|| said("*")).unwrap_or(otherwise)
        };
        let best = offered.iter().copied().map(quality).max().unwrap_or(0);
        let mut offered = offered.iter().copied();
        let liked = offered.find(|one| best > 0 && quality(*one) == best);
        liked.unwrap_or(Self::Identity)
    }

    /// Content that is written like this, and may be asked for in other forms.
    pub(crate) fn answer(self, kind: &'static str, content: impl IntoResponse) -> Response {
        let mut response = content.into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.insert(VARY, HeaderValue::from_name(ACCEPT_ENCODING));
        if let Some(name) = self.header() {
            headers.insert(CONTENT_ENCODING, name);
        }
        response
    }

    /// What the header `Content-Encoding` calls it, if it has to be there.
    fn header(self) -> Option<HeaderValue> {
        let name = self.names().first().filter(|_| self != Self::Identity);
        name.map(|name| HeaderValue::from_static(name))
    }

    const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Brotli => &["br"],
            Self::Gzip => &["gzip", "x-gzip"],
            Self::Identity => &["identity"],
        }
    }
}

/// A name, and how much it is liked, in thousandths; a quality that is none is the highest one.
fn wish(part: &str) -> (String, u32) {
    let mut fields = part.split(';').map(str::trim);
    let name = fields.next().unwrap_or_default().to_ascii_lowercase();
    let quality = fields.find_map(|field| field.strip_prefix("q=").or(field.strip_prefix("Q=")));
    let quality = quality.map_or(1000, thousandths);
    (name, quality)
}

fn thousandths(text: &str) -> u32 {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let digits = format!("{whole}{rest:0<3}");
    digits
        .parse()
        .map_or(1000, |quality: u32| quality.min(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Encoding; 3] = [Encoding::Brotli, Encoding::Gzip, Encoding::Identity];

    #[test]
    fn a_client_gets_what_it_likes_best() {
        for (asked, encoding) in [
            ("gzip, deflate, br, zstd", Encoding::Brotli),
            ("gzip, deflate", Encoding::Gzip),
            ("GZIP", Encoding::Gzip),
            ("x-gzip", Encoding::Gzip),
            ("br;q=0.5, gzip;q=0.8", Encoding::Gzip),
            ("br;q=0.5, gzip;q=0.50", Encoding::Brotli),
            ("br ; q=0, gzip", Encoding::Gzip),
            ("*", Encoding::Brotli),
            ("*, br;q=0", Encoding::Gzip),
            ("br;q=0, *;q=0", Encoding::Identity),
            ("identity, gzip;q=0.5", Encoding::Identity),
            ("identity;q=0.5, gzip;q=0.5", Encoding::Gzip),
            ("deflate", Encoding::Identity),
            ("", Encoding::Identity),
            ("br;q=none", Encoding::Brotli),
        ] {
            let headers = [(ACCEPT_ENCODING, asked.parse().unwrap())];
            let wanted = Encoding::wanted(&headers.into_iter().collect(), &ALL);
            assert_eq!(wanted, encoding, "{asked}");
        }
        let silent = Encoding::wanted(&HeaderMap::new(), &ALL);
        assert_eq!(silent, Encoding::Identity);
        let headers = [(ACCEPT_ENCODING, HeaderValue::from_static("gzip, br"))];
        let less = Encoding::wanted(&headers.into_iter().collect(), &ALL[1..]);
        assert_eq!(less, Encoding::Gzip, "the best is not offered");
    }
}
