//! People who write to us meanwhile, through the provider: what it received is in the ledger, whether it
//! could tell us of it or not.

use std::collections::HashMap;
use std::time::Duration;

use lab::{Received, Simulator};
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, sleep};

use super::judge::{Offence, Wrong};
use super::ledger::Ledger;

/// Between two texts.
const BETWEEN: Duration = Duration::from_millis(300);

/// How long after the last text all may take to be found: a list leaves out what is under a minute old.
const UNTIL_FOUND: Duration = Duration::from_mins(3);

/// They write until they are stopped, or dropped.
pub(super) struct Writers {
    provider: Simulator,
    tasks: JoinSet<()>,
}

impl Writers {
    /// Lets them begin; each of `authors` in turn.
    pub(super) fn begin(provider: &Simulator, authors: Vec<String>) -> Self {
        let mut tasks = JoinSet::new();
        tasks.spawn(write_all(provider.clone(), authors));
        Self {
            provider: provider.clone(),
            tasks,
        }
    }

    /// Nobody writes any more.
    pub(super) async fn end(&mut self) {
        self.tasks.shutdown().await;
    }

    /// Waits until everything is found, and judges what is not: how many there are, and what is wrong with
    /// which.
    pub(super) async fn testify(&self, ledger: &Ledger) -> anyhow::Result<(usize, Vec<Offence>)> {
        let received = self.provider.received().await?;
        let deadline = Instant::now() + UNTIL_FOUND;
        loop {
            let rows = ledger.rows().await?;
            let kept = rows.iter().filter_map(|row| row.provider.as_ref());
            let wrong = judge(&received, kept.map(|provider| &*provider.sid));
            if wrong.is_empty() || Instant::now() > deadline {
                return Ok((received.len(), wrong));
            }
            sleep(Duration::from_secs(1)).await;
        }
    }
}

/// The provider is harmed too: what it does not take, nobody has written.
async fn write_all(provider: Simulator, authors: Vec<String>) {
    let mut ticks = interval(BETWEEN);
    for (n, author) in authors.iter().cycle().enumerate() {
        ticks.tick().await;
        // It fails while the provider is away.
        let _ = provider.write(author, &format!("written {n}")).await;
    }
}

/// Each text that the provider received is in the ledger, once.
fn judge<'a>(received: &[Received], sids: impl Iterator<Item = &'a str>) -> Vec<Offence> {
    let mut kept = HashMap::<&str, usize>::new();
    for sid in sids {
        *kept.entry(sid).or_default() += 1;
    }
    let wrong = received.iter().filter_map(|text| {
        let count = kept.get(&*text.sid).copied().unwrap_or(0);
        (count != 1).then(|| Offence {
            wrong: Wrong::Unheard,
            text: text.sid.clone(),
            ids: Vec::new(),
            why: format!("the provider received it, it is there {count} times"),
        })
    });
    wrong.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_missing_or_there_twice_is_found() {
        let received = |sid: &str| Received {
            sid: sid.to_owned(),
        };
        let received = ["SM1", "SM2", "SM3"].map(received);
        let wrong = judge(&received, ["SM1", "SM3", "SM3"].into_iter());
        let texts: Vec<_> = wrong.iter().map(|offence| &*offence.text).collect();
        assert_eq!(texts, ["SM2", "SM3"]);
    }
}
