use std::time::Duration;

use anyhow::Context as _;
use axum::body::Bytes;
use reqwest::{
    Client, StatusCode,
    header::{CONTENT_TYPE, HeaderValue},
    redirect,
};

use super::notice::Notice;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Below the idle times of common servers, so that no callback meets a connection being closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(3);

/// Why a callback did not get through, as far as repeating it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    Connect,
    /// Timed out or cut off after the connection stood.
    Read,
    /// A 4xx, or an answer that is none of 2xx, 4xx and 5xx.
    ClientError,
    ServerError,
}

/// What the account's owner said to a callback.
pub(crate) struct Answer {
    /// Without its parameters.
    pub(crate) content_type: Option<String>,
    pub(crate) body: Bytes,
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

    pub(crate) fn concurrency(&self) -> usize {
        self.concurrency
    }

    pub(crate) async fn post(
        &self,
        notice: &Notice,
        auth_token: &str,
        read_ms: i64,
    ) -> Result<Answer, Failure> {
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
        let content_type = response.headers().get(CONTENT_TYPE).map(essence);
        // Only a connection that was read to its end is used again.
        let body = response.bytes().await.map_err(|error| failure(&error))?;
        verdict(status)?;
        Ok(Answer { content_type, body })
    }
}

fn essence(content_type: &HeaderValue) -> String {
    let text = content_type.to_str().unwrap_or_default();
    let essence = text.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
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
