use std::sync::{Mutex, MutexGuard, PoisonError};

/// The value behind a lock: none of them is ever left half changed, so a panic elsewhere is no
/// reason to give up.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
