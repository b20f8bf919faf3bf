//! Randomness as an argument.

/// A source of random bytes. The server passes [`SystemRng`]; tests pass a seeded one.
pub trait Rng: Send + Sync + 'static {
    /// Fills `bytes` with random bytes fit for secrets (or, in tests, for repeatability).
    fn fill(&self, bytes: &mut [u8]);

    /// 64 random bits.
    fn next_u64(&self) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRng;

impl Rng for SystemRng {
    #[allow(clippy::disallowed_methods)] // the one home of the system's randomness
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system always has random bytes to give");
    }
}
