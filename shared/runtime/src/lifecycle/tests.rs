use std::future::{pending, ready};
use std::process::Command;

use tokio::sync::{Mutex, oneshot};

use super::*;

const NEVER: Duration = Duration::from_hours(1);

/// Held by a test that listens for signals: one reaches every listener of the process.
static SIGNALS: Mutex<()> = Mutex::const_new(());

async fn soon<T>(what: impl Future<Output = T>) -> T {
    let deadline = Duration::from_secs(20);
    let done = tokio::time::timeout(deadline, what).await;
    done.expect("it takes too long")
}

fn spawn_obedient(lifecycle: &Lifecycle) {
    let soft = lifecycle.soft();
    lifecycle.spawn("obedient", async move {
        soft.cancelled().await;
        Ok(())
    });
}

/// Its receiver fails once the task has been dropped.
fn spawn_deaf(lifecycle: &Lifecycle) -> oneshot::Receiver<()> {
    let (alive, dropped) = oneshot::channel::<()>();
    lifecycle.spawn("deaf", async move {
        let _alive = alive;
        pending().await
    });
    dropped
}

fn signal_self(name: &str) {
    let command = format!("kill -{name} {}", std::process::id());
    let status = Command::new("sh").args(["-c", &command]).status().unwrap();
    assert!(status.success());
}

#[tokio::test]
async fn a_soft_stop_waits_for_tasks_and_for_work_in_flight() {
    let lifecycle = Lifecycle::new();
    spawn_obedient(&lifecycle);
    let (finish, finished) = oneshot::channel();
    let soft = lifecycle.soft();
    lifecycle.tracker().spawn(async move {
        soft.cancelled().await;
        finish.send(()).unwrap();
    });
    assert!(soon(lifecycle.stop(NEVER)).await);
    assert!(soon(finished).await.is_ok());
    assert!(!lifecycle.hard().is_cancelled());
}

#[tokio::test]
async fn a_task_that_ends_fails_or_panics_stops_the_process_and_counts_as_a_crash() {
    type Task = Box<dyn Fn() -> TaskResult + Send>;
    let _alone = SIGNALS.lock().await;
    let cases: [(&str, Task); 3] = [
        ("ends", Box::new(|| Ok(()))),
        ("fails", Box::new(|| Err("no more".into()))),
        ("panics", Box::new(|| panic!("as the test wants it"))),
    ];
    for (name, task) in cases {
        let lifecycle = Lifecycle::new();
        spawn_obedient(&lifecycle);
        lifecycle.spawn(name, async move { task() });
        let exit = soon(lifecycle.clone().run_until_signal(NEVER)).await;
        assert_eq!(exit, Exit::Crashed, "{name}");
        assert!(!lifecycle.hard().is_cancelled(), "{name}");
    }
}

#[tokio::test]
async fn after_the_soft_stop_a_failure_is_no_crash_but_a_panic_is() {
    for (panics, clean) in [(false, true), (true, false)] {
        let lifecycle = Lifecycle::new();
        let soft = lifecycle.soft();
        lifecycle.spawn("late", async move {
            soft.cancelled().await;
            assert!(!panics, "as the test wants it");
            Err("the connection was closed".into())
        });
        assert_eq!(soon(lifecycle.stop(NEVER)).await, clean);
    }
}

#[tokio::test]
async fn when_the_grace_is_over_what_is_left_is_abandoned() {
    let lifecycle = Lifecycle::new();
    let dropped = spawn_deaf(&lifecycle);
    assert!(!soon(lifecycle.stop(Duration::ZERO)).await);
    assert!(lifecycle.hard().is_cancelled());
    assert!(soon(dropped).await.is_err());
}

#[tokio::test]
async fn the_hard_stop_is_a_soft_stop_and_ends_the_grace() {
    let lifecycle = Lifecycle::new();
    let dropped = spawn_deaf(&lifecycle);
    lifecycle.hard().cancel();
    assert!(lifecycle.soft().is_cancelled());
    assert!(!soon(lifecycle.stop(NEVER)).await);
    assert!(soon(dropped).await.is_err());
}

#[tokio::test]
async fn the_first_signal_stops_softly_and_the_second_hard() {
    let _alone = SIGNALS.lock().await;
    for (signal, deaf) in [("TERM", false), ("INT", true)] {
        let lifecycle = Lifecycle::new();
        spawn_obedient(&lifecycle);
        if deaf {
            spawn_deaf(&lifecycle);
        }
        let run = lifecycle.clone().run_until_signal(NEVER);
        tokio::pin!(run);
        // Polled once, it listens; before that a signal would end the test process.
        tokio::select! {
            biased;
            _ = &mut run => panic!("nobody has asked it to stop"),
            () = ready(()) => signal_self(signal),
        }
        let (soft, hard) = (lifecycle.soft(), lifecycle.hard());
        let insist = async {
            soft.cancelled().await;
            assert!(!hard.is_cancelled());
            if deaf {
                signal_self(signal);
            }
        };
        let (exit, ()) = soon(async { tokio::join!(run, insist) }).await;
        let expected = if deaf { Exit::Abandoned } else { Exit::Done };
        assert_eq!(exit, expected, "{signal}");
    }
}
