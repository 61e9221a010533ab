use mysms_core::domain::{SenderAddress, SenderState};
use mysms_core::store::Kind;
use runtime::exit::Exit;

use super::edit::consequences;
use super::{Desk, Outcome, failed, unknown};

/// Removes a sender that takes no new texts and that nothing waits for: what waited would leave from the
/// environment's. What was counted of its day stays, in case that it comes back.
pub(super) async fn run(desk: Desk<'_>, address: &SenderAddress) -> Outcome {
    let (ports, home) = (desk.ports, desk.home);
    let before = desk.registry().await?;
    let Some(sender) = before.get(address.as_str()) else {
        return Ok(unknown(address));
    };
    if sender.from_environment {
        return Ok(failed(format!(
            "{address} is the sender of the environment: name another one there first."
        )));
    }
    if sender.state == SenderState::Active {
        return Ok(failed(format!(
            "{address} still takes new texts: `senders drain` it first."
        )));
    }
    let ledger = &ports.stores.ledger;
    let is_waited_for = async || {
        let waiting = ledger.queued_from(&home.account, address.as_str(), 1);
        waiting.await.map(|waiting| !waiting.is_empty())
    };
    // A process that has not heard of the drain yet accepts texts for it, which would leave from the
    // environment's sender, and nobody would know why.
    if is_waited_for().await? || {
        tokio::time::sleep(ports.heard_after).await;
        is_waited_for().await?
    } {
        return Ok(failed(format!(
            "Texts wait for {address}: `senders drain` moves them to others."
        )));
    }
    ports.record("senders remove", Some(address)).await?;
    let records = &ports.stores.records;
    let key = address.as_str();
    let stored = records.record(Kind::Sender, key, ports.clock.now()).await?;
    let seen = stored.record.map_or(0, |stored| stored.version);
    if !records.replace(Kind::Sender, key, seen, None).await? {
        return Ok(failed(format!(
            "Somebody else changed {address}: nothing was done."
        )));
    }
    let mut text = format!("{address} is removed.\n");
    text += &consequences(&before, &*desk.registry().await?);
    Ok((text, Exit::Done))
}
