//! The notations in which a history can be had, and which of them a client wants.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_TYPE, VARY};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// One array.
    Json,
    /// A table with a line of names; a text that a spreadsheet would take for a formula gets an
    /// apostrophe in front.
    Csv,
    /// An object on each line.
    Ndjson,
}

impl Format {
    /// In the order in which they are preferred when a client does not care.
    const ALL: [Self; 3] = [Self::Json, Self::Csv, Self::Ndjson];

    /// The headers that say in which format an answer is, and that a client could have had another.
    pub(super) fn headers(self) -> HeaderMap {
        let (kind, file) = match self {
            Self::Json => ("application/json", None),
            Self::Csv => (
                "text/csv; charset=utf-8; header=present",
                Some("attachment; filename=\"messages.csv\""),
            ),
            Self::Ndjson => (
                "application/x-ndjson",
                Some("attachment; filename=\"messages.ndjson\""),
            ),
        };
        let headers = [(CONTENT_TYPE, Some(kind)), (CONTENT_DISPOSITION, file)];
        let headers = headers
            .into_iter()
            .filter_map(|(name, value)| Some((name, HeaderValue::from_static(value?))));
        headers.chain([(VARY, HeaderValue::from(ACCEPT))]).collect()
    }

    const fn media_type(self) -> (&'static str, &'static str) {
        match self {
            Self::Json => ("application", "json"),
            Self::Csv => ("text", "csv"),
            Self::Ndjson => ("application", "x-ndjson"),
        }
    }

    /// The one that a client likes best, and JSON for a client that likes none.
    fn wanted(headers: &HeaderMap) -> Self {
        let lines = headers.get_all(ACCEPT).iter();
        let lines = lines.filter_map(|line| line.to_str().ok());
        let ranges: Vec<_> = lines
            .flat_map(|line| line.split(','))
            .filter_map(MediaRange::parse)
            .collect();
        let mut best = (Self::Json, 0, 0);
        for format in Self::ALL {
            let matches = ranges.iter().filter_map(|range| {
                let specificity = range.specificity(format)?;
                Some((specificity, range.quality))
            });
            // The most specific range says how much a format is liked.
            if let Some((specificity, quality)) = matches.max()
                && quality > 0
                && (quality, specificity) > (best.1, best.2)
            {
                best = (format, quality, specificity);
            }
        }
        best.0
    }
}

impl<S: Sync> FromRequestParts<S> for Format {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::wanted(&parts.headers))
    }
}

/// A part of an `Accept` header.
struct MediaRange<'a> {
    kind: &'a str,
    subtype: &'a str,
    /// In thousandths.
    quality: u16,
}

impl<'a> MediaRange<'a> {
    /// Parameters other than `q` are not looked at.
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (kind, subtype) = parts.next()?.split_once('/')?;
        let quality = parts.find_map(|part| {
            let (name, value) = part.split_once('=')?;
            name.trim().eq_ignore_ascii_case("q").then(|| value.trim())
        });
        let quality = match quality {
            None => 1000,
            Some(text) => thousandths(text)?,
        };
        Some(Self {
            kind,
            subtype,
            quality,
        })
    }

    /// How exactly it names a format; `None` if it does not mean it.
    fn specificity(&self, format: Format) -> Option<u8> {
        let (kind, subtype) = format.media_type();
        let same_kind = self.kind.eq_ignore_ascii_case(kind);
        if same_kind && self.subtype.eq_ignore_ascii_case(subtype) {
            Some(2)
        } else if same_kind && self.subtype == "*" {
            Some(1)
        } else {
            (self.kind == "*" && self.subtype == "*").then_some(0)
        }
    }
}

/// A weight from `0` to `1` with up to three decimals; what is not one spoils its range.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 3 || !matches!(whole, "0" | "1") {
        return None;
    }
    let digits = format!("{whole}{decimals:0<3}");
    let value = digits.parse().ok()?;
    (value <= 1000).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(lines: &[&str]) -> Format {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(ACCEPT, line.parse().unwrap());
        }
        Format::wanted(&headers)
    }

    #[test]
    fn the_best_liked_format_is_taken_and_json_otherwise() {
        let cases: [(&[&str], Format); 22] = [
            (&[], Format::Json),
            (&[""], Format::Json),
            (&["*/*"], Format::Json),
            (&["application/json, text/plain, */*"], Format::Json),
            (
                &["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"],
                Format::Json,
            ),
            (&["image/png"], Format::Json),
            (&["nonsense"], Format::Json),
            (&["text/csv"], Format::Csv),
            (&["TEXT/CSV; charset=utf-8"], Format::Csv),
            (&["text/*"], Format::Csv),
            (&["application/x-ndjson"], Format::Ndjson),
            (&["application/*"], Format::Json),
            (&["text/csv, */*"], Format::Csv),
            (&["text/csv, */*;q=0.1"], Format::Csv),
            (&["text/csv, application/json"], Format::Json),
            (&["text/csv;q=0.5, application/json;q=0.4"], Format::Csv),
            (&["text/csv;q=0.5, application/json"], Format::Json),
            (&["text/csv;q=0, */*;q=0.1"], Format::Json),
            (&["application/json;q=0, */*"], Format::Csv),
            (
                &["application/json;q=0.2", "application/x-ndjson ; Q=0.3"],
                Format::Ndjson,
            ),
            (&["text/csv;q=2"], Format::Json),
            (&["text/csv;q=0"], Format::Json),
        ];
        for (lines, expected) in cases {
            assert_eq!(wanted(lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn a_weight_has_up_to_three_decimals() {
        let cases = [
            ("1", Some(1000)),
            ("1.000", Some(1000)),
            ("0.5", Some(500)),
            ("0.125", Some(125)),
            ("0.", Some(0)),
            ("1.001", None),
            ("0.1234", None),
            ("-1", None),
            ("0.-1", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(thousandths(text), expected, "{text:?}");
        }
    }
}
