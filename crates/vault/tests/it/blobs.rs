//! Blobs on a real directory; damage is done to the stored files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use object_store::memory::InMemory;
use proptest::prelude::*;
use uuid::Uuid;
use verifa_core::random::Random as _;
use verifa_core::time::Timestamp;
use verifa_vault::{BlobError, BlobId, BlobStore, DataKey};

use crate::support::Seeded;

const CHUNK: usize = 65_536;
const SEALED_CHUNK: usize = CHUNK + 16;
const HEADER: usize = 33;
const NO_LIMIT: u64 = u64::MAX;

struct Fixture {
    directory: tempfile::TempDir,
    store: BlobStore,
    random: Seeded,
    key: DataKey,
}

impl Fixture {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = BlobStore::local(&directory.path().join("blobs")).unwrap();
        let random = Seeded::new(1);
        let key = DataKey::generate(&random);
        Self {
            directory,
            store,
            random,
            key,
        }
    }

    fn content(&self, length: usize) -> Bytes {
        let mut content = vec![0; length];
        self.random.fill(&mut content);
        content.into()
    }

    async fn stored(&self, id: BlobId, length: usize) -> Bytes {
        let content = self.content(length);
        let info = self
            .store
            .put_bytes(id, &self.key, content.clone(), &self.random)
            .await
            .unwrap();
        assert_eq!(info.size, length as u64);
        content
    }

    fn files(&self) -> Vec<PathBuf> {
        fn walk(directory: &Path, files: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(&path, files);
                } else {
                    files.push(path);
                }
            }
        }
        let mut files = Vec::new();
        walk(&self.directory.path().join("blobs"), &mut files);
        files
    }

    fn file_of(&self, id: BlobId) -> PathBuf {
        let name = id.uuid().simple().to_string();
        self.files()
            .into_iter()
            .find(|path| path.ends_with(&name))
            .unwrap()
    }

    async fn read(&self, id: BlobId) -> Result<Bytes, BlobError> {
        let whole = self.store.get_all(id, &self.key, NO_LIMIT).await;
        let streamed = match self.store.get(id, &self.key).await {
            Ok(content) => content
                .stream
                .try_collect::<Vec<_>>()
                .await
                .map(|parts| parts.concat()),
            Err(error) => Err(error),
        };
        assert_eq!(whole.is_ok(), streamed.is_ok());
        if let (Ok(whole), Ok(streamed)) = (&whole, &streamed) {
            assert!(whole == streamed, "the two ways of reading differ");
        }
        whole
    }
}

fn blob(n: u128) -> BlobId {
    BlobId::new(Uuid::from_u128(n))
}

#[tokio::test]
async fn every_length_comes_back_and_is_not_stored_in_clear() {
    let fixture = Fixture::new();
    let lengths = [
        0,
        1,
        15,
        CHUNK - 1,
        CHUNK,
        CHUNK + 1,
        2 * CHUNK,
        16 * CHUNK,
        16 * CHUNK + 7,
        3_000_000,
    ];
    for (n, length) in lengths.into_iter().enumerate() {
        let id = blob(n as u128);
        let content = fixture.stored(id, length).await;
        assert!(
            fixture.read(id).await.unwrap() == content,
            "length {length}"
        );
        assert_eq!(
            fixture.store.get(id, &fixture.key).await.unwrap().size,
            length as u64
        );
        let file = std::fs::read(fixture.file_of(id)).unwrap();
        if length >= 64 {
            assert!(!file.windows(64).any(|window| window == &content[..64]));
        }
    }
    let listed: Vec<_> = fixture.store.list().try_collect().await.unwrap();
    assert_eq!(listed.len(), lengths.len());
}

#[tokio::test]
async fn damage_of_every_sort_is_found() {
    let fixture = Fixture::new();
    let id = blob(1);
    fixture.stored(id, 3 * CHUNK + 100).await;
    let path = fixture.file_of(id);
    let sound = std::fs::read(&path).unwrap();
    let chunk = |n: usize| HEADER + n * SEALED_CHUNK..HEADER + (n + 1) * SEALED_CHUNK;

    let mut swapped = sound.clone();
    let first = sound[chunk(0)].to_vec();
    swapped.copy_within(chunk(1), HEADER);
    swapped[chunk(1)].copy_from_slice(&first);

    let last = sound[HEADER + 3 * SEALED_CHUNK..].to_vec();
    let mut flipped = sound.clone();
    flipped[HEADER + SEALED_CHUNK + 5] ^= 1;
    let mut salted = sound.clone();
    salted[5] ^= 0x80;
    let mut versioned = sound.clone();
    versioned[0] = 2;

    let damaged: [(&str, Vec<u8>); 11] = [
        (
            "cut inside the last chunk",
            sound[..sound.len() - 1].to_vec(),
        ),
        (
            "last chunk gone",
            sound[..HEADER + 3 * SEALED_CHUNK].to_vec(),
        ),
        (
            "two chunks gone",
            sound[..HEADER + 2 * SEALED_CHUNK].to_vec(),
        ),
        (
            "a middle chunk gone",
            [&sound[..chunk(0).end], &sound[chunk(1).end..]].concat(),
        ),
        ("all chunks gone", sound[..HEADER].to_vec()),
        ("cut inside the header", sound[..20].to_vec()),
        ("last chunk twice", [&sound[..], &last].concat()),
        ("two chunks exchanged", swapped),
        ("one bit of a chunk", flipped),
        ("one bit of the salt", salted),
        ("another version", versioned),
    ];
    for (what, bytes) in damaged {
        std::fs::write(&path, bytes).unwrap();
        assert!(
            matches!(fixture.read(id).await, Err(BlobError::Damaged(_))),
            "{what}"
        );
    }
    std::fs::write(&path, &sound).unwrap();
    assert!(fixture.read(id).await.is_ok());
}

#[tokio::test]
async fn another_id_or_key_does_not_open() {
    let fixture = Fixture::new();
    fixture.stored(blob(1), 1_000).await;
    fixture.stored(blob(2), 1_000).await;
    std::fs::copy(fixture.file_of(blob(1)), fixture.file_of(blob(2))).unwrap();
    assert!(matches!(
        fixture.read(blob(2)).await,
        Err(BlobError::Damaged(_))
    ));
    let stranger = DataKey::generate(&fixture.random);
    assert!(matches!(
        fixture.store.get_all(blob(1), &stranger, NO_LIMIT).await,
        Err(BlobError::Damaged(_))
    ));
}

#[tokio::test]
async fn chunks_of_two_blobs_under_one_key_do_not_mix() {
    let fixture = Fixture::new();
    fixture.stored(blob(1), 2 * CHUNK).await;
    let path = fixture.file_of(blob(1));
    let first = std::fs::read(&path).unwrap();
    fixture.stored(blob(1), 2 * CHUNK).await;
    let second = std::fs::read(&path).unwrap();
    let half = HEADER + SEALED_CHUNK;
    std::fs::write(&path, [&first[..half], &second[half..]].concat()).unwrap();
    assert!(matches!(
        fixture.read(blob(1)).await,
        Err(BlobError::Damaged(_))
    ));
}

#[tokio::test]
async fn content_that_breaks_off_leaves_nothing() {
    let fixture = Fixture::new();
    for length in [10, 40 * CHUNK] {
        let content = stream::iter([Ok(fixture.content(length)), Err("connection lost")]);
        let failed = fixture
            .store
            .put(blob(1), &fixture.key, content, &fixture.random)
            .await;
        assert!(matches!(failed, Err(BlobError::Content(_))));
        assert!(!fixture.store.exists(blob(1)).await.unwrap());
        assert!(matches!(
            fixture.read(blob(1)).await,
            Err(BlobError::NotFound)
        ));
        assert_eq!(fixture.files(), Vec::<PathBuf>::new());
    }
}

#[tokio::test]
async fn a_replacement_that_breaks_off_leaves_the_former() {
    let fixture = Fixture::new();
    let content = fixture.stored(blob(1), 3 * CHUNK).await;
    let broken = stream::iter([Ok(fixture.content(40 * CHUNK)), Err("connection lost")]);
    assert!(
        fixture
            .store
            .put(blob(1), &fixture.key, broken, &fixture.random)
            .await
            .is_err()
    );
    assert!(fixture.read(blob(1)).await.unwrap() == content);
}

#[tokio::test]
async fn limits_hold_before_anything_is_read() {
    let fixture = Fixture::new();
    fixture.stored(blob(1), 1_000).await;
    let read = |limit| fixture.store.get_all(blob(1), &fixture.key, limit);
    assert!(read(1_000).await.is_ok());
    assert!(matches!(
        read(999).await,
        Err(BlobError::TooLarge { limit: 999 })
    ));
}

#[tokio::test]
async fn deleting_twice_is_no_error() {
    let fixture = Fixture::new();
    fixture.stored(blob(1), 10).await;
    assert!(fixture.store.exists(blob(1)).await.unwrap());
    assert!(fixture.store.delete(blob(1)).await.unwrap());
    assert!(!fixture.store.delete(blob(1)).await.unwrap());
    assert!(!fixture.store.exists(blob(1)).await.unwrap());
}

#[tokio::test]
async fn half_written_files_are_hidden_and_swept_when_old() {
    let fixture = Fixture::new();
    fixture.stored(blob(1), 10).await;
    let staging = fixture
        .file_of(blob(1))
        .with_file_name("0123456789abcdef#1");
    std::fs::write(&staging, b"half").unwrap();
    assert_eq!(fixture.store.list().count().await, 1);
    let long_ago = Timestamp::from_seconds(1_000_000_000);
    assert_eq!(
        fixture
            .store
            .remove_abandoned_uploads(long_ago)
            .await
            .unwrap(),
        0
    );
    let future = Timestamp::from_seconds(10_000_000_000);
    assert_eq!(
        fixture
            .store
            .remove_abandoned_uploads(future)
            .await
            .unwrap(),
        1
    );
    assert!(!staging.exists());
    assert!(fixture.read(blob(1)).await.is_ok());
}

#[tokio::test]
async fn a_store_that_takes_no_writes_says_so() {
    let fixture = Fixture::new();
    fixture.store.probe(&fixture.random).await.unwrap();
    assert_eq!(fixture.files(), Vec::<PathBuf>::new());
    // A file where the directory should be: fails for root too.
    let root = fixture.directory.path().join("blobs");
    std::fs::remove_dir_all(&root).unwrap();
    std::fs::write(&root, b"").unwrap();
    assert!(matches!(
        fixture.store.probe(&fixture.random).await,
        Err(BlobError::Unavailable(_))
    ));
}

#[tokio::test]
async fn other_object_stores_hold_the_same_format() {
    let fixture = Fixture::new();
    let remote = BlobStore::over(Arc::new(InMemory::new()), 5 * 1024 * 1024);
    for length in [100, 6_000_000, 12_000_000] {
        let content = fixture.content(length);
        let parts: Vec<_> = content
            .chunks(99_999)
            .map(|part| Ok::<_, std::io::Error>(Bytes::copy_from_slice(part)))
            .collect();
        let id = blob(length as u128);
        remote
            .put(id, &fixture.key, stream::iter(parts), &fixture.random)
            .await
            .unwrap();
        assert!(remote.get_all(id, &fixture.key, NO_LIMIT).await.unwrap() == content);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn however_content_is_cut_it_comes_back(
        pieces in proptest::collection::vec(0_usize..100_000, 0..8),
        part_size in 1_usize..300_000,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let random = Seeded::new(9);
            let key = DataKey::generate(&random);
            let store = BlobStore::over(Arc::new(InMemory::new()), part_size);
            let parts: Vec<Bytes> = pieces
                .iter()
                .enumerate()
                .map(|(n, &length)| Bytes::from(vec![n as u8; length]))
                .collect();
            let whole = parts.concat();
            let content = stream::iter(parts.into_iter().map(Ok::<_, std::io::Error>));
            let info = store.put(blob(1), &key, content, &random).await.unwrap();
            assert_eq!(info.size, whole.len() as u64);
            assert!(store.get_all(blob(1), &key, NO_LIMIT).await.unwrap() == whole);
        });
    }
}
