//! The keys that users gave to their programs.

use clap::Subcommand;
use mysms_core::domain::{ApiKey, KeyId, Timestamp, UserId, Username};
use runtime::exit::Exit;

use super::{AdminError, AdminPorts};

type Outcome = Result<(String, Exit), AdminError>;

/// A command about API keys.
#[derive(Debug, Subcommand)]
pub enum Keys {
    /// The keys of a user, the newest first: id, mode, last use, scopes, name
    List {
        #[arg(value_parser = Username::parse)]
        name: Username,
    },
    /// End a key, whoever has it; every process refuses it within five seconds
    Revoke {
        /// What `keys list` shows first; it is the part between the second and the third `_` of a key
        #[arg(value_parser = parse_id)]
        id: KeyId,
    },
}

fn parse_id(text: &str) -> Result<KeyId, &'static str> {
    KeyId::parse(text).ok_or("must be the 16 letters and digits that `keys list` shows")
}

impl Keys {
    pub(super) async fn run(&self, ports: &AdminPorts) -> Outcome {
        match self {
            Self::List { name } => list(ports, name).await,
            Self::Revoke { id } => revoke(ports, id).await,
        }
    }
}

async fn list(ports: &AdminPorts, name: &Username) -> Outcome {
    let Some(user) = ports.stores.accounts.by_name(name).await? else {
        let text = format!("There is no user {}.\n", name.as_str());
        return Ok((text, Exit::Failed));
    };
    let (keys, now) = (ports.stores.keys.keys_of(user.id).await?, ports.clock.now());
    let lines = keys.iter().map(|key| line(key, now));
    let text = format!("{} keys\n", keys.len()) + &lines.collect::<String>();
    Ok((text, Exit::Done))
}

fn line(key: &ApiKey, now: Timestamp) -> String {
    let used = key
        .last_used
        .map_or_else(|| "never used".to_owned(), |at| format!("used {at}"));
    let state = match key.expires_at {
        Some(end) if key.has_expired(now) => format!("over since {end}"),
        Some(end) => format!("good until {end}"),
        None => "good".to_owned(),
    };
    let scopes: Vec<_> = key
        .grant
        .scopes
        .iter()
        .map(|scope| scope.as_str())
        .collect();
    // What stands in a name must not pass for a line of ours.
    let name = key.name.as_str().escape_debug();
    let (id, mode, scopes) = (&key.id, key.grant.mode, scopes.join(","));
    format!("{id}  {mode}  {state}  {used}  {scopes}  {name}\n")
}

async fn revoke(ports: &AdminPorts, id: &KeyId) -> Outcome {
    ports.record("keys revoke", Some(id)).await?;
    let Some(key) = ports.stores.keys.key(id).await? else {
        let text = format!("There is no key {id}, or not any more.\n");
        return Ok((text, Exit::Failed));
    };
    let end = ports.stores.keys.end_key(key.owner, id, ports.clock.now());
    end.await?;
    let text = format!("The key {id} has ended; every process refuses it within five seconds.\n");
    Ok((text, Exit::Done))
}

/// What is said of the keys of a user whose sessions have ended.
pub(super) async fn that_stay(ports: &AdminPorts, user: UserId) -> Result<String, AdminError> {
    let (keys, now) = (ports.stores.keys.keys_of(user).await?, ports.clock.now());
    let active = keys.iter().filter(|key| !key.has_expired(now)).count();
    if active == 0 {
        return Ok(String::new());
    }
    Ok(format!(
        "{active} API keys stay good; `keys list` shows them, `keys revoke` ends one.\n"
    ))
}
