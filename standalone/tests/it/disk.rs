//! A disk that takes no writes for a while, under `mysms`, whose ledger is a file. Nothing is started
//! anew: what it was told to do before it does once there is room, and what it refused it takes.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::harness::{Client, FailingDisk, Judge, Messenger, Mode, SmallDisk, eventually, get};

const ENOSPC: i32 = 28;
const EIO: i32 = 5;
const EROFS: i32 = 30;
const EDQUOT: i32 = 122;

/// A messenger on a disk that a test harms.
struct Trial {
    judge: Judge,
    messenger: Messenger,
    client: Client,
    bodies: Vec<String>,
}

impl Trial {
    /// Restarts a messenger with settings that put it on that disk.
    async fn on(settings: &[(&str, &str)]) -> Self {
        let judge = Judge::start().await;
        let mut messenger = Messenger::start(Mode::Embedded, &judge).await;
        messenger.terminate().await;
        messenger.change(settings);
        messenger.restart().await;
        let client = messenger.client("writer").await;
        // What the provider takes while nothing can be written is in doubt afterwards.
        judge
            .script(json!({"fault": {"kind": "delay_answer", "ms": 700}}))
            .await;
        Self {
            judge,
            messenger,
            client,
            bodies: Vec::new(),
        }
    }

    /// Harms the disk while texts are on their way, looks what is told, and mends it.
    async fn outlives(&mut self, harm: impl FnOnce(), mend: impl FnOnce()) {
        let taken = self.taken().await;
        for _ in 0..5 {
            self.send().await;
        }
        eventually("something is in flight", || async {
            self.taken().await > taken
        })
        .await;
        harm();
        self.is_told().await;
        let refused = self.new_body();
        for _ in 0..3 {
            let answer = self.post(&refused).await;
            assert_eq!(answer, StatusCode::SERVICE_UNAVAILABLE);
        }
        let history = self.client.history().await;
        assert!(!history.is_empty(), "what is stored can still be read");
        mend();
        eventually("all is well again", || async {
            self.asked("/healthz").await == 200 && self.asked("/readyz").await == 200
        })
        .await;
        self.insist(&refused).await;
        self.send().await;
    }

    /// Both questions about its health are answered with no, while texts are refused.
    async fn is_told(&mut self) {
        // Its log may have room within itself for some.
        loop {
            let body = self.new_body();
            if self.post(&body).await == StatusCode::SERVICE_UNAVAILABLE {
                break;
            }
        }
        eventually("the messenger says that nothing can be written", || async {
            self.asked("/healthz").await == 503 && self.asked("/readyz").await == 503
        })
        .await;
        let answer = get(&format!("{}/readyz", self.messenger.base)).await;
        let said: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(said["checks"]["store"]["status"], "down", "{said}");
        let user = json!({"username": "latecomer", "password": "password123"});
        let answer = self
            .client
            .request(Method::POST, "/signup", Some(user))
            .await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    }

    async fn send(&mut self) {
        let body = self.new_body();
        self.insist(&body).await;
    }

    /// Repeats a text until it is accepted.
    async fn insist(&self, body: &str) {
        let key = key(body);
        self.client
            .send_stubbornly("+14155550100", body, &key)
            .await;
    }

    fn new_body(&mut self) -> String {
        let body = format!("text {}", self.bodies.len());
        self.bodies.push(body.clone());
        body
    }

    async fn post(&self, body: &str) -> StatusCode {
        let key = key(body);
        let answer = self.client.send_with_key("+14155550100", body, &key).await;
        answer.unwrap().status()
    }

    /// How many texts the provider took.
    async fn taken(&self) -> Option<u64> {
        self.judge.stats().await["accepted"].as_u64()
    }

    async fn asked(&self, path: &str) -> u16 {
        let url = format!("{}{path}", self.messenger.base);
        get(&url).await.status().as_u16()
    }

    /// Requires that each text was delivered once, those that were refused first included.
    async fn finish(mut self) {
        for body in &self.bodies {
            self.insist(body).await;
        }
        self.client.wait_for_all_delivered(self.bodies.len()).await;
        self.judge.assert_each_once(&self.bodies).await;
        self.messenger.assert_all_run();
    }
}

fn key(body: &str) -> String {
    body.replace(' ', "-")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_told_and_outlived() {
    let disk = SmallDisk::mount();
    let data = disk.path().to_str().unwrap();
    let mut trial = Trial::on(&[("DATA_DIR", data)]).await;
    for _ in 0..2 {
        trial.outlives(|| disk.fill(), || disk.clear()).await;
    }
    trial.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_way_a_write_fails_is_told_and_outlived() {
    let disk = FailingDisk::build();
    let settings = disk.settings();
    let settings = settings.each_ref().map(|(name, value)| (*name, &**value));
    let mut trial = Trial::on(&settings).await;
    for faults in [
        [("sync", EIO)].as_slice(),
        &[("write", EIO)],
        &[("write", EDQUOT)],
        &[("write", ENOSPC), ("sync", EIO)],
        // Read-only for a moment: a connection opened then could never write.
        &[("write", EROFS), ("open", EROFS)],
    ] {
        trial.outlives(|| disk.fail(faults), || disk.mend()).await;
    }
    trial.finish().await;
}
