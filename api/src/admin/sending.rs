use std::fmt::Write;

use shared::store::{Pause, Result, SenderKey};

use super::Office;

/// Pauses all sending. Paused again, it has the new reason and the old beginning.
pub(super) async fn pause(office: &Office, reason: &str) -> Result<String> {
    office.record("pause", None::<&str>).await?;
    let pause = Pause::by_operator(reason.to_owned(), office.clock.now());
    office.stores.senders.pause(pause).await?;
    Ok("Sending is paused, until `resume`.\n".to_owned())
}

/// Ends what `pause` began, and tells what still keeps messages waiting.
pub(super) async fn resume(office: &Office) -> Result<String> {
    let operators = SenderKey::operators();
    let was_paused = office.stores.senders.find(&operators).await?.is_some();
    office.record("resume", None::<&str>).await?;
    office.stores.senders.resume(&operators).await?;
    let mut text = if was_paused {
        "Sending goes on.\n".to_owned()
    } else {
        "No operator had paused sending.\n".to_owned()
    };
    for pause in office.stores.senders.paused().await? {
        let _ = writeln!(
            text,
            "A sender is paused since {}: {} ({}). That ends by itself.",
            pause.since, pause.reason, pause.code
        );
    }
    Ok(text)
}
