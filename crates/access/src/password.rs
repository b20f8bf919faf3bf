//! Passwords: argon2id in a blocking thread, few at a time, and equal work for people who do not exist.

use std::fmt;
use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use kernel::Rng;
use serde::{Deserialize, Deserializer, de};
use tokio::sync::Semaphore;

/// NIST SP 800-63B rev. 4 asks for 15 characters where a password is the only factor and 8 where it is not; attempts
/// are throttled here, so 12.
pub const MIN_CHARS: usize = 12;
const MAX_BYTES: usize = 1_024;

/// How many are hashed at a time: each takes 19 MiB and a core for some 20 ms.
const AT_A_TIME: usize = 2;

/// A password that somebody gives to prove who they are. Its `Debug` does not show it.
#[derive(Clone)]
pub struct Password(String);

/// A password that somebody chooses: 12 characters or more.
#[derive(Clone, Debug)]
pub struct NewPassword(Password);

/// Why a password cannot be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnfitPassword {
    /// It is too short to resist guessing.
    #[error("a password has at least {MIN_CHARS} characters; four random words do")]
    TooShort,
    /// It is longer than anybody types.
    #[error("a password has at most {MAX_BYTES} bytes")]
    TooLong,
}

impl Password {
    /// Any text may be tried.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl NewPassword {
    /// The password, if it is fit to be one.
    pub fn new(text: impl Into<String>) -> Result<Self, UnfitPassword> {
        let text = text.into();
        if text.chars().count() < MIN_CHARS {
            Err(UnfitPassword::TooShort)
        } else if text.len() > MAX_BYTES {
            Err(UnfitPassword::TooLong)
        } else {
            Ok(Self(Password(text)))
        }
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl<'de> Deserialize<'de> for Password {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

impl<'de> Deserialize<'de> for NewPassword {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// Our own fault while hashing.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// What is stored is no argon2 hash.
    #[error("the stored password hash cannot be used: {0}")]
    Unusable(argon2::password_hash::Error),
    /// The thread did not come back.
    #[error("the hashing thread ended early")]
    Lost(#[from] tokio::task::JoinError),
}

/// Hashes and verifies; clones share the places.
#[derive(Clone, Debug)]
pub struct Hasher {
    places: Arc<Semaphore>,
}

impl Default for Hasher {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(AT_A_TIME)) }
    }
}

impl Hasher {
    /// The PHC string to store: argon2id, 19 MiB, two passes, one lane (OWASP's first choice).
    pub async fn hash(&self, password: NewPassword, rng: &dyn Rng) -> Result<String, HashError> {
        let mut salt = [0; 16];
        rng.fill(&mut salt);
        self.work(move || hash(&password.0, &salt)).await
    }

    /// Whether `password` is the one behind `stored`; `None` (nobody has one) costs as much time, and is never.
    pub async fn verify(&self, password: Password, stored: Option<String>) -> Result<bool, HashError> {
        self.work(move || match stored {
            Some(stored) => verify(&password, &stored),
            None => hash(&password, &[0; 16]).map(|_| false),
        })
        .await
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let place = Arc::clone(&self.places).acquire_owned().await.expect("the semaphore is never closed");
        // The place moves into the thread: a caller who hangs up does not make room for a third.
        tokio::task::spawn_blocking(move || {
            let _place = place;
            work()
        })
        .await?
    }
}

fn hash(password: &Password, salt: &[u8; 16]) -> Result<String, HashError> {
    let hash = Argon2::default().hash_password_with_salt(password.0.as_bytes(), salt).map_err(HashError::Unusable)?;
    Ok(hash.to_string())
}

fn verify(password: &Password, stored: &str) -> Result<bool, HashError> {
    let hash = PasswordHash::new(stored).map_err(|error| HashError::Unusable(error.into()))?;
    match Argon2::default().verify_password(password.0.as_bytes(), &hash) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(HashError::Unusable(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::SystemRng;

    #[tokio::test]
    async fn only_the_password_that_was_chosen_is_right() {
        let hasher = Hasher::default();
        let chosen = "correct horse battery";
        let stored = hasher.hash(NewPassword::new(chosen).unwrap(), &SystemRng).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(hasher.verify(Password::new(chosen), Some(stored.clone())).await.unwrap());
        assert!(!hasher.verify(Password::new("wrong horse battery"), Some(stored)).await.unwrap());
        assert!(!hasher.verify(Password::new(chosen), None).await.unwrap());
        assert!(hasher.verify(Password::new(chosen), Some("plain".to_owned())).await.is_err());
    }

    #[test]
    fn passwords_are_long_enough_and_never_printed() {
        assert_eq!(NewPassword::new("elevenchars").unwrap_err(), UnfitPassword::TooShort);
        assert_eq!(NewPassword::new("x".repeat(1_025)).unwrap_err(), UnfitPassword::TooLong);
        assert!(!format!("{:?}", NewPassword::new("twelve chars").unwrap()).contains("twelve"));
    }
}
