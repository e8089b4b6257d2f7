//! Accounts elsewhere that people sign in with.

use std::fmt;

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::{
    ids::{IdentityId, UserId},
    names::Email,
    return_to::ReturnTo,
    secret::Sealed,
    session::TokenHash,
};

/// How long somebody may take at the provider.
pub const HANDSHAKE_LIFETIME: Duration = Duration::minutes(10);
/// How long after signing in a person counts as present: what would let somebody else in for good needs that.
pub const FRESH_SIGN_IN: Duration = Duration::minutes(10);

/// Whom we ask who somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    Google,
    Github,
    /// An OpenID Connect issuer of the operator's choice.
    Oidc,
}

impl Provider {
    pub const ALL: [Provider; 3] = [Provider::Google, Provider::Github, Provider::Oidc];

    pub const fn as_str(self) -> &'static str {
        match self {
            Provider::Google => "google",
            Provider::Github => "github",
            Provider::Oidc => "oidc",
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An account elsewhere that opens a user's account here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub id: IdentityId,
    pub user_id: UserId,
    pub provider: Provider,
    /// The provider's own, never reused name of the account (OpenID Connect Core, 5.7): not the address, which may pass
    /// to somebody else.
    pub subject: String,
    /// What people recognize it by: an address or a login as it was at the last sign-in.
    pub label: String,
    pub created_at: DateTime<Utc>,
    pub last_used_at: Option<DateTime<Utc>>,
}

/// What a provider says of whoever signed in there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    pub subject: String,
    /// Only an address that the provider says it has verified.
    pub verified_email: Option<Email>,
    /// An address or a login.
    pub label: String,
    /// What a new account here could be called.
    pub username: String,
    pub display_name: String,
}

/// A sign-in that went out to a provider and has not come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handshake {
    /// Of the `state` that the provider gives back (RFC 6749, 10.12).
    pub state: TokenHash,
    /// Of the cookie of the browser that began: nobody can make another browser come back in their place.
    pub browser: TokenHash,
    pub provider: Provider,
    /// [`HandshakeSecrets`].
    pub secrets: Sealed,
    /// Whoever is signed in and adds a way in; nobody, when somebody signs in.
    pub linking: Option<UserId>,
    pub return_to: ReturnTo,
    pub expires_at: DateTime<Utc>,
}

/// What only we know of a handshake.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HandshakeSecrets {
    /// Comes back inside of the ID token (OpenID Connect Core, 3.1.2.1).
    pub nonce: String,
    /// Proves to the provider that whoever redeems the code began the sign-in (RFC 7636).
    pub pkce_verifier: String,
}

/// Who came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// Whose identity this is here.
    pub known: Option<UserId>,
    /// Who began the handshake, signed in.
    pub linking: Option<UserId>,
    pub has_verified_email: bool,
    /// Whether the verified address is that of an account here.
    pub account_exists: bool,
    /// Whether this address may make an account.
    pub may_register: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Welcome {
    SignIn(UserId),
    Link(UserId),
    Register,
    Refuse(Unwelcome),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unwelcome {
    /// The identity belongs to another account here.
    Taken,
    EmailNotVerified,
    /// An account with this address is here: its owner signs in and adds the identity. An address alone proves nothing,
    /// or whoever controls a provider could take over every account.
    LinkRequired,
    NoAccount,
}

impl Unwelcome {
    /// Stable word for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Unwelcome::Taken => "identity_taken",
            Unwelcome::EmailNotVerified => "email_not_verified",
            Unwelcome::LinkRequired => "link_required",
            Unwelcome::NoAccount => "no_account",
        }
    }
}

impl Arrival {
    pub fn welcome(self) -> Welcome {
        match (self.linking, self.known) {
            (Some(user), Some(known)) if user == known => Welcome::SignIn(user),
            (Some(_), Some(_)) => Welcome::Refuse(Unwelcome::Taken),
            (None, Some(known)) => Welcome::SignIn(known),
            (_, None) if !self.has_verified_email => Welcome::Refuse(Unwelcome::EmailNotVerified),
            (Some(user), None) => Welcome::Link(user),
            (None, None) if self.account_exists => Welcome::Refuse(Unwelcome::LinkRequired),
            (None, None) if self.may_register => Welcome::Register,
            (None, None) => Welcome::Refuse(Unwelcome::NoAccount),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn user(number: u128) -> UserId {
        Uuid::from_u128(number).into()
    }

    fn arrivals() -> impl Strategy<Value = Arrival> {
        let somebody = || proptest::option::of((1_u128..4).prop_map(user));
        (somebody(), somebody(), any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
            |(known, linking, has_verified_email, account_exists, may_register)| Arrival {
                known,
                linking,
                has_verified_email,
                account_exists,
                may_register,
            },
        )
    }

    proptest! {
        #[test]
        fn nobody_signs_in_as_somebody_they_are_not_known_as(arrival in arrivals()) {
            if let Welcome::SignIn(user) = arrival.welcome() {
                prop_assert_eq!(arrival.known, Some(user));
            }
        }

        #[test]
        fn an_identity_is_added_only_by_who_is_signed_in_and_with_a_verified_address(arrival in arrivals()) {
            if let Welcome::Link(user) = arrival.welcome() {
                prop_assert_eq!(arrival.linking, Some(user));
                prop_assert!(arrival.known.is_none() && arrival.has_verified_email);
            }
        }

        #[test]
        fn an_account_is_never_taken_over_by_its_address(arrival in arrivals()) {
            if arrival.account_exists && arrival.known.is_none() && arrival.linking.is_none() {
                prop_assert!(matches!(arrival.welcome(), Welcome::Refuse(_)));
            }
        }

        #[test]
        fn who_registers_may(arrival in arrivals()) {
            if arrival.welcome() == Welcome::Register {
                prop_assert!(arrival.may_register && arrival.has_verified_email && !arrival.account_exists);
            }
        }
    }
}
