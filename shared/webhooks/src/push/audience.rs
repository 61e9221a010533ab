//! Which browsers are told.

use mysms_core::bell::PushAddresses;
use mysms_core::clock::Clock;
use mysms_core::domain::{Browser, Browsers, EndpointUrl, UserId};
use mysms_core::store::{Kind, Result, editing};
use mysms_core::stores::Stores;

/// The browsers of users, as they are stored.
pub(super) struct Audience<'a> {
    pub(super) stores: &'a Stores,
    pub(super) clock: &'a dyn Clock,
}

impl Audience<'_> {
    /// Those whose logins go on, and that nobody else uses by now; the others are forgotten.
    pub(super) async fn of(&self, owner: UserId) -> Result<Vec<Browser>> {
        let Self { stores, clock, .. } = self;
        let (key, now) = (owner.to_string(), clock.now());
        let reading = stores.records.record(Kind::Browsers, &key, now);
        let stored = reading.await?.record;
        let known: Option<Browsers> = stored.map(|stored| stored.read()).transpose()?;
        let (mut going_on, mut over) = (Vec::new(), Vec::new());
        for browser in known.iter().flat_map(Browsers::iter) {
            if self.goes_on(owner, browser).await? {
                going_on.push(browser.clone());
            } else {
                over.push(browser.url.clone());
            }
        }
        self.forget(owner, &over).await?;
        Ok(going_on)
    }

    async fn goes_on(&self, owner: UserId, browser: &Browser) -> Result<bool> {
        let Self { stores, clock, .. } = self;
        let now = clock.now();
        let session = stores.sessions.session(owner, browser.session()).await?;
        if session.is_none_or(|session| session.until <= now)
            || stores.revocations.is_revoked(&browser.token).await?
        {
            return Ok(false);
        }
        let addresses = PushAddresses(&*stores.records);
        addresses.is_of(&browser.url, owner, now).await
    }

    /// By what they are called under: a login may have another browser meanwhile.
    pub(super) async fn forget(&self, owner: UserId, gone: &[EndpointUrl]) -> Result<()> {
        if gone.is_empty() {
            return Ok(());
        }
        let Self { stores, clock, .. } = self;
        let (key, now) = (owner.to_string(), clock.now());
        let forgotten = editing::edit(&*stores.records, (Kind::Browsers, &key), now, |known| {
            // Somebody who leaves at this moment gets no record again.
            let mut browsers: Browsers = known.ok_or(())?;
            browsers.forget(|browser| gone.contains(&browser.url));
            Ok::<_, ()>(browsers)
        });
        let _ = forgotten.await?;
        for url in gone {
            let addresses = PushAddresses(&*stores.records);
            addresses.leave(url, owner, now).await?;
        }
        Ok(())
    }
}
