//! Typed identifiers. Inside the program a workspace can never be looked up by a deployment's id; raw
//! [`Uuid`]s exist only in wire and row structs.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Uuid {
                id.0
            }
        }

        impl $name {
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )*};
}

id! {
    /// One installation of DevSanctum: the value of the label that marks every Docker object of ours.
    InstallationId,
    UserId,
    OrgId,
    SessionId,
    TemplateId,
    WorkspaceId,
    DeploymentId,
    RouteId,
    /// A route's claim to a custom domain.
    DomainId,
    VolumeId,
    HostId,
    AuditId,
    InvitationId,
    ApiTokenId,
    SshKeyId,
    /// One running server process; the holder of leases.
    ReplicaId,
    IdentityId,
    VariableId,
    /// One restore from a backup.
    RestoreId,
}

/// A UUIDv7 (RFC 9562) from an instant and 80 random bits, so that ids sort by the time they were made.
pub fn uuid_v7(now: DateTime<Utc>, random: &[u8; 10]) -> Uuid {
    let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, random).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_seven_sorts_by_time() {
        let early = uuid_v7(DateTime::from_timestamp_millis(1_000).unwrap(), &[0xff; 10]);
        let late = uuid_v7(DateTime::from_timestamp_millis(1_001).unwrap(), &[0; 10]);
        assert_eq!(early.get_version_num(), 7);
        assert!(early < late);
    }
}
