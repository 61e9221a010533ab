use std::time::Duration;

use super::env::parse_seconds;
use super::variables::{
    CATCH_UP_INTERVAL_SECONDS, ENQUEUE_GRACE_SECONDS, ERASE_AFTER_SECONDS, ERASE_AT_PROVIDER,
    MESSAGE_VALIDITY_SECONDS, PROBE_INITIAL_SECONDS, PROVIDER_QUIET_SECONDS,
    PROVIDER_TIMEOUT_SECONDS, RESOLVE_GIVE_UP_SECONDS, RESOLVE_INTERVAL_SECONDS, RETENTION_DAYS,
    RETRY_INITIAL_SECONDS, RETRY_MAX_SECONDS, SHUTDOWN_GRACE_SECONDS, START_WINDOW_SECONDS,
    STATUS_POLL_SECONDS, SWEEP_INTERVAL_MS, WORKER_CONCURRENCY,
};
use super::{Env, ProviderConfig};
use mysms_core::domain::{ERASED_AFTER, Erasure};
use mysms_core::schedule::Schedule;

/// Under this the provider may still take or list a message when it is looked for.
const SAFE_QUIET: Duration = Duration::from_secs(30);

/// The pauses before each poll of a status for which no callback comes.
const POLLS: Schedule = Schedule {
    initial: Duration::from_secs(10),
    max: Duration::from_hours(1),
};
const LAST_POLL: Duration = Duration::from_hours(72);

/// The times and limits by which messages are delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryConfig {
    /// Messages in flight in one worker; at least 1.
    pub concurrency: usize,
    /// From a message's acceptance, or its `send_at`, to its expiry.
    pub validity: Duration,
    /// From the claim to the latest begin of the request.
    pub start_window: Duration,
    /// The limit of one request to the provider.
    pub provider_timeout: Duration,
    /// How long after that limit the provider may still take or list the message.
    pub provider_quiet: Duration,
    /// Between two looks for a message whose outcome is unknown.
    pub resolve_interval: Duration,
    /// From a message's expiry to giving up such a doubt.
    pub resolve_give_up: Duration,
    /// Until the first probe of a paused sender.
    pub probe_initial: Duration,
    pub retry_initial: Duration,
    /// At least `retry_initial`.
    pub retry_max: Duration,
    pub sweep_interval: Duration,
    /// From a message's insert until the sweeper may take it.
    pub enqueue_grace: Duration,
    /// When a missing status is asked for, since the provider accepted the message; ascending.
    pub status_polls: Vec<Duration>,
    /// How long a message that nobody has anything left to do with is kept; `None`: for ever.
    pub retention: Option<Duration>,
    /// Between two looks for what was received while nobody here could be told; `None`: it is not looked
    /// for.
    pub catch_up: Option<Duration>,
    /// What of deleted messages is erased at the provider; `None`: nothing.
    pub erasure: Option<Erasure>,
    /// How long after the provider took a text that may begin.
    pub erase_after: Duration,
    /// From the first signal until what is in flight is abandoned.
    pub shutdown_grace: Duration,
}

impl DeliveryConfig {
    /// `provider` decides the default of the polls: it has a public address for callbacks, or none.
    pub fn read(env: &mut Env, provider: Option<&ProviderConfig>) -> Option<Self> {
        let callbacks = provider.is_none_or(|provider| provider.public_base_url.is_some());
        let concurrency = env.number(WORKER_CONCURRENCY, 1..=10_000);
        let validity = env.seconds(MESSAGE_VALIDITY_SECONDS);
        let start_window = env.seconds(START_WINDOW_SECONDS);
        let provider_timeout = env.seconds(PROVIDER_TIMEOUT_SECONDS);
        let provider_quiet = env.seconds(PROVIDER_QUIET_SECONDS);
        let resolve_interval = env.seconds(RESOLVE_INTERVAL_SECONDS);
        let resolve_give_up = env.seconds(RESOLVE_GIVE_UP_SECONDS);
        let probe_initial = env.seconds(PROBE_INITIAL_SECONDS);
        let retry_initial = env.seconds(RETRY_INITIAL_SECONDS);
        let retry_max = env.seconds(RETRY_MAX_SECONDS);
        let sweep_interval = env.millis(SWEEP_INTERVAL_MS);
        let enqueue_grace = env.seconds(ENQUEUE_GRACE_SECONDS);
        let status_polls = read_polls(env, callbacks);
        let catch_up = env.parsed(
            CATCH_UP_INTERVAL_SECONDS,
            "`none` or a number of seconds from 0.001 to 31536000",
            parse_interval,
        );
        let erasure = env.parsed(
            ERASE_AT_PROVIDER,
            "`off`, `content` or `record`",
            parse_erasure,
        );
        let erase_after = env.seconds(ERASE_AFTER_SECONDS);
        let shutdown_grace = env.seconds(SHUTDOWN_GRACE_SECONDS);
        let retention = env.optional_parsed(
            RETENTION_DAYS,
            "a number of days up to 36500, at least a second's worth",
            parse_days,
        );
        let config = Self {
            concurrency: concurrency?,
            validity: validity?,
            start_window: start_window?,
            provider_timeout: provider_timeout?,
            provider_quiet: provider_quiet?,
            resolve_interval: resolve_interval?,
            resolve_give_up: resolve_give_up?,
            probe_initial: probe_initial?,
            retry_initial: retry_initial?,
            retry_max: retry_max?,
            sweep_interval: sweep_interval?,
            enqueue_grace: enqueue_grace?,
            status_polls: status_polls?,
            catch_up: catch_up?,
            erasure: erasure?,
            erase_after: erase_after?,
            shutdown_grace: shutdown_grace?,
            retention,
        };
        config.check(env);
        Some(config)
    }

    /// How long a claim lasts: until the provider has nothing more to say about the request.
    pub fn lease(&self) -> Duration {
        self.start_window + self.provider_timeout + self.provider_quiet
    }

    /// How long after an attempt began its text may be sent again at the earliest.
    pub fn quiet(&self) -> Duration {
        self.lease() + self.resolve_interval
    }

    /// How long after the provider took a deleted text it is erased there; `None` if it is not.
    pub fn erasing(&self) -> Option<Duration> {
        self.erasure.map(|_| self.erase_after)
    }

    /// What is allowed but unwise, a sentence each, to be logged at start.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.provider_quiet < SAFE_QUIET {
            warnings.push(format!(
                "PROVIDER_QUIET_SECONDS is under {}: a message that the provider takes late may be sent twice",
                SAFE_QUIET.as_secs()
            ));
        }
        if self.erasure.is_some() && self.erase_after < ERASED_AFTER {
            warnings.push(format!(
                "ERASE_AFTER_SECONDS is under {}: a text may be erased that is evidence about another one, which may then be sent twice",
                ERASED_AFTER.as_secs()
            ));
        }
        warnings
    }

    fn check(&self, env: &mut Env) {
        if self.validity <= self.start_window {
            env.refuse(
                MESSAGE_VALIDITY_SECONDS,
                "must be longer than START_WINDOW_SECONDS, or nothing could be sent",
            );
        }
        if self.retry_max < self.retry_initial {
            env.refuse(RETRY_MAX_SECONDS, "must not be under RETRY_INITIAL_SECONDS");
        }
    }
}

impl Default for DeliveryConfig {
    #[expect(
        clippy::expect_used,
        reason = "the defaults are constants, and a test reads every one of them"
    )]
    fn default() -> Self {
        let mut env = Env::from_lookup(|_| None);
        Self::read(&mut env, None).expect("the defaults in the table are valid")
    }
}

fn read_polls(env: &mut Env, callbacks: bool) -> Option<Vec<Duration>> {
    if !callbacks && !env.is_set(STATUS_POLL_SECONDS) {
        return Some(polls_without_callbacks());
    }
    let polls = env.list(
        STATUS_POLL_SECONDS,
        "numbers of seconds from 0.001 to 31536000, separated by commas",
        parse_seconds,
    )?;
    if !polls.is_sorted_by(|earlier, later| earlier < later) {
        env.refuse(STATUS_POLL_SECONDS, "must ascend");
        return None;
    }
    Some(polls)
}

/// `none` switches it off.
#[expect(
    clippy::option_option,
    reason = "the outer one tells, as everywhere here, whether there was a problem"
)]
fn parse_interval(text: &str) -> Option<Option<Duration>> {
    match text {
        "none" => Some(None),
        text => parse_seconds(text).map(Some),
    }
}

/// `off` erases nothing.
#[expect(
    clippy::option_option,
    reason = "the outer one tells, as everywhere here, whether there was a problem"
)]
fn parse_erasure(text: &str) -> Option<Option<Erasure>> {
    match text {
        "off" => Some(None),
        "content" => Some(Some(Erasure::Content)),
        "record" => Some(Some(Erasure::Record)),
        _ => None,
    }
}

fn parse_days(text: &str) -> Option<Duration> {
    let days: f64 = text.parse().ok()?;
    let kept = Duration::try_from_secs_f64(days * 86_400.0).ok()?;
    (Duration::from_secs(1)..=Duration::from_hours(36_500 * 24))
        .contains(&kept)
        .then_some(kept)
}

/// The first after 10 s, with pauses that double to an hour, the last after 72 hours.
fn polls_without_callbacks() -> Vec<Duration> {
    let polls = (1..).scan(Duration::ZERO, |at, poll| {
        *at += POLLS.delay(poll);
        Some(*at)
    });
    polls
        .take_while(|at| *at < LAST_POLL)
        .chain([LAST_POLL])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Simulator;
    use crate::config::testing::{accepted, refused};

    fn read(env: &mut Env) -> Option<DeliveryConfig> {
        DeliveryConfig::read(env, None)
    }

    #[test]
    fn the_defaults_are_the_documented_ones() {
        let seconds = Duration::from_secs;
        let expected = DeliveryConfig {
            concurrency: 64,
            validity: seconds(14_400),
            start_window: seconds(5),
            provider_timeout: seconds(30),
            provider_quiet: seconds(55),
            resolve_interval: seconds(30),
            resolve_give_up: seconds(86_400),
            retry_initial: seconds(2),
            retry_max: seconds(300),
            probe_initial: seconds(15),
            sweep_interval: seconds(1),
            enqueue_grace: seconds(15),
            status_polls: vec![seconds(3_600), seconds(43_200), seconds(259_200)],
            catch_up: Some(seconds(900)),
            erasure: None,
            erase_after: seconds(2_100),
            shutdown_grace: seconds(45),
            retention: None,
        };
        assert_eq!(DeliveryConfig::default(), expected);
        assert_eq!(expected.lease(), seconds(90));
        assert!(expected.warnings().is_empty());
    }

    #[test]
    fn every_setting_comes_from_its_own_variable() {
        type Setting = fn(&DeliveryConfig) -> Duration;
        let settings: [(&str, Setting); 14] = [
            ("START_WINDOW_SECONDS", |config| config.start_window),
            ("MESSAGE_VALIDITY_SECONDS", |config| config.validity),
            ("PROVIDER_TIMEOUT_SECONDS", |config| config.provider_timeout),
            ("PROVIDER_QUIET_SECONDS", |config| config.provider_quiet),
            ("RESOLVE_INTERVAL_SECONDS", |config| config.resolve_interval),
            ("RESOLVE_GIVE_UP_SECONDS", |config| config.resolve_give_up),
            ("RETRY_INITIAL_SECONDS", |config| config.retry_initial),
            ("RETRY_MAX_SECONDS", |config| config.retry_max),
            ("PROBE_INITIAL_SECONDS", |config| config.probe_initial),
            ("SWEEP_INTERVAL_MS", |config| config.sweep_interval * 1_000),
            ("ENQUEUE_GRACE_SECONDS", |config| config.enqueue_grace),
            ("STATUS_POLL_SECONDS", |config| config.status_polls[0]),
            ("SHUTDOWN_GRACE_SECONDS", |config| config.shutdown_grace),
            ("ERASE_AFTER_SECONDS", |config| config.erase_after),
        ];
        let values: Vec<_> = (1..=14).map(|value: u64| value.to_string()).collect();
        let names = settings.iter().map(|(name, _)| *name);
        let pairs: Vec<_> = names.zip(values.iter().map(String::as_str)).collect();
        let config = accepted(&pairs, read);
        for ((name, setting), value) in settings.iter().zip(1..) {
            assert_eq!(setting(&config), Duration::from_secs(value), "{name}");
        }
    }

    #[test]
    fn messages_are_kept_for_ever_or_for_some_days() {
        let kept = |days| accepted(&[("RETENTION_DAYS", days)], read).retention;
        assert_eq!(kept("90"), Some(Duration::from_hours(90 * 24)));
        assert_eq!(kept("0.5"), Some(Duration::from_hours(12)));
        for days in ["0", "-1", "36501", "NaN", "a year"] {
            assert_eq!(
                refused(&[("RETENTION_DAYS", days)], read).len(),
                1,
                "{days}"
            );
        }
    }

    #[test]
    fn what_was_received_is_looked_for_now_and_then_or_never() {
        let every = |text| accepted(&[("CATCH_UP_INTERVAL_SECONDS", text)], read).catch_up;
        assert_eq!(every("60"), Some(Duration::from_mins(1)));
        assert_eq!(every("none"), None);
        for text in ["0", "-1", "off", "soon"] {
            let problems = refused(&[("CATCH_UP_INTERVAL_SECONDS", text)], read);
            assert_eq!(problems.len(), 1, "{text}");
        }
    }

    #[test]
    fn what_is_deleted_is_erased_at_the_provider_or_not() {
        let read_with = |pairs: &[(&'static str, &'static str)]| accepted(pairs, read);
        let erasing = |text| read_with(&[("ERASE_AT_PROVIDER", text)]);
        let after = Some(Duration::from_mins(35));
        for (text, erasure, after) in [
            ("off", None, None),
            ("content", Some(Erasure::Content), after),
            ("record", Some(Erasure::Record), after),
        ] {
            let config = erasing(text);
            assert_eq!(
                (config.erasure, config.erasing()),
                (erasure, after),
                "{text}"
            );
            assert!(config.warnings().is_empty());
        }
        let problems = refused(&[("ERASE_AT_PROVIDER", "body")], read);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].starts_with("ERASE_AT_PROVIDER"), "{problems:?}");
        let soon =
            |erase| read_with(&[("ERASE_AT_PROVIDER", erase), ("ERASE_AFTER_SECONDS", "60")]);
        assert!(soon("off").warnings().is_empty());
        assert!(soon("record").warnings()[0].starts_with("ERASE_AFTER_SECONDS is under 2100"));
    }

    #[test]
    fn a_short_quiet_time_is_warned_of() {
        let warnings = |seconds| accepted(&[("PROVIDER_QUIET_SECONDS", seconds)], read).warnings();
        assert!(warnings("30").is_empty());
        let short = warnings("29.9");
        assert_eq!(short.len(), 1);
        assert!(short[0].starts_with("PROVIDER_QUIET_SECONDS is under 30"));
    }

    #[test]
    fn times_that_contradict_each_other_are_refused() {
        let cases = [
            (
                [
                    ("MESSAGE_VALIDITY_SECONDS", "5"),
                    ("START_WINDOW_SECONDS", "5"),
                ],
                "MESSAGE_VALIDITY_SECONDS must be longer than START_WINDOW_SECONDS, or nothing could be sent",
            ),
            (
                [("RETRY_INITIAL_SECONDS", "3"), ("RETRY_MAX_SECONDS", "2")],
                "RETRY_MAX_SECONDS must not be under RETRY_INITIAL_SECONDS",
            ),
        ];
        for (pairs, problem) in cases {
            assert_eq!(refused(&pairs, read), [problem]);
        }
    }

    #[test]
    fn polls_are_a_list_that_ascends() {
        let polls = |text| accepted(&[("STATUS_POLL_SECONDS", text)], read).status_polls;
        assert_eq!(
            polls("0.5, 2"),
            [Duration::from_millis(500), Duration::from_secs(2)]
        );
        for text in ["2,1", "1,1", "1;2", "soon"] {
            let problems = refused(&[("STATUS_POLL_SECONDS", text)], read);
            assert_eq!(problems.len(), 1, "{text}");
        }
    }

    #[test]
    fn without_a_public_address_statuses_are_polled_until_72_hours() {
        let mut provider = accepted(&[], |env| ProviderConfig::read(env, Simulator::Embedded));
        let polls = |provider: &ProviderConfig, pairs| {
            accepted(pairs, |env| DeliveryConfig::read(env, Some(provider))).status_polls
        };
        assert_eq!(polls(&provider, &[]).len(), 3);
        provider.public_base_url = None;
        let given = polls(&provider, &[("STATUS_POLL_SECONDS", "7")]);
        assert_eq!(given, [Duration::from_secs(7)]);

        let computed = polls(&provider, &[]);
        let seconds: Vec<_> = computed.iter().map(Duration::as_secs).collect();
        assert_eq!(seconds[..4], [10, 30, 70, 150]);
        assert_eq!(seconds.last(), Some(&259_200));
        let pauses: Vec<_> = seconds.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(
            pauses.iter().all(|pause| (1..=3_600).contains(pause)),
            "{pauses:?}"
        );
        assert!(pauses.contains(&3_600));
    }
}
