//! Where people sign in from. A device or network that an account was not seen with before is told to its owner.

use std::net::{IpAddr, Ipv6Addr};

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::{Origin, SignedIn};
use crate::{
    app::{App, mail::Mail},
    domain::{session::SignInMark, user_agent},
};

/// What limits count by, and what people move around in: an IPv4 address, or the /64 that one IPv6 client has for itself.
pub fn network(address: Option<IpAddr>) -> IpAddr {
    match address {
        Some(IpAddr::V6(address)) => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)))
        }
        Some(address) => address,
        None => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    }
}

/// Salted with the installation: the database does not say where people were. A browser's updates do not make it new.
pub(super) fn mark(app: &App, origin: &Origin) -> SignInMark {
    let mut hash = Sha256::new();
    hash.update(app.installation.as_uuid().as_bytes());
    hash.update(user_agent::describe(&origin.user_agent));
    hash.update([0]);
    hash.update(network(origin.address).to_string());
    hash.finalize().into()
}

/// Tells the owner of the account, after the commit, if the sign-in came from somewhere new.
pub fn tell_if_new(app: &App, signed_in: &SignedIn, origin: &Origin, now: DateTime<Utc>) {
    if signed_in.from_a_new_place {
        let mail = Mail::NewSignIn {
            username: signed_in.user.username.to_string(),
            device: user_agent::describe(&origin.user_agent),
            address: origin.address(),
            when: now,
        };
        app.mailer.send(&signed_in.user.email, &mail);
    }
}

#[cfg(test)]
mod tests {
    use super::network;

    #[test]
    fn one_ipv6_network_is_one_place() {
        let of = |text: &str| network(Some(text.parse().unwrap()));
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2::1"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_ne!(of("198.51.100.7"), of("198.51.100.8"));
    }
}
