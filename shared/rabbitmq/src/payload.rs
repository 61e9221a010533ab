use mysms_core::queue::{JOB_LIMIT, Job};
use serde::Deserialize;

/// Why a job cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    #[error("not the JSON of a job")]
    Malformed(#[source] serde_json::Error),
    #[error("unknown version {0}")]
    UnknownVersion(u64),
    #[error("no ids")]
    NoIds,
    #[error("{0} ids, of which a job has at most {JOB_LIMIT}")]
    TooManyIds(usize),
}

/// The part that every version has.
#[derive(Deserialize)]
struct Versioned {
    version: u64,
}

pub(super) fn read(payload: &[u8]) -> Result<Job, Unreadable> {
    let Versioned { version } = serde_json::from_slice(payload).map_err(Unreadable::Malformed)?;
    if version != u64::from(Job::VERSION) {
        return Err(Unreadable::UnknownVersion(version));
    }
    let job: Job = serde_json::from_slice(payload).map_err(Unreadable::Malformed)?;
    match job.ids.len() {
        0 => Err(Unreadable::NoIds),
        1..=JOB_LIMIT => Ok(job),
        count => Err(Unreadable::TooManyIds(count)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    mod properties {
        use proptest::prelude::*;

        use super::super::*;
        use mysms_core::domain::{MessageId, Timestamp};
        use proptest::test_runner::Config;

        fn some_job() -> impl Strategy<Value = Job> {
            let id =
                (0..1_i64 << 40).prop_map(|at| MessageId::generate(Timestamp::from_millis(at)));
            let message = (id, any::<Option<String>>());
            prop::collection::vec(message, 1..=JOB_LIMIT).prop_map(Job::new)
        }

        proptest! {
            #![proptest_config(Config { failure_persistence: None, ..Config::default() })]

            #[test]
            fn what_is_written_is_read(job in some_job()) {
                let payload = serde_json::to_vec(&job).unwrap();
                prop_assert_eq!(read(&payload).unwrap(), job);
            }

            #[test]
            fn part_of_a_job_is_none(job in some_job(), end in any::<prop::sample::Index>()) {
                let payload = serde_json::to_vec(&job).unwrap();
                let end = end.index(payload.len());
                prop_assert!(read(&payload[..end]).is_err());
            }

            #[test]
            fn whatever_is_read_is_a_job_of_this_version(
                payload in prop_oneof![
                    prop::collection::vec(any::<u8>(), 0..200),
                    r#"\{"version":[0-9]{1,3},"ids":\[("\PC{0,40}",?){0,3}\]\}"#
                        .prop_map(String::into_bytes),
                ],
            ) {
                if let Ok(job) = read(&payload) {
                    prop_assert_eq!(job.version, Job::VERSION);
                    prop_assert!((1..=JOB_LIMIT).contains(&job.ids.len()));
                }
            }
        }
    }

    const ID: &str = "01941f29-7c00-7000-8000-000000000001";

    fn job(version: u64, ids: usize) -> String {
        let ids = vec![ID; ids];
        serde_json::json!({ "version": version, "ids": ids }).to_string()
    }

    #[test]
    fn what_is_written_is_read() {
        let written = Job::new([(ID.parse().unwrap(), Some("request-1".to_owned()))]);
        let read = read(&serde_json::to_vec(&written).unwrap()).unwrap();
        assert_eq!(read, written);
    }

    #[test]
    fn a_job_of_this_version_may_have_more_fields() {
        let payload = format!(r#"{{"version":1,"ids":["{ID}"],"priority":3}}"#);
        assert_eq!(read(payload.as_bytes()).unwrap().ids.len(), 1);
    }

    #[test]
    fn anything_else_is_refused_with_its_reason() {
        let cases = [
            (String::new(), "not the JSON of a job"),
            ("[]".to_owned(), "not the JSON of a job"),
            (r#"{"version":1}"#.to_owned(), "not the JSON of a job"),
            (
                r#"{"version":1,"ids":["x"]}"#.to_owned(),
                "not the JSON of a job",
            ),
            (
                r#"{"version":2,"batch":{}}"#.to_owned(),
                "unknown version 2",
            ),
            (job(300, 1), "unknown version 300"),
            (job(0, 1), "unknown version 0"),
            (job(1, 0), "no ids"),
            (job(1, 65), "65 ids, of which a job has at most 64"),
        ];
        for (payload, reason) in cases {
            let refused = read(payload.as_bytes()).unwrap_err();
            assert_eq!(refused.to_string(), reason, "{payload}");
        }
        assert!(read(job(1, 64).as_bytes()).is_ok());
    }
}
