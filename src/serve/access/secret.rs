//! How is a token made, and how is it kept from logs? Drawn from the system's randomness, shown once, kept as its hash.
//!
//! Thirty-two random bytes cannot be guessed, so a plain SHA-256 is enough to keep them by: a slow hash protects words
//! that people choose. And comparing by hash tells nothing by its time: who does not know the token cannot steer its hash.

use crate::error::Error;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use std::fmt;

/// What a token begins with, so that people and scanners know one when they see it.
const PREFIX: &str = "rst_";
/// How much of it is random.
const BYTES: usize = 32;

/// Where randomness comes from.
pub type Random = dyn Fn(&mut [u8]) -> Result<(), Error> + Send + Sync;

/// The randomness of the system.
pub fn of_system(bytes: &mut [u8]) -> Result<(), Error> {
    getrandom::fill(bytes).map_err(|error| {
        Error::new("the system gives no randomness").detail(error.to_string()).hint("a token cannot be made without")
    })
}

/// A token as its holder has it. It is not printed by accident: only [`Secret::expose`] gives it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Draws a new one.
    pub fn draw(random: &Random) -> Result<Secret, Error> {
        let mut bytes = [0; BYTES];
        random(&mut bytes)?;
        Ok(Secret(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))))
    }

    /// One that someone brings; `None`: it has not the form of one.
    pub fn read(text: &str) -> Option<Secret> {
        let text = text.trim();
        let random = URL_SAFE_NO_PAD.decode(text.strip_prefix(PREFIX)?).ok()?;
        (random.len() == BYTES).then(|| Secret(text.to_owned()))
    }

    /// The token itself, to be shown to its holder or sent to the service. Never to be logged.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.0.as_bytes()).into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What is kept of a token.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenHash(pub [u8; 32]);

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}
