//! What must hold for whatever comes in. `PROPTEST_CASES` sets how many inputs each property is
//! tried with; the failing one is printed in its smallest form.

mod bodies;
mod ids;
mod numbers;
mod smart;

use proptest::test_runner::Config;

/// Nothing is written beside the sources.
pub(crate) fn config() -> Config {
    Config {
        failure_persistence: None,
        ..Config::default()
    }
}
