use async_trait::async_trait;
use mysms_core::domain::{
    KnownNetworks, NetworkMark, NewUser, Revocation, Timestamp, User, UserId, Username,
};
use mysms_core::store::{Accounts, PasswordChange, Result, SignUp};

use super::{Closed, Reference, State};

#[async_trait]
impl Accounts for Reference {
    async fn sign_up(&self, new: NewUser) -> Result<SignUp> {
        let mut state = self.state();
        let holder = state
            .users
            .iter()
            .find(|user| is_named(user, &new.username));
        let holder = holder.map(|holder| holder.id);
        if holder == Some(new.id) {
            return Ok(SignUp::Created);
        }
        if let Some(invite) = &new.invite
            && !state.is_open(invite, new.created_at)
        {
            return Ok(SignUp::InviteNotGood);
        }
        if holder.is_some() {
            return Ok(SignUp::NameTaken);
        }
        if let Some(invite) = new.invite {
            state.invited.insert(invite, new.id);
        }
        state.users.push(User {
            id: new.id,
            username: new.username,
            password_hash: new.password_hash,
            created_at: new.created_at,
            generation: 0,
            known_networks: KnownNetworks::default(),
        });
        Ok(SignUp::Created)
    }

    async fn by_name(&self, username: &Username) -> Result<Option<User>> {
        let state = self.state();
        Ok(state
            .users
            .iter()
            .find(|user| is_named(user, username))
            .cloned())
    }

    async fn by_id(&self, id: UserId) -> Result<Option<User>> {
        Ok(self
            .state()
            .users
            .iter()
            .find(|user| user.id == id)
            .cloned())
    }

    async fn remember_network(&self, id: UserId, mark: &NetworkMark) -> Result<()> {
        let mut state = self.state();
        if let Some(user) = state.users.iter_mut().find(|user| user.id == id) {
            user.known_networks.remember(mark.clone());
        }
        Ok(())
    }

    async fn replace_hash(&self, id: UserId, from: &str, to: &str) -> Result<()> {
        let mut state = self.state();
        let mut all = state.users.iter_mut();
        let known = all.find(|user| user.id == id && user.password_hash == from);
        if let Some(user) = known {
            to.clone_into(&mut user.password_hash);
        }
        Ok(())
    }

    async fn change_password(&self, id: UserId, change: PasswordChange) -> Result<Option<u32>> {
        let mut state = self.state();
        let Some(user) = state.users.iter_mut().find(|user| user.id == id) else {
            return Ok(None);
        };
        if user.password_hash == change.to {
            return Ok(Some(user.generation));
        }
        if user.password_hash != change.from {
            return Ok(None);
        }
        user.password_hash = change.to;
        user.generation += 1;
        let generation = user.generation;
        state.end_tokens(id, generation, change.now);
        Ok(Some(generation))
    }

    async fn end_sessions(&self, id: UserId, now: Timestamp) -> Result<Option<u32>> {
        let mut state = self.state();
        let ended = state.ended.get(&id).copied();
        let Some(user) = state.users.iter_mut().find(|user| user.id == id) else {
            return Ok(None);
        };
        let generation = match ended {
            Some(Revocation::User { at, generation, .. }) if at == now => generation,
            _ => {
                user.generation += 1;
                user.generation
            }
        };
        state.end_tokens(id, generation, now);
        Ok(Some(generation))
    }

    async fn close_account(&self, id: UserId, password_hash: &str, now: Timestamp) -> Result<bool> {
        let mut state = self.state();
        if let Some(closed) = state.closed.get(&id) {
            return Ok(closed.at == now);
        }
        let known = |user: &User| user.id == id && user.password_hash == password_hash;
        let Some(place) = state.users.iter().position(known) else {
            return Ok(false);
        };
        let user = state.users.remove(place);
        state.end_tokens(id, user.generation + 1, now);
        let erased = false;
        state.closed.insert(id, Closed { at: now, erased });
        Ok(true)
    }

    async fn to_be_erased(&self, closed_before: Timestamp, limit: usize) -> Result<Vec<UserId>> {
        let state = self.state();
        let open = |closed: &Closed| !closed.erased && closed.at < closed_before;
        let mut found: Vec<_> = state.closed.iter().filter(|(_, left)| open(left)).collect();
        found.sort_by_key(|(_, closed)| closed.at);
        Ok(found.into_iter().map(|(id, _)| *id).take(limit).collect())
    }

    async fn erased(&self, id: UserId, _now: Timestamp) -> Result<()> {
        let mut state = self.state();
        if let Some(closed) = state.closed.get_mut(&id) {
            closed.erased = true;
            let invited = state.invited.clone();
            state
                .invites
                .retain(|invite| invited.get(&invite.hash) != Some(&id));
        }
        Ok(())
    }
}

impl State {
    fn end_tokens(&mut self, user: UserId, generation: u32, at: Timestamp) {
        let ended = Revocation::User {
            user,
            generation,
            at,
        };
        self.ended.insert(user, ended);
    }
}

fn is_named(user: &User, name: &Username) -> bool {
    user.username.as_str().eq_ignore_ascii_case(name.as_str())
}
