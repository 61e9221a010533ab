//! A short run of `make torture`.

use std::path::Path;

use bench::torture::{Options, run};
use lab::Programs;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_text_is_lost_or_sent_twice_while_everything_is_killed() {
    let _machine = crate::MACHINE.lock().await;
    let options = Options {
        seed: 2_500,
        messages: 500,
        programs: Programs::beside(env!("CARGO_BIN_EXE_torture")).unwrap(),
        directory: Path::new(env!("CARGO_TARGET_TMPDIR")).join("torture"),
        clusters: None,
        several_senders: true,
    };
    let report = run(&options, |line| eprintln!("{line}")).await.unwrap();
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.accepted, options.messages);
}
