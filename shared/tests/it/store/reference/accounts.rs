use async_trait::async_trait;
use shared::domain::{NewUser, User, UserId, Username};
use shared::store::{Accounts, Result, SignUp};

use super::Reference;

#[async_trait]
impl Accounts for Reference {
    async fn sign_up(&self, new: NewUser) -> Result<SignUp> {
        let mut state = self.state();
        if let Some(holder) = state
            .users
            .iter()
            .find(|user| is_named(user, &new.username))
        {
            let created_before = holder.id == new.id;
            return Ok(if created_before {
                SignUp::Created
            } else {
                SignUp::NameTaken
            });
        }
        state.users.push(User {
            id: new.id,
            username: new.username,
            password_hash: new.password_hash,
            created_at: new.created_at,
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
}

fn is_named(user: &User, name: &Username) -> bool {
    user.username.as_str().eq_ignore_ascii_case(name.as_str())
}
