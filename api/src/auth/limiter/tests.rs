use mysms_core::clock::ManualClock;

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

fn from(text: &str) -> ClientAddress {
    ClientAddress(text.parse().unwrap())
}

fn account(name: &str) -> UsernameHash {
    mysms_core::domain::Username::parse(name).unwrap().hash()
}

fn limiter(change: impl FnOnce(&mut LimitsConfig)) -> AttemptLimiter {
    limiter_by(&Arc::new(ManualClock::at(NOW)), change)
}

fn limiter_by(clock: &Arc<ManualClock>, change: impl FnOnce(&mut LimitsConfig)) -> AttemptLimiter {
    let mut limits = LimitsConfig {
        attempts_per_address: 100,
        attempts_per_account: 100,
        failures_per_account: 100,
        sign_ups_per_address: None,
        sends_per_minute: None,
        otp_per_minute: None,
    };
    change(&mut limits);
    AttemptLimiter::new(&limits, clock.clone())
}

/// Of eight, how many may: at most one shares a bucket, and that is unlikely enough.
fn most_of_eight(mut may: impl FnMut(u32) -> bool) -> bool {
    (1..=8).filter(|number| may(*number)).count() >= 7
}

#[test]
fn a_client_is_its_address() {
    let limiter = limiter(|limits| limits.attempts_per_address = 3);
    let attempt = |client: &str| limiter.attempt(from(client)).is_ok();
    for _ in 0..3 {
        assert!(attempt("203.0.113.7"));
    }
    assert!(!attempt("203.0.113.7"));
    assert!(!attempt("::ffff:203.0.113.7"));
    assert!(most_of_eight(|last| attempt(&format!("198.51.100.{last}"))));
}

/// A line has a /56 or even a /48, so 256 or 65,536 times a /64.
#[test]
fn an_ipv6_line_is_one_client_however_much_it_has() {
    let passing = |client: fn(u32) -> String| {
        let limiter = limiter(|limits| limits.attempts_per_address = 10);
        let all = (0..=0xffff).map(|number| limiter.attempt(from(&client(number))));
        all.flatten().count()
    };
    assert_eq!(passing(|number| format!("2001:db8:1:2:{number:x}::1")), 10);
    assert_eq!(
        passing(|number| format!("2001:db8:1:{:x}::1", number % 256)),
        40
    );
    assert_eq!(passing(|number| format!("2001:db8:1:{number:x}::1")), 160);
}

#[test]
fn what_a_wider_network_refuses_costs_a_narrow_one_nothing() {
    let clock = Arc::new(ManualClock::at(NOW));
    let limiter = limiter_by(&clock, |limits| limits.attempts_per_address = 1);
    for number in 0..4 {
        assert!(
            limiter
                .attempt(from(&format!("2001:db8:1:{number:x}::1")))
                .is_ok()
        );
    }
    let late = from("2001:db8:1:4::1");
    for _ in 0..99 {
        assert!(limiter.attempt(late).is_err());
    }
    // One of the /56's comes back each 15 seconds, none of the /64 was used.
    clock.advance(Duration::from_secs(15));
    assert!(limiter.attempt(late).is_ok());
}

#[test]
fn nobody_is_locked_out_by_the_attempts_of_others() {
    let limiter = limiter(|limits| limits.attempts_per_account = 2);
    let guess =
        |name: &str, client: &str| limiter.guess(&account(name), from(client), false).is_ok();
    let evil = "203.0.113.7";
    assert!(guess("john_doe", evil) && guess("John_Doe", evil));
    assert!(!guess("john_doe", evil));
    // John at home can still log in, and the other address into other accounts.
    assert!(most_of_eight(|last| guess(
        "john_doe",
        &format!("198.51.100.{last}")
    )));
    assert!(most_of_eight(|number| guess(
        &format!("user{number}"),
        evil
    )));
}

#[test]
fn an_account_bears_so_many_wrong_passwords_from_everywhere() {
    let clock = Arc::new(ManualClock::at(NOW));
    let limiter = limiter_by(&clock, |limits| limits.failures_per_account = 100);
    let john = account("john_doe");
    let guess = |number: u32, known| {
        // Networks that have nothing to do with each other.
        let client = from(&format!("2001:{number:x}::1"));
        limiter.guess(&john, client, known)
    };
    let passing = (0..1000).filter(|number| guess(*number, false).is_ok());
    assert_eq!(passing.count(), 100);
    // Wherever John was before he is let in, and costs those elsewhere nothing.
    assert!(most_of_eight(|number| guess(2000 + number, true).is_ok()));
    clock.advance(Duration::from_secs(36));
    assert!(guess(3000, false).is_ok());
    assert!(guess(3001, false).is_err());
}

#[test]
fn only_wrong_passwords_cost_an_account() {
    let limiter = limiter(|limits| {
        limits.attempts_per_account = 2;
        limits.failures_per_account = 2;
    });
    let john = account("john_doe");
    let guess = || limiter.guess(&john, from("203.0.113.7"), false);
    for _ in 0..9 {
        guess().unwrap().give_back();
    }
    // Until it is known to be right it counts, so no number at a time passes.
    let first = guess().unwrap();
    let _second = guess().unwrap();
    assert!(guess().is_err());
    first.give_back();
    assert!(guess().is_ok());
    assert!(guess().is_err());
}

#[test]
fn sign_ups_are_counted_by_the_hour_if_somebody_is_made() {
    let clock = Arc::new(ManualClock::at(NOW));
    let limiter = limiter_by(&clock, |limits| limits.sign_ups_per_address = Some(3));
    let sign_up = || limiter.sign_up(from("203.0.113.7"));
    for _ in 0..9 {
        sign_up().unwrap().give_back();
    }
    for _ in 0..3 {
        let _made = sign_up().unwrap();
    }
    assert!(sign_up().is_err());
    clock.advance(Duration::from_mins(20));
    assert!(sign_up().is_ok());
    assert!(sign_up().is_err());
}
