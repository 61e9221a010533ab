use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use async_trait::async_trait;
use mysms_core::domain::{
    Grant, KeyName, KnownNetworks, Mode, NetworkMark, NewUser, Scope, User, Username,
};
use mysms_core::store::{Created, PasswordChange, SignUp, StoreError};
use tokio::time::sleep;

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// A store of one key and its owner that can be away, and counts who asks.
struct Store {
    token: KeyToken,
    ended: AtomicBool,
    left: AtomicBool,
    away: AtomicBool,
    asked: AtomicU32,
}

impl Store {
    fn answer<T>(&self, answer: T) -> Result<T> {
        if self.away.load(Ordering::SeqCst) {
            return Err(StoreError::unavailable("the store", "no route"));
        }
        Ok(answer)
    }

    fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Keys for Store {
    async fn create_key(&self, _: &ApiKey) -> Result<Created> {
        unreachable!()
    }

    async fn key(&self, id: &KeyId) -> Result<Option<ApiKey>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let good = id == self.token.id() && !self.ended.load(Ordering::SeqCst);
        self.answer(good.then(|| ApiKey {
            id: id.clone(),
            owner: UserId::NOBODY,
            name: KeyName::parse("CI").unwrap(),
            secret: self.token.hash(),
            grant: Grant {
                mode: Mode::Live,
                scopes: vec![Scope::MessagesSend],
                senders: None,
                recipients: Vec::new(),
            },
            created_at: NOW,
            expires_at: Some(NOW + Duration::from_hours(1)),
            last_used: None,
        }))
    }

    async fn keys_of(&self, _: UserId) -> Result<Vec<ApiKey>> {
        unreachable!()
    }

    async fn end_key(&self, _: UserId, id: &KeyId, _: Timestamp) -> Result<bool> {
        self.answer(())?;
        self.ended.store(true, Ordering::SeqCst);
        Ok(id == self.token.id())
    }

    async fn end_keys(&self, _: UserId, _: Timestamp) -> Result<()> {
        self.ended.store(true, Ordering::SeqCst);
        Ok(())
    }

    async fn note_use(&self, _: &KeyId, _: Timestamp) -> Result<()> {
        unreachable!()
    }

    async fn forget_keys(&self, _: UserId) -> Result<()> {
        unreachable!()
    }
}

#[async_trait]
impl Accounts for Store {
    async fn sign_up(&self, _: NewUser) -> Result<SignUp> {
        unreachable!()
    }

    async fn by_name(&self, _: &Username) -> Result<Option<User>> {
        unreachable!()
    }

    async fn by_id(&self, id: UserId) -> Result<Option<User>> {
        let here = !self.left.load(Ordering::SeqCst);
        self.answer(here.then(|| User {
            id,
            username: Username::parse("john_doe").unwrap(),
            password_hash: String::new(),
            created_at: NOW,
            generation: 0,
            known_networks: KnownNetworks::default(),
        }))
    }

    async fn remember_network(&self, _: UserId, _: &NetworkMark) -> Result<()> {
        unreachable!()
    }

    async fn replace_hash(&self, _: UserId, _: &str, _: &str) -> Result<()> {
        unreachable!()
    }

    async fn change_password(&self, _: UserId, _: PasswordChange) -> Result<Option<u32>> {
        unreachable!()
    }

    async fn end_sessions(&self, _: UserId, _: Timestamp) -> Result<Option<u32>> {
        unreachable!()
    }

    async fn close_account(&self, _: UserId, _: &str, _: Timestamp) -> Result<bool> {
        unreachable!()
    }

    async fn to_be_erased(&self, _: Timestamp, _: usize) -> Result<Vec<UserId>> {
        unreachable!()
    }

    async fn erased(&self, _: UserId, _: Timestamp) -> Result<()> {
        unreachable!()
    }
}

fn two_processes() -> (Arc<Store>, ApiKeys, ApiKeys) {
    let store = Arc::new(Store {
        token: KeyToken::generate(Mode::Live),
        ended: AtomicBool::default(),
        left: AtomicBool::default(),
        away: AtomicBool::default(),
        asked: AtomicU32::default(),
    });
    let process = || {
        let store_timeout = StoreTimeout(Duration::from_millis(100));
        ApiKeys::new(store.clone(), store.clone(), store_timeout)
    };
    (Arc::clone(&store), process(), process())
}

async fn is_good(keys: &ApiKeys, store: &Store) -> bool {
    keys.verify(&store.token, NOW).await.unwrap().is_ok()
}

#[tokio::test(start_paused = true)]
async fn a_key_that_was_ended_in_one_process_is_good_in_none_five_seconds_later() {
    let (store, here, there) = two_processes();
    assert!(is_good(&here, &store).await && is_good(&there, &store).await);
    let id = store.token.id().clone();
    assert!(here.end(UserId::NOBODY, &id, NOW).await.unwrap());
    assert!(!is_good(&here, &store).await, "here at once");
    // However often it is used meanwhile.
    for _ in 0..5 {
        sleep(Duration::from_secs(1)).await;
        let _ = is_good(&there, &store).await;
    }
    assert!(!is_good(&there, &store).await);
    assert!(!there.holds(&id, NOW).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn the_keys_of_who_has_left_are_good_no_longer_than_that() {
    let (store, here, _) = two_processes();
    assert!(is_good(&here, &store).await);
    store.left.store(true, Ordering::SeqCst);
    sleep(FRESH).await;
    assert!(!is_good(&here, &store).await);
}

#[tokio::test(start_paused = true)]
async fn a_key_in_use_is_asked_about_now_and_then_and_never_passes_unasked() {
    let (store, here, _) = two_processes();
    for _ in 0..100 {
        assert!(is_good(&here, &store).await);
    }
    assert_eq!(store.asked(), 1);
    for _ in 0..80 {
        sleep(Duration::from_millis(100)).await;
        assert!(is_good(&here, &store).await);
    }
    assert!((3..=5).contains(&store.asked()), "{}", store.asked());

    // While the store is away what is known is good for 4 seconds, and nothing after that.
    store.away.store(true, Ordering::SeqCst);
    sleep(Duration::from_secs(1)).await;
    assert!(is_good(&here, &store).await);
    sleep(FRESH).await;
    assert!(here.verify(&store.token, NOW).await.is_err());
    assert!(here.holds(store.token.id(), NOW).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn whatever_is_wrong_with_a_key_is_known() {
    let (store, here, _) = two_processes();
    let verify = async |token, now| here.verify(token, now).await.unwrap().unwrap_err();
    let foreign = KeyToken::generate(Mode::Live);
    assert_eq!(verify(&foreign, NOW).await, InvalidKey::Unknown);
    let id = store.token.id();
    // With the right id, but the secret of another or another mode.
    let other_secret = KeyToken::generate(Mode::Live).with_id(id);
    assert_eq!(verify(&other_secret, NOW).await, InvalidKey::WrongSecret);
    let other_mode = store.token.with_mode(Mode::Team);
    assert_eq!(verify(&other_mode, NOW).await, InvalidKey::WrongSecret);
    let late = NOW + Duration::from_hours(1);
    assert_eq!(verify(&store.token, late).await, InvalidKey::Expired);
}

#[tokio::test(start_paused = true)]
async fn its_use_is_noted_once_a_minute() {
    let (store, here, _) = two_processes();
    let id = store.token.id();
    assert_eq!(here.use_to_note(id, NOW), None, "it was not used here");
    assert!(is_good(&here, &store).await);
    let mut noted = 0;
    for second in 0..180 {
        let at = NOW + Duration::from_secs(second);
        if let Some(minute) = here.use_to_note(id, at) {
            assert_eq!(minute.as_millis() % 60_000, 0);
            noted += 1;
        }
        sleep(Duration::from_secs(1)).await;
        assert!(is_good(&here, &store).await);
    }
    assert_eq!(noted, 3);
}
