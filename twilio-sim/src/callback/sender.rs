use std::time::Duration;

use anyhow::Context as _;
use reqwest::{Client, StatusCode, header::CONTENT_TYPE, redirect};

use super::Notice;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Below the idle times of common servers, so that no callback meets a connection being closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(3);

/// Why a callback did not get through, as far as repeating it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    Connect,
    /// Timed out or cut off after the connection stood.
    Read,
    /// A 4xx, or an answer that is none of 2xx, 4xx and 5xx.
    ClientError,
    ServerError,
}

/// Posts callbacks over connections that are kept open.
pub(crate) struct Sender {
    client: Client,
    concurrency: usize,
}

impl Sender {
    pub(crate) fn new(concurrency: usize) -> anyhow::Result<Self> {
        let client = Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_max_idle_per_host(concurrency)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .user_agent("TwilioProxy/1.1")
            .build()
            .context("cannot set up the client for callbacks")?;
        Ok(Self {
            client,
            concurrency: concurrency.max(1),
        })
    }

    pub(super) fn concurrency(&self) -> usize {
        self.concurrency
    }

    pub(super) async fn post(
        &self,
        notice: &Notice,
        auth_token: &str,
        read_ms: i64,
    ) -> Result<(), Failure> {
        let timeout = Duration::from_millis(read_ms.unsigned_abs());
        let request = self
            .client
            .post(notice.url())
            .timeout(timeout)
            .header(
                CONTENT_TYPE,
                "application/x-www-form-urlencoded; charset=UTF-8",
            )
            .header("X-Twilio-Signature", notice.signature(auth_token))
            .header("I-Twilio-Idempotency-Token", notice.idempotency_token())
            .body(notice.form());
        let response = request.send().await.map_err(|error| failure(&error))?;
        let status = response.status();
        // The body is of no interest, but only a connection that was read to its end is used again.
        response.bytes().await.map_err(|error| failure(&error))?;
        verdict(status)
    }
}

fn verdict(status: StatusCode) -> Result<(), Failure> {
    if status.is_success() {
        Ok(())
    } else if status.is_server_error() {
        Err(Failure::ServerError)
    } else {
        Err(Failure::ClientError)
    }
}

fn failure(error: &reqwest::Error) -> Failure {
    if error.is_connect() {
        Failure::Connect
    } else {
        Failure::Read
    }
}
