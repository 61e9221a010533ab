//! The worker's part: jobs are claimed, acknowledged, and handed to the provider over connections that
//! are kept; what it answers is stored.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use bytes::Bytes;
use futures_util::{FutureExt as _, StreamExt as _};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::SendRequest;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue};
use hyper::{Request, StatusCode};
use lapin::message::Delivery;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::FieldTable;
use lapin::{Channel, Consumer};
use mongodb::Database;
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use twilio_sim::{TEST_ACCOUNT_SID, TEST_AUTH_TOKEN, TEST_SENDER};

use super::api::CALLBACK;
use super::batches::{Calls, LARGEST, calls, execute};
use super::servers::{NAME, Servers, write};
use super::statements::{Id, Text, accepted, claim};
use crate::speed::load::{authority_of, connect};

/// The jobs that wait here, as with ours.
const PREFETCH: u16 = 8;

/// Texts in hand: the next job is claimed while one is on its way to the provider.
const IN_HAND: usize = 2 * LARGEST;

/// Works until something fails.
pub(super) async fn work(servers: Servers) -> anyhow::Result<()> {
    let database = servers.database().await?;
    let (_connection, channel) = servers.queue().await?;
    let (facts, answers) = calls();
    let provider = Arc::new(Provider::new(&servers, facts)?);
    let mut tasks = JoinSet::new();
    let at = database.clone();
    tasks.spawn(execute(answers, move |texts| {
        write(at.clone(), accepted(&texts))
    }));
    tasks.spawn(consume(channel, database, provider));
    tasks.join_next().await.context("nothing to do")??
}

async fn consume(
    channel: Channel,
    database: Database,
    provider: Arc<Provider>,
) -> anyhow::Result<()> {
    let prefetch = BasicQosOptions::default();
    channel.basic_qos(PREFETCH, prefetch).await?;
    let (options, arguments) = (BasicConsumeOptions::default(), FieldTable::default());
    let consumer = channel.basic_consume(NAME.into(), "".into(), options, arguments);
    let mut jobs = consumer.await?;
    let room = Arc::new(Semaphore::new(IN_HAND));
    let mut sends = JoinSet::new();
    while let Some(first) = jobs.next().await {
        let (texts, last) = with_what_waits(first?, &mut jobs)?;
        let ids = texts.iter().map(|text| text.id.parse::<Id>());
        let ids: Vec<Id> = ids.collect::<anyhow::Result<_>>()?;
        let count = u32::try_from(ids.len())?;
        let mut permits = Arc::clone(&room).acquire_many_owned(count).await?;
        write(database.clone(), claim(&ids)).await?;
        last.ack(BasicAckOptions { multiple: true }).await?;
        for (id, text) in ids.into_iter().zip(texts) {
            let permit = permits.split(1).context("a permit for each text")?;
            sends.spawn(Arc::clone(&provider).send(id, text, permit));
        }
        while let Some(sent) = sends.try_join_next() {
            sent??;
        }
    }
    anyhow::bail!("the broker gives no more jobs")
}

/// The texts of a job and of those behind it, to be claimed together, and the last of these jobs.
fn with_what_waits(first: Delivery, jobs: &mut Consumer) -> anyhow::Result<(Vec<Text>, Delivery)> {
    let mut texts: Vec<Text> = serde_json::from_slice(&first.data)?;
    let mut last = first;
    while texts.len() < LARGEST
        && let Some(Some(next)) = jobs.next().now_or_never()
    {
        last = next?;
        texts.extend(serde_json::from_slice::<Vec<Text>>(&last.data)?);
    }
    Ok((texts, last))
}

/// The provider, and where its answers are stored.
struct Provider {
    authority: String,
    path: String,
    authorization: HeaderValue,
    /// What follows the text in each form: where to call back.
    callback: String,
    idle: Mutex<Vec<SendRequest<Full<Bytes>>>>,
    facts: Calls<(Id, String)>,
}

/// The provider's answer.
#[derive(Deserialize)]
struct Accepted {
    sid: String,
}

impl Provider {
    fn new(servers: &Servers, facts: Calls<(Id, String)>) -> anyhow::Result<Self> {
        let as_anybody_would = lab::http(super::PATIENCE)?
            .get(&servers.provider)
            .basic_auth(TEST_ACCOUNT_SID, Some(TEST_AUTH_TOKEN))
            .build()?;
        let authorization = as_anybody_would.headers().get(AUTHORIZATION);
        Ok(Self {
            authority: authority_of(&servers.provider)?,
            path: format!("/2010-04-01/Accounts/{TEST_ACCOUNT_SID}/Messages.json"),
            authorization: authorization.context("an authorization")?.clone(),
            callback: format!("http://127.0.0.1:{}{CALLBACK}", servers.port),
            idle: Mutex::default(),
            facts,
        })
    }

    /// Hands a text over and stores that it was taken.
    async fn send(
        self: Arc<Self>,
        id: Id,
        text: Text,
        permit: OwnedSemaphorePermit,
    ) -> anyhow::Result<()> {
        let idle = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => connect(&self.authority).await?,
        };
        let sid = self.post(&mut connection, &text).await?;
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(connection);
        drop(permit);
        self.facts.call((id, sid)).await
    }

    async fn post(
        &self,
        connection: &mut SendRequest<Full<Bytes>>,
        text: &Text,
    ) -> anyhow::Result<String> {
        let request = Request::post(&self.path)
            .header(HOST, &self.authority)
            .header(AUTHORIZATION, &self.authorization)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::new(self.form(text).into()))?;
        connection.ready().await?;
        let answer = connection.send_request(request).await?;
        let status = answer.status();
        anyhow::ensure!(
            status == StatusCode::CREATED,
            "the provider answered {status}"
        );
        let body = answer.into_body().collect().await?.to_bytes();
        let Accepted { sid } = serde_json::from_slice(&body)?;
        Ok(sid)
    }

    fn form(&self, text: &Text) -> String {
        form_urlencoded::Serializer::new(String::new())
            .append_pair("To", &text.recipient)
            .append_pair("From", TEST_SENDER)
            .append_pair("Body", &text.body)
            .append_pair("StatusCallback", &format!("{}{}", self.callback, text.id))
            .finish()
    }
}
