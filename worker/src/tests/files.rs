//! Files that users brought, on their way to the provider.

use std::time::Duration;

use mysms_core::domain::OwnError;

use crate::rig::{PUBLIC_BASE_URL, Rig};

#[tokio::test]
async fn the_provider_is_told_where_to_fetch_a_file_until_its_message_has_expired() {
    let rig = Rig::start().await;
    let upload = rig.bring().await;
    let id = rig.accept_brought("Look!", &upload).await;
    rig.wait_for_the_sweeper();
    rig.sweep().await;
    let [sent] = &rig.provider.requests()[..] else {
        panic!("one request")
    };
    let path = sent.files[0].strip_prefix(PUBLIC_BASE_URL).unwrap();
    let expires_at = rig.message(id).await.expires_at;
    assert_eq!(
        path,
        upload.signed_path(expires_at + Duration::from_hours(1))
    );
    // What is stored stays good for another attempt.
    let stored = rig.message(id).await.media;
    assert_eq!(stored.get(0).unwrap().url.upload(), Some(upload.id));
}

#[tokio::test]
async fn a_message_whose_file_was_removed_is_not_sent_without_it() {
    let rig = Rig::start().await;
    let upload = rig.bring().await;
    let id = rig.accept_brought("Look!", &upload).await;
    let removed = rig.stores.uploads.remove_upload(upload.owner, upload.id, 1);
    assert!(removed.await.unwrap());
    rig.wait_for_the_sweeper();
    rig.sweep().await;
    assert_eq!(rig.provider.sent(), []);
    let message = rig.message(id).await;
    assert_eq!(message.status.as_str(), "failed");
    assert_eq!(
        message.error_code.as_deref(),
        Some(OwnError::FileGone.as_str())
    );
}

#[tokio::test]
async fn a_file_waits_that_the_provider_could_not_fetch() {
    let rig = Rig::start().await;
    let context = rig.worker_without_address().await;
    let upload = rig.bring().await;
    let id = rig.accept_brought("Look!", &upload).await;
    rig.wait_for_the_sweeper();
    crate::sweeper::sweep(&context).await.unwrap();
    rig.settle().await;
    assert_eq!(rig.provider.sent(), []);
    assert_eq!(rig.status(id).await, "queued");
    rig.wait(Duration::from_mins(2));
    rig.sweep().await;
    assert_eq!(rig.provider.sent(), [id]);
}

#[tokio::test]
async fn files_that_are_kept_no_longer_are_removed() {
    let rig = Rig::start().await;
    let upload = rig.bring().await;
    let find = async || rig.stores.uploads.upload(upload.id).await.unwrap();
    crate::maintenance::maintain(&rig.context).await.unwrap();
    assert!(find().await.is_some());
    rig.wait(rig.context.config.validity);
    crate::maintenance::maintain(&rig.context).await.unwrap();
    assert!(find().await.is_none());
}
