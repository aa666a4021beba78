//! The bytes of a component, before anything is made of them.

use std::fmt::Write as _;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

/// A component's bytes, and their SHA-256. Clones share them.
#[derive(Debug, Clone)]
pub struct Component {
    bytes: Arc<[u8]>,
    digest: Arc<str>,
}

impl Component {
    /// Takes a component's bytes, whatever they are.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        let digest = hexadecimal(&Sha256::digest(&bytes));
        Self {
            bytes: bytes.into(),
            digest: digest.into(),
        }
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Their SHA-256, in hexadecimal.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }
}

/// Bytes as text.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
