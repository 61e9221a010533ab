use std::fmt::Write;

use mysms_core::store::{Pause, Result, SenderKey};

use super::AdminPorts;

/// Pauses all sending. Paused again, it has the new reason and the old beginning.
pub(super) async fn pause(ports: &AdminPorts, reason: &str) -> Result<String> {
    ports.record("pause", None::<&str>).await?;
    let pause = Pause::by_operator(reason.to_owned(), ports.clock.now());
    ports.stores.pauses.pause(pause).await?;
    Ok("Sending is paused, until `resume`.\n".to_owned())
}

/// Ends what `pause` began, and tells what still keeps messages waiting.
pub(super) async fn resume(ports: &AdminPorts) -> Result<String> {
    let operators = SenderKey::operators();
    let was_paused = ports.stores.pauses.find(&operators).await?.is_some();
    ports.record("resume", None::<&str>).await?;
    ports.stores.pauses.resume(&operators).await?;
    let mut text = if was_paused {
        "Sending goes on.\n".to_owned()
    } else {
        "No operator had paused sending.\n".to_owned()
    };
    for pause in ports.stores.pauses.paused().await? {
        let _ = writeln!(
            text,
            "A sender is paused since {}: {} ({}). That ends by itself; `senders resume` tries it at once.",
            pause.since, pause.reason, pause.code
        );
    }
    Ok(text)
}
