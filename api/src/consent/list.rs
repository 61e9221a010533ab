use axum::Json;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mysms_core::domain::{Address, Consent, SenderAddress, Standing};
use utoipa::IntoParams;

use super::Keeper;
use super::view::ListedView;
use crate::error::ApiError;
use crate::extract::Checks;
use crate::messages::{NextPage, limit};
use crate::openapi::problems::{ConsentClosed, Invalid, Unavailable};
use crate::openapi::schema;
use crate::state::AppState;

/// Numbers on a page, unless its `limit` says otherwise.
const PAGE: usize = 50;

/// Which part of the list is asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// Those who stand like this; `withdrawn`, if it is left out.
    #[param(inline, value_type = schema::Consent, required = false)]
    state: Option<Consent>,
    /// Only what was said of this sender.
    #[param(inline, value_type = schema::SenderAddress, required = false)]
    sender: Option<SenderAddress>,
    /// How many at most; `X-Next-Cursor` and `Link` lead to the next page.
    #[param(value_type = usize, required = false, minimum = 1, maximum = 200)]
    limit: Option<usize>,
    /// The `X-Next-Cursor` of the page before.
    #[param(value_type = String, required = false)]
    cursor: Option<Cursor>,
}

/// The sender and the number behind which a page begins.
struct Cursor {
    scope: String,
    recipient: Address,
}

/// List who wants no texts
///
/// Of the senders that the caller looks after: those that are only theirs, and for users whom an operator
/// lets, those that everybody uses, and all senders. By sender, then by number. `state=maybe` lists who wrote
/// what only looks like a STOP, until somebody says what they meant (`PUT` or `DELETE`), or they do.
#[utoipa::path(
    get, path = "/opt-outs", tag = "consent", operation_id = "listOptOuts",
    security(("token" = []), ("key" = ["consent:read"])),
    params(Asked),
    responses(
        (
            status = 200, description = "The numbers", body = [ListedView],
            headers(("Link"), ("X-Next-Cursor")),
        ),
        Invalid, ConsentClosed, Unavailable,
    ),
)]
pub(super) async fn list(
    State(state): State<AppState>,
    keeper: Keeper,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let query = query.unwrap_or_default();
    let asked = Asked::parse(&query)?;
    let scopes = match &asked.sender {
        Some(sender) => vec![keeper.scope(Some(sender))?],
        None => keeper
            .looked_after()
            .into_iter()
            .map(str::to_owned)
            .collect(),
    };
    if scopes.is_empty() {
        return Err(ApiError::ConsentClosed);
    }
    let limit = asked.limit.unwrap_or(PAGE);
    let _turn = state.reads.turn(keeper.caller.user).await;
    // One more than shown tells whether there is a next page.
    let mut found = asked.find(&state, &scopes, limit + 1).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| more);
    let next = last.and_then(|last| NextPage::after(cursor(last), &query));
    let views: Vec<_> = found.into_iter().map(ListedView::from).collect();
    let mut response = Json(views).into_response();
    let next = next.into_iter().flat_map(NextPage::headers);
    response.headers_mut().extend(next);
    Ok(response)
}

impl Asked {
    fn parse(query: &str) -> Result<Self, ApiError> {
        let mut checks = Checks::default();
        let asked = Self {
            state: checks.parameter("state", query, |text| {
                let state = Consent::parse(&text);
                state.ok_or("must be withdrawn, given or maybe")
            }),
            sender: checks.parameter("sender", query, |text| SenderAddress::parse(&text)),
            limit: checks.parameter("limit", query, |text| limit(&text)),
            cursor: checks.parameter("cursor", query, |text| {
                Cursor::parse(&text).ok_or("must be the X-Next-Cursor of a page")
            }),
        };
        checks.finish(Some(asked))
    }

    async fn find(
        &self,
        state: &AppState,
        scopes: &[String],
        limit: usize,
    ) -> Result<Vec<Standing>, ApiError> {
        let consent = self.state.unwrap_or(Consent::Withdrawn);
        let mut found = Vec::new();
        for scope in scopes {
            let after = match &self.cursor {
                Some(cursor) if cursor.scope > *scope => continue,
                Some(cursor) if cursor.scope == *scope => Some(&cursor.recipient),
                _ => None,
            };
            let left = limit - found.len();
            let opt_outs = &state.stores.opt_outs;
            let part = opt_outs.standing_with(scope, consent, after, left);
            found.extend(state.store_timeout.once(part).await?);
            if found.len() >= limit {
                break;
            }
        }
        Ok(found)
    }
}

fn cursor(last: &Standing) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}\n{}", last.sender, last.recipient.as_str()))
}

impl Cursor {
    fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let (scope, recipient) = text.split_once('\n')?;
        Some(Self {
            scope: scope.to_owned(),
            recipient: Address::parse(recipient).ok()?,
        })
    }
}
