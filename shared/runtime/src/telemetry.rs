//! What a process tells about itself on its standard error.

use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::Env;
use crate::config::variables::{LOG_FORMAT, RUST_LOG};

/// Our own events from `info`, the libraries' from `warn`. Whose certificate was not good is told by whoever
/// called them; users may name any address to be called.
const DEFAULT_FILTER: &str = "info,batch_aint_one=warn,h2=warn,hyper=warn,hyper_util=warn,lapin=warn,mongodb=warn,\
                              reqwest=warn,rustls=warn,rustls_platform_verifier=off,sqlx=warn";

/// The target of the security log. It is told whatever `RUST_LOG` says of everything else, because
/// nobody thinks of it when they quiet the rest; `audit=off` quiets it.
pub const AUDIT: &str = "audit";

/// Starts logging to standard error, as `RUST_LOG` and `LOG_FORMAT` say.
///
/// A value that cannot be used is reported by a warning and the default holds, because logging must
/// work before anything else can be reported. Further calls change nothing.
pub fn init() {
    let mut env = Env::from_process();
    let filter = read_filter(&mut env);
    let json = read_json(&mut env, io::stderr().is_terminal());
    let registry = tracing_subscriber::registry().with(filter);
    let layer = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    let installed = if json {
        let layer = layer.json().flatten_event(true).with_current_span(false);
        registry.with(layer).try_init()
    } else {
        let layer = layer.with_ansi(io::stderr().is_terminal());
        registry.with(layer).try_init()
    };
    if installed.is_ok()
        && let Err(error) = env.finish(Some(()))
    {
        tracing::warn!(%error, "logging as if these were not set");
    }
}

/// Logs that a service starts.
pub fn starting(service: &'static str) {
    tracing::info!(service, version = env!("CARGO_PKG_VERSION"), "starting");
}

fn read_filter(env: &mut Env) -> EnvFilter {
    let given = env.optional_parsed(RUST_LOG, "a filter", with_audit);
    given.unwrap_or_else(|| EnvFilter::new(DEFAULT_FILTER))
}

fn with_audit(filter: &str) -> Option<EnvFilter> {
    let names_it = filter.split(',').any(|part| part.trim().starts_with(AUDIT));
    let filter = if names_it {
        filter.to_owned()
    } else {
        format!("{AUDIT}=info,{filter}")
    };
    EnvFilter::try_new(filter).ok()
}

fn read_json(env: &mut Env, terminal: bool) -> bool {
    let given = env.optional_parsed(LOG_FORMAT, "`text` or `json`", |text| match text {
        "json" => Some(true),
        "text" => Some(false),
        _ => None,
    });
    given.unwrap_or(!terminal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ConfigError;

    fn env(filter: Option<&'static str>, format: Option<&'static str>) -> Env {
        Env::from_lookup(move |name| {
            let value = match name {
                "RUST_LOG" => filter,
                "LOG_FORMAT" => format,
                _ => None,
            };
            value.map(str::to_owned)
        })
    }

    #[test]
    fn the_format_follows_the_terminal_unless_one_is_given() {
        let cases = [
            (None, true, false),
            (None, false, true),
            (Some("json"), true, true),
            (Some("text"), false, false),
        ];
        for (given, terminal, json) in cases {
            let mut env = env(None, given);
            assert_eq!(read_json(&mut env, terminal), json, "{given:?}");
            assert!(env.finish(Some(())).is_ok());
        }
    }

    #[test]
    fn the_default_quiets_the_libraries_and_a_filter_replaces_it() {
        let default = read_filter(&mut env(None, None)).to_string();
        assert!(default.contains("sqlx=warn"), "{default}");
        assert!(default.split(',').any(|part| part == "info"), "{default}");
        let given = read_filter(&mut env(Some("debug"), None));
        assert!(
            given.to_string().split(',').any(|part| part == "debug"),
            "{given}"
        );
    }

    #[test]
    fn the_security_log_is_quieted_by_its_name_alone() {
        let filter = |given| read_filter(&mut env(Some(given), None)).to_string();
        for given in ["warn", "off", "worker=debug"] {
            let filter = filter(given);
            assert!(filter.contains("audit=info"), "{given}: {filter}");
        }
        let quiet = filter("warn,audit=off");
        assert!(quiet.contains("audit=off"), "{quiet}");
        assert!(!quiet.contains("audit=info"), "{quiet}");
    }

    #[test]
    fn what_cannot_be_used_is_reported_and_the_default_holds() {
        let mut env = env(Some("worker=loud"), Some("xml"));
        let filter = read_filter(&mut env).to_string();
        assert!(filter.contains("sqlx=warn"), "{filter}");
        assert!(read_json(&mut env, false));
        let problems = env
            .finish(Some(()))
            .err()
            .map(|error: ConfigError| error.problems().len());
        assert_eq!(problems, Some(2));
    }
}
