//! Secrets at rest: XChaCha20-Poly1305, whose nonces are long enough to be drawn at random.
//!
//! A sealed value is `key id (4) | nonce (24) | ciphertext and tag`. The key id says which key sealed it, so that keys
//! can change one day. The context is authenticated with it: a value moved to another row does not open.

use std::sync::Arc;

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use hkdf::Hkdf;
use sha2::{Digest, Sha256};

use super::master_key::MasterKey;
use crate::{
    domain::secret::{Sealed, Secret},
    ports::{
        random::Random,
        sealer::{SealError, Sealer},
    },
};

const PURPOSE: &str = "devsanctum: secrets at rest, 1";
const DIGESTS: &str = "devsanctum: keyed digests, 1";
const KEY_ID: usize = 4;
const NONCE: usize = 24;

pub struct XChaChaSealer {
    cipher: XChaCha20Poly1305,
    key_id: [u8; KEY_ID],
    digests: Hkdf<Sha256>,
    random: Arc<dyn Random>,
}

impl XChaChaSealer {
    pub fn new(master: &MasterKey, random: Arc<dyn Random>) -> Self {
        let key = master.derive(PURPOSE);
        let digest = Sha256::digest(key.as_slice());
        let mut key_id = [0; KEY_ID];
        key_id.copy_from_slice(&digest[..KEY_ID]);
        let digests = Hkdf::new(None, master.derive(DIGESTS).as_slice());
        Self { cipher: XChaCha20Poly1305::new((&*key).into()), key_id, digests, random }
    }
}

impl Sealer for XChaChaSealer {
    fn seal(&self, context: &str, plaintext: &Secret) -> Result<Sealed, SealError> {
        let nonce = self.random.bytes::<NONCE>();
        let payload = Payload { msg: plaintext.expose().as_bytes(), aad: context.as_bytes() };
        let ciphertext = self.cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| SealError::Seal)?;
        Ok(Sealed::from_bytes([self.key_id.as_slice(), &nonce, &ciphertext].concat()))
    }

    fn open(&self, context: &str, sealed: &Sealed) -> Result<Secret, SealError> {
        let (key_id, rest) = sealed.as_bytes().split_first_chunk::<KEY_ID>().ok_or(SealError::Open)?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE>().ok_or(SealError::Open)?;
        if *key_id != self.key_id {
            return Err(SealError::Open);
        }
        let payload = Payload { msg: ciphertext, aad: context.as_bytes() };
        let plaintext = self.cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| SealError::Open)?;
        String::from_utf8(plaintext).map(Secret::new).map_err(|_| SealError::Open)
    }

    fn digest(&self, context: &str, bytes: &[u8]) -> [u8; 32] {
        let mut digest = [0; 32];
        self.digests
            .expand_multi_info(&[context.as_bytes(), &[0], bytes], &mut digest)
            .unwrap_or_else(|_| unreachable!("one block of SHA-256 is not too long for HKDF"));
        digest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::system::SystemRandom;

    fn sealer(key: &str) -> XChaChaSealer {
        let master = MasterKey::parse(&Secret::new(key.repeat(32))).unwrap();
        XChaChaSealer::new(&master, Arc::new(SystemRandom))
    }

    #[test]
    fn what_was_sealed_opens_in_its_place_only() {
        let secret = Secret::new("hunter2");
        let sealed = sealer("00").seal("variables.value:1", &secret).unwrap();
        assert_eq!(sealer("00").open("variables.value:1", &sealed).unwrap(), secret);
        assert!(sealer("00").open("variables.value:2", &sealed).is_err(), "another row");
        assert!(sealer("01").open("variables.value:1", &sealed).is_err(), "another key");
        assert_ne!(sealer("00").seal("variables.value:1", &secret).unwrap(), sealed, "nonces do not repeat");
    }

    #[test]
    fn a_digest_takes_the_key_the_context_and_every_byte() {
        let digest = sealer("00").digest("one", b"text");
        assert_eq!(sealer("00").digest("one", b"text"), digest);
        for other in [
            sealer("01").digest("one", b"text"),
            sealer("00").digest("two", b"text"),
            sealer("00").digest("one", b"texts"),
            sealer("00").digest("one\0text", b""),
        ] {
            assert_ne!(other, digest);
        }
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let sealed = sealer("00").seal("row", &Secret::new("hunter2")).unwrap();
        for at in 0..sealed.as_bytes().len() {
            let mut bytes = sealed.as_bytes().to_vec();
            bytes[at] ^= 1;
            assert!(sealer("00").open("row", &Sealed::from_bytes(bytes)).is_err(), "byte {at}");
            let cut = Sealed::from_bytes(sealed.as_bytes()[..at].to_vec());
            assert!(sealer("00").open("row", &cut).is_err(), "cut at {at}");
        }
    }
}
