use std::convert::Infallible;

use mysms_core::domain::{InvalidWeight, UserSettings, Username, Weight};
use mysms_core::store::Kind;
use mysms_core::store::editing::edit;
use runtime::exit::Exit;

use super::{AdminError, AdminPorts};

/// What is no number is no weight either.
pub(super) fn parse(text: &str) -> Result<Weight, InvalidWeight> {
    let weight: u8 = text.parse().map_err(|_| InvalidWeight)?;
    Weight::try_from(weight)
}

/// Sets how large a user's share of each sender is beside those of others, from the next text on.
pub(super) async fn set(
    ports: &AdminPorts,
    name: &Username,
    weight: Weight,
) -> Result<(String, Exit), AdminError> {
    let Some(user) = ports.stores.accounts.by_name(name).await? else {
        let text = format!("There is no user {}.\n", name.as_str());
        return Ok((text, Exit::Failed));
    };
    ports.record("set-weight", Some(user.id)).await?;
    let (key, now) = (user.id.to_string(), ports.clock.now());
    let change = |stored: Option<UserSettings>| {
        Ok::<_, Infallible>(UserSettings {
            weight,
            ..stored.unwrap_or_default()
        })
    };
    let edited = edit(&*ports.stores.records, (Kind::Settings, &key), now, change);
    let Ok(_) = edited.await?;
    let (name, weight) = (user.username.as_str(), weight.get());
    let text = format!("{name} has the weight {weight}, from the next text on.\n");
    Ok((text, Exit::Done))
}
