use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use url::Url;

/// What can be changed while the simulator runs, but for the auth token, which is never shown.
#[derive(Clone, Serialize)]
pub struct Settings {
    /// A trial account: bodies come back with Twilio's prefix, unverified recipients are refused.
    pub trial: bool,
    /// The recipients that a trial account may write to.
    pub verified: BTreeSet<String>,
    /// From one status to the next, in milliseconds; 0 delivers at once.
    pub step_ms: u32,
    /// How far the provider's clock is ahead of ours, in seconds.
    pub clock_offset_seconds: i32,
    /// How many creates may be under way before more are refused with 20429; 0 is no limit.
    pub concurrency_limit: u32,
    /// Where texts from handsets are posted, with Twilio's overrides if need be; `None` only keeps
    /// them.
    pub inbound_url: Option<String>,
    /// The Messaging Service has Advanced Opt-Out: its inbound texts name the `OptOutType`.
    pub advanced_opt_out: bool,
    /// Where the contents of files are said to be, a URL without a path; `None` is the simulator itself.
    pub content_url: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            trial: false,
            verified: BTreeSet::new(),
            step_ms: 50,
            clock_offset_seconds: 0,
            concurrency_limit: 0,
            inbound_url: None,
            advanced_opt_out: false,
            content_url: None,
        }
    }
}

/// A change of the settings; what is `None` stays as it is.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SettingsChange {
    /// The new token, for callers and for signatures alike.
    pub auth_token: Option<String>,
    /// See [`Settings::trial`].
    pub trial: Option<bool>,
    /// See [`Settings::verified`].
    pub verified: Option<BTreeSet<String>>,
    /// See [`Settings::step_ms`].
    pub step_ms: Option<u32>,
    /// See [`Settings::clock_offset_seconds`].
    pub clock_offset_seconds: Option<i32>,
    /// See [`Settings::concurrency_limit`].
    pub concurrency_limit: Option<u32>,
    /// See [`Settings::inbound_url`]; an empty one is none.
    pub inbound_url: Option<String>,
    /// See [`Settings::advanced_opt_out`].
    pub advanced_opt_out: Option<bool>,
    /// See [`Settings::content_url`]; an empty one is none.
    pub content_url: Option<String>,
}

impl SettingsChange {
    /// Says what makes no sense in it, if anything.
    pub fn check(&self) -> Result<(), &'static str> {
        let is_good = |url: &Option<String>| {
            let url = url.as_deref();
            url.is_none_or(|url| url.is_empty() || is_webhook(url))
        };
        if !is_good(&self.inbound_url) {
            Err("inbound_url is an http or https URL")
        } else if !is_good(&self.content_url) {
            Err("content_url is an http or https URL")
        } else {
            Ok(())
        }
    }

    /// Applies everything but the token.
    pub(crate) fn apply(self, settings: &mut Settings) {
        fn set<T>(field: &mut T, change: Option<T>) {
            if let Some(value) = change {
                *field = value;
            }
        }
        set(&mut settings.trial, self.trial);
        set(&mut settings.verified, self.verified);
        set(&mut settings.step_ms, self.step_ms);
        set(
            &mut settings.clock_offset_seconds,
            self.clock_offset_seconds,
        );
        set(&mut settings.concurrency_limit, self.concurrency_limit);
        let url = |url: String| Some(url).filter(|url| !url.is_empty());
        set(&mut settings.inbound_url, self.inbound_url.map(url));
        set(&mut settings.content_url, self.content_url.map(url));
        set(&mut settings.advanced_opt_out, self.advanced_opt_out);
    }
}

/// Whether callbacks can be posted there.
pub(crate) fn is_webhook(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| {
        let host = url.host_str().unwrap_or_default();
        matches!(url.scheme(), "http" | "https") && !host.is_empty() && !host.contains('_')
    })
}
