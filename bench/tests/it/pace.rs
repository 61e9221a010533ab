//! A short run of `make bench-pace`.

use std::path::Path;

use bench::pace::{Options, Scale, run};
use lab::Programs;

/// How soon texts leave is the machine's business as well; how many leave, and in which order, is not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_sender_is_faster_than_its_rate_and_nobody_is_forgotten() {
    let _machine = crate::MACHINE.lock().await;
    let options = Options {
        programs: Programs::beside(env!("CARGO_BIN_EXE_pace")).unwrap(),
        directory: Path::new(env!("CARGO_TARGET_TMPDIR")).join("pace"),
        scale: Scale::QUICK,
    };
    let report = run(&options, |line| eprintln!("{line}")).await.unwrap();
    assert!(report.is_sound(), "{report}");
}
