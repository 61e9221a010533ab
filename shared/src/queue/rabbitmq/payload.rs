use serde::Deserialize;

use crate::queue::{JOB_LIMIT, Job};

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

    const ID: &str = "01941f29-7c00-7000-8000-000000000001";

    fn job(version: u64, ids: usize) -> String {
        let ids = vec![ID; ids];
        serde_json::json!({ "version": version, "ids": ids }).to_string()
    }

    #[test]
    fn what_is_written_is_read() {
        let written = Job::new(vec![ID.parse().unwrap()], Some("request-1".to_owned()));
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
