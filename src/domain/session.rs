//! Signed-in sessions. A session is a family of refresh tokens: each token is used once and leaves a successor;
//! a token that turns up again after that was stolen, and the whole family ends.

use chrono::{DateTime, Duration, Utc};

use super::ids::{SessionId, UserId};

/// How long a session lives without being used.
pub const REFRESH_LIFETIME: Duration = Duration::days(30);
/// How long an access token is accepted.
pub const ACCESS_LIFETIME: Duration = Duration::minutes(15);
/// How long a browser that was let into a workspace's address is, while its session lives. It is renewed by use.
pub const PASS_LIFETIME: Duration = Duration::hours(12);
/// How long a ticket is good, once.
pub const TICKET_LIFETIME: Duration = Duration::seconds(30);
/// How long a component may believe who a visitor was said to be.
pub const IDENTITY_LIFETIME: Duration = Duration::seconds(60);
/// A used token may be shown again this long after its use: the reply to the first use may have been lost.
pub const REUSE_GRACE: Duration = Duration::seconds(10);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub user_id: UserId,
    pub user_agent: String,
    pub address: String,
    pub created_at: DateTime<Utc>,
    pub last_used_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Session {
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}

/// SHA-256 of a refresh token; the token itself is never stored.
pub type TokenHash = [u8; 32];

/// A device and network as one hash.
pub type SignInMark = [u8; 32];

/// After this long, a device or network that was not seen again is new once more.
pub const SIGN_IN_REMEMBERED: Duration = Duration::days(180);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshToken {
    pub hash: TokenHash,
    pub session_id: SessionId,
    pub issued_at: DateTime<Utc>,
    pub used_at: Option<DateTime<Utc>>,
}

/// What showing a refresh token means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// First use, or a repeat within the grace: issue a successor.
    Rotate,
    /// Used before and the grace is over: end the family.
    Reuse,
    /// The session ended.
    Ended,
}

pub fn rotation(session: &Session, token: &RefreshToken, now: DateTime<Utc>) -> Rotation {
    match token.used_at {
        _ if !session.is_live(now) => Rotation::Ended,
        None => Rotation::Rotate,
        Some(used) if now - used <= REUSE_GRACE => Rotation::Rotate,
        Some(_) => Rotation::Reuse,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn session() -> Session {
        Session {
            id: uuid::Uuid::nil().into(),
            user_id: uuid::Uuid::nil().into(),
            user_agent: String::new(),
            address: String::new(),
            created_at: at(0),
            last_used_at: at(0),
            expires_at: at(1_000),
            revoked_at: None,
        }
    }

    fn token(used_at: Option<i64>) -> RefreshToken {
        RefreshToken {
            hash: [0; 32],
            session_id: uuid::Uuid::nil().into(),
            issued_at: at(0),
            used_at: used_at.map(at),
        }
    }

    #[test]
    fn a_token_rotates_once_and_again_only_within_the_grace() {
        assert_eq!(rotation(&session(), &token(None), at(5)), Rotation::Rotate);
        assert_eq!(rotation(&session(), &token(Some(5)), at(15)), Rotation::Rotate);
        assert_eq!(rotation(&session(), &token(Some(5)), at(16)), Rotation::Reuse);
    }

    #[test]
    fn an_ended_session_rotates_nothing() {
        assert_eq!(rotation(&session(), &token(None), at(1_000)), Rotation::Ended);
        let revoked = Session { revoked_at: Some(at(1)), ..session() };
        assert_eq!(rotation(&revoked, &token(None), at(2)), Rotation::Ended);
    }
}
