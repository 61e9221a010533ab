use std::collections::HashMap;

use super::{ConfigError, Env};

pub(super) type Pairs<'a> = &'a [(&'a str, &'a str)];

/// A sound account of the provider's, to which texts cost money.
pub(super) const TWILIO: Pairs<'static> = &[
    ("SMS_PROVIDER", "twilio"),
    ("TWILIO_ACCOUNT_SID", "AC00000000000000000000000000000001"),
    ("TWILIO_AUTH_TOKEN", "a token of the account"),
    ("TWILIO_PHONE_NUMBER", "+14155550123"),
];

pub(super) fn env(pairs: Pairs<'_>) -> Env {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let map: HashMap<String, String> = pairs.iter().map(owned).collect();
    Env::from_lookup(move |name| map.get(name).cloned())
}

pub(super) fn result<T>(
    pairs: Pairs<'_>,
    read: impl FnOnce(&mut Env) -> Option<T>,
) -> Result<T, ConfigError> {
    let mut env = env(pairs);
    let value = read(&mut env);
    env.finish(value)
}

/// What is read, where it has to be without a problem.
pub(super) fn accepted<T>(pairs: Pairs<'_>, read: impl FnOnce(&mut Env) -> Option<T>) -> T {
    result(pairs, read).unwrap_or_else(|error| panic!("{pairs:?}: {error}"))
}

/// The problems as a person sees them, without the examples.
pub(super) fn refused<T>(
    pairs: Pairs<'_>,
    read: impl FnOnce(&mut Env) -> Option<T>,
) -> Vec<String> {
    let error = result(pairs, read).err();
    let error = error.unwrap_or_else(|| panic!("{pairs:?} is accepted"));
    let problems = error.problems().iter();
    problems
        .map(|problem| format!("{} {}", problem.variable.name, problem.wrong))
        .collect()
}
