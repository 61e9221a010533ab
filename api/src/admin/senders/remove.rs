use mysms_core::domain::{SenderAddress, SenderState, Status};
use mysms_core::store::{Kind, Result as StoreResult};
use runtime::exit::Exit;

use super::edit::consequences;
use super::{Desk, Outcome, failed, unknown};

/// Removes a sender that takes no new texts and from which no text may still leave: such a one would leave
/// from the environment's. What was counted of its day stays, in case that it comes back.
pub(super) async fn run(desk: Desk<'_>, address: &SenderAddress) -> Outcome {
    let ports = desk.ports;
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
    if let Some(why) = held(desk, address).await? {
        return Ok(failed(why));
    }
    // A process that has not heard of the drain yet accepts texts for it, which would leave from the
    // environment's sender, and nobody would know why. Nor does a text stay unseen that changes from one
    // status to the other during the first look.
    tokio::time::sleep(ports.heard_after).await;
    if let Some(why) = held(desk, address).await? {
        return Ok(failed(why));
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

/// Why it cannot be removed: what waits for it, or what it sends, which waits again if the provider turns out
/// not to have it.
async fn held(desk: Desk<'_>, address: &SenderAddress) -> StoreResult<Option<String>> {
    let (ledger, account) = (&desk.ports.stores.ledger, &desk.home.account);
    let has = async |status| {
        let open = ledger.open_from(account, address.as_str(), status, 1);
        open.await.map(|open| !open.is_empty())
    };
    Ok(if has(Status::Queued).await? {
        Some(format!(
            "Texts wait for {address}: `senders drain` moves them to others."
        ))
    } else if has(Status::Sending).await? {
        Some(format!(
            "Texts are being sent from {address}, or it is not known yet whether they were: try again once that is settled."
        ))
    } else {
        None
    })
}
