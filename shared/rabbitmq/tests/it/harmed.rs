//! A broker of our own that tests may harm, one after the other.

use std::ops::Deref;
use std::sync::{Arc, PoisonError, Weak};

use lab::Broker;
use tokio::sync::{Mutex, MutexGuard};

/// Shared by the tests that wait for their turn, and stopped by the last.
static BROKER: std::sync::Mutex<Weak<Broker>> = std::sync::Mutex::new(Weak::new());
static TURN: Mutex<()> = Mutex::const_new(());

/// The broker, while it is the turn of one test.
pub(crate) struct Harmed {
    broker: Arc<Broker>,
    _turn: MutexGuard<'static, ()>,
}

impl Harmed {
    /// A broker that works, whatever the test before did to it.
    pub(crate) async fn broker() -> Self {
        let broker = shared();
        let harmed = Self {
            broker,
            _turn: TURN.lock().await,
        };
        harmed.revive().await.unwrap();
        harmed
    }
}

impl Deref for Harmed {
    type Target = Broker;

    fn deref(&self) -> &Broker {
        &self.broker
    }
}

fn shared() -> Arc<Broker> {
    let mut shared = BROKER.lock().unwrap_or_else(PoisonError::into_inner);
    shared.upgrade().unwrap_or_else(|| {
        let broker = Arc::new(Broker::reserve().unwrap());
        *shared = Arc::downgrade(&broker);
        broker
    })
}
