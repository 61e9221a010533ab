//! What users have set, as this process knows it.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use mysms_core::chain::Chain;
use mysms_core::clock::Clock;
use mysms_core::domain::{UserId, UserSettings};
use mysms_core::pace;
use mysms_core::store::editing::edit;
use mysms_core::store::{Kind, Records, Result};
use runtime::lifecycle::TaskResult;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use crate::poll_store::poll_store;
use crate::store_timeout::StoreTimeout;

/// The pause between two looks at what other processes and operators have set.
const LOOK_INTERVAL: Duration = Duration::from_secs(2);

/// The settings of all users. A user of whom nothing is stored has the usual ones.
pub(crate) struct SettingsWatch {
    records: Arc<dyn Records>,
    clock: Arc<dyn Clock>,
    watch: pace::SettingsWatch,
    /// Held by looks and changes, so that no look that began before a change hides it.
    one_by_one: Mutex<()>,
    store_timeout: StoreTimeout,
}

impl SettingsWatch {
    pub(crate) fn new(
        records: Arc<dyn Records>,
        clock: Arc<dyn Clock>,
        store_timeout: StoreTimeout,
    ) -> Self {
        Self {
            watch: pace::SettingsWatch::new(Arc::clone(&records)),
            records,
            clock,
            one_by_one: Mutex::default(),
            store_timeout,
        }
    }

    /// What a user has set, as of the latest look; the first call looks.
    pub(crate) async fn of(&self, user: UserId) -> Result<Arc<UserSettings>> {
        let all = self.store_timeout.once(self.watch.all()).await?;
        Ok(all.get(&user).map(Arc::clone).unwrap_or_default())
    }

    /// Changes what a user has set, and what is known here at once; returns it as it is then.
    pub(crate) async fn change(
        &self,
        user: UserId,
        change: impl Fn(&mut UserSettings),
    ) -> Result<Arc<UserSettings>> {
        let _alone = self.one_by_one.lock().await;
        let (key, now) = (user.to_string(), self.clock.now());
        let edited = self.store_timeout.repeat(|| {
            edit(&*self.records, (Kind::Settings, &key), now, |stored| {
                let mut settings: UserSettings = stored.unwrap_or_default();
                change(&mut settings);
                Ok::<_, Infallible>(settings)
            })
        });
        let Ok(settings) = edited.await?;
        let settings = Arc::new(settings);
        self.watch.learn(user, Arc::clone(&settings));
        Ok(settings)
    }

    /// Reads what all users have set.
    pub(crate) async fn look(&self) -> Result<()> {
        let _alone = self.one_by_one.lock().await;
        self.store_timeout.once(self.watch.look()).await.map(drop)
    }

    /// Keeps looking until `stop`.
    pub(crate) async fn watch(self: Arc<Self>, stop: CancellationToken) -> TaskResult {
        let look = || self.look();
        poll_store(LOOK_INTERVAL, stop, look, |error| {
            let error = Chain(error);
            tracing::warn!(%error, "cannot see what users have set; what was known stays");
        })
        .await
    }
}
