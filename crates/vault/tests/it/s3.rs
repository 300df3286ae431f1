//! Blobs over the S3 protocol, spoken to a server of our own.

use bytes::Bytes;
use futures::{TryStreamExt as _, stream};
use uuid::Uuid;
use verifa_core::random::Random as _;
use verifa_vault::{BlobError, BlobId, BlobStore, DataKey, S3Settings};

use crate::s3_server::{Shared, serve};
use crate::support::Seeded;

async fn bucket() -> (BlobStore, Shared) {
    let (endpoint, bucket) = serve().await;
    let store = BlobStore::s3(S3Settings {
        bucket: "blobs".into(),
        region: "eu-central-1".into(),
        endpoint: Some(endpoint),
        access_key_id: Some("test-id".into()),
        secret_access_key: Some("test-secret".to_owned().into()),
        path_style: true,
        allow_http: true,
    });
    (store.unwrap(), bucket)
}

fn content(length: usize, random: &Seeded) -> Bytes {
    let mut bytes = vec![0; length];
    random.fill(&mut bytes);
    bytes.into()
}

fn blob(n: u128) -> BlobId {
    BlobId::new(Uuid::from_u128(n))
}

#[tokio::test]
async fn blobs_of_one_and_of_many_parts_live_in_a_bucket() {
    let (store, bucket) = bucket().await;
    let random = Seeded::new(1);
    let key = DataKey::generate(&random);
    let small = content(1_000, &random);
    let large = content(20_000_000, &random);
    store
        .put_bytes(blob(1), &key, small.clone(), &random)
        .await
        .unwrap();
    store
        .put_bytes(blob(2), &key, large.clone(), &random)
        .await
        .unwrap();
    assert!(
        bucket.lock().unwrap().largest_body <= 8 << 20,
        "an upload was not cut into parts"
    );
    assert!(store.get_all(blob(1), &key, 1_000).await.unwrap() == small);
    assert!(store.get_all(blob(2), &key, u64::MAX).await.unwrap() == large);
    let streamed: Vec<_> = store
        .get(blob(2), &key)
        .await
        .unwrap()
        .stream
        .try_collect()
        .await
        .unwrap();
    assert!(streamed.concat() == large);

    let listed: Vec<_> = store.list().try_collect().await.unwrap();
    let ids: Vec<_> = listed.iter().map(|stored| stored.id).collect();
    assert_eq!(ids, [blob(1), blob(2)]);
    assert_eq!(listed[0].modified.to_string(), "2026-11-21T12:00:00.000Z");

    assert!(store.exists(blob(1)).await.unwrap());
    store.delete(blob(1)).await.unwrap();
    assert!(!store.exists(blob(1)).await.unwrap());
    assert!(matches!(
        store.get_all(blob(1), &key, 1).await,
        Err(BlobError::NotFound)
    ));
    store.probe(&random).await.unwrap();
    assert_eq!(bucket.lock().unwrap().objects.len(), 1);
}

#[tokio::test]
async fn an_upload_that_fails_leaves_neither_blob_nor_parts() {
    let (store, bucket) = bucket().await;
    let random = Seeded::new(2);
    let key = DataKey::generate(&random);
    bucket.lock().unwrap().refuse_part = Some(2);
    let refused = store
        .put_bytes(blob(1), &key, content(20_000_000, &random), &random)
        .await;
    assert!(matches!(refused, Err(BlobError::Unavailable(_))));
    bucket.lock().unwrap().refuse_part = None;
    let broken = stream::iter([Ok(content(20_000_000, &random)), Err("connection lost")]);
    let refused = store.put(blob(1), &key, broken, &random).await;
    assert!(matches!(refused, Err(BlobError::Content(_))));
    let bucket = bucket.lock().unwrap();
    assert!(bucket.objects.is_empty() && bucket.uploads.is_empty());
}
