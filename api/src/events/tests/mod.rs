mod consent;
mod ending;
mod endpoints;
mod inbox;
mod marks;
mod reading;
mod stream;

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::Method;
use http_body_util::BodyExt;
use serde_json::Value;
use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::testing::{TestApi, TestUser, request};

/// Long enough for a slow machine; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// Lets the API pass changes on, until what is given here is dropped.
fn pass_changes_on(api: &TestApi) -> DropGuard {
    let stop = CancellationToken::new();
    let run = Arc::clone(&api.state.events).run(stop.clone());
    TaskTracker::new().spawn(run);
    stop.drop_guard()
}

/// A stream as a client reads it.
struct Stream {
    body: Body,
    text: String,
    /// The last id that came.
    last: String,
}

#[derive(Debug)]
struct Told {
    name: String,
    data: Value,
}

impl Stream {
    async fn open(api: &TestApi, user: &TestUser) -> Self {
        Self::go_on(api, user, None).await
    }

    async fn go_on(api: &TestApi, user: &TestUser, last: Option<&str>) -> Self {
        let mut asked = request(Method::GET, "/events", Some(user), "");
        if let Some(last) = last {
            let headers = asked.headers_mut();
            headers.insert("last-event-id", last.parse().unwrap());
        }
        let answer = api.respond(asked).await;
        assert_eq!(answer.status(), 200);
        Self::of(answer)
    }

    fn of(answer: axum::response::Response) -> Self {
        Self {
            body: answer.into_body(),
            text: String::new(),
            last: String::new(),
        }
    }

    /// The next block of lines; `None` at the end.
    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                return Some(block);
            }
            let frame = self.body.frame().await?.unwrap();
            self.text += std::str::from_utf8(frame.data_ref().unwrap()).unwrap();
        }
    }

    /// The next event; heartbeats do not count.
    async fn next(&mut self) -> Option<Told> {
        let next = timeout(PATIENCE, self.read());
        next.await.expect("an event comes, or the end")
    }

    async fn read(&mut self) -> Option<Told> {
        loop {
            let block = self.block().await?;
            let field = |name: &str| {
                let prefix = format!("{name}: ");
                block.lines().find_map(|line| line.strip_prefix(&*prefix))
            };
            if let Some(id) = field("id") {
                id.clone_into(&mut self.last);
            }
            if let Some(data) = field("data") {
                return Some(Told {
                    name: field("event").unwrap().to_owned(),
                    data: serde_json::from_str(data).unwrap(),
                });
            }
        }
    }

    async fn expect(&mut self, name: &str) -> Value {
        let told = self.next().await.expect("the stream goes on");
        assert_eq!(told.name, name, "{told:?}");
        told.data
    }

    /// Reads on to the end.
    async fn ends(mut self) {
        let end = async { while self.block().await.is_some() {} };
        timeout(PATIENCE, end).await.expect("it ends");
    }
}
