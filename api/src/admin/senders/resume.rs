use std::fmt::Write as _;

use mysms_core::domain::{LineId, SenderAddress};
use runtime::exit::Exit;

use super::{Desk, Outcome, failed, unknown};

/// Ends what keeps a sender paused, whoever said it: workers try it within two seconds. If it is still at
/// fault, the first texts are refused again and it is paused again.
pub(super) async fn run(desk: Desk<'_>, address: &SenderAddress) -> Outcome {
    let (ports, home) = (desk.ports, desk.home);
    if desk.registry().await?.get(address.as_str()).is_none() {
        return Ok(unknown(address));
    }
    let line = LineId::new(&home.account, address.as_str());
    let pauses = &ports.stores.pauses;
    let mut own = pauses.paused().await?;
    own.retain(|pause| pause.sender.is_of(&line));
    if own.is_empty() {
        return Ok(failed(format!("{address} is not paused.")));
    }
    ports.record("senders resume", Some(address)).await?;
    let mut text = String::new();
    for pause in own {
        pauses.resume(&pause.sender).await?;
        let (since, reason, code) = (pause.since, pause.reason, pause.code);
        let _ = writeln!(
            text,
            "{address} is tried again. It was paused since {since}: {reason} ({code})"
        );
    }
    Ok((text, Exit::Done))
}
