//! Where Twilio keeps files, and where it may lead to.

use mysms_core::domain::MediaUrl;
use runtime::config::ProviderConfig;
use url::{Host, Url};

/// The API's own host, and what the hosts of its regions end with
/// (<https://www.twilio.com/docs/global-infrastructure/understanding-twilio-regions>).
const API: (&str, &str) = ("api.twilio.com", ".twilio.com");

/// What the names of hosts end with that a content may be on. Contents that need credentials are on
/// `mms.twiliocdn.com`.
const HOSTS: [&str; 2] = [".twilio.com", ".twiliocdn.com"];

/// Hosts that others share with Twilio, and how Twilio's part of each begins. Contents of accounts that did
/// not ask for credentials were there.
const SHARED: [(&str, &str); 1] = [("s3-external-1.amazonaws.com", "/media.twiliocdn.com/")];

/// Knows the provider's places.
pub(super) struct Places {
    base: Url,
    account: String,
    /// The provider is a simulator, whose contents are on its own host, without TLS.
    simulated: bool,
}

impl Places {
    pub(super) fn new(provider: &ProviderConfig) -> Self {
        Self {
            base: provider.base_url.clone(),
            account: provider.account.clone(),
            simulated: provider.simulated,
        }
    }

    /// Where to ask the API for a file of our account, if that is what the URL names. It is asked where it
    /// is asked for everything else, which may be a gateway.
    pub(super) fn kept_at(&self, url: &MediaUrl) -> Option<Url> {
        let url = Url::parse(url.as_str()).ok()?;
        let is_api = url.scheme() == "https"
            && url.port().is_none()
            && url.domain().is_some_and(is_api_host);
        let plain = url.username().is_empty() && url.password().is_none();
        if !plain || !(is_api || url.origin() == self.base.origin()) {
            return None;
        }
        let mut path = url.path().split('/').rev();
        let (medium, media, message, messages) =
            (path.next()?, path.next()?, path.next()?, path.next()?);
        let (account, accounts, version) = (path.next()?, path.next()?, path.next()?);
        let is_file = (media, messages, accounts, version)
            == ("Media", "Messages", "Accounts", "2010-04-01")
            && account == self.account
            && is_sid(medium, &["ME"])
            && is_sid(message, &["SM", "MM"]);
        is_file.then_some(())?;
        let mut asked = self.base.clone();
        asked.set_query(None);
        asked.set_fragment(None);
        let path = [version, accounts, account, messages, message, media, medium];
        asked.path_segments_mut().ok()?.pop_if_empty().extend(path);
        Some(asked)
    }

    /// Whether a content may be there.
    pub(super) fn may_lead_to(&self, url: &Url) -> bool {
        if !url.username().is_empty() || url.password().is_some() {
            return false;
        }
        if self.simulated {
            return url.origin() == self.base.origin();
        }
        let Some(Host::Domain(host)) = url.host() else {
            return false;
        };
        let is_own = HOSTS.iter().any(|end| host.ends_with(end));
        let is_shared =
            |(shared, begin): &(&str, &str)| host == *shared && url.path().starts_with(begin);
        let is_known = is_own || SHARED.iter().any(is_shared);
        url.scheme() == "https" && url.port().is_none() && is_known
    }
}

fn is_api_host(host: &str) -> bool {
    let (plain, end) = API;
    host == plain || (host.starts_with("api.") && host.ends_with(end))
}

fn is_sid(text: &str, kinds: &[&str]) -> bool {
    let digits = kinds.iter().find_map(|kind| text.strip_prefix(kind));
    digits.is_some_and(|digits| {
        digits.len() == 32 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str = "AC00000000000000000000000000000001";
    const FILE: &str =
        "/Messages/MM0123456789abcdef0123456789abcdef/Media/ME0123456789abcdef0123456789abcdef";

    fn places(base: &str, simulated: bool) -> Places {
        Places {
            base: Url::parse(base).unwrap(),
            account: ACCOUNT.to_owned(),
            simulated,
        }
    }

    fn kept_at(base: &str, url: &str) -> Option<String> {
        let url = MediaUrl::parse(url.to_owned()).unwrap();
        places(base, false).kept_at(&url).map(String::from)
    }

    #[test]
    fn a_file_of_ours_is_asked_for_where_everything_is() {
        let path = format!("/2010-04-01/Accounts/{ACCOUNT}{FILE}");
        let own = "https://api.twilio.com";
        for base in [
            own,
            "https://gateway.example/twilio/",
            "http://127.0.0.1:4010",
        ] {
            let asked = Some(format!("{}{path}", base.trim_end_matches('/')));
            for told in [own, "https://api.dublin.ie1.twilio.com"] {
                assert_eq!(kept_at(base, &format!("{told}{path}")), asked);
            }
            let behind = format!("{}{path}", base.trim_end_matches('/'));
            assert_eq!(kept_at(base, &behind), asked);
        }
        let with_query = format!("{own}{path}?a=b#c");
        assert_eq!(kept_at(own, &with_query), Some(format!("{own}{path}")));
    }

    #[test]
    fn no_other_place_is_asked() {
        let path = format!("/2010-04-01/Accounts/{ACCOUNT}{FILE}");
        let own = "https://api.twilio.com";
        for bad in [
            format!("http://api.twilio.com{path}"),
            format!("https://api.twilio.com:8443{path}"),
            format!("https://user@api.twilio.com{path}"),
            format!("https://api.twilio.com.evil.example{path}"),
            format!("https://evil.example{path}"),
            format!("https://apixtwilio.com{path}"),
            format!("{own}{path}/"),
            format!("{own}{path}.json"),
            format!(
                "{own}{}",
                path.replace(ACCOUNT, "AC00000000000000000000000000000002")
            ),
            format!("{own}{}", path.replace("/Media/", "/Media/../")),
            format!("{own}{}", path.replace("Messages", "Calls")),
            own.to_owned(),
            "file:///etc/passwd".to_owned(),
            "not-a-url".to_owned(),
        ] {
            assert_eq!(kept_at(own, &bad), None, "{bad}");
        }
    }

    #[test]
    fn contents_are_only_on_hosts_that_we_know() {
        let may_lead_to = |url: &str| {
            let url = Url::parse(url).unwrap();
            places("https://api.twilio.com", false).may_lead_to(&url)
        };
        for good in [
            "https://mms.twiliocdn.com/AC1/x?Expires=1&Signature=y",
            "https://media.twiliocdn.com/AC1/x",
            "https://api.twilio.com/x",
            "https://s3-external-1.amazonaws.com/media.twiliocdn.com/AC1/x",
        ] {
            assert!(may_lead_to(good), "{good}");
        }
        for bad in [
            "http://mms.twiliocdn.com/x",
            "https://mms.twiliocdn.com:8443/x",
            "https://user@mms.twiliocdn.com/x",
            "https://twiliocdn.com.evil.example/x",
            "https://eviltwiliocdn.com/x",
            "https://s3-external-1.amazonaws.com/evil/x",
            "https://s3-external-1.amazonaws.com/media.twiliocdn.com/../evil/x",
            "https://s3.amazonaws.com/media.twiliocdn.com/x",
            "https://127.0.0.1/x",
            "https://[::1]/x",
            "http://169.254.169.254/latest/meta-data",
            "file:///etc/passwd",
        ] {
            assert!(!may_lead_to(bad), "{bad}");
        }
    }

    #[test]
    fn contents_of_a_simulator_are_on_its_own_host() {
        let simulator = places("http://127.0.0.1:4010", true);
        let may_lead_to = |url: &str| simulator.may_lead_to(&Url::parse(url).unwrap());
        assert!(may_lead_to("http://127.0.0.1:4010/content/ME1"));
        assert!(!may_lead_to("http://127.0.0.1:4011/content/ME1"));
        assert!(!may_lead_to("https://mms.twiliocdn.com/x"));
    }
}
