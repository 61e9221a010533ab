//! The sandbox: where programs try what they do, without a text that anybody gets.
//!
//! It is a world beside the real one. Whoever has a key for it is another user there, whose texts belong to
//! an account of their own, so nothing that is looked up by user or account meets both worlds.

use sha2::{Digest, Sha256};
use uuid::Builder;

use super::UserId;

/// The provider account of every text in the sandbox.
pub const SANDBOX_ACCOUNT: &str = "sandbox";

/// What every text in the sandbox leaves from. It is a number that no account can have.
pub const SANDBOX_SENDER: &str = "+15005550100";

/// How every recipient begins that a text in the sandbox does not reach.
pub const SANDBOX_FAILING: &str = "+150055";

impl UserId {
    /// Who this user is in the sandbox: always the same, and nobody in the real world.
    #[must_use]
    pub fn in_sandbox(self) -> Self {
        let digest = Sha256::new_with_prefix("sandbox")
            .chain_update(self.as_uuid())
            .finalize();
        let mut id = [0; 16];
        id.copy_from_slice(&digest[..16]);
        // Version 8, so it is none of the ids that are generated.
        Self::from_uuid(Builder::from_custom_bytes(id).into_uuid())
    }

    /// Everybody that this user is, in the real world and in the sandbox.
    pub fn in_all_worlds(self) -> [Self; 2] {
        [self, self.in_sandbox()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{SenderAddress, Timestamp};

    #[test]
    fn a_user_is_always_the_same_in_the_sandbox_and_nobody_else() {
        let users = [(); 2].map(|()| UserId::generate(Timestamp::EPOCH));
        let [one, other] = users.map(UserId::in_sandbox);
        assert_eq!(one, users[0].in_sandbox());
        assert_ne!(one, other);
        for user in [one, other] {
            assert!(!users.contains(&user) && user != UserId::NOBODY);
            assert_eq!(user.as_uuid().get_version_num(), 8);
        }
        assert_eq!(users[0].in_all_worlds(), [users[0], one]);
    }

    #[test]
    fn what_texts_leave_from_there_can_be_read() {
        assert!(SenderAddress::parse(SANDBOX_SENDER).is_ok());
    }
}
