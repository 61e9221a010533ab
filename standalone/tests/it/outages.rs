//! The database, the broker and the provider go away and come back; nothing of ours is restarted.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lab::{Broker, Mongod, Proxy};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::harness::{Client, Judge, Messenger, Mode, eventually};

crate::in_every_mode!(a_backlog_costs_nothing_while_it_waits_and_drains_oldest_first);

/// More than any process of ours needs, whatever is away; in KiB and without optimisation.
const MEMORY_LIMIT: u64 = 160 * 1024;

/// How long each server is away.
fn outage() -> Duration {
    let seconds = std::env::var("OUTAGE_SECONDS").map_or(8, |text| text.parse().unwrap());
    Duration::from_secs(seconds)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_rabbitmq_texts_are_delivered_and_its_queue_is_used_again_afterwards() {
    let judge = Judge::start().await;
    let broker = Broker::start().await.unwrap();
    let settings = [("AMQP_URL", &*broker.url())];
    let mut messenger = Messenger::start_with(Mode::Servers, &judge, &settings).await;
    let client = messenger.client("resilient").await;

    broker.kill().await.unwrap();
    let mut bodies: Vec<String> = (0..20).map(|n| format!("no broker {n}")).collect();
    for body in &bodies {
        client.send("+14155550100", body).await;
    }
    client.wait_for_all_delivered(bodies.len()).await;

    broker.revive().await.unwrap();
    eventually("the API has its queue again", || async {
        let ready = client.request(Method::GET, "/readyz", None).await;
        let checks: serde_json::Value = ready.json().await.unwrap();
        checks["checks"]["queue"]["status"] == "up"
    })
    .await;
    // Nobody takes the jobs while the workers are frozen, so that they can be counted.
    for worker in messenger.workers() {
        worker.freeze().unwrap();
    }
    for n in 0..5 {
        bodies.push(format!("broker again {n}"));
        client.send("+14155550100", bodies.last().unwrap()).await;
    }
    let queue = messenger.queue();
    eventually("jobs come to the queue", || async {
        broker.jobs(&queue).await.is_ok_and(|jobs| jobs > 0)
    })
    .await;
    for worker in messenger.workers() {
        worker.thaw().unwrap();
    }
    eventually("the workers empty the queue", || async {
        broker.jobs(&queue).await.is_ok_and(|jobs| jobs == 0)
    })
    .await;

    client.wait_for_all_delivered(bodies.len()).await;
    judge.assert_each_once(&bodies).await;
    messenger.assert_all_run();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_mongodb_the_api_answers_503_and_all_is_well_afterwards() {
    let judge = Judge::start().await;
    let mut database = Mongod::start().await.unwrap();
    let settings = [("MONGO_URI", &*database.uri())];
    let mut messenger = Messenger::start_with(Mode::Servers, &judge, &settings).await;
    let client = messenger.client("resilient").await;
    client.send("+14155550100", "before").await;
    client.wait_for_all_delivered(1).await;

    for harm in ["KILL", "STOP"] {
        if harm == "KILL" {
            database.kill().unwrap();
        } else {
            database.freeze().unwrap();
        }
        let text = json!({"recipient": "+14155550100", "content": "refused"});
        let refused = client.request(Method::POST, "/messages", Some(text)).await;
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(refused.headers()[CONTENT_TYPE], "application/problem+json");
        let history = client.request(Method::GET, "/messages", None).await;
        assert_eq!(history.status(), StatusCode::SERVICE_UNAVAILABLE);
        if harm == "KILL" {
            database.bring_back().await.unwrap();
        } else {
            database.thaw().unwrap();
        }
        client
            .send_stubbornly("+14155550100", &format!("after {harm}"), harm)
            .await;
    }

    // A frozen server may have taken the insert that it never answered, as the answer said.
    let bodies: Vec<_> = judge.copies().await.into_keys().collect();
    judge.assert_each_once(&bodies).await;
    messenger.assert_all_run();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_server_may_be_away_under_load_and_nothing_is_lost_or_sent_twice() {
    let judge = Judge::start().await;
    let broker = Broker::start().await.unwrap();
    let mut database = Mongod::start().await.unwrap();
    let mut provider = Proxy::to(judge.url()).await.unwrap();
    let settings = [
        ("AMQP_URL", &*broker.url()),
        ("MONGO_URI", &*database.uri()),
        ("TWILIO_API_BASE_URL", &*provider.url()),
        // What the provider called back in vain is asked for.
        ("STATUS_POLL_SECONDS", "5,10,20,40,80,160"),
    ];
    let mut messenger = Messenger::start_with(Mode::Servers, &judge, &settings).await;
    let load = Load::start(&messenger.client("unshaken").await);

    broker.kill().await.unwrap();
    sleep(outage()).await;
    broker.revive().await.unwrap();
    database.kill().unwrap();
    sleep(outage()).await;
    database.bring_back().await.unwrap();
    provider.cut().await;
    sleep(outage()).await;
    provider.mend().await.unwrap();
    broker.kill().await.unwrap();
    database.kill().unwrap();
    provider.cut().await;
    sleep(outage()).await;
    broker.revive().await.unwrap();
    database.bring_back().await.unwrap();
    provider.mend().await.unwrap();

    let (client, bodies) = load.finish().await;
    client.wait_for_all_delivered(bodies.len()).await;
    judge.assert_each_once(&bodies).await;
    messenger.assert_all_run();
    for (program, memory) in messenger.peak_memory() {
        assert!(memory < MEMORY_LIMIT, "{program} took {memory} KiB");
    }
    eventually("everything is ready again", || messenger.is_ready()).await;
}

/// How many texts wait while the provider is away.
const BACKLOG: usize = 1_000;

/// Texts that are sent while it drains.
const FRESH: [&str; 4] = ["fresh 1", "fresh 2", "fresh 3", "fresh 4"];

/// More than a worker has claimed at any time.
const IN_FLIGHT: usize = 128;

async fn a_backlog_costs_nothing_while_it_waits_and_drains_oldest_first(mode: Mode) {
    let judge = Judge::start().await;
    let mut provider = Proxy::to(judge.url()).await.unwrap();
    let settings = [
        ("TWILIO_API_BASE_URL", &*provider.url()),
        // Of what a busy machine begins or answers too late this test says nothing.
        ("START_WINDOW_SECONDS", "20"),
        ("PROVIDER_TIMEOUT_SECONDS", "20"),
    ];
    let messenger = Messenger::start_with(mode, &judge, &settings).await;
    let client = messenger.client("crowded").await;
    provider.cut().await;

    let mut bodies = send_many(&client, BACKLOG).await;
    // Until the workers have noticed, some attempts are in vain; then one is made now and again.
    eventually("the backlog is left alone", || async {
        let before = client.history().await;
        sleep(Duration::from_secs(2)).await;
        let after = client.history().await;
        let both = before.iter().zip(&after);
        let touched = both.filter(|(then, now)| then["updated_at"] != now["updated_at"]);
        touched.count() * 50 < bodies.len()
    })
    .await;
    judge
        .script(json!({"fault": {"kind": "delay_answer", "ms": 200}}))
        .await;
    provider.mend().await.unwrap();
    // While the line is only probed, a fresh text has to wait like all others. Each worker probes for itself, and
    // the queue gives them the jobs in turn: of several fresh texts one comes to a worker that sends again.
    eventually("the backlog drains at full speed", || async {
        judge.stats().await["accepted"].as_u64() > Some(50)
    })
    .await;
    let fresh = FRESH.map(str::to_owned);
    for body in &fresh {
        client.send("+14155550100", body).await;
    }
    let gone = judge.accepted().await.len();

    client
        .wait_for_all_delivered(bodies.len() + fresh.len())
        .await;
    let taken = judge.accepted().await;
    let place = |body: &str| taken.iter().position(|text| text.body == body).unwrap();
    let half = bodies.len() / 2;
    let early = bodies[..half].iter().filter(|body| place(body) <= half);
    let early = early.count();
    assert!(
        early * 5 > half * 4,
        "only {early} of the {half} oldest texts went first"
    );
    // A turn came before most of those that waited with it, beyond what was in flight already.
    let waited = bodies.len().saturating_sub(gone);
    let turn = fresh.iter().map(|body| place(body)).min().unwrap();
    let turn = turn.saturating_sub(gone);
    assert!(
        turn < (waited * 3 / 4).max(IN_FLIGHT),
        "the fresh texts starved: {turn} of {waited} went before them"
    );
    bodies.extend(fresh);
    judge.assert_each_once(&bodies).await;
    for (program, memory) in messenger.peak_memory() {
        assert!(memory < MEMORY_LIMIT, "{program} took {memory} KiB");
    }
}

/// Sends so many texts over sixteen connections and tells their bodies, oldest first.
async fn send_many(client: &Client, count: usize) -> Vec<String> {
    let mut senders = JoinSet::new();
    for sender in 0..16 {
        let client = client.clone();
        senders.spawn(async move {
            for n in (sender..count).step_by(16) {
                let body = format!("backlog-{n}");
                client.send_stubbornly("+14155550100", &body, &body).await;
            }
        });
    }
    senders.join_all().await;
    let history = client.history().await;
    let content = |message: &serde_json::Value| message["content"].as_str().unwrap().to_owned();
    history.iter().map(content).collect()
}

/// Clients that send one text after the other, each until it is accepted.
struct Load {
    client: Client,
    enough: Arc<AtomicBool>,
    senders: JoinSet<Vec<String>>,
}

impl Load {
    const CLIENTS: usize = 2;
    const PAUSE: Duration = Duration::from_millis(100);

    fn start(client: &Client) -> Self {
        let enough = Arc::new(AtomicBool::new(false));
        let mut senders = JoinSet::new();
        for sender in 0..Self::CLIENTS {
            let (client, enough) = (client.clone(), Arc::clone(&enough));
            senders.spawn(async move {
                let mut sent = Vec::new();
                while !enough.load(Ordering::Relaxed) {
                    let body = format!("load-{sender}-{}", sent.len());
                    client.send_stubbornly("+14155550100", &body, &body).await;
                    sent.push(body);
                    sleep(Self::PAUSE).await;
                }
                sent
            });
        }
        Self {
            client: client.clone(),
            enough,
            senders,
        }
    }

    /// Waits until the last text is accepted; tells what was sent.
    async fn finish(self) -> (Client, Vec<String>) {
        self.enough.store(true, Ordering::Relaxed);
        let sent = self.senders.join_all().await;
        (self.client, sent.concat())
    }
}
