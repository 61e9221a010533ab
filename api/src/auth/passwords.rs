use std::io;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use secrecy::SecretString;
use tokio::sync::oneshot;

use super::hasher::{Hasher, HashingError};
use crate::error::ApiError;

/// Jobs that wait for each thread; more would wait for longer than people do.
const WAITING_PER_THREAD: usize = 32;

/// A password that may be chosen: 8 to 128 characters.
pub(crate) struct Password(SecretString);

#[derive(Debug, thiserror::Error)]
#[error("must be 8 to 128 characters")]
pub(crate) struct InvalidPassword;

impl Password {
    pub(crate) fn parse(text: String) -> Result<Self, InvalidPassword> {
        let length = text.chars().count();
        if (8..=128).contains(&length) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidPassword)
        }
    }
}

/// Hashes passwords with argon2id on threads of its own, each with one block of memory that is used
/// again and again: whatever the number of logins, no more memory and no more cores are taken.
pub(crate) struct Passwords {
    jobs: SyncSender<Job>,
}

type Job = Box<dyn FnOnce(&mut Hasher) + Send>;

/// Why a password was neither hashed nor verified.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PasswordError {
    /// Too many are waiting already.
    #[error("too many passwords wait to be hashed")]
    Busy,
    #[error(transparent)]
    Hashing(#[from] HashingError),
    #[error("the hashing threads have stopped")]
    Stopped,
}

impl From<PasswordError> for ApiError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::Busy,
            other => Self::Internal(Box::new(other)),
        }
    }
}

impl Passwords {
    /// Starts the threads: one, or two on a machine of four cores and more.
    pub(crate) fn start() -> io::Result<Self> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        Self::with_threads((cores / 2).clamp(1, 2), WAITING_PER_THREAD)
    }

    pub(crate) fn with_threads(threads: usize, waiting_per_thread: usize) -> io::Result<Self> {
        let (jobs, queue) = sync_channel(threads * waiting_per_thread);
        let queue = Arc::new(Mutex::new(queue));
        for number in 0..threads {
            let queue = Arc::clone(&queue);
            thread::Builder::new()
                .name(format!("password-{number}"))
                .spawn(move || work(&queue))?;
        }
        Ok(Self { jobs })
    }

    /// The argon2id hash of a new password in PHC form, with OWASP's parameters.
    pub(crate) async fn hash(&self, password: Password) -> Result<String, PasswordError> {
        Ok(self.run(move |hasher| hasher.hash(&password.0)).await??)
    }

    /// Whether the password belongs to the hash. Without a hash the answer is no, after the same
    /// time.
    pub(crate) async fn verify(
        &self,
        password: SecretString,
        hash: Option<String>,
    ) -> Result<bool, PasswordError> {
        let verified = self.run(move |hasher| hasher.verify(&password, hash.as_deref()));
        Ok(verified.await??)
    }

    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Hasher) -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        let (reply, result) = oneshot::channel();
        let job = move |hasher: &mut Hasher| {
            // Nobody waits any more if the client has gone.
            if !reply.is_closed() {
                let _ = reply.send(job(hasher));
            }
        };
        self.jobs
            .try_send(Box::new(job))
            .map_err(|error| match error {
                TrySendError::Full(_) => PasswordError::Busy,
                TrySendError::Disconnected(_) => PasswordError::Stopped,
            })?;
        result.await.map_err(|_| PasswordError::Stopped)
    }
}

/// Runs until the last [`Passwords`] is dropped.
fn work(queue: &Mutex<Receiver<Job>>) {
    let mut hasher = Hasher::default();
    loop {
        // The lock is held while waiting, not while working.
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            Ok(job) => job(&mut hasher),
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use argon2::password_hash::{PasswordHasher, PasswordVerifier};
    use argon2::{Argon2, Params};

    use super::*;

    fn password(text: &str) -> Password {
        Password::parse(text.to_owned()).unwrap()
    }

    #[tokio::test]
    async fn a_password_verifies_against_its_own_hash_only() {
        let passwords = Passwords::start().unwrap();
        let hash = passwords.hash(password("password123")).await.unwrap();
        let verify =
            |text: &str, hash: Option<&str>| passwords.verify(text.into(), hash.map(str::to_owned));
        assert!(verify("password123", Some(&hash)).await.unwrap());
        assert!(!verify("password124", Some(&hash)).await.unwrap());
        assert!(!verify("password123", None).await.unwrap());
        assert_ne!(hash, passwords.hash(password("password123")).await.unwrap());
    }

    #[tokio::test]
    async fn the_hash_is_argon2id_with_the_parameters_of_owasp() {
        let passwords = Passwords::start().unwrap();
        let hash = passwords.hash(password("password123")).await.unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        // The library's own verifier reads it.
        let argon2 = Argon2::default();
        PasswordVerifier::<str>::verify_password(&argon2, b"password123", &hash).unwrap();
    }

    #[tokio::test]
    async fn hashes_with_other_parameters_are_still_verified() {
        let params = Params::new(32, 1, 1, None).unwrap();
        let old = Argon2::from(params)
            .hash_password(b"password123")
            .unwrap()
            .to_string();
        let passwords = Passwords::start().unwrap();
        assert!(
            passwords
                .verify("password123".into(), Some(old.clone()))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify("password124".into(), Some(old))
                .await
                .unwrap()
        );
    }

    #[tokio::test]
    async fn a_full_queue_turns_the_next_one_away() {
        let passwords = Arc::new(Passwords::with_threads(1, 1).unwrap());
        let hold = Arc::new(Barrier::new(2));
        let (begun, has_begun) = oneshot::channel();
        let blocked = {
            let (passwords, hold) = (Arc::clone(&passwords), Arc::clone(&hold));
            async move {
                let job = move |_: &mut Hasher| {
                    let _ = begun.send(());
                    hold.wait();
                };
                passwords.run(job).await
            }
        };
        let waiting = async {
            has_begun.await.unwrap();
            // One is being worked on; this one takes the only place in the queue.
            let waiting = passwords.hash(password("password123"));
            let refused = async {
                let refused = passwords.hash(password("password123")).await;
                hold.wait();
                refused
            };
            tokio::join!(biased; waiting, refused)
        };
        let (blocked, (waited, refused)) = tokio::join!(blocked, waiting);
        blocked.unwrap();
        assert!(waited.is_ok());
        assert!(matches!(refused, Err(PasswordError::Busy)));
    }

    #[test]
    fn passwords_are_measured_in_characters() {
        assert!(Password::parse("ж".repeat(8)).is_ok());
        assert!(Password::parse("ж".repeat(128)).is_ok());
        for bad in [String::new(), "seven77".to_owned(), "ж".repeat(129)] {
            assert!(Password::parse(bad).is_err());
        }
    }
}
