//! Seeded randomness in the few forms that drawing needs.

use std::ops::Range;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A reproducible source of choices.
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// Independent dice for each purpose, so that one drawing step can change without moving the
    /// others.
    pub(crate) fn new(seed: u64, purpose: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(purpose);
        Self(generator)
    }

    /// A number in `[range.start, range.end)`.
    pub(crate) fn real(&mut self, range: Range<f32>) -> f32 {
        let unit: f32 = self.0.random();
        range.start + unit * (range.end - range.start)
    }

    /// A whole number in the range; its start when the range is empty.
    pub(crate) fn whole(&mut self, range: Range<i32>) -> i32 {
        if range.is_empty() {
            range.start
        } else {
            self.0.random_range(range)
        }
    }

    /// True with the given probability.
    pub(crate) fn chance(&mut self, probability: f32) -> bool {
        self.real(0.0..1.0) < probability
    }

    /// One of the choices; the default when there are none.
    pub(crate) fn pick<T: Copy + Default>(&mut self, choices: &[T]) -> T {
        let count = i32::try_from(choices.len()).unwrap_or(i32::MAX);
        let index = usize::try_from(self.whole(0..count)).unwrap_or(0);
        choices.get(index).copied().unwrap_or_default()
    }

    /// About normal: the sum of four uniform numbers, scaled to standard deviation 1. Fast, and
    /// its missing tails don't matter for sensor noise.
    pub(crate) fn gauss(&mut self) -> f32 {
        let bits: u64 = self.0.random();
        let sum: u64 = (0..4).map(|part| (bits >> (16 * part)) & 0xffff).sum();
        (sum as f32 / 65_535.0 - 2.0) * 1.732
    }

    /// Three numbers in -1 to 1 from one draw.
    pub(crate) fn tint(&mut self) -> [f32; 3] {
        let bits: u64 = self.0.random();
        std::array::from_fn(|part| ((bits >> (16 * part)) & 0xffff) as f32 / 32_767.5 - 1.0)
    }
}
