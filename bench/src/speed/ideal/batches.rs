//! Many calls as one, without timers: whatever comes while batches are under way forms the next.

use std::mem;

use anyhow::Context as _;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::{mpsc, oneshot};

/// The most calls in a batch, as with ours.
pub(super) const LARGEST: usize = 64;

/// While one is on its way, another is made ready.
const UNDER_WAY: usize = 2;

/// Where calls are handed in.
pub(super) struct Calls<T>(mpsc::Sender<Call<T>>);

/// What was handed in.
pub(super) struct Waiting<T>(mpsc::Receiver<Call<T>>);

struct Call<T> {
    input: T,
    done: oneshot::Sender<()>,
}

pub(super) fn calls<T>() -> (Calls<T>, Waiting<T>) {
    let (sender, receiver) = mpsc::channel(64 * LARGEST);
    (Calls(sender), Waiting(receiver))
}

impl<T> Calls<T> {
    /// Waits until the call's batch was executed.
    pub(super) async fn call(&self, input: T) -> anyhow::Result<()> {
        let done = self.hand_in(input).await?;
        done.await.context("a batch failed")
    }

    /// Waits for nothing but room, unless who called wants to.
    pub(super) async fn hand_in(&self, input: T) -> anyhow::Result<oneshot::Receiver<()>> {
        let (done, executed) = oneshot::channel();
        let handed_in = self.0.send(Call { input, done }).await;
        handed_in.ok().context("a batch failed")?;
        Ok(executed)
    }
}

/// Executes the calls until one of their batches fails, or nobody is left to call.
pub(super) async fn execute<T, F>(
    mut waiting: Waiting<T>,
    work: impl Fn(Vec<T>) -> F,
) -> anyhow::Result<()>
where
    F: Future<Output = anyhow::Result<()>>,
{
    let mut under_way = FuturesUnordered::new();
    let mut batch = Vec::new();
    loop {
        tokio::select! {
            Some(executed) = under_way.next() => executed?,
            count = waiting.0.recv_many(&mut batch, LARGEST), if under_way.len() < UNDER_WAY => {
                if count == 0 {
                    break;
                }
                let (inputs, done) = apart(mem::take(&mut batch));
                under_way.push(told_when_done(work(inputs), done));
            }
        }
    }
    while let Some(executed) = under_way.next().await {
        executed?;
    }
    Ok(())
}

fn apart<T>(calls: Vec<Call<T>>) -> (Vec<T>, Vec<oneshot::Sender<()>>) {
    calls
        .into_iter()
        .map(|call| (call.input, call.done))
        .unzip()
}

async fn told_when_done(
    executed: impl Future<Output = anyhow::Result<()>>,
    done: Vec<oneshot::Sender<()>>,
) -> anyhow::Result<()> {
    executed.await?;
    for caller in done {
        // Who does not wait is not to be told.
        let _ = caller.send(());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use futures_util::future::join_all;
    use tokio::time::sleep;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_comes_meanwhile_forms_the_next_batch() {
        let sizes = Arc::new(Mutex::new(Vec::new()));
        let (calls, waiting) = calls();
        let executing = execute(waiting, |batch: Vec<usize>| {
            sizes.lock().unwrap().push(batch.len());
            async {
                sleep(Duration::from_millis(10)).await;
                Ok(())
            }
        });
        let calling = async {
            // One each while there is room, and all that come after them together.
            for call in 0..UNDER_WAY {
                drop(calls.hand_in(call).await.unwrap());
                sleep(Duration::from_millis(1)).await;
            }
            let others = join_all((0..LARGEST).map(|call| calls.call(call))).await;
            assert!(others.iter().all(Result::is_ok));
            drop(calls);
        };
        let (executed, ()) = tokio::join!(executing, calling);
        executed.unwrap();
        assert_eq!(*sizes.lock().unwrap(), [1, 1, LARGEST]);
    }

    #[tokio::test]
    async fn who_waits_for_a_batch_that_fails_is_told() {
        let (calls, waiting) = calls();
        let executing = execute(waiting, |_: Vec<()>| async { anyhow::bail!("refused") });
        let (executed, called) = tokio::join!(executing, calls.call(()));
        assert!(executed.is_err());
        assert!(called.is_err());
    }
}
