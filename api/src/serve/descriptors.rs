use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors for what is not a client's connection: the store, the broker, the listener, logs.
const OTHERS: usize = 256;

/// How many of `wanted` connections there may be at a time, after asking the system for as many
/// descriptors as it gives a process that asks.
pub(super) fn allow(wanted: usize) -> usize {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    let granted = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(error) => {
            tracing::debug!(%error, "the limit on open files stays as it is");
            limit.current
        }
    };
    // Absent means without limit.
    let granted = granted.map_or(usize::MAX, |limit| {
        usize::try_from(limit).unwrap_or(usize::MAX)
    });
    let connections = granted.saturating_sub(OTHERS).clamp(1, wanted);
    if connections < wanted {
        tracing::info!(
            connections,
            "serves fewer connections at a time than it could; raise the limit on open files"
        );
    }
    connections
}
