use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use crate::{
    Settings, TEST_ACCOUNT_SID, TEST_AUTH_TOKEN, TEST_MESSAGING_SERVICE_SID, TEST_SENDER, Terms,
};

/// How a simulator starts. The default listens on a free loopback port, knows the test credentials
/// and keeps its ledger in memory.
#[derive(Clone)]
pub struct Options {
    /// Where to listen; port 0 takes a free one.
    pub bind: SocketAddr,
    /// The file that keeps the ledger; `None` keeps it in memory only.
    pub ledger: Option<PathBuf>,
    /// The one account that exists.
    pub account_sid: String,
    /// What callers must present, and what callbacks are signed with, until the settings change it.
    pub auth_token: String,
    /// The numbers, short codes and names that may be used as `From`. The first number or code sends for the
    /// Messaging Service.
    pub senders: Vec<String>,
    /// The Messaging Service that exists.
    pub messaging_service_sid: String,
    /// What senders may do; those that are named only here exist as well. It can be changed later over HTTP.
    pub terms: BTreeMap<String, Terms>,
    /// How many callbacks are under way at the same time, at most.
    pub callback_concurrency: usize,
    /// What can be changed later over HTTP.
    pub settings: Settings,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            bind: (Ipv4Addr::LOCALHOST, 0).into(),
            ledger: None,
            account_sid: TEST_ACCOUNT_SID.to_owned(),
            auth_token: TEST_AUTH_TOKEN.to_owned(),
            senders: vec![TEST_SENDER.to_owned()],
            messaging_service_sid: TEST_MESSAGING_SERVICE_SID.to_owned(),
            terms: BTreeMap::new(),
            callback_concurrency: 64,
            settings: Settings::default(),
        }
    }
}
