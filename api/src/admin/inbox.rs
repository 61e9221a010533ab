//! Who sees what belongs to nobody.

use std::convert::Infallible;
use std::fmt::Write;

use clap::Subcommand;
use mysms_core::domain::{UserId, UserSettings, Username};
use mysms_core::store::editing::edit;
use mysms_core::store::{Filter, Kind, Order, Page};
use runtime::exit::Exit;

use super::{AdminError, AdminPorts};

/// More than this many texts are not counted.
const COUNTED: usize = 1000;

/// What is done about who sees it.
#[derive(Debug, Subcommand)]
pub enum Inbox {
    /// Who sees it, and how many texts are in it
    List,
    /// Let a user see what belongs to nobody, take it, and give it to others
    ///
    /// They see texts and numbers of everybody who writes without being written to.
    Grant {
        #[arg(value_parser = Username::parse)]
        name: Username,
    },
    /// Do not let a user see it any more; what was given to them stays theirs
    Revoke {
        #[arg(value_parser = Username::parse)]
        name: Username,
    },
}

impl Inbox {
    pub(super) async fn run(&self, ports: &AdminPorts) -> Result<(String, Exit), AdminError> {
        match self {
            Self::List => Ok((list(ports).await?, Exit::Done)),
            Self::Grant { name } => set(ports, name, true).await,
            Self::Revoke { name } => set(ports, name, false).await,
        }
    }
}

async fn set(
    ports: &AdminPorts,
    name: &Username,
    inbox: bool,
) -> Result<(String, Exit), AdminError> {
    let Some(user) = ports.stores.accounts.by_name(name).await? else {
        let text = format!("There is no user {}.\n", name.as_str());
        return Ok((text, Exit::Failed));
    };
    let command = if inbox { "inbox grant" } else { "inbox revoke" };
    ports.record(command, Some(user.id)).await?;
    let (key, now) = (user.id.to_string(), ports.clock.now());
    let change = |stored: Option<UserSettings>| {
        Ok::<_, Infallible>(UserSettings {
            inbox,
            ..stored.unwrap_or_default()
        })
    };
    let edited = edit(&*ports.stores.records, (Kind::Settings, &key), now, change);
    let Ok(_) = edited.await?;
    let name = user.username.as_str();
    let text = if inbox {
        format!("{name} sees what belongs to nobody, within two seconds.\n")
    } else {
        format!("{name} does not see what belongs to nobody any more, within two seconds.\n")
    };
    Ok((text, Exit::Done))
}

async fn list(ports: &AdminPorts) -> Result<String, AdminError> {
    let mut text = String::new();
    let page = Page {
        order: Order::OldestFirst,
        after: None,
        limit: COUNTED,
        filter: Filter {
            received: true,
            ..Filter::default()
        },
    };
    let part = ports.stores.history.page(UserId::NOBODY, page).await?;
    let more = if part.messages.len() < COUNTED {
        ""
    } else {
        " or more"
    };
    let _ = writeln!(text, "{:<16} {}{more}", "unassigned", part.messages.len());
    if let Some(oldest) = part.messages.first() {
        let _ = writeln!(text, "{:<16} {}", "oldest", oldest.sent_at);
    }
    for stored in ports.stores.records.records(Kind::Settings).await? {
        let settings: UserSettings = stored.read()?;
        let id: Option<UserId> = stored.key.parse().ok();
        if let (true, Some(id)) = (settings.inbox, id)
            && let Some(user) = ports.stores.accounts.by_id(id).await?
        {
            let _ = writeln!(text, "{:<16} {}", "seen by", user.username.as_str());
        }
    }
    Ok(text)
}
