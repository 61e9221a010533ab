//! What some users may do that others may not.

use std::convert::Infallible;

use mysms_core::domain::{Right, UserId, UserSettings, Username};
use mysms_core::store::Kind;
use mysms_core::store::editing::edit;
use runtime::exit::Exit;

use super::{AdminError, AdminPorts};

/// A right as commands speak of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Granted {
    pub right: Right,
    /// The one that gives it, and the one that takes it.
    pub commands: [&'static str; 2],
    /// What whoever has it sees.
    pub what: &'static str,
}

/// Gives a right to a user, or takes it.
pub(super) async fn set(
    ports: &AdminPorts,
    granted: Granted,
    name: &Username,
    has: bool,
) -> Result<(String, Exit), AdminError> {
    let Some(user) = ports.stores.accounts.by_name(name).await? else {
        let text = format!("There is no user {}.\n", name.as_str());
        return Ok((text, Exit::Failed));
    };
    let [give, take] = granted.commands;
    let command = if has { give } else { take };
    ports.record(command, Some(user.id)).await?;
    let (key, now) = (user.id.to_string(), ports.clock.now());
    let change = |stored: Option<UserSettings>| {
        let mut settings = stored.unwrap_or_default();
        settings.set_right(granted.right, has);
        Ok::<_, Infallible>(settings)
    };
    let edited = edit(&*ports.stores.records, (Kind::Settings, &key), now, change);
    let Ok(_) = edited.await?;
    let (name, what) = (user.username.as_str(), granted.what);
    let text = if has {
        format!("{name} sees {what}, within two seconds.\n")
    } else {
        format!("{name} does not see {what} any more, within two seconds.\n")
    };
    Ok((text, Exit::Done))
}

/// The names of those who have a right.
pub(super) async fn having(ports: &AdminPorts, right: Right) -> Result<Vec<String>, AdminError> {
    let mut names = Vec::new();
    for stored in ports.stores.records.records(Kind::Settings).await? {
        let settings: UserSettings = stored.read()?;
        let id: Option<UserId> = stored.key.parse().ok();
        if let (true, Some(id)) = (settings.has(right), id)
            && let Some(user) = ports.stores.accounts.by_id(id).await?
        {
            names.push(user.username.as_str().to_owned());
        }
    }
    Ok(names)
}
