use super::sender::Failure;

/// How a callback is sent: Twilio's defaults, unless the URL's fragment says otherwise.
pub(crate) struct Overrides {
    pub(crate) retries: u8,
    pub(crate) read_ms: i64,
    pub(crate) total_ms: i64,
    repeated: Vec<Failure>,
}

impl Overrides {
    /// Reads `#rc=5&rp=4xx,5xx&rt=…&tt=…`; what is unknown or out of range counts as not said.
    pub(crate) fn of(url: &str) -> Self {
        let mut overrides = Self {
            retries: 1,
            read_ms: 15_000,
            total_ms: 15_000,
            repeated: vec![Failure::Connect],
        };
        let fragment = url.split_once('#').map_or("", |(_, fragment)| fragment);
        for (key, value) in fragment.split('&').filter_map(|pair| pair.split_once('=')) {
            let ms = value.parse().ok().filter(|ms| (100..=15_000).contains(ms));
            match key {
                "rc" => {
                    let count = value.parse().ok().filter(|count| *count <= 5);
                    overrides.retries = count.unwrap_or(overrides.retries);
                }
                "rp" => overrides.repeated = value.split(',').flat_map(failures).copied().collect(),
                "rt" => overrides.read_ms = ms.unwrap_or(overrides.read_ms),
                "tt" => overrides.total_ms = ms.unwrap_or(overrides.total_ms),
                _ => {}
            }
        }
        overrides
    }

    pub(crate) fn repeats(&self, failure: Failure) -> bool {
        self.repeated.contains(&failure)
    }
}

fn failures(policy: &str) -> &'static [Failure] {
    match policy {
        "4xx" => &[Failure::ClientError],
        "5xx" => &[Failure::ServerError],
        "ct" => &[Failure::Connect],
        "rt" => &[Failure::Read],
        "all" => &[
            Failure::ClientError,
            Failure::ServerError,
            Failure::Connect,
            Failure::Read,
        ],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::{Failure, Overrides};

    #[test]
    fn the_defaults_repeat_a_failed_connection_once() {
        let overrides = Overrides::of("http://localhost/status?message=1");
        assert_eq!(overrides.retries, 1);
        assert!(overrides.repeats(Failure::Connect));
        assert!(!overrides.repeats(Failure::ServerError));
        assert!(!overrides.repeats(Failure::Read));
    }

    #[test]
    fn the_fragment_overrides_them() {
        let overrides = Overrides::of("http://localhost/status#rc=3&rp=4xx,rt&rt=200&tt=900&e=ie1");
        assert_eq!(
            (overrides.retries, overrides.read_ms, overrides.total_ms),
            (3, 200, 900)
        );
        assert!(overrides.repeats(Failure::ClientError));
        assert!(overrides.repeats(Failure::Read));
        assert!(!overrides.repeats(Failure::Connect));
    }

    #[test]
    fn values_out_of_range_count_as_not_said() {
        let overrides = Overrides::of("http://localhost/status#rc=6&rt=99&tt=15001");
        assert_eq!(
            (overrides.retries, overrides.read_ms, overrides.total_ms),
            (1, 15_000, 15_000)
        );
    }
}
