//! Who is calling, and how they prove it.

mod buckets;
mod caller;
mod cookies;
mod hasher;
mod keys;
mod limiter;
mod marks;
mod password;
mod passwords;
mod queue;
mod revoked;
mod tokens;

pub(crate) use buckets::Buckets;
pub(crate) use caller::{Caller, Credential, Standing};
pub(crate) use cookies::{Cookies, ShownCookie};
pub(crate) use hasher::Verdict;
pub(crate) use keys::{ApiKeys, InvalidKey, KeyHolder};
pub(crate) use limiter::{Attempt, AttemptLimiter, limit_attempts};
pub(crate) use marks::Marks;
pub(crate) use password::{InvalidPassword, Password};
pub(crate) use passwords::{Familiarity, Passwords};
pub(crate) use revoked::Revoked;
pub(crate) use tokens::{InvalidToken, Login, TokenHolder, Tokens};
