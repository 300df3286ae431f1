//! Versions and their rollout (spec/workflows.md, "Versions, drafts, rollout").

use super::compile::Content;
use crate::id::{Id, SessionId};

/// Whether going from one content to another makes a new version. Name, description, layout and
/// rollout are no part of the content, so they never do.
pub fn makes_version(current: &Content, next: &Content) -> bool {
    current != next
}

/// Whether a session takes the newest version when `rollout_percentage` of new sessions do. A
/// stable hash of the session's id, so that a resumed session stays put.
pub fn takes_newest(session: SessionId, rollout_percentage: u8) -> bool {
    // splitmix64 over both halves: neighbouring ids fall apart.
    let (high, low) = session.uuid().as_u64_pair();
    let mut mixed = high ^ low.rotate_left(32);
    for (shift, factor) in [(30, 0xbf58_476d_1ce4_e5b9_u64), (27, 0x94d0_49bb_1331_11eb)] {
        mixed = (mixed ^ (mixed >> shift)).wrapping_mul(factor);
    }
    (mixed ^ (mixed >> 31)) % 100 < u64::from(rollout_percentage)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rollout_splits_as_asked_and_is_monotonic() {
        let sessions = (0..10_000_u128).map(|n| SessionId::from_uuid(uuid::Uuid::from_u128(n)));
        let sessions: Vec<SessionId> = sessions.collect();
        for percentage in [0_u8, 10, 50, 100] {
            let newest = sessions
                .iter()
                .filter(|id| takes_newest(**id, percentage))
                .count();
            assert!(
                newest.abs_diff(usize::from(percentage) * 100) < 200,
                "{percentage}: {newest}"
            );
        }
        let moved_back = |id: &&SessionId| takes_newest(**id, 10) && !takes_newest(**id, 50);
        assert_eq!(sessions.iter().filter(moved_back).count(), 0);
    }
}
