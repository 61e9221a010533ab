//! Says who has made a connection.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::sleep;

use super::owner::{Ends, owners};
use crate::Whereabouts;

/// Connections that are made within this time are looked for together: after an outage everybody
/// comes back at once.
const TOGETHER: Duration = Duration::from_millis(50);

/// Knows the processes that can be told apart.
#[derive(Debug)]
pub(super) struct Callers {
    roster: Roster,
    questions: mpsc::UnboundedSender<Question>,
    _task: Mutex<JoinSet<()>>,
}

/// Comes to be the name of whoever was asked for.
pub(super) type Asked = oneshot::Receiver<Option<String>>;

type Roster = Arc<Mutex<Vec<(String, Whereabouts)>>>;

struct Question {
    ends: Ends,
    answer: oneshot::Sender<Option<String>>,
}

impl Callers {
    pub(super) fn new() -> Self {
        let roster = Roster::default();
        let (questions, asked) = mpsc::unbounded_channel();
        let mut task = JoinSet::new();
        task.spawn(answer(asked, Arc::clone(&roster)));
        Self {
            roster,
            questions,
            _task: Mutex::new(task),
        }
    }

    pub(super) fn register(&self, name: &str, whereabouts: Whereabouts) {
        let roster = self.roster.lock();
        let mut roster = roster.unwrap_or_else(PoisonError::into_inner);
        roster.push((name.to_owned(), whereabouts));
    }

    /// Asks who made this connection to us, as far as that is known.
    pub(super) fn ask(&self, stream: &TcpStream) -> Option<Asked> {
        let ends = (stream.peer_addr().ok()?, stream.local_addr().ok()?);
        let (answer, asked) = oneshot::channel();
        self.questions.send(Question { ends, answer }).ok()?;
        Some(asked)
    }
}

async fn answer(mut asked: mpsc::UnboundedReceiver<Question>, roster: Roster) {
    while let Some(first) = asked.recv().await {
        sleep(TOGETHER).await;
        let mut questions = vec![first];
        while let Ok(question) = asked.try_recv() {
            questions.push(question);
        }
        let connections: Vec<Ends> = questions.iter().map(|question| question.ends).collect();
        let running = running(&roster);
        let owners = spawn_blocking(move || owners(&connections, &running)).await;
        for (question, owner) in questions.into_iter().zip(owners.unwrap_or_default()) {
            // Who asked may be gone.
            let _ = question.answer.send(owner);
        }
    }
}

fn running(roster: &Roster) -> Vec<(String, i32)> {
    let roster = roster.lock().unwrap_or_else(PoisonError::into_inner);
    let running = roster.iter();
    running
        .filter_map(|(name, whereabouts)| Some((name.clone(), whereabouts.pid()?)))
        .collect()
}
