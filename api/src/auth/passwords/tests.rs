use std::net::{IpAddr, Ipv4Addr};
use std::sync::Barrier;

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Argon2, Params};

use super::*;

const HERE: ClientAddress = ClientAddress(IpAddr::V4(Ipv4Addr::LOCALHOST));

fn from(text: &str) -> ClientAddress {
    ClientAddress(text.parse().unwrap())
}

fn password(text: &str) -> Password {
    Password::parse(text).unwrap()
}

#[tokio::test]
async fn a_password_verifies_against_its_own_hash_only() {
    let passwords = Passwords::start().unwrap();
    let hash = passwords.hash(password("password123"), HERE).await.unwrap();
    let verify = |text: &str, hash: Option<&str>| {
        passwords.verify(
            text.into(),
            hash.map(str::to_owned),
            HERE,
            Familiarity::Stranger,
        )
    };
    let verdict = verify("password123", Some(&hash)).await.unwrap();
    assert_eq!(verdict, Verdict::Right);
    for (text, hash) in [("password124", Some(&*hash)), ("password123", None)] {
        assert_eq!(verify(text, hash).await.unwrap(), Verdict::Wrong);
    }
    assert_ne!(
        hash,
        passwords.hash(password("password123"), HERE).await.unwrap()
    );
}

#[tokio::test]
async fn the_hash_is_argon2id_with_the_parameters_of_owasp() {
    let passwords = Passwords::start().unwrap();
    let hash = passwords.hash(password("password123"), HERE).await.unwrap();
    assert!(
        hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{hash}"
    );
    // The library's own verifier reads it.
    let argon2 = Argon2::default();
    PasswordVerifier::<str>::verify_password(&argon2, b"password123", &hash).unwrap();
}

fn old_hash(text: &str, params: Params) -> String {
    let argon2 = Argon2::from(params);
    argon2.hash_password(text.as_bytes()).unwrap().to_string()
}

#[tokio::test]
async fn hashes_with_other_parameters_are_still_verified_and_seen_to_be_old() {
    let passwords = Passwords::start().unwrap();
    let params = [
        Params::new(32, 1, 1, None),
        Params::new(Params::DEFAULT_M_COST, 3, 1, None),
        Params::new(Params::DEFAULT_M_COST, Params::DEFAULT_T_COST, 1, Some(16)),
    ];
    for params in params {
        let old = old_hash("password123", params.unwrap());
        let verify = |text: &str| {
            passwords.verify(text.into(), Some(old.clone()), HERE, Familiarity::Stranger)
        };
        let right = verify("password123").await.unwrap();
        assert_eq!(right, Verdict::Outdated, "{old}");
        assert_eq!(verify("password124").await.unwrap(), Verdict::Wrong);
    }
}

#[tokio::test]
async fn an_accent_is_the_same_however_it_was_typed() {
    let passwords = Passwords::start().unwrap();
    let (composed, apart) = ("caf\u{e9} caf\u{e9}", "cafe\u{301} cafe\u{301}");
    for chosen in [composed, apart] {
        let hash = passwords.hash(password(chosen), HERE).await.unwrap();
        for typed in [composed, apart] {
            let verify = passwords.verify(
                typed.into(),
                Some(hash.clone()),
                HERE,
                Familiarity::Stranger,
            );
            assert_eq!(verify.await.unwrap(), Verdict::Right);
        }
    }
    // Of a version that hashed what was typed.
    let old = old_hash(apart, Params::DEFAULT);
    let verify = passwords.verify(apart.into(), Some(old.clone()), HERE, Familiarity::Stranger);
    assert_eq!(verify.await.unwrap(), Verdict::Outdated);
    let again = passwords.hash_again(&apart.into(), HERE).await.unwrap();
    let verify = passwords.verify(composed.into(), Some(again), HERE, Familiarity::Stranger);
    assert_eq!(verify.await.unwrap(), Verdict::Right);
}

/// One thread that is kept busy until all others have asked and told `then`.
async fn while_busy(passwords: &Passwords, ask: impl AsyncFnOnce(Box<dyn Fn() + '_>)) {
    let hold = Arc::new(Barrier::new(2));
    let (begun, has_begun) = oneshot::channel();
    let blocking = Arc::clone(&hold);
    let block = passwords.run(HERE, Familiarity::Stranger, move |_| {
        let _ = begun.send(());
        blocking.wait();
    });
    let rest = async {
        has_begun.await.unwrap();
        ask(Box::new(move || {
            hold.wait();
        }))
        .await;
    };
    let (blocked, ()) = tokio::join!(block, rest);
    blocked.unwrap();
}

#[tokio::test]
async fn a_full_queue_turns_the_next_one_away() {
    let passwords = Passwords::with_threads(1, 1).unwrap();
    while_busy(&passwords, async |go_on| {
        // One is being worked on; this one takes the only place in the queue.
        let waiting = passwords.hash(password("password123"), HERE);
        let refused = async {
            let refused = passwords.hash(password("password123"), HERE).await;
            go_on();
            refused
        };
        let (waited, refused) = tokio::join!(biased; waiting, refused);
        assert!(waited.is_ok());
        assert!(matches!(refused, Err(PasswordError::Busy)));
    })
    .await;
}

#[tokio::test]
async fn who_lets_many_wait_gives_way_to_others() {
    let passwords = Passwords::with_threads(1, 4).unwrap();
    while_busy(&passwords, async |go_on| {
        let order = Mutex::new(Vec::new());
        let ask = async |who: &'static str, address| {
            let done = passwords
                .run(from(address), Familiarity::Stranger, |_| ())
                .await;
            order.lock().unwrap().push((who, done.is_ok()));
        };
        let evil = async |last: u32| {
            let address = format!("2001:db8:1:{last:x}::1");
            let done = passwords
                .run(from(&address), Familiarity::Stranger, |_| ())
                .await;
            order.lock().unwrap().push(("evil", done.is_ok()));
        };
        tokio::join!(
            biased;
            evil(1), evil(2), evil(3), evil(4), evil(5),
            ask("john", "2001:db8:2::1"), ask("jane", "198.51.100.1"),
            async { go_on() },
        );
        let order = order.into_inner().unwrap();
        let turned_away = order.iter().filter(|(_, done)| !done);
        assert_eq!(turned_away.count(), 3, "{order:?}");
        assert!(order.contains(&("john", true)) && order.contains(&("jane", true)));
    })
    .await;
}

#[tokio::test]
async fn whatever_crowd_of_strangers_waits_who_is_known_is_let_in() {
    let passwords = Passwords::with_threads(1, 4).unwrap();
    while_busy(&passwords, async |go_on| {
        let strangers = (0..200u8).map(|number| {
            let address = from(&format!("203.0.{number}.7"));
            let passwords = &passwords;
            async move {
                let done = passwords.run(address, Familiarity::Stranger, |_| ());
                done.await.is_ok()
            }
        });
        let known = async {
            let asked = passwords.run(from("198.51.100.7"), Familiarity::Known, |_| ());
            let (done, ()) = tokio::join!(biased; asked, async { go_on() });
            done
        };
        let strangers = futures_util::future::join_all(strangers);
        let (let_in, known) = tokio::join!(biased; strangers, known);
        assert!(known.is_ok());
        assert_eq!(let_in.iter().filter(|done| **done).count(), 4);
    })
    .await;
}
