//! Files that users bring.

use mysms_core::domain::{ContentType, UPLOAD_PART, Upload, UploadId, UploadSecret};
use mysms_core::store::Hold;

use super::adapters::Store;
use super::fixtures::{at, user};

/// While it is coming.
const RESERVED: u64 = 1000;

fn upload(owner: u64, second: u64) -> Upload {
    Upload {
        id: UploadId::generate(at(second)),
        owner: user(owner),
        content_type: ContentType::parse("image/png").unwrap(),
        size: RESERVED,
        secret: UploadSecret::generate(),
        kept_until: at(second + 60),
    }
}

/// An upload that is all there, kept for an hour.
async fn brought(store: &Store, owner: u64, second: u64, bytes: &[u8]) -> Upload {
    let mut upload = upload(owner, second);
    store.uploads.begin_upload(&upload).await.unwrap();
    store.uploads.add_part(upload.id, 0, bytes).await.unwrap();
    upload.size = bytes.len() as u64;
    upload.kept_until = at(second + 3600);
    assert!(complete(store, &upload).await);
    upload
}

async fn complete(store: &Store, upload: &Upload) -> bool {
    let done = store
        .uploads
        .complete_upload(upload.id, upload.size, upload.kept_until);
    done.await.unwrap()
}

async fn find(store: &Store, id: UploadId) -> Option<Upload> {
    let mut found = store.uploads.uploads(&[id]).await.unwrap();
    assert!(found.len() < 2);
    found.pop()
}

async fn is_there(store: &Store, upload: &Upload) -> bool {
    let found = find(store, upload.id).await;
    let part = store.uploads.part(upload.id, 0).await.unwrap();
    assert_eq!(found.is_some(), part.is_some());
    found.is_some()
}

async fn hold(store: &Store, upload: &Upload, owner: u64, messages: u32, until: u64) -> bool {
    let hold = Hold {
        owner: user(owner),
        upload: upload.id,
        messages,
        kept_until: at(until),
    };
    store.uploads.hold_upload(&hold).await.unwrap()
}

async fn uploaded(store: &Store, owner: u64) -> u64 {
    store.uploads.uploaded(user(owner)).await.unwrap()
}

pub(super) async fn an_upload_is_found_once_all_of_it_is_there(store: &Store) {
    let mut upload = upload(1, 0);
    for _ in 0..2 {
        store.uploads.begin_upload(&upload).await.unwrap();
    }
    let parts = [vec![7; UPLOAD_PART], vec![8; 10]];
    for (index, part) in (0..).zip(&parts) {
        for _ in 0..2 {
            store
                .uploads
                .add_part(upload.id, index, part)
                .await
                .unwrap();
        }
    }
    assert!(find(store, upload.id).await.is_none());
    // It may have so many, so they are taken.
    assert_eq!(uploaded(store, 1).await, RESERVED);
    upload.size = UPLOAD_PART as u64 + 10;
    upload.kept_until = at(100);
    for _ in 0..2 {
        assert!(complete(store, &upload).await);
    }
    let again = store.reopened().await;
    let found = find(&again, upload.id).await.unwrap();
    assert_eq!((found.id, found.owner), (upload.id, upload.owner));
    assert_eq!(found.content_type, upload.content_type);
    assert_eq!(found.secret.as_str(), upload.secret.as_str());
    assert_eq!((found.size, found.kept_until), (upload.size, at(100)));
    for (index, part) in (0..).zip(&parts) {
        let kept = again.uploads.part(upload.id, index).await.unwrap();
        assert_eq!(kept.unwrap(), part);
    }
    assert_eq!(again.uploads.part(upload.id, 2).await.unwrap(), None);
    assert_eq!(uploaded(store, 1).await, upload.size);
    assert_eq!(uploaded(store, 2).await, 0);
}

pub(super) async fn an_upload_is_held_by_its_owner_alone_and_never_shortened(store: &Store) {
    let upload = brought(store, 1, 0, b"a picture").await;
    assert!(!hold(store, &upload, 2, 1, 9000).await);
    assert!(hold(store, &upload, 1, 1, 9000).await);
    assert!(hold(store, &upload, 1, 1, 5000).await);
    let found = find(store, upload.id).await.unwrap();
    assert_eq!(found.kept_until, at(9000));
    let begun = self::upload(1, 0);
    store.uploads.begin_upload(&begun).await.unwrap();
    assert!(!hold(store, &begun, 1, 1, 9000).await);
}

pub(super) async fn an_upload_is_removed_with_the_only_message_that_had_it(store: &Store) {
    let [lone, shared, unused] = [1, 2, 3].map(|second| brought(store, 1, second, b"bytes"));
    let (lone, shared, unused) = (lone.await, shared.await, unused.await);
    hold(store, &lone, 1, 1, 9000).await;
    hold(store, &shared, 1, 2, 9000).await;
    let remove = async |upload: &Upload, owner, most| {
        let removed = store.uploads.remove_upload(user(owner), upload.id, most);
        removed.await.unwrap()
    };
    assert!(!remove(&lone, 2, 1).await);
    assert!(!remove(&lone, 1, 0).await && !remove(&shared, 1, 1).await);
    assert!(is_there(store, &lone).await && is_there(store, &shared).await);
    assert!(remove(&lone, 1, 1).await && remove(&unused, 1, 0).await);
    assert!(!is_there(store, &lone).await && !is_there(store, &unused).await);
    assert!(!remove(&lone, 1, 1).await);
    assert!(!hold(store, &lone, 1, 1, 9000).await);
    assert_eq!(uploaded(store, 1).await, 5);
}

pub(super) async fn what_is_kept_no_longer_is_removed(store: &Store) {
    let short = brought(store, 1, 0, b"short").await;
    let long = brought(store, 1, 0, b"long").await;
    hold(store, &long, 1, 1, 9000).await;
    let broken_off = upload(1, 0);
    store.uploads.begin_upload(&broken_off).await.unwrap();
    store
        .uploads
        .add_part(broken_off.id, 0, b"x")
        .await
        .unwrap();
    let remove = async |second, limit| {
        let removed = store.uploads.remove_overdue_uploads(at(second), limit);
        removed.await.unwrap()
    };
    assert_eq!(remove(59, 9).await, 0);
    assert_eq!(remove(60, 9).await, 1);
    assert!(!complete(store, &broken_off).await);
    let part = store.uploads.part(broken_off.id, 0).await.unwrap();
    assert_eq!(part, None);
    assert_eq!(remove(3600, 9).await, 1);
    assert!(!is_there(store, &short).await && is_there(store, &long).await);
    let more = [1, 2].map(|second| brought(store, 1, second, b"more"));
    for upload in more {
        upload.await;
    }
    assert_eq!(remove(9000, 2).await, 2);
    assert_eq!(remove(9000, 2).await, 1);
    assert_eq!(uploaded(store, 1).await, 0);
}

pub(super) async fn whoever_leaves_takes_their_uploads_along(store: &Store) {
    let held = brought(store, 1, 0, b"held").await;
    let free = brought(store, 1, 0, b"free").await;
    let other = brought(store, 2, 0, b"other").await;
    hold(store, &held, 1, 1, 9000).await;
    store.uploads.remove_uploads(user(1)).await.unwrap();
    assert!(!is_there(store, &held).await && !is_there(store, &free).await);
    assert!(is_there(store, &other).await);
}

pub(super) async fn a_removal_and_a_message_do_not_both_get_it(store: &Store) {
    for second in 0..20 {
        let upload = brought(store, 1, second, b"bytes").await;
        let (removed, held) = tokio::join!(
            store.uploads.remove_upload(user(1), upload.id, 0),
            hold(store, &upload, 1, 1, 9000),
        );
        assert_ne!(removed.unwrap(), held);
        assert_eq!(is_there(store, &upload).await, held);
    }
}
