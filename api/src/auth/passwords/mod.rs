use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::{io, thread};

use secrecy::SecretString;
use tokio::sync::oneshot;

use super::hasher::{Hasher, HashingError, Verdict};
use super::password::{Password, forms, normal};
use super::queue::FairQueue;
use crate::client_address::ClientAddress;
use crate::error::ApiError;

/// Jobs that wait for each thread; more would wait for longer than people do.
const WAITING_PER_THREAD: usize = 32;

/// Hashes passwords with argon2id on threads of its own, each with one block of memory that is used
/// again and again: whatever the number of logins, no more memory and no more cores are taken.
///
/// Clients wait in turns, so that whoever tries many passwords keeps nobody else from logging in.
pub(crate) struct Passwords {
    work: Arc<Work>,
}

/// What the threads share.
struct Work {
    queue: Mutex<Queue>,
    changed: Condvar,
}

struct Queue {
    /// Of those who come from where the account has logged in before, and of all others: whatever crowd
    /// of strangers there is, it keeps no user from logging in where they always do.
    known: FairQueue<Job>,
    others: FairQueue<Job>,
    /// The two take turns.
    known_had_the_last: bool,
    /// Nobody will ask for anything any more.
    over: bool,
}

impl Queue {
    fn next(&mut self) -> Option<Job> {
        let [first, second] = if self.known_had_the_last {
            [&mut self.others, &mut self.known]
        } else {
            [&mut self.known, &mut self.others]
        };
        let job = first.pop();
        if job.is_some() {
            self.known_had_the_last = !self.known_had_the_last;
        }
        job.or_else(|| second.pop())
    }
}

/// Whether somebody comes from where the account that they mean has logged in before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Familiarity {
    Known,
    Stranger,
}

impl Familiarity {
    pub(crate) fn of(is_known: bool) -> Self {
        if is_known {
            Self::Known
        } else {
            Self::Stranger
        }
    }
}

/// Is called without a hasher if it is turned away.
type Job = Box<dyn FnOnce(Option<&mut Hasher>) + Send>;

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
        let queue = || FairQueue::new(threads * waiting_per_thread);
        let queue = Queue {
            known: queue(),
            others: queue(),
            known_had_the_last: false,
            over: false,
        };
        // Ends the threads that there are, should one of them not start.
        let passwords = Self {
            work: Arc::new(Work {
                queue: Mutex::new(queue),
                changed: Condvar::new(),
            }),
        };
        for number in 0..threads {
            let work = Arc::clone(&passwords.work);
            thread::Builder::new()
                .name(format!("password-{number}"))
                .spawn(move || work.go_on())?;
        }
        Ok(passwords)
    }

    /// The argon2id hash of a new password in PHC form, with OWASP's parameters.
    pub(crate) async fn hash(
        &self,
        password: Password,
        client: ClientAddress,
    ) -> Result<String, PasswordError> {
        let hash = move |hasher: &mut Hasher| hasher.hash(&password.0);
        let hashed = self.run(client, Familiarity::Stranger, hash);
        Ok(hashed.await??)
    }

    /// The hash, as of a new one, of a password that is known to be right.
    pub(crate) async fn hash_again(
        &self,
        password: &SecretString,
        client: ClientAddress,
    ) -> Result<String, PasswordError> {
        self.hash(Password(normal(password)), client).await
    }

    /// Whether the password belongs to the hash. Without a hash the answer is no, after the same
    /// time.
    pub(crate) async fn verify(
        &self,
        password: SecretString,
        hash: Option<String>,
        client: ClientAddress,
        familiarity: Familiarity,
    ) -> Result<Verdict, PasswordError> {
        let verified = self.run(client, familiarity, move |hasher| {
            verify(hasher, &password, hash.as_deref())
        });
        Ok(verified.await??)
    }

    async fn run<T: Send + 'static>(
        &self,
        ClientAddress(client): ClientAddress,
        familiarity: Familiarity,
        job: impl FnOnce(&mut Hasher) -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        let (reply, result) = oneshot::channel();
        let job = move |hasher: Option<&mut Hasher>| {
            // Nobody waits any more if the client has gone.
            if !reply.is_closed() {
                let _ = reply.send(hasher.map(job).ok_or(PasswordError::Busy));
            }
        };
        let turned_away = {
            let mut queue = self.work.lock();
            let jobs = match familiarity {
                Familiarity::Known => &mut queue.known,
                Familiarity::Stranger => &mut queue.others,
            };
            jobs.push(client, Box::new(job))
        };
        if let Some(job) = turned_away {
            job(None);
        }
        self.work.changed.notify_one();
        result.await.map_err(|_| PasswordError::Stopped)?
    }
}

/// A password that was hashed as it was typed is right, too, and has to be hashed anew.
fn verify(
    hasher: &mut Hasher,
    password: &SecretString,
    hash: Option<&str>,
) -> Result<Verdict, HashingError> {
    for (number, form) in forms(password).enumerate() {
        match hasher.verify(&form, hash)? {
            Verdict::Wrong => {}
            Verdict::Right if number > 0 => return Ok(Verdict::Outdated),
            right => return Ok(right),
        }
    }
    Ok(Verdict::Wrong)
}

impl Drop for Passwords {
    fn drop(&mut self) {
        self.work.lock().over = true;
        self.work.changed.notify_all();
    }
}

impl Work {
    /// Runs until [`Passwords`] is dropped.
    fn go_on(&self) {
        let mut hasher = Hasher::default();
        while let Some(job) = self.next() {
            job(Some(&mut hasher));
        }
    }

    fn next(&self) -> Option<Job> {
        let mut queue = self.lock();
        loop {
            if let Some(job) = queue.next() {
                return Some(job);
            }
            if queue.over {
                return None;
            }
            queue = self
                .changed
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
