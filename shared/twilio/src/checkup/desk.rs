//! Where settings are read and changed: the provider's other addresses, beside that of messages.

use async_trait::async_trait;
use mysms_core::provider::{Change, ReadFailure};
use serde_json::Value;
use url::Url;

use super::super::client::Twilio;
use super::super::listing::next_query;

/// The provider's own host names differ in their first label.
const OWN_HOST: &str = ".twilio.com";

/// The provider gives 50 at a time unless it is asked for more, and never more than 1,000.
const PAGE_SIZE: &str = "100";

/// Pages of a list that are read.
const MOST_PAGES: usize = 50;

/// Reads settings, one request after the other: an account may have few of them at once.
#[derive(Clone)]
pub(super) struct Desk {
    twilio: Twilio,
    account: Url,
    /// Where received texts are to be posted; `None` if we have no address.
    pub(super) inbound_url: Option<String>,
    pub(super) public_base_url: Option<String>,
}

/// A host of the provider's with an API of its own.
#[derive(Debug, Clone, Copy)]
pub(super) enum Api {
    Accounts,
    Messaging,
}

impl Desk {
    pub(super) fn new(
        twilio: Twilio,
        inbound_url: Option<String>,
        public_base_url: Option<String>,
    ) -> Self {
        Self {
            account: twilio.account_url(),
            twilio,
            inbound_url,
            public_base_url,
        }
    }

    pub(super) fn twilio(&self) -> &Twilio {
        &self.twilio
    }

    /// Where the account itself is.
    pub(super) fn account_json(&self) -> Url {
        let mut url = self.account.clone();
        url.set_path(&format!("{}.json", self.account.path()));
        url
    }

    /// Where something of the account is.
    pub(super) fn in_account(&self, path: &str) -> Url {
        with_path(&self.account, self.account.path(), path)
    }

    /// Where something of another API is. Whoever stands in for the provider has all on one host.
    pub(super) fn in_api(&self, api: Api, path: &str) -> Url {
        let mut url = self.account.clone();
        let label = match api {
            Api::Accounts => "accounts",
            Api::Messaging => "messaging",
        };
        let host = url.host_str().and_then(|host| host.strip_prefix("api."));
        let rest = host.filter(|_| url.host_str().is_some_and(|host| host.ends_with(OWN_HOST)));
        if let Some(rest) = rest.map(str::to_owned)
            && url.set_host(Some(&format!("{label}.{rest}"))).is_err()
        {
            tracing::debug!("the host cannot be named");
        }
        with_path(&url, "", path)
    }

    /// Reads what is there; `None` if there is nothing.
    pub(super) async fn read(&self, url: Url) -> Result<Option<Value>, ReadFailure> {
        match self.twilio.read(url).await {
            Ok(answer) => Ok(Some(answer.body().clone())),
            Err(ReadFailure::Refused { code, .. }) if code == "20404" => Ok(None),
            Err(ReadFailure::Status(404)) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Reads the whole list that is at `url`, whose pages have it in `field`; it is empty if there is none.
    pub(super) async fn list(&self, url: Url, field: &str) -> Result<Vec<Value>, ReadFailure> {
        let (mut next, mut found) = (url.clone(), Vec::new());
        next.query_pairs_mut().append_pair("PageSize", PAGE_SIZE);
        for number in 0..MOST_PAGES {
            let Some(mut page) = self.read(next.clone()).await? else {
                return if number == 0 {
                    Ok(found)
                } else {
                    Err(ReadFailure::Unreadable("its next page is missing"))
                };
            };
            let Some(Value::Array(shown)) = page.get_mut(field).map(Value::take) else {
                return Err(ReadFailure::Unreadable("it is not the list asked for"));
            };
            found.extend(shown);
            match next_page(&page, &url)? {
                Some(query) => next.set_query(Some(&query)),
                None => return Ok(found),
            }
        }
        Err(ReadFailure::TooLong { pages: MOST_PAGES })
    }
}

/// The query of the next page. One generation of the API tells its address in the page, the other one beside
/// it.
fn next_page(page: &Value, list: &Url) -> Result<Option<String>, ReadFailure> {
    let next = [&page["next_page_uri"], &page["meta"]["next_page_url"]];
    let next = next.into_iter().find(|next| !next.is_null());
    next.map(|next| next_query(next.as_str(), list)).transpose()
}

/// `path` may have a query.
fn with_path(url: &Url, before: &str, path: &str) -> Url {
    let (path, query) = path
        .split_once('?')
        .map_or((path, None), |(path, query)| (path, Some(query)));
    let mut url = url.clone();
    url.set_path(&format!("{before}/{path}"));
    url.set_query(query);
    url
}

/// A setting that is changed by a form.
pub(super) struct FormChange {
    pub(super) desk: Desk,
    pub(super) url: Url,
    pub(super) form: Vec<(&'static str, String)>,
    pub(super) says: String,
    /// See [`Change::replaces`].
    pub(super) replaces: Option<String>,
}

#[async_trait]
impl Change for FormChange {
    fn says(&self) -> String {
        self.says.clone()
    }

    fn replaces(&self) -> Option<&str> {
        self.replaces.as_deref()
    }

    async fn make(&self) -> Result<(), ReadFailure> {
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.form)
            .finish();
        self.desk.twilio.write(self.url.clone(), form).await
    }
}

/// A text of a JSON object; empty if it has none.
pub(super) fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::checkup::tests::desk;

    /// Whoever is asked gets our credentials.
    #[test]
    fn the_next_page_is_of_the_same_list_in_both_generations_of_the_api() {
        let real = desk("https://api.twilio.com");
        let services = real.in_api(Api::Messaging, "v1/Services");
        let numbers = real.in_account("IncomingPhoneNumbers.json?PhoneNumber=%2B1");
        let query = "PageSize=100&Page=1&PageToken=PA1";
        let path = "/2010-04-01/Accounts/AC1/IncomingPhoneNumbers.json";
        let old = json!({"next_page_uri": format!("{path}?{query}")});
        let new = |host: &str| {
            let next = format!("https://{host}/v1/Services?{query}");
            json!({"meta": {"next_page_url": next}})
        };
        let next = |page: &Value, list| next_page(page, list).ok();
        let more = Some(Some(query.to_owned()));
        assert_eq!(next(&old, &numbers), more);
        assert_eq!(next(&new("messaging.twilio.com"), &services), more);
        for last in [
            json!({}),
            json!({"next_page_uri": null}),
            json!({"meta": {"next_page_url": null}}),
        ] {
            assert_eq!(next(&last, &services), Some(None), "{last}");
        }
        assert_eq!(next(&new("evil.example.com"), &services), None);
        assert_eq!(next(&old, &services), None);
        assert_eq!(next(&json!({"next_page_uri": 7}), &numbers), None);
    }

    #[test]
    fn the_provider_has_a_host_for_each_api_and_a_stand_in_has_one_for_all() {
        let real = desk("https://api.twilio.com");
        let url = real.in_api(Api::Messaging, "v1/Services");
        assert_eq!(url.as_str(), "https://messaging.twilio.com/v1/Services");
        let regional = desk("https://api.dublin.ie1.twilio.com");
        let url = regional.in_api(Api::Accounts, "v1/Messaging/GeoPermissions");
        let expected = "https://accounts.dublin.ie1.twilio.com/v1/Messaging/GeoPermissions";
        assert_eq!(url.as_str(), expected);
        let url = real.in_account("IncomingPhoneNumbers.json?PhoneNumber=%2B1");
        let expected = "https://api.twilio.com/2010-04-01/Accounts/AC1/IncomingPhoneNumbers.json?PhoneNumber=%2B1";
        assert_eq!(url.as_str(), expected);
        let near = desk("http://127.0.0.1:4010");
        let url = near.in_api(Api::Messaging, "v1/Services");
        assert_eq!(url.as_str(), "http://127.0.0.1:4010/v1/Services");
    }
}
