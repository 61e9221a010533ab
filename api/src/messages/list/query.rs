use std::fmt;

use form_urlencoded::Serializer;
use http::header::LINK;
use http::{HeaderName, HeaderValue};
use mysms_core::domain::{
    Address, InvalidPhoneNumber, MessageId, NumberPart, Reference, Status, Tag, Tags, Timestamp,
};
use mysms_core::store::{Filter, Needle, Order, Ways};
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use crate::error::ApiError;
use crate::extract::Checks;
use crate::openapi::schema;

/// Where the cursor of the next page stands for clients that read no `Link`.
const X_NEXT_CURSOR: HeaderName = HeaderName::from_static("x-next-cursor");

/// The same for the page before.
const X_PREV_CURSOR: HeaderName = HeaderName::from_static("x-prev-cursor");

/// The longest page that may be asked for.
const LONGEST_PAGE: usize = 200;

/// The longest text that may be looked for, in characters.
const LONGEST_TEXT: usize = 100;

/// The parameters that say what is in a list, all but the cursor.
const KEPT: [&str; 15] = [
    "direction",
    "number",
    "format",
    "order",
    "limit",
    "status",
    "recipient",
    "reference",
    "tag",
    "since",
    "until",
    "q",
    "state",
    "sender",
    "show",
];

/// Which part of a list is asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Place {
    /// Oldest or newest first.
    #[param(inline, value_type = schema::Order, required = false)]
    pub(crate) order: Order,
    /// How many at most; `X-Next-Cursor` and `Link` lead to the next page.
    #[param(value_type = usize, required = false, minimum = 1, maximum = 200)]
    pub(crate) limit: Option<usize>,
    /// The `X-Next-Cursor` of the page before.
    #[param(inline, value_type = schema::MessageId, required = false)]
    pub(crate) cursor: Option<MessageId>,
}

/// Which part of a list in one order is asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Part {
    /// How many at most; `X-Next-Cursor` and `Link` lead to the next page.
    #[param(value_type = usize, required = false, minimum = 1, maximum = 200)]
    pub(crate) limit: Option<usize>,
    /// The `X-Next-Cursor` of the page before.
    #[param(inline, value_type = schema::MessageId, required = false)]
    pub(crate) cursor: Option<MessageId>,
}

/// What is looked for in a list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it is there to be described")]
pub(super) struct Looked {
    /// Only those with one of these statuses.
    #[param(inline, value_type = schema::Statuses, required = false)]
    status: Vec<Status>,
    /// Which way they went; `outbound`, unless it is said. A key needs `conversations:read`, too, for what was
    /// received.
    #[param(inline, value_type = schema::Directions, required = false)]
    direction: Option<Ways>,
    /// Only those exchanged with this number.
    #[param(inline, value_type = schema::Address, required = false)]
    recipient: Option<Address>,
    /// Only those exchanged with a number that has these digits in it, however they are written:
    /// `415555` or `(415) 555-01`.
    #[param(inline, value_type = schema::NumberPart, required = false)]
    number: Option<NumberPart>,
    /// Only those with exactly this reference.
    #[param(inline, value_type = schema::Reference, required = false)]
    reference: Option<Reference>,
    /// Only those with this tag, as `key:value`; with all of them, if it is given several times.
    #[param(inline, value_type = Vec<schema::Tag>, required = false, max_items = 10)]
    tag: Tags,
    /// Only those with this `sent_at` or a later one.
    #[param(inline, value_type = schema::Moment, required = false)]
    since: Option<Timestamp>,
    /// Only those with an earlier `sent_at`.
    #[param(inline, value_type = schema::Moment, required = false)]
    until: Option<Timestamp>,
    /// Only those whose content has this in it, as it stands but for upper and lower case.
    #[param(value_type = String, required = false, min_length = 1, max_length = 100)]
    q: Option<Needle>,
}

/// The parameters of a list. Those with other names are ignored.
pub(super) struct ListQuery {
    pub(super) place: Place,
    pub(super) filter: Filter,
}

impl IntoParams for ListQuery {
    fn into_params(parameter_in: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut parameters = Place::into_params(&parameter_in);
        parameters.extend(Looked::into_params(parameter_in));
        parameters
    }
}

impl Place {
    pub(crate) fn parse(query: &str) -> Result<Self, ApiError> {
        let mut checks = Checks::default();
        let place = Self::read(query, &mut checks);
        checks.finish(Some(place))
    }

    fn read(query: &str, checks: &mut Checks) -> Self {
        let order = checks.parameter("order", query, |text| match text.as_str() {
            "asc" => Ok(Order::OldestFirst),
            "desc" => Ok(Order::NewestFirst),
            _ => Err("must be asc or desc"),
        });
        let Part { limit, cursor } = Part::read(query, checks);
        Self {
            order: order.unwrap_or(Order::OldestFirst),
            limit,
            cursor,
        }
    }
}

impl Part {
    pub(crate) fn parse(query: &str) -> Result<Self, ApiError> {
        let mut checks = Checks::default();
        let part = Self::read(query, &mut checks);
        checks.finish(Some(part))
    }

    fn read(query: &str, checks: &mut Checks) -> Self {
        Self {
            limit: checks.parameter("limit", query, |text| limit(&text)),
            cursor: checks.parameter("cursor", query, |text| {
                text.parse().map_err(|_| "must be the id of a message")
            }),
        }
    }
}

impl ListQuery {
    pub(super) fn read(query: &str, checks: &mut Checks) -> Self {
        let place = Place::read(query, checks);
        let tags = checks.parameters("tag", query, Tag::parse);
        let tags = Tags::of(tags).map_err(|error| error.to_string());
        let filter = Filter {
            reference: checks.parameter("reference", query, Reference::parse),
            tags: tags.unwrap_or_else(|why| checks.refuse("tag", &why).unwrap_or_default()),
            statuses: checks
                .parameter("status", query, |text| statuses(&text))
                .unwrap_or_default(),
            counterpart: checks.parameter("recipient", query, |text| recipient(&text)),
            number: checks.parameter("number", query, |text| NumberPart::parse(&text)),
            ways: checks
                .parameter("direction", query, |text| ways(&text))
                .unwrap_or_default(),
            since: checks.parameter("since", query, |text| moment(&text)),
            until: checks.parameter("until", query, |text| moment(&text)),
            text: checks.parameter("q", query, |text| needle(&text)),
        };
        Self { place, filter }
    }
}

pub(crate) fn limit(text: &str) -> Result<usize, &'static str> {
    let limit = text.parse().ok();
    limit
        .filter(|limit| (1..=LONGEST_PAGE).contains(limit))
        .ok_or("must be a whole number from 1 to 200")
}

/// Whatever has a name may be looked for. What looks like nothing was meant to be a number.
fn recipient(text: &str) -> Result<Address, InvalidPhoneNumber> {
    Address::named(&with_plus(text, 0))
}

fn statuses(text: &str) -> Result<Vec<Status>, String> {
    let statuses: Result<_, _> = text.split(',').map(str::parse::<Status>).collect();
    statuses.map_err(|_| {
        let known = Status::ALL.map(Status::as_str).join(", ");
        format!("must be one or more of {known}, with commas between")
    })
}

fn ways(text: &str) -> Result<Ways, &'static str> {
    match text {
        "outbound" => Ok(Ways::Sent),
        "inbound" => Ok(Ways::Received),
        "any" => Ok(Ways::Both),
        _ => Err("must be outbound, inbound or any"),
    }
}

fn needle(text: &str) -> Result<Needle, &'static str> {
    let length = text.chars().count();
    let fits = (1..=LONGEST_TEXT).contains(&length);
    fits.then(|| Needle::new(text))
        .ok_or("must be 1 to 100 characters")
}

fn moment(text: &str) -> Result<Timestamp, <Timestamp as std::str::FromStr>::Err> {
    // The sign of an offset such as `+01:00` stands six characters before the end.
    with_plus(text, text.len().saturating_sub(6)).parse()
}

/// In a query a `+` that is not escaped means a space. In a text that has to have one, and has none,
/// it was meant as it was written.
fn with_plus(text: &str, place: usize) -> String {
    let mut text = text.to_owned();
    if !text.contains('+') && text.as_bytes().get(place) == Some(&b' ') {
        text.replace_range(place..=place, "+");
    }
    text
}

/// Where a neighbouring part of the same list is.
pub(crate) struct NextPage {
    /// The header that has its cursor.
    name: HeaderName,
    /// It names the query alone, so that it leads to the same list behind a proxy that shows it under
    /// another path.
    link: HeaderValue,
    cursor: HeaderValue,
}

impl NextPage {
    /// That which comes after a message.
    pub(crate) fn after(last: impl fmt::Display, query: &str) -> Option<Self> {
        Self::beside(("next", X_NEXT_CURSOR), last, query)
    }

    /// That which comes before a message; the query has the opposite order.
    pub(super) fn before(first: impl fmt::Display, query: &str) -> Option<Self> {
        Self::beside(("prev", X_PREV_CURSOR), first, query)
    }

    fn beside(
        (relation, name): (&str, HeaderName),
        message: impl fmt::Display,
        query: &str,
    ) -> Option<Self> {
        let mut next = Serializer::new(String::new());
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if KEPT.contains(&&*name) {
                next.append_pair(&name, &value);
            }
        }
        let cursor = message.to_string();
        next.append_pair("cursor", &cursor);
        let link = format!("<?{}>; rel=\"{relation}\"", next.finish());
        Some(Self {
            name,
            link: HeaderValue::from_str(&link).ok()?,
            cursor: HeaderValue::from_str(&cursor).ok()?,
        })
    }

    pub(crate) fn link(&self) -> &HeaderValue {
        &self.link
    }

    pub(crate) fn headers(self) -> [(HeaderName, HeaderValue); 2] {
        [(LINK, self.link), (self.name, self.cursor)]
    }
}
