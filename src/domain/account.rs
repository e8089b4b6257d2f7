//! Ways back into an account, by mail.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::{ids::UserId, names::Email, session::TokenHash};

/// What a token that was mailed is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    ResetPassword,
    ConfirmEmail,
}

impl Purpose {
    pub const fn as_str(self) -> &'static str {
        match self {
            Purpose::ResetPassword => "reset_password",
            Purpose::ConfirmEmail => "confirm_email",
        }
    }

    pub const fn lifetime(self) -> Duration {
        match self {
            Purpose::ResetPassword => Duration::hours(1),
            Purpose::ConfirmEmail => Duration::hours(24),
        }
    }
}

/// Good for one use. A user has one of each purpose: a newer one takes its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountToken {
    /// The token itself is never stored.
    pub hash: TokenHash,
    pub user_id: UserId,
    pub purpose: Purpose,
    /// The address that it shows to be the user's.
    pub email: Option<Email>,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

impl AccountToken {
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        now < self.expires_at
    }
}
