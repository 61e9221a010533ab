//! Every variable of the environment that a process of ours reads, listed once.

/// One variable; each may also be given as `<name>_FILE`, the path of a file that holds its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    pub name: &'static str,
    /// What holds when it is not set; `None`: it is required, or off, as `meaning` says.
    pub default: Option<&'static str>,
    /// A valid value.
    pub example: &'static str,
    /// What it is for, in one sentence.
    pub meaning: &'static str,
}

impl Variable {
    const fn default(name: &'static str, default: &'static str, meaning: &'static str) -> Self {
        Self {
            name,
            default: Some(default),
            example: default,
            meaning,
        }
    }

    const fn example(name: &'static str, example: &'static str, meaning: &'static str) -> Self {
        Self {
            name,
            default: None,
            example,
            meaning,
        }
    }
}

macro_rules! variables {
    ($($name:ident: $kind:ident($value:literal), $meaning:literal;)*) => {
        $(
            #[doc = $meaning]
            pub const $name: Variable = Variable::$kind(stringify!($name), $value, $meaning);
        )*

        /// All of them, in the order of the table in `docs/configuration.md`.
        pub static VARIABLES: &[Variable] = &[$($name),*];
    };
}

variables! {
    SMS_PROVIDER: example("twilio"),
        "Who takes the messages: `twilio` or `simulator`. Required; only `mysms` falls back to its own simulator.";
    TWILIO_ACCOUNT_SID: example("ACxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
        "The Twilio account. Required with `SMS_PROVIDER=twilio`.";
    TWILIO_AUTH_TOKEN: example("the account's primary auth token"),
        "Signs Twilio's callbacks, and authenticates us unless an API key does. Required with `SMS_PROVIDER=twilio`.";
    TWILIO_AUTH_TOKEN_PREVIOUS: example("the auth token before it was rotated"),
        "Callbacks signed with it are accepted as well, while a token is being rotated.";
    TWILIO_API_KEY_SID: example("SKxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
        "An API key to authenticate with instead of the auth token; needs `TWILIO_API_KEY_SECRET`.";
    TWILIO_API_KEY_SECRET: example("the API key's secret"),
        "The secret of `TWILIO_API_KEY_SID`.";
    TWILIO_PHONE_NUMBER: example("+14155550123"),
        "The number to send from. With `SMS_PROVIDER=twilio` either this or `TWILIO_MESSAGING_SERVICE_SID` is required.";
    TWILIO_MESSAGING_SERVICE_SID: example("MGxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
        "The Messaging Service to send from, instead of one number.";
    TWILIO_API_BASE_URL: default("https://api.twilio.com"),
        "Where the provider's API is. Required with `SMS_PROVIDER=simulator`, except in `mysms`, whose simulator is its own.";
    PUBLIC_BASE_URL: example("https://sms.example.com"),
        "Where Twilio reaches the API, for its callbacks. Without it statuses are polled.";
    SIMULATOR_PAGE_URL: example("http://127.0.0.1:4010/sim"),
        "Where people see the simulator's phones; the web client links to it. Only with `SMS_PROVIDER=simulator`; `mysms` knows that of its own.";
    SIMULATOR_PORT: example("4010"),
        "The port of the simulator in `mysms`; 0 takes a free one. Unset: 4010, or a free one if that is taken.";
    BIND_ADDRESS: default("127.0.0.1"),
        "The address to listen on; the images set `0.0.0.0`.";
    PORT: default("3000"),
        "The port of the API; 0 takes a free one.";
    HEALTH_PORT: example("3001"),
        "The port of the worker's `/healthz` and `/readyz`. Off when unset.";
    METRICS_PORT: example("9090"),
        "The port of `/metrics`, for Prometheus; every process needs one of its own. Off when unset.";
    CORS_ALLOWED_ORIGINS: example("https://app.example.com,https://admin.example.com"),
        "The origins of front ends: a list, `loopback` (any port of `localhost` and `127.0.0.1`) or `none`. Unset: `loopback` in `mysms`, otherwise `none`.";
    TRUSTED_PROXIES: example("10.0.0.0/8,192.168.1.7"),
        "Proxies whose `X-Forwarded-For` names the client's address. Unset: none.";
    CONNECTIONS_PER_ADDRESS: default("256"),
        "Connections of one client address at a time (IPv6: of one /64); those of this machine are not counted.";
    STREAMS_PER_ADDRESS: default("128"),
        "Event streams of one client address at a time, counted likewise.";
    ANSWERS_MB_PER_USER: default("8"),
        "Megabytes of answers that one user has asked for and not read yet, in each API process.";
    ANSWERS_MB: default("48"),
        "The same for all users together.";
    MEDIA_MB: default("16"),
        "Megabytes that a file somebody sent us may have to be shown. They pass through and are not kept, so they take no memory.";
    UPLOAD_MB_PER_USER: default("50"),
        "Megabytes of files that one user brings and that are kept, in the database; 0 takes none.";
    UPLOAD_DAYS: default("30"),
        "How many days they are kept after the last message with them could be sent.";
    KEEP_ALIVE_SECONDS: default("75"),
        "How long a connection may be idle; longer than a load balancer keeps its own, or it meets closed ones.";
    SHUTDOWN_LAG_SECONDS: default("0"),
        "How long the API still takes requests after SIGTERM, with `/readyz` at 503, so that a load balancer hears of it first. A part of `SHUTDOWN_GRACE_SECONDS`.";
    SIGNUP: example("invite"),
        "Who may sign up: `open` (everybody), `invite` (who has a code from `admin invite`) or `closed`. Required with `SMS_PROVIDER=twilio`; otherwise `open`.";
    RECIPIENT_COUNTRIES: example("US,CA,+4479"),
        "Countries and prefixes that texts may go to, or `any`. Unset: the country of `TWILIO_PHONE_NUMBER`; required with `TWILIO_MESSAGING_SERVICE_SID`; `any` with the simulator.";
    AUTH_ATTEMPTS_PER_MINUTE: default("60"),
        "Signups, logins, password checks and wrong API keys allowed per client address; of IPv6 per /64, with 4 times as many for a /56 and 16 times for a /48.";
    ACCOUNT_ATTEMPTS_PER_MINUTE: default("10"),
        "Signups, wrong passwords, renewed tokens and new API keys allowed per account and client address (or /64).";
    ACCOUNT_FAILURES_PER_HOUR: default("100"),
        "Wrong passwords allowed per account, from all addresses together from which it has not logged in before.";
    SIGNUPS_PER_HOUR: example("3"),
        "Users who may be made per client address, in the same steps for IPv6. Unset: 3 with `SMS_PROVIDER=twilio`, otherwise without limit.";
    COMMON_PASSWORDS: example("allowed"),
        "Whether users may choose one of the 3,000 commonest passwords: `allowed` or `refused`. Unset: `refused` with `SMS_PROVIDER=twilio`, otherwise `allowed`.";
    SESSION_DAYS: default("30"),
        "Days for which a browser that is told to stays logged in without being used.";
    SENDS_PER_MINUTE: example("60"),
        "Texts that one user may send through each API process. Unset: without limit.";
    OTP_PER_MINUTE: example("100"),
        "Texts of class `otp`, which go before everybody's, that one user may send through each API process. Unset: 100 with `SMS_PROVIDER=twilio`, otherwise without limit.";
    SEGMENTS_PER_DAY: example("1000"),
        "Segments that one user may send on a day (UTC) in all, each of which is billed, or `none`. Unset: 1000 with `SMS_PROVIDER=twilio`, otherwise without limit.";
    SEGMENTS_PER_DAY_TOTAL: example("10000"),
        "Segments that all users together may send on a day (UTC), or `none`. Unset: without limit.";
    SEGMENTS_PER_DAY_ABROAD: example("100"),
        "Of these, segments to recipients outside the sender's country, or `none`. Unset: without limit.";
    TEXTS_PER_RECIPIENT_PER_HOUR: example("20"),
        "Texts that one number may be sent in an hour, by all users together, or `none`. Unset: 20 with `SMS_PROVIDER=twilio`, otherwise without limit.";
    TEXTS_PER_PREFIX_PER_HOUR: example("100"),
        "Texts that the numbers which differ in their last four digits alone may be sent in an hour, by all users together, or `none`. Unset: 100 with `SMS_PROVIDER=twilio`, otherwise without limit.";
    WEBHOOK_ALLOWED_NETWORKS: example("10.1.0.0/16,192.168.1.7"),
        "Networks that webhooks may reach beside the internet, there also by `http`, or `none`. Unset: this machine (`127.0.0.0/8`, `::1`) with the simulator, otherwise `none`.";
    WEBHOOK_PORTS: example("8443,9443"),
        "Ports from 1024 on that webhooks may go to beside 443: a list, `any` or `none`. Unset: `any` with the simulator, otherwise `none`.";
    DEFAULT_INBOX_USER: example("front_desk"),
        "The user who gets texts that would belong to nobody. Unset: they wait in the inbox of the unassigned.";
    JWT_SECRET_KEY: example("the output of `openssl rand -hex 32`"),
        "Signs the login tokens; at least 32 bytes. Required, except in `mysms`, which makes and keeps its own.";
    JWT_SECRET_KEY_PREVIOUS: example("the key before it was rotated"),
        "Tokens signed with it are accepted as well, while a key is being rotated.";
    MONGO_URI: example("mongodb://user:password@mongo:27017/mysms?authSource=admin"),
        "The MongoDB deployment; its path names the database. Required by the API, the worker and the migrations.";
    AMQP_URL: example("amqp://user:password@rabbitmq:5672/%2f"),
        "The RabbitMQ server; its name may resolve to several. Required by the API and the worker.";
    AMQP_QUEUE: default("mysms.send"),
        "The name of the queue, to which its version is added.";
    DATA_DIR: default("data"),
        "Where `mysms` keeps its database and its key.";
    WORKER_CONCURRENCY: default("64"),
        "Messages that one worker sends at the same time.";
    MESSAGE_VALIDITY_SECONDS: default("14400"),
        "How long a message is tried before it fails as `expired`.";
    START_WINDOW_SECONDS: default("5"),
        "How long after claiming a message its request may begin.";
    PROVIDER_TIMEOUT_SECONDS: default("30"),
        "The time limit of one request to the provider.";
    PROVIDER_QUIET_SECONDS: default("55"),
        "How long after `PROVIDER_TIMEOUT_SECONDS` the provider may still take or list the message; under 30 invites double sends.";
    RESOLVE_INTERVAL_SECONDS: default("30"),
        "The pause between two looks for a message whose outcome is unknown.";
    RESOLVE_GIVE_UP_SECONDS: default("86400"),
        "How long after its expiry such a message fails as `outcome_unknown`.";
    RETRY_INITIAL_SECONDS: default("2"),
        "The first pause before sending again.";
    RETRY_MAX_SECONDS: default("300"),
        "The longest pause before sending again.";
    PROBE_INITIAL_SECONDS: default("15"),
        "The first pause before a paused sender is probed; failures double it up to `RETRY_MAX_SECONDS`.";
    SWEEP_INTERVAL_MS: default("1000"),
        "How often a worker looks for due messages in the ledger, in milliseconds.";
    ENQUEUE_GRACE_SECONDS: default("15"),
        "How long a fresh message waits for its job before the sweeper takes it.";
    STATUS_POLL_SECONDS: default("3600,43200,259200"),
        "When a missing status is asked for, in seconds since the provider took the message. Without `PUBLIC_BASE_URL` the default is 10 s, then pauses doubling to 1 h, until 72 h.";
    CATCH_UP_INTERVAL_SECONDS: default("900"),
        "How often a worker asks the provider's list for texts to us that it could not tell us of, or `none`.";
    SHUTDOWN_GRACE_SECONDS: default("45"),
        "How long work in flight may take to finish after SIGTERM.";
    RETENTION_DAYS: example("90"),
        "Messages that have been at rest for so many days are erased, fractions allowed. Unset: never.";
    ERASE_AT_PROVIDER: default("off"),
        "What Twilio is made to erase of deleted messages: `content`, `record`, or `off`. The API and the worker need the same value.";
    ERASE_AFTER_SECONDS: default("2100"),
        "How long after Twilio took a text it is erased there at the earliest; under 2100 it may be missed as evidence about another one.";
    RUST_LOG: example("info"),
        "What is logged, as a `tracing` filter that holds for libraries too; the security log (`audit`) stays unless `audit=off`. Unset: ours from `info`, libraries from `warn`.";
    LOG_FORMAT: example("json"),
        "`text` or `json`. Unset: `text` on a terminal, otherwise `json`.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_variable_is_listed_once_and_explained() {
        let names: HashSet<_> = VARIABLES.iter().map(|variable| variable.name).collect();
        assert_eq!(names.len(), VARIABLES.len());
        for variable in VARIABLES {
            assert!(!variable.example.is_empty(), "{}", variable.name);
            assert!(variable.meaning.ends_with('.'), "{}", variable.name);
        }
    }
}
