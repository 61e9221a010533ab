//! Who sees what belongs to nobody.

use std::fmt::Write;

use clap::Subcommand;
use mysms_core::domain::{Right, UserId, Username};
use mysms_core::store::{Filter, Order, Page, Ways};
use runtime::exit::Exit;

use super::rights::{self, Granted};
use super::{AdminError, AdminPorts};

/// More than this many texts are not counted.
const COUNTED: usize = 1000;

const INBOX: Granted = Granted {
    right: Right::Inbox,
    commands: ["inbox grant", "inbox revoke"],
    what: "what belongs to nobody",
};

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
            Self::Grant { name } => rights::set(ports, INBOX, name, true).await,
            Self::Revoke { name } => rights::set(ports, INBOX, name, false).await,
        }
    }
}

async fn list(ports: &AdminPorts) -> Result<String, AdminError> {
    let mut text = String::new();
    let page = Page {
        order: Order::OldestFirst,
        after: None,
        limit: COUNTED,
        filter: Filter {
            ways: Ways::Both,
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
    for name in rights::having(ports, Right::Inbox).await? {
        let _ = writeln!(text, "{:<16} {name}", "seen by");
    }
    Ok(text)
}
