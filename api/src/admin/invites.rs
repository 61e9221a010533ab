//! Who is let in.

use std::time::Duration;

use mysms_core::domain::{Invite, InviteCode, InviteName, KnownInvite, Timestamp};
use runtime::exit::Exit;

use super::{AdminError, AdminPorts};

const DAY: Duration = Duration::from_hours(24);

/// Makes an invite. Its code is nowhere but in what this prints.
pub(super) async fn invite(
    ports: &AdminPorts,
    note: &str,
    days: u16,
) -> Result<String, AdminError> {
    let (code, now) = (InviteCode::generate(), ports.clock.now());
    let invite = Invite {
        hash: code.hash(),
        note: note.to_owned(),
        created_at: now,
        expires_at: now + DAY * days.into(),
    };
    ports.record("invite", Some(invite.hash.name())).await?;
    ports.stores.invites.invite(&invite).await?;
    Ok(format!(
        "{}\nIt lets one person sign up until {}, as their `invite`. It is not shown again; \
         `revoke-invite {}` takes it back.\n",
        code.reveal(),
        invite.expires_at,
        invite.hash.name(),
    ))
}

pub(super) async fn list(ports: &AdminPorts) -> Result<String, AdminError> {
    let (known, now) = (ports.stores.invites.invites().await?, ports.clock.now());
    let mut lines = format!("{} invites\n", known.len());
    for known in &known {
        lines += &line(ports, known, now).await?;
    }
    Ok(lines)
}

pub(super) async fn revoke(
    ports: &AdminPorts,
    name: &InviteName,
) -> Result<(String, Exit), AdminError> {
    ports.record("revoke-invite", Some(name)).await?;
    Ok(if ports.stores.invites.revoke_invite(name).await? {
        (format!("{name} is taken back.\n"), Exit::Done)
    } else {
        let text = format!("There is no invite {name} that nobody has used.\n");
        (text, Exit::Failed)
    })
}

async fn line(
    ports: &AdminPorts,
    known: &KnownInvite,
    now: Timestamp,
) -> Result<String, AdminError> {
    let KnownInvite { invite, used_by } = known;
    let state = match used_by {
        Some(user) => match ports.stores.accounts.by_id(*user).await? {
            Some(user) => format!("used by {}", user.username.as_str()),
            None => "used by somebody who has left".to_owned(),
        },
        None if invite.is_open(now) => format!("open until {}", invite.expires_at),
        None => format!("over since {}", invite.expires_at),
    };
    // What stands in a note must not pass for a line of ours.
    let note = invite.note.escape_debug();
    Ok(format!("{}  {state}  {note}\n", invite.hash.name()))
}
