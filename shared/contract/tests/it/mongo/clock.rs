use std::time::Duration;

use mongo::ClockError;
use mysms_core::clock::{Clock, ManualClock, SystemClock};

use super::Scratch;

#[tokio::test]
async fn a_clock_far_from_the_servers_is_refused() {
    let scratch = Scratch::new().await;
    let mongo = scratch.connect().await;
    mongo.check_clock(&SystemClock).await.unwrap();
    let hour = Duration::from_hours(1);
    let now = SystemClock.now();
    for (wrong, says) in [(now + hour, "ahead of"), (now - hour, "behind")] {
        let error = mongo
            .check_clock(&ManualClock::at(wrong))
            .await
            .unwrap_err();
        assert!(matches!(error, ClockError::Skewed { .. }), "{error}");
        assert!(error.to_string().contains(says), "{error}");
    }
    scratch.remove().await;
}
