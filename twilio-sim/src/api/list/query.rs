use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::{
    error::Refused,
    ledger::{Ledger, Position},
};

const DEFAULT_PAGE_SIZE: usize = 50;
const LARGEST_PAGE_SIZE: usize = 1000;

/// What a list request asks for.
pub(super) struct Query {
    pub(super) to: Option<String>,
    pub(super) from: Option<String>,
    pub(super) page: usize,
    pub(super) page_size: usize,
    pub(super) token: Option<String>,
    /// The filters as they were given, for the links to other pages.
    filters: Vec<(String, String)>,
    sent: Vec<Sent>,
}

/// A bound on when a message was sent. One that was not sent yet is within none.
enum Sent {
    Until(Timestamp),
    Since(Timestamp),
    On(Date),
}

impl Query {
    pub(super) fn parse(raw: &str) -> Result<Self, Refused> {
        let mut query = Self {
            to: None,
            from: None,
            page: 0,
            page_size: DEFAULT_PAGE_SIZE,
            token: None,
            filters: Vec::new(),
            sent: Vec::new(),
        };
        for (name, value) in form_urlencoded::parse(raw.as_bytes()).into_owned() {
            if value.is_empty() {
                continue;
            }
            match name.as_str() {
                "Page" => query.page = number(&value)?,
                "PageSize" => query.page_size = number(&value)?.clamp(1, LARGEST_PAGE_SIZE),
                "PageToken" => query.token = Some(value),
                "To" | "From" | "DateSent" | "DateSent<" | "DateSent>" => {
                    query.filter(&name, &value)?;
                    query.filters.push((name, value));
                }
                _ => {}
            }
        }
        Ok(query)
    }

    /// Whether a message sent then, or not yet, is within the bounds.
    pub(super) fn admits(&self, sent: Option<Timestamp>) -> bool {
        self.sent.iter().all(|bound| {
            sent.is_some_and(|sent| match bound {
                Sent::Until(limit) => sent <= *limit,
                Sent::Since(limit) => sent >= *limit,
                Sent::On(date) => TimeZone::UTC.to_datetime(sent).date() == *date,
            })
        })
    }

    /// A token that names no message is refused.
    pub(super) fn position(&self, ledger: &Ledger) -> Result<Position, Refused> {
        let Some(token) = &self.token else {
            return Ok(Position::Skip(self.page.saturating_mul(self.page_size)));
        };
        let find = |sid: &str| ledger.find(sid);
        let after = token.strip_prefix("PA").and_then(find).map(Position::After);
        let before = || {
            token
                .strip_prefix("PB")
                .and_then(find)
                .map(Position::Before)
        };
        after.or_else(before).ok_or_else(|| Refused::new(20001))
    }

    /// The same query for another page.
    pub(super) fn at(&self, page: usize, token: Option<String>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.filters);
        query.append_pair("PageSize", &self.page_size.to_string());
        query.append_pair("Page", &page.to_string());
        if let Some(token) = token {
            query.append_pair("PageToken", &token);
        }
        query.finish()
    }

    fn filter(&mut self, name: &str, value: &str) -> Result<(), Refused> {
        match name {
            "To" => self.to = Some(value.to_owned()),
            "From" => self.from = Some(value.to_owned()),
            "DateSent<" => self.sent.push(Sent::Until(moment(value)?)),
            "DateSent>" => self.sent.push(Sent::Since(moment(value)?)),
            _ => {
                let date = TimeZone::UTC.to_datetime(moment(value)?).date();
                self.sent.push(Sent::On(date));
            }
        }
        Ok(())
    }
}

fn number(text: &str) -> Result<usize, Refused> {
    text.parse().map_err(|_| Refused::new(20001))
}

/// A moment, or the midnight GMT on which a date begins.
fn moment(text: &str) -> Result<Timestamp, Refused> {
    let midnight = || text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok();
    let moment = text
        .parse()
        .ok()
        .or_else(|| midnight().map(|zoned| zoned.timestamp()));
    moment.ok_or_else(|| Refused::new(20001))
}
