//! What a backup has of the master key: nothing that tells it.

use hkdf::Hkdf;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::adapters::master_key::{KEY_BYTES, MasterKey};

const CHECK: &str = "devsanctum: backup key check, 1";
const SEAL: &str = "devsanctum: backup seal, 1";

pub struct BackupKey {
    check: Zeroizing<[u8; KEY_BYTES]>,
    seal: Zeroizing<[u8; KEY_BYTES]>,
}

impl BackupKey {
    pub fn of(master: &MasterKey) -> Self {
        Self { check: master.derive(CHECK), seal: master.derive(SEAL) }
    }

    /// For the first line of a backup.
    pub(super) fn check(&self) -> String {
        hex::encode(self.check.as_slice())
    }

    pub(super) fn is_of(&self, check: &str) -> bool {
        self.check().as_bytes().ct_eq(check.as_bytes()).into()
    }

    /// HMAC-SHA-256 of the digest: what RFC 5869 calls extracting.
    pub(super) fn seal(&self, digest: &[u8]) -> String {
        let (mac, _) = Hkdf::<Sha256>::extract(Some(self.seal.as_slice()), digest);
        hex::encode(mac)
    }

    pub(super) fn has_sealed(&self, digest: &[u8], mac: &str) -> bool {
        self.seal(digest).as_bytes().ct_eq(mac.as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::secret::Secret;

    fn key(byte: &str) -> BackupKey {
        BackupKey::of(&MasterKey::parse(&Secret::new(byte.repeat(KEY_BYTES))).unwrap())
    }

    #[test]
    fn it_tells_keys_and_digests_apart() {
        let (one, other) = (key("00"), key("01"));
        assert!(one.is_of(&one.check()) && !one.is_of(&other.check()) && !one.is_of(""));
        let mac = one.seal(&[7; 32]);
        assert!(one.has_sealed(&[7; 32], &mac));
        assert!(!one.has_sealed(&[8; 32], &mac) && !other.has_sealed(&[7; 32], &mac));
        assert!(!one.check().contains(&"00".repeat(8)), "the master key is not in it");
    }
}
