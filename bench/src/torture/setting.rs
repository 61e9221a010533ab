//! The times by which the messenger under torture works, and the limits that follow for those who
//! torture it.
//!
//! A text may go out twice, whatever a ledger does, when the provider takes it later than a lease
//! after it was claimed. So the script harms within these limits:
//! start window + pause of a worker + pause of the provider + its delays ≤ lease.
//! A worker is paused for longer than that only while its claim is on the way ([`STRANDED_MS`]).

use std::ops::RangeInclusive;
use std::time::Duration;

const START_WINDOW_MS: u64 = 1_500;
const PROVIDER_TIMEOUT_MS: u64 = 2_000;
const PROVIDER_QUIET_MS: u64 = 4_500;
const LEASE_MS: u64 = START_WINDOW_MS + PROVIDER_TIMEOUT_MS + PROVIDER_QUIET_MS;
const RESOLVE_INTERVAL_MS: u64 = 1_000;

/// How long after its claim an attempt may still come to something.
pub(super) const LEASE: Duration = Duration::from_millis(LEASE_MS);

/// The limit of one request to the provider.
pub(super) const PROVIDER_TIMEOUT: Duration = Duration::from_millis(PROVIDER_TIMEOUT_MS);

/// For how long a worker stands still at any moment, in milliseconds.
pub(super) const WORKER_FROZEN_MS: RangeInclusive<u64> = 200..=1_000;
/// For how long the simulator does.
pub(super) const SIMULATOR_FROZEN_MS: RangeInclusive<u64> = 500..=3_000;
/// For how long an API, the database or the broker does.
pub(super) const SERVER_FROZEN_MS: RangeInclusive<u64> = 500..=4_000;
/// For how long a killed process stays away.
pub(super) const AWAY_MS: RangeInclusive<u64> = 0..=1_500;

/// For how long a member of a cluster does: until another one is elected, as a rule.
pub(super) const MEMBER_FROZEN_MS: RangeInclusive<u64> = 8_000..=15_000;
/// For how long killed members stay away.
pub(super) const MEMBER_AWAY_MS: RangeInclusive<u64> = 1_000..=8_000;
/// For how long the primary is left alone: until it notices, another one is elected and has done
/// something that the old one has not heard of.
pub(super) const MEMBER_CUT_MS: RangeInclusive<u64> = 14_000..=24_000;
/// For how long nobody hears a node of the RabbitMQ cluster, which takes ten seconds to notice.
pub(super) const NODE_SILENT_MS: RangeInclusive<u64> = 8_000..=16_000;

/// For how long a worker stands still with its claims on the way: until others have found its
/// messages absent twice and have sent them, and they may still be at it.
pub(super) const STRANDED_MS: RangeInclusive<u64> =
    LEASE_MS + RESOLVE_INTERVAL_MS / 2..=LEASE_MS + 3 * RESOLVE_INTERVAL_MS;

/// Before that, for how long it stands still so that jobs wait for it.
pub(super) const JOBS_GATHER: Duration = Duration::from_millis(*WORKER_FROZEN_MS.end());

/// How long the database must have been silent for all of a worker's claims to be on the way: what
/// was claimed before has been posted by then.
pub(super) const CLAIMS_ON_THE_WAY: Duration = Duration::from_secs(1);

/// For how long a sender is drained, or slow.
pub(super) const DRAINED_MS: RangeInclusive<u64> = 2_000..=6_000;

/// The longest pause of the provider before it accepts a text.
pub(super) const ACCEPT_DELAY_MS: RangeInclusive<u32> = 50..=500;
/// How late an accepted text shows in the provider's list.
pub(super) const LIST_DELAY_MS: RangeInclusive<u32> = 50..=500;

/// What is left of the lease for the machine to be slow in.
const SLACK_MS: u64 = LEASE_MS
    - START_WINDOW_MS
    - *WORKER_FROZEN_MS.end()
    - *SIMULATOR_FROZEN_MS.end()
    - *ACCEPT_DELAY_MS.end() as u64
    - *LIST_DELAY_MS.end() as u64;
const _: () = assert!(SLACK_MS >= 1_000);

/// A text whose outcome stays unknown is given up when it is looked for this long after its first
/// attempt: looks come one lease after it, then each time after as long again.
pub(super) const GIVEN_UP_AFTER: Duration = LEASE.saturating_mul(8);

/// The validity that such a text gets in the ledger: the look before the last must not give up yet,
/// and the last one must. All others keep the usual one, so that none expires on a slow machine.
pub(super) const SHORT_VALIDITY: Duration = GIVEN_UP_AFTER.saturating_sub(Duration::from_secs(3));

/// More than a run sends. Each text has to be counted for that, which is one more thing to go wrong.
const AMPLE_SEGMENTS: &str = "10000000";

/// What they have in addition where there are clusters; the limit if the seed wants it.
pub(super) fn cluster_environment(counted: bool) -> Vec<(&'static str, String)> {
    let mut environment = vec![
        ("ACCOUNT_ATTEMPTS_PER_MINUTE", "10000".to_owned()),
        ("AUTH_ATTEMPTS_PER_MINUTE", "10000".to_owned()),
    ];
    if counted {
        environment.push(("SEGMENTS_PER_DAY", AMPLE_SEGMENTS.to_owned()));
    }
    environment
}

/// What the API and the workers have in their environment beside the addresses.
pub(super) fn environment() -> Vec<(&'static str, String)> {
    let seconds = |ms: u64| format!("{}", Duration::from_millis(ms).as_secs_f64());
    vec![
        ("RUST_LOG", "info".to_owned()),
        ("LOG_FORMAT", "text".to_owned()),
        ("SMS_PROVIDER", "simulator".to_owned()),
        (
            "JWT_SECRET_KEY",
            "a secret that only the torture knows, of enough bytes".to_owned(),
        ),
        ("START_WINDOW_SECONDS", seconds(START_WINDOW_MS)),
        ("PROVIDER_TIMEOUT_SECONDS", seconds(PROVIDER_TIMEOUT_MS)),
        ("PROVIDER_QUIET_SECONDS", seconds(PROVIDER_QUIET_MS)),
        ("RESOLVE_INTERVAL_SECONDS", seconds(RESOLVE_INTERVAL_MS)),
        ("RESOLVE_GIVE_UP_SECONDS", "1".to_owned()),
        ("RETRY_INITIAL_SECONDS", "0.2".to_owned()),
        ("RETRY_MAX_SECONDS", "3".to_owned()),
        ("PROBE_INITIAL_SECONDS", "0.5".to_owned()),
        ("SWEEP_INTERVAL_MS", "200".to_owned()),
        ("ENQUEUE_GRACE_SECONDS", "2".to_owned()),
        ("STATUS_POLL_SECONDS", "3,10".to_owned()),
        ("SHUTDOWN_GRACE_SECONDS", "10".to_owned()),
        ("CATCH_UP_INTERVAL_SECONDS", "5".to_owned()),
    ]
}
