//! The provider: a simulator as a process of its own, and its control API.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::anyhow;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use reqwest::{Client, Method, RequestBuilder, Response, Url};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use twilio_sim::{BookLine, Direction, Fault, SenderState, Terms};

use crate::{Launch, Programs, Ready, Service, free_port};

/// Starts a simulator whose book is a file under `directory`, so that it forgets no text when it is
/// killed; `settings` are further variables of its environment.
pub fn simulator(
    programs: &Programs,
    directory: &Path,
    settings: &[(&str, &str)],
) -> anyhow::Result<(Service, Simulator)> {
    let port = free_port()?.to_string();
    let book = directory.join("provider.jsonl");
    let book = book.to_string_lossy();
    let own = [("SIM_PORT", &*port), ("SIM_LEDGER", &*book)];
    let environment: BTreeMap<_, _> = own
        .iter()
        .chain(settings)
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let base = format!("http://127.0.0.1:{port}");
    let launch = Launch {
        name: "simulator".to_owned(),
        program: programs.find("twilio-sim")?,
        args: Vec::new(),
        environment,
        log: directory.join("simulator.log"),
    };
    let service = Service::start(launch, Ready::Http(format!("{base}/healthz")))?;
    Ok((service, Simulator::at(base)?))
}

/// Requests to the control API at once.
const AT_ONCE: usize = 8;

/// A simulator as who tests sees it: its control API.
#[derive(Debug, Clone)]
pub struct Simulator {
    base: String,
    http: Client,
}

/// A text in the provider's book.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Entry {
    pub sid: String,
    pub to: String,
    pub body: String,
    #[serde(default)]
    pub media: Vec<File>,
    pub status: twilio_sim::Status,
    pub error_code: Option<u32>,
    /// When it was accepted, RFC 3339.
    pub created: String,
    /// Whether its account's owner took a report of it.
    pub reported: bool,
    /// What the provider was made to erase of it: `body` or `record`.
    pub erased: Option<String>,
}

/// A file of a text in the provider's book.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct File {
    /// What the request named.
    pub url: Option<String>,
}

impl Entry {
    /// The addresses of its files, as the request named them.
    pub fn urls(&self) -> Vec<&str> {
        let media = self.media.iter();
        media.filter_map(|file| file.url.as_deref()).collect()
    }

    /// The same in milliseconds since 1970.
    pub fn accepted_at(&self) -> Option<i64> {
        let time = mongodb::bson::DateTime::parse_rfc3339_str(&self.created).ok()?;
        Some(time.timestamp_millis())
    }
}

/// A text that a handset wrote, in the provider's book.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Received {
    pub sid: String,
}

#[derive(Deserialize)]
struct Line {
    direction: Direction,
    #[serde(flatten)]
    received: Received,
}

#[derive(Deserialize)]
struct Row {
    direction: Direction,
    #[serde(flatten)]
    entry: Entry,
}

#[derive(Deserialize)]
struct Stats {
    accepted: usize,
    callbacks_delivered: usize,
    callbacks_pending: usize,
}

impl Simulator {
    /// The one whose API is at `base`.
    pub fn at(base: String) -> anyhow::Result<Self> {
        // A connection kept from before the provider was ended would fail.
        let http = crate::http_builder(Duration::from_secs(10)).pool_max_idle_per_host(0);
        Ok(Self {
            base,
            http: http.build()?,
        })
    }

    /// Where its API is.
    pub fn url(&self) -> &str {
        &self.base
    }

    /// Everything it ever accepted for a handset, oldest first.
    pub async fn book(&self) -> anyhow::Result<Vec<Entry>> {
        let rows: Vec<Row> = self.get("/sim/messages").await?;
        let sent = rows.into_iter();
        let sent = sent.filter(|row| row.direction != Direction::Inbound);
        Ok(sent.map(|row| row.entry).collect())
    }

    /// Everything it ever received from a handset, oldest first.
    pub async fn received(&self) -> anyhow::Result<Vec<Received>> {
        let lines: Vec<Line> = self.get("/sim/messages").await?;
        let received = lines.into_iter();
        let received = received.filter(|line| line.direction == Direction::Inbound);
        Ok(received.map(|line| line.received).collect())
    }

    /// Lets a handset write to the number that wrote to it last.
    pub async fn write(&self, handset: &str, body: &str) -> anyhow::Result<Response> {
        let text = serde_json::json!({"from": handset, "body": body});
        self.post("/sim/inbound", &text).await
    }

    /// What its creates brought, with the moments at which they came, oldest first: what was accepted behind a place,
    /// which is 0 or the `n` of a line. Cheaper than [`Self::book`].
    pub async fn arrivals(&self, after: usize) -> anyhow::Result<Vec<BookLine>> {
        let mut arrivals: Vec<BookLine> = Vec::new();
        loop {
            let place = arrivals.last().map_or(after, |line| line.n);
            let request = self.request(Method::GET, &format!("/sim/book?after={place}"));
            let answer = request.send().await?.error_for_status()?.text().await?;
            if answer.is_empty() {
                return Ok(arrivals);
            }
            for line in answer.lines() {
                arrivals.push(serde_json::from_str(line)?);
            }
        }
    }

    /// Makes this number, short code, name or Messaging Service a sender of the account, or changes what it may do. It
    /// forgets that when it is ended: what is to outlive this is in its variables `SIM_SENDERS` and `SIM_TERMS`.
    pub async fn set_sender(&self, address: &str, terms: &Terms) -> anyhow::Result<SenderState> {
        let request = self.sender(Method::PUT, address)?.json(terms);
        Ok(request.send().await?.error_for_status()?.json().await?)
    }

    /// Takes a sender from the account, which has to have it.
    pub async fn remove_sender(&self, address: &str) -> anyhow::Result<()> {
        let request = self.sender(Method::DELETE, address)?;
        request.send().await?.error_for_status()?;
        Ok(())
    }

    /// The senders of the account, and how things stand with them.
    pub async fn senders(&self) -> anyhow::Result<Vec<SenderState>> {
        self.get("/sim/senders").await
    }

    /// How many callbacks it still has to send.
    pub async fn callbacks_pending(&self) -> anyhow::Result<usize> {
        Ok(self.stats().await?.callbacks_pending)
    }

    /// How many texts it has accepted since it was started.
    pub async fn accepted(&self) -> anyhow::Result<usize> {
        Ok(self.stats().await?.accepted)
    }

    /// How many of its callbacks were answered well since it was started.
    pub async fn callbacks_delivered(&self) -> anyhow::Result<usize> {
        Ok(self.stats().await?.callbacks_delivered)
    }

    async fn stats(&self) -> anyhow::Result<Stats> {
        self.get("/sim/stats").await
    }

    /// From now on it answers every request to send only after so long.
    pub async fn delay_answers(&self, ms: u32) -> anyhow::Result<()> {
        self.mend().await?;
        if ms > 0 {
            let fault = serde_json::json!({"fault": {"kind": "delay_answer", "ms": ms}});
            self.fault(&fault).await?;
        }
        Ok(())
    }

    /// Adds a fault to its script, which it forgets when it is ended.
    pub async fn fault(&self, fault: &impl Serialize) -> anyhow::Result<()> {
        self.post("/sim/faults", fault).await.map(drop)
    }

    /// Adds many faults. Only those of one list are sure to be in their order.
    pub async fn script(&self, faults: Vec<Vec<Fault>>) -> anyhow::Result<()> {
        let lists = stream::iter(faults).map(|faults| async move {
            for fault in faults {
                self.fault(&fault).await?;
            }
            anyhow::Ok(())
        });
        lists.buffer_unordered(AT_ONCE).try_collect().await
    }

    /// Ends every fault.
    pub async fn mend(&self) -> anyhow::Result<()> {
        let request = self.request(Method::DELETE, "/sim/faults");
        request.send().await?.error_for_status()?;
        Ok(())
    }

    /// Changes settings; those that are left out stay as they are.
    pub async fn set(&self, settings: &impl Serialize) -> anyhow::Result<()> {
        let request = self.request(Method::PUT, "/sim/settings");
        let answer = request.json(settings).send().await?;
        answer.error_for_status()?;
        Ok(())
    }

    /// Replaces how the account is set up; what is left out is in order.
    pub async fn set_up(&self, setup: &impl Serialize) -> anyhow::Result<()> {
        let request = self.request(Method::PUT, "/sim/account");
        let answer = request.json(setup).send().await?;
        answer.error_for_status()?;
        Ok(())
    }

    /// Asks its API, be it Twilio's or ours.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base))
    }

    fn sender(&self, method: Method, address: &str) -> anyhow::Result<RequestBuilder> {
        let mut url = Url::parse(&self.base)?;
        let path = url.path_segments_mut();
        let mut path = path.map_err(|()| anyhow!("{} has no paths", self.base))?;
        path.extend(["sim", "senders", address]);
        drop(path);
        Ok(self.http.request(method, url))
    }

    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        let request = self.request(Method::GET, path);
        Ok(request.send().await?.error_for_status()?.json().await?)
    }

    pub async fn post(&self, path: &str, body: &impl Serialize) -> anyhow::Result<Response> {
        let request = self.request(Method::POST, path).json(body);
        Ok(request.send().await?.error_for_status()?)
    }
}

#[cfg(test)]
mod tests {
    use twilio_sim::{Options, SenderKind, TEST_ACCOUNT_SID, TEST_AUTH_TOKEN};

    use super::*;

    #[tokio::test]
    async fn senders_and_what_they_sent_are_told() {
        let running = twilio_sim::Simulator::start(Options::default());
        let running = running.await.expect("a simulator");
        let simulator = Simulator::at(running.url()).expect("a client");
        let terms = Terms {
            segments_per_second: Some(0.5),
            ..Terms::default()
        };
        for (address, kind) in [
            ("+15005550010", SenderKind::Number),
            ("Shop & Co", SenderKind::Name),
        ] {
            let state = simulator.set_sender(address, &terms).await.expect("set");
            assert_eq!((&*state.address, state.kind), (address, kind));
            assert_eq!(state.terms, terms);
            let senders = simulator.senders().await.expect("senders");
            let newest = senders.last().expect("a sender");
            assert_eq!((&*newest.address, &newest.terms), (address, &terms));
        }
        for segments in [1, 2] {
            let body = "x".repeat(150 * segments);
            let form = [
                ("To", "+4915112345678"),
                ("From", "+15005550010"),
                ("Body", &body),
            ];
            let path = format!("/2010-04-01/Accounts/{TEST_ACCOUNT_SID}/Messages.json");
            let request = simulator.request(Method::POST, &path).form(&form);
            let request = request.basic_auth(TEST_ACCOUNT_SID, Some(TEST_AUTH_TOKEN));
            assert_eq!(request.send().await.expect("an answer").status(), 201);
        }
        let arrivals = simulator.arrivals(0).await.expect("the book");
        let segments: Vec<_> = arrivals.iter().map(|line| line.segments).collect();
        assert_eq!(segments, [1, 2]);
        assert!(arrivals.iter().all(|line| line.sender == "+15005550010"));
        let later = simulator.arrivals(arrivals[0].n).await.expect("the book");
        let sids: Vec<_> = later.iter().map(|line| &line.sid).collect();
        assert_eq!(sids, [&arrivals[1].sid]);

        simulator
            .remove_sender("+15005550010")
            .await
            .expect("removed");
        let again = simulator.remove_sender("+15005550010").await;
        assert!(again.is_err(), "it is gone");
    }
}
