//! The API's part: a text is inserted before its `POST` is answered, and then put into a job; what a
//! callback tells is stored before that is answered.

use std::net::Ipv4Addr;
use std::sync::Arc;

use anyhow::Context as _;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::batches::{Calls, calls, execute};
use super::servers::{Servers, publish, write};
use super::statements::{Id, Status, Text, insert, told};

/// Where callbacks go; the id of the text follows.
pub(super) const CALLBACK: &str = "/callback?message=";

struct Api {
    inserts: Calls<(Id, Text)>,
    jobs: Calls<Text>,
    facts: Calls<(Id, Status)>,
}

/// A request to send a text.
#[derive(Deserialize)]
struct Wanted {
    recipient: String,
    content: String,
}

/// Serves until a batch fails.
pub(super) async fn serve(servers: Servers) -> anyhow::Result<()> {
    let database = servers.database().await?;
    let (_connection, channel) = servers.queue().await?;
    let (inserts, texts) = calls();
    let (jobs, accepted) = calls();
    let (facts, callbacks) = calls();
    let api = Arc::new(Api {
        inserts,
        jobs,
        facts,
    });
    let mut tasks = JoinSet::new();
    let (store, at) = (database.clone(), database);
    tasks.spawn(execute(texts, move |texts| {
        write(store.clone(), insert(&texts))
    }));
    tasks.spawn(execute(accepted, move |texts| {
        publish(channel.clone(), texts)
    }));
    tasks.spawn(execute(callbacks, move |facts| {
        write(at.clone(), told(&facts))
    }));
    tasks.spawn(listen(servers.port, api));
    tasks.join_next().await.context("nothing to do")??
}

async fn listen(port: u16, api: Arc<Api>) -> anyhow::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await?;
        connections.spawn(converse(stream, Arc::clone(&api)));
    }
}

/// Answers what comes over a connection; one that breaks is its client's to notice.
async fn converse(stream: TcpStream, api: Arc<Api>) {
    let service = service_fn(move |request| {
        let api = Arc::clone(&api);
        async move { api.answer(request).await }
    });
    let _ = stream.set_nodelay(true);
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let _ = connection.await;
}

impl Api {
    async fn answer(&self, request: Request<Incoming>) -> anyhow::Result<Response<Full<Bytes>>> {
        if request.method() == Method::GET {
            return Ok(Response::new(Full::default()));
        }
        let (head, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let target = head
            .uri
            .path_and_query()
            .map_or("", |target| target.as_str());
        let answer = match target.strip_prefix(CALLBACK) {
            Some(id) => {
                let fact = (id.parse()?, fact(&body)?);
                self.facts.call(fact).await?;
                Bytes::new()
            }
            None => self.take(&body).await?,
        };
        Ok(Response::new(Full::new(answer)))
    }

    async fn take(&self, body: &[u8]) -> anyhow::Result<Bytes> {
        let wanted: Wanted = serde_json::from_slice(body)?;
        let id = Id::new();
        let text = Text {
            id: id.to_string(),
            recipient: wanted.recipient,
            body: wanted.content,
        };
        let answer = format!(r#"{{"id":"{id}","status":"queued"}}"#);
        self.inserts.call((id, text.clone())).await?;
        // Nobody waits for the queue.
        drop(self.jobs.hand_in(text).await?);
        Ok(answer.into())
    }
}

/// What a callback says, in the provider's form.
fn fact(form: &[u8]) -> anyhow::Result<Status> {
    let mut fields = str::from_utf8(form)?.split('&');
    let status = fields.find_map(|field| field.strip_prefix("MessageStatus="));
    match status.context("a callback without a status")? {
        "sent" => Ok(Status::Sent),
        "delivered" => Ok(Status::Delivered),
        other => anyhow::bail!("a callback about {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callback_is_told_by_its_status_alone() {
        let form = b"SmsStatus=queued&MessageStatus=delivered&To=%2B14155550100";
        assert_eq!(fact(form).unwrap(), Status::Delivered);
        assert!(fact(b"SmsStatus=sent").is_err());
        assert!(fact(b"MessageStatus=failed").is_err());
    }
}
