//! Who picks from the menu.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A source of choices. Everything that is left to chance asks it; nothing else does.
pub trait Choice {
    /// A number below `n` (0 when `n` is 0 or 1).
    fn below(&mut self, n: u32) -> u32;

    /// Whether the source has run dry; a schedule ends then.
    fn is_dry(&self) -> bool {
        false
    }

    /// True in `percent` of 100 cases.
    fn percent(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    /// One of several; `None` from an empty slice.
    fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T>
    where
        Self: Sized,
    {
        let n = u32::try_from(from.len()).unwrap_or(u32::MAX);
        from.get(self.below(n) as usize)
    }
}

/// Choices from a seed: the ChaCha8 stream cipher, the same on every machine and in every version.
#[derive(Clone, Debug)]
pub struct Seeded(ChaCha8Rng);

impl Seeded {
    /// The stream of a seed and a schedule number.
    pub fn new(seed: u64, schedule: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(schedule);
        Self(rng)
    }
}

impl Choice for Seeded {
    fn below(&mut self, n: u32) -> u32 {
        // Multiply and shift: the bias is below 2^-32 of n, and the sequence is ours, not a library's to change.
        let wide = u64::from(self.0.next_u32()) * u64::from(n.max(1));
        u32::try_from(wide >> 32).unwrap_or(0)
    }
}

/// Choices from a finite tape of bytes, such as a fuzzer's input.
#[derive(Clone, Debug)]
pub struct Tape<'a> {
    bytes: &'a [u8],
}

impl<'a> Tape<'a> {
    /// The tape.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }
}

impl Choice for Tape<'_> {
    fn below(&mut self, n: u32) -> u32 {
        let Some((first, rest)) = self.bytes.split_first() else { return 0 };
        self.bytes = rest;
        let mut value = u32::from(*first);
        if n > 256
            && let Some((second, rest)) = self.bytes.split_first()
        {
            self.bytes = rest;
            value = value << 8 | u32::from(*second);
        }
        value % n.max(1)
    }

    fn is_dry(&self) -> bool {
        self.bytes.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_of_a_seed_is_pinned() {
        let mut choice = Seeded::new(1, 2);
        let drawn: Vec<u32> = (0..6).map(|_| choice.below(1000)).collect();
        let again: Vec<u32> = {
            let mut choice = Seeded::new(1, 2);
            (0..6).map(|_| choice.below(1000)).collect()
        };
        assert_eq!(drawn, again);
        assert_ne!(
            drawn,
            (0..6)
                .map({
                    let mut c = Seeded::new(1, 3);
                    move |_| c.below(1000)
                })
                .collect::<Vec<_>>()
        );
        assert!(drawn.iter().all(|n| *n < 1000));
    }

    #[test]
    fn a_tape_runs_dry() {
        let mut tape = Tape::new(&[7, 1, 2]);
        assert_eq!(tape.below(5), 2);
        assert_eq!(tape.below(1000), 258);
        assert!(tape.is_dry());
        assert_eq!(tape.below(9), 0);
    }
}
