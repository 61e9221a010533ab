//! Who is let in.

use std::time::Duration;

use shared::domain::{Invite, InviteCode, InviteName, KnownInvite, Timestamp};
use shared::exit::Exit;

use super::{AdminError, Office};

const DAY: Duration = Duration::from_hours(24);

/// Makes an invite. Its code is nowhere but in what this prints.
pub(super) async fn invite(office: &Office, note: &str, days: u16) -> Result<String, AdminError> {
    let (code, now) = (InviteCode::generate(), office.clock.now());
    let invite = Invite {
        hash: code.hash(),
        note: note.to_owned(),
        created_at: now,
        expires_at: now + DAY * days.into(),
    };
    office.record("invite", Some(invite.hash.name())).await?;
    office.stores.invites.invite(&invite).await?;
    Ok(format!(
        "{}\nIt lets one person sign up until {}, as their `invite`. It is not shown again; \
         `revoke-invite {}` takes it back.\n",
        code.reveal(),
        invite.expires_at,
        invite.hash.name(),
    ))
}

pub(super) async fn list(office: &Office) -> Result<String, AdminError> {
    let (known, now) = (office.stores.invites.invites().await?, office.clock.now());
    let mut lines = format!("{} invites\n", known.len());
    for known in &known {
        lines += &line(office, known, now).await?;
    }
    Ok(lines)
}

pub(super) async fn revoke(
    office: &Office,
    name: &InviteName,
) -> Result<(String, Exit), AdminError> {
    office.record("revoke-invite", Some(name)).await?;
    Ok(if office.stores.invites.revoke_invite(name).await? {
        (format!("{name} is taken back.\n"), Exit::Done)
    } else {
        let text = format!("There is no invite {name} that nobody has used.\n");
        (text, Exit::Failed)
    })
}

async fn line(office: &Office, known: &KnownInvite, now: Timestamp) -> Result<String, AdminError> {
    let KnownInvite { invite, used_by } = known;
    let state = match used_by {
        Some(user) => match office.stores.accounts.by_id(*user).await? {
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
