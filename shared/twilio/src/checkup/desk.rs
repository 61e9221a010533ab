//! Where settings are read and changed: the provider's other addresses, beside that of messages.

use async_trait::async_trait;
use mysms_core::provider::{Change, ReadFailure};
use serde_json::Value;
use url::Url;

use super::super::client::Twilio;

/// The provider's own host names differ in their first label.
const OWN_HOST: &str = ".twilio.com";

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
    use super::*;
    use crate::checkup::tests::desk;

    #[test]
    fn the_provider_has_a_host_for_each_api_and_a_stand_in_has_one_for_all() {
        let real = desk("https://api.twilio.com");
        let url = real.in_api(Api::Messaging, "v1/Services?PageSize=50");
        assert_eq!(
            url.as_str(),
            "https://messaging.twilio.com/v1/Services?PageSize=50"
        );
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
