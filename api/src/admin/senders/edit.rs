//! Adding and changing senders, and what follows from it.

use std::fmt::Write;

use mysms_core::domain::{Rate, Registry, SANDBOX_SENDER, Sender, SenderAddress, UserId};
use mysms_core::store::{Kind, editing};
use runtime::exit::Exit;

use super::attributes::Attributes;
use super::{Desk, Outcome, failed, unknown};
use crate::admin::AdminError;

pub(super) async fn add(desk: Desk<'_>, address: &SenderAddress, said: &Attributes) -> Outcome {
    if address.as_str() == SANDBOX_SENDER {
        return Ok(failed(format!(
            "{address} is kept for the sandbox of API keys."
        )));
    }
    if desk.registry().await?.get(address.as_str()).is_some() {
        return Ok(failed(format!(
            "There is a sender {address} already: `senders set` changes it."
        )));
    }
    let usual = Sender::usual(&desk.home.account, address.clone());
    let begin = |stored: Option<Sender>| match stored {
        None => Ok(usual.clone()),
        Some(_) => Err(format!("There is a sender {address} of another account.")),
    };
    let edit = Edit {
        desk,
        address,
        said,
    };
    edit.run("senders add", begin).await
}

pub(super) async fn set(desk: Desk<'_>, address: &SenderAddress, said: &Attributes) -> Outcome {
    let registry = desk.registry().await?;
    let Some(known) = registry.get(address.as_str()) else {
        return Ok(unknown(address));
    };
    let begin = |stored: Option<Sender>| match stored {
        Some(stored) if stored.account == known.account => Ok(stored),
        None if known.from_environment => Ok(known.clone()),
        _ => Err(format!(
            "Somebody else changed {address}: nothing was done."
        )),
    };
    let edit = Edit {
        desk,
        address,
        said,
    };
    edit.run("senders set", begin).await
}

/// A change of one sender.
struct Edit<'a> {
    desk: Desk<'a>,
    address: &'a SenderAddress,
    said: &'a Attributes,
}

impl Edit<'_> {
    /// `begin` says what of a stored sender the change begins with.
    async fn run(
        &self,
        command: &str,
        begin: impl Fn(Option<Sender>) -> Result<Sender, String>,
    ) -> Outcome {
        let ports = self.desk.ports;
        let owner = match self.owner().await? {
            Ok(owner) => owner,
            Err(why) => return Ok(failed(why)),
        };
        let before = self.desk.registry().await?;
        let change = |stored| self.said.apply(begin(stored)?, owner);
        // What is wrong with it is said before it is recorded.
        let key = (Kind::Sender, self.address.as_str());
        let records = &*ports.stores.records;
        let stored = records
            .record(key.0, key.1, ports.clock.now())
            .await?
            .record;
        let stored = stored.map(|stored| stored.read()).transpose()?;
        if let Err(why) = change(stored) {
            return Ok(failed(why));
        }
        ports.record(command, Some(self.address)).await?;
        let edited = editing::edit(records, key, ports.clock.now(), change).await?;
        if let Err(why) = edited {
            return Ok(failed(why));
        }
        let after = self.desk.registry().await?;
        let mut text = format!("{}\n", described(&after, self.address));
        text += &consequences(&before, &after);
        text += "Every process knows it within two seconds.\n";
        Ok((text, Exit::Done))
    }

    /// The user who is to be the owner, if one is named.
    async fn owner(&self) -> Result<Result<Option<UserId>, String>, AdminError> {
        let Some(name) = self.said.owner() else {
            return Ok(Ok(None));
        };
        let user = self.desk.ports.stores.accounts.by_name(name).await?;
        let missing = || format!("There is no user {}.", name.as_str());
        Ok(user.map(|user| Some(user.id)).ok_or_else(missing))
    }
}

fn described(registry: &Registry, address: &SenderAddress) -> String {
    let Some(sender) = registry.get(address.as_str()) else {
        return format!("{address} is gone.");
    };
    let (kind, state) = (sender.kind.as_str(), sender.state.as_str());
    match registry.rate_of(sender) {
        Some(rate) => format!("{address}: {kind}, {state}, {}", at_most(rate)),
        None => format!("{address}: {kind}, {state}, as fast as the provider takes its texts"),
    }
}

/// What becomes of other senders, or of all texts, because one was changed.
pub(super) fn consequences(before: &Registry, after: &Registry) -> String {
    let mut text = String::new();
    match (before.is_paced(), after.is_paced()) {
        (false, true) => text += "From now on texts wait for their turn.\n",
        (true, false) => text += "From now on texts leave as they come, and wait for no turn.\n",
        (false, false) | (true, true) => {}
    }
    for sender in after.senders() {
        let was = before.get(sender.address.as_str());
        let (Some(was), None) = (was, sender.rate) else {
            continue;
        };
        let (was, is) = (before.rate_of(was), after.rate_of(sender));
        if let (Some(rate), true) = (is, was != is) {
            let (address, kind) = (&sender.address, sender.kind.as_str());
            let _ = writeln!(
                text,
                "{address} has the rate of its kind now, {kind}: {}. `senders set {address} --rate` changes that.",
                at_most(rate)
            );
        }
    }
    text
}

pub(super) fn at_most(rate: Rate) -> String {
    format!("{} segments a second", f64::from(rate))
}
