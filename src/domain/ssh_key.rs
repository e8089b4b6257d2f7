//! Keys with which people enter their workspaces: the public halves, as OpenSSH writes them.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use ssh_key::{HashAlg, public::KeyData};

use super::ids::{SshKeyId, UserId};

/// Of one person.
pub const MOST: usize = 50;
/// Bytes of what may be pasted; the longest key we take needs less than half of it.
pub const MAX_TEXT: usize = 8 * 1024;

/// What is considered safe today, and what a server can check without being kept busy.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=16_384;
const TYPES: [&str; 7] = [
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "ssh-rsa",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SshKey {
    pub id: SshKeyId,
    pub user_id: UserId,
    pub name: String,
    pub key: PublicKey,
    pub created_at: DateTime<Utc>,
    pub last_used_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// For instance `ssh-ed25519`.
    pub key_type: String,
    /// `SHA256:…`, as `ssh-keygen -l` shows it.
    pub fingerprint: String,
    /// Type and key, without the comment: its name says whose it is.
    pub text: String,
}

/// Why a text is no key of ours. It never repeats the text, which may be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error(
        "is a private key. It has left your machine and is no longer a secret: stop using it everywhere, make a new pair \
         with `ssh-keygen -t ed25519`, and paste the half in the file that ends in .pub"
    )]
    Private,
    #[error("is longer than {MAX_TEXT} bytes, which no public key is")]
    TooLong,
    #[error("has several lines; give one key, on one line, as it stands in ~/.ssh/id_ed25519.pub")]
    SeveralLines,
    #[error("begins with options; give the key alone, beginning with its type, for instance ssh-ed25519")]
    Options,
    #[error("is a certificate; give the public key that it is for")]
    Certificate,
    #[error("is a DSA key, which nobody accepts any more; make another with `ssh-keygen -t ed25519`")]
    Dsa,
    #[error("is an RSA key of {0} bits; at least 2048 and at most 16384 are accepted, or use Ed25519")]
    RsaSize(usize),
    #[error(
        "is of no type that is accepted, which are Ed25519, ECDSA, RSA, and the first two on a security key"
    )]
    UnknownType,
    #[error("is not a public key as OpenSSH writes it, for instance in ~/.ssh/id_ed25519.pub")]
    Malformed,
}

impl KeyError {
    /// For programs.
    pub fn code(self) -> &'static str {
        match self {
            KeyError::Private => "private_key",
            KeyError::TooLong => "too_long",
            KeyError::Dsa | KeyError::Certificate | KeyError::UnknownType => "unsupported_key",
            KeyError::RsaSize(_) => "key_size",
            KeyError::SeveralLines | KeyError::Options | KeyError::Malformed => "invalid",
        }
    }
}

impl FromStr for PublicKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        if text.contains("PRIVATE KEY") || text.contains("PuTTY-User-Key-File") {
            return Err(KeyError::Private);
        }
        if text.len() > MAX_TEXT {
            return Err(KeyError::TooLong);
        }
        if text.contains(['\n', '\r']) {
            return Err(KeyError::SeveralLines);
        }
        let mut words = text.split([' ', '\t']).filter(|word| !word.is_empty());
        let key_type = words.next().ok_or(KeyError::Malformed)?;
        if !TYPES.contains(&key_type) {
            return Err(unaccepted(key_type, words));
        }
        let text = format!("{key_type} {}", words.next().ok_or(KeyError::Malformed)?);
        let parsed = ssh_key::PublicKey::from_openssh(&text).map_err(|_| KeyError::Malformed)?;
        if let KeyData::Rsa(rsa) = parsed.key_data() {
            let bits = bits(rsa.n.as_positive_bytes().ok_or(KeyError::Malformed)?);
            if !RSA_BITS.contains(&bits) {
                return Err(KeyError::RsaSize(bits));
            }
        }
        let fingerprint = parsed.fingerprint(HashAlg::Sha256).to_string();
        Ok(Self { key_type: key_type.to_owned(), fingerprint, text })
    }
}

/// What a line is that begins with none of our types.
fn unaccepted<'a>(first: &str, mut rest: impl Iterator<Item = &'a str>) -> KeyError {
    if first == "ssh-dss" {
        KeyError::Dsa
    } else if first.ends_with("-cert-v01@openssh.com") {
        KeyError::Certificate
    } else if rest.any(|word| TYPES.contains(&word) || word == "ssh-dss") {
        KeyError::Options
    } else if ["ssh-", "ecdsa-", "sk-"].iter().any(|family| first.starts_with(family)) {
        KeyError::UnknownType
    } else {
        KeyError::Malformed
    }
}

fn bits(number: &[u8]) -> usize {
    let unused = number.first().map_or(0, |first| first.leading_zeros() as usize);
    number.len() * 8 - unused
}

#[cfg(test)]
mod tests {
    use base64::{Engine, prelude::BASE64_STANDARD};

    use super::*;

    const ED25519: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti";

    fn parse(text: &str) -> Result<PublicKey, KeyError> {
        text.parse()
    }

    /// A key from the fields of its type, RFC 4253, 6.6.
    fn key(key_type: &str, fields: &[&[u8]]) -> String {
        let mut blob = Vec::new();
        for field in [key_type.as_bytes()].iter().chain(fields) {
            blob.extend(u32::try_from(field.len()).unwrap().to_be_bytes());
            blob.extend(*field);
        }
        format!("{key_type} {}", BASE64_STANDARD.encode(blob))
    }

    fn rsa(bits: usize) -> String {
        let mut modulus = vec![0];
        modulus.extend(vec![0xff; bits / 8]);
        if !bits.is_multiple_of(8) {
            modulus[0] = (1 << (bits % 8)) - 1;
        }
        key("ssh-rsa", &[&[1, 0, 1], &modulus])
    }

    fn point(size: usize) -> Vec<u8> {
        let mut point = vec![4];
        point.extend(vec![7; size * 2]);
        point
    }

    #[test]
    fn keys_are_known_by_the_fingerprint_that_openssh_shows() {
        let key = parse(&format!("  {ED25519}\tada@laptop of ada \n")).unwrap();
        assert_eq!(key.key_type, "ssh-ed25519");
        assert_eq!(key.fingerprint, "SHA256:UCUiLr7Pjs9wFFJMDByLgc3NrtdU344OgUM45wZPcIQ");
        assert_eq!(key.text, ED25519, "without its comment");
        assert_eq!(parse(&key.text).unwrap(), key);
    }

    #[test]
    fn every_type_that_is_safe_today_is_taken() {
        for (key_type, text) in [
            ("ecdsa-sha2-nistp256", key("ecdsa-sha2-nistp256", &[b"nistp256", &point(32)])),
            ("ecdsa-sha2-nistp384", key("ecdsa-sha2-nistp384", &[b"nistp384", &point(48)])),
            ("ecdsa-sha2-nistp521", key("ecdsa-sha2-nistp521", &[b"nistp521", &point(66)])),
            ("sk-ssh-ed25519@openssh.com", key("sk-ssh-ed25519@openssh.com", &[&[7; 32], b"ssh:"])),
            (
                "sk-ecdsa-sha2-nistp256@openssh.com",
                key("sk-ecdsa-sha2-nistp256@openssh.com", &[b"nistp256", &point(32), b"ssh:"]),
            ),
            ("ssh-rsa", rsa(2048)),
            ("ssh-rsa", rsa(4096)),
            ("ssh-rsa", rsa(16_384)),
        ] {
            assert_eq!(parse(&text).unwrap().key_type, key_type);
        }
    }

    #[test]
    fn what_is_refused_is_refused_for_what_it_is() {
        let private =
            "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n-----END OPENSSH PRIVATE KEY-----";
        let certificate = format!("ssh-ed25519-cert-v01@openssh.com {}", ED25519.split_once(' ').unwrap().1);
        for (text, error) in [
            (private, KeyError::Private),
            ("-----BEGIN RSA PRIVATE KEY-----", KeyError::Private),
            ("PuTTY-User-Key-File-3: ssh-ed25519", KeyError::Private),
            (&format!("{private}{}", "x".repeat(MAX_TEXT)), KeyError::Private),
            (&"x".repeat(MAX_TEXT + 1), KeyError::TooLong),
            (&format!("{ED25519}\n{ED25519}"), KeyError::SeveralLines),
            ("---- BEGIN SSH2 PUBLIC KEY ----\nAAAA", KeyError::SeveralLines),
            (&format!("command=\"id\",no-pty {ED25519}"), KeyError::Options),
            (&format!("from=\"10.0.0.0/8, 1.2.3.4\" {ED25519}"), KeyError::Options),
            (&certificate, KeyError::Certificate),
            ("ssh-dss AAAAB3NzaC1kc3M=", KeyError::Dsa),
            (&rsa(1024), KeyError::RsaSize(1024)),
            (&rsa(2047), KeyError::RsaSize(2047)),
            (&rsa(16_385), KeyError::RsaSize(16_385)),
            ("ssh-ed448 AAAA", KeyError::UnknownType),
            ("sk-ssh-rsa AAAA", KeyError::UnknownType),
            ("", KeyError::Malformed),
            ("ssh-ed25519", KeyError::Malformed),
            ("ssh-ed25519 AAAA", KeyError::Malformed),
            ("ssh-ed25519 !!!!", KeyError::Malformed),
            ("AAAAC3NzaC1lZDI1NTE5AAAAILM", KeyError::Malformed),
            (&ED25519[..ED25519.len() - 4], KeyError::Malformed),
            (&format!("{ED25519}AAAA"), KeyError::Malformed),
            (&ED25519.replacen("ssh-ed25519", "ssh-rsa", 1), KeyError::Malformed),
            ("MIIBIjANBgkq 🔑", KeyError::Malformed),
        ] {
            assert_eq!(parse(text), Err(error), "{text}");
        }
        assert!(!parse(private).unwrap_err().to_string().contains("b3BlbnNz"), "it is not repeated");
    }
}
