//! Passwords and accounts.

use std::io::{self, BufRead, Write};
use std::net::Ipv4Addr;

use mysms_core::domain::{NewUser, User, UserId, Username};
use mysms_core::store::{PasswordChange, SignUp};
use runtime::exit::Exit;
use runtime::operator::confirm;
use uuid::Uuid;

use super::{AdminError, AdminPorts, keys};
use crate::auth::{InvalidPassword, Password, Passwords};
use crate::client_address::ClientAddress;

type Outcome = Result<(String, Exit), AdminError>;

/// Sets a password and ends the user's tokens. It is the next line of the standard input, or, with
/// `generate`, a random one that is printed.
pub(super) async fn reset_password(ports: &AdminPorts, name: &Username, generate: bool) -> Outcome {
    let Some(user) = ports.stores.accounts.by_name(name).await? else {
        return Ok(no_such_user(name));
    };
    let text = chosen(generate)?;
    let password = match Password::choose(&text, Some(&name.hash()), false) {
        Ok(password) => password,
        Err(why) => return Ok(no_password(&why)),
    };
    let hash = hashed(password).await?;
    ports.record("reset-password", Some(user.id)).await?;
    let change = PasswordChange {
        from: user.password_hash,
        to: hash,
        now: ports.clock.now(),
    };
    if ports
        .stores
        .accounts
        .change_password(user.id, change)
        .await?
        .is_none()
    {
        return Ok(changed_meanwhile());
    }
    let mut done = format!(
        "{} has a new password, and all their tokens have ended.\n",
        name.as_str()
    );
    done += &keys::that_stay(ports, user.id).await?;
    if generate {
        done += &text;
        done.push('\n');
    }
    Ok((done, Exit::Done))
}

/// Ends all tokens of a user.
pub(super) async fn end_sessions(ports: &AdminPorts, name: &Username) -> Outcome {
    let Some(user) = ports.stores.accounts.by_name(name).await? else {
        return Ok(no_such_user(name));
    };
    ports.record("end-sessions", Some(user.id)).await?;
    let end = ports
        .stores
        .accounts
        .end_sessions(user.id, ports.clock.now());
    if end.await?.is_none() {
        return Ok(changed_meanwhile());
    }
    let name = user.username.as_str();
    let done = format!("All sessions of {name} have ended.\n");
    let done = done + &keys::that_stay(ports, user.id).await?;
    Ok((done, Exit::Done))
}

/// Closes an account and deletes the user's messages; whatever is left of them then, the API deletes.
pub(super) async fn delete(ports: &AdminPorts, name: &Username, yes: bool) -> Outcome {
    let Some(user) = ports.stores.accounts.by_name(name).await? else {
        return Ok(no_such_user(name));
    };
    if !yes && !agreed(&user)? {
        return Ok(("Nothing was done.\n".to_owned(), Exit::Failed));
    }
    ports.record("delete-user", Some(user.id)).await?;
    let now = ports.clock.now();
    let close = ports
        .stores
        .accounts
        .close_account(user.id, &user.password_hash, now);
    if !close.await? {
        return Ok(changed_meanwhile());
    }
    let deleted = ports.stores.ledger.delete_everywhere(user.id, now).await?;
    let done = format!(
        "{} is deleted with {deleted} messages, and all their tokens have ended.\n",
        name.as_str()
    );
    Ok((done, Exit::Done))
}

/// Makes a user, in whatever mode `SIGNUP` is. The password is chosen like that of [`reset_password`].
pub(super) async fn create(ports: &AdminPorts, name: &Username, generate: bool) -> Outcome {
    let text = chosen(generate)?;
    let password = match Password::choose(&text, Some(&name.hash()), false) {
        Ok(password) => password,
        Err(why) => return Ok(no_password(&why)),
    };
    let now = ports.clock.now();
    let user = NewUser {
        id: UserId::generate(now),
        username: name.clone(),
        password_hash: hashed(password).await?,
        created_at: now,
        invite: None,
    };
    ports.record("create-user", Some(user.id)).await?;
    if ports.stores.accounts.sign_up(user).await? != SignUp::Created {
        let text = format!("There is a user {} already.\n", name.as_str());
        return Ok((text, Exit::Failed));
    }
    let mut done = format!("{} can log in.\n", name.as_str());
    if generate {
        done += &text;
        done.push('\n');
    }
    Ok((done, Exit::Done))
}

/// The next line of the standard input, or something random.
fn chosen(generate: bool) -> io::Result<String> {
    if generate {
        Ok(Uuid::new_v4().simple().to_string())
    } else {
        read_line()
    }
}

async fn hashed(password: Password) -> Result<String, AdminError> {
    let hasher = Passwords::with_threads(1, 1)?;
    // Nobody else waits here.
    let operator = ClientAddress(Ipv4Addr::LOCALHOST.into());
    let hash = hasher.hash(password, operator).await;
    hash.map_err(|error| AdminError::Hashing(Box::new(error)))
}

fn no_password(why: &InvalidPassword) -> (String, Exit) {
    (format!("A password {why}.\n"), Exit::Failed)
}

fn agreed(user: &User) -> io::Result<bool> {
    let name = user.username.as_str();
    let since = user.created_at;
    writeln!(
        io::stdout(),
        "{name}, here since {since}, and all their messages will be deleted for good."
    )?;
    confirm("Go on?")
}

fn read_line() -> io::Result<String> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn no_such_user(name: &Username) -> (String, Exit) {
    (
        format!("There is no user {}.\n", name.as_str()),
        Exit::Failed,
    )
}

fn changed_meanwhile() -> (String, Exit) {
    let text = "The account was changed at the same time; nothing was done.\n";
    (text.to_owned(), Exit::Failed)
}
