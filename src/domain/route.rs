//! Host names of workspaces and where they lead.

use std::{fmt, net::SocketAddr, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    access::Place,
    custom_domain::CustomHost,
    ids::{DomainId, OrgId, RouteId, UserId, WorkspaceId},
    names::{ComponentName, NameError, ShortId, WorkspaceName},
    workspace::Status,
};

/// Longest label of a host name (RFC 1035, 2.3.4).
const MAX_LABEL: usize = 63;

/// Each is seen by everybody who sees the one before.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// The owner of the workspace.
    #[default]
    Private,
    /// Members of the organization.
    Organization,
    /// Everybody who is signed in.
    Authenticated,
    /// Everybody.
    Public,
}

impl Visibility {
    pub const ALL: [Visibility; 4] =
        [Visibility::Private, Visibility::Organization, Visibility::Authenticated, Visibility::Public];

    pub const fn as_str(self) -> &'static str {
        match self {
            Visibility::Private => "private",
            Visibility::Organization => "organization",
            Visibility::Authenticated => "authenticated",
            Visibility::Public => "public",
        }
    }
}

impl fmt::Display for Visibility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Visibility {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Visibility::ALL
            .into_iter()
            .find(|visibility| visibility.as_str() == text)
            .ok_or_else(|| NameError::new("must be one of private, organization, authenticated, public"))
    }
}

/// A route of one workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    pub id: RouteId,
    pub workspace_id: WorkspaceId,
    /// `None` for the main port: the host name has no application in front.
    pub app: Option<ComponentName>,
    /// First label of the host name; the workspace domain follows.
    pub label: String,
    pub component: ComponentName,
    pub port: u16,
    pub visibility: Visibility,
    /// Whether its component is told who visits.
    pub identity: bool,
    pub target: RouteTarget,
}

/// Where a route leads at the moment. The proxy's table is a function of these rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum RouteTarget {
    /// Its component has not been ready yet.
    Pending,
    Live {
        address: SocketAddr,
        /// For a proxy that looks after components by itself. `None`: the component has no such check on this port.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        health: Option<HealthCheck>,
    },
    /// Taken back before its container went.
    Withdrawn,
}

impl RouteTarget {
    /// Where it leads, if anywhere.
    pub const fn address(&self) -> Option<SocketAddr> {
        match self {
            RouteTarget::Live { address, .. } => Some(*address),
            RouteTarget::Pending | RouteTarget::Withdrawn => None,
        }
    }

    pub const fn as_str(&self) -> &'static str {
        match self {
            RouteTarget::Pending => "pending",
            RouteTarget::Live { .. } => "live",
            RouteTarget::Withdrawn => "withdrawn",
        }
    }
}

/// How to ask whether what a route leads to is well: by a GET that is answered with a status below 400.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthCheck {
    pub path: String,
    pub interval: Duration,
    /// For one try.
    pub timeout: Duration,
}

/// A row of the proxy's table: a route with what the proxy must know of its workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedRoute {
    pub route: Route,
    pub org_id: OrgId,
    pub owner_id: UserId,
    pub workspace_name: WorkspaceName,
    pub workspace_status: Status,
    /// Custom domains that were shown to be of whoever has the route, by host.
    pub domains: Vec<PublishedDomain>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedDomain {
    pub id: DomainId,
    pub host: CustomHost,
}

impl PublishedRoute {
    /// What its host names are known by: its label, and each custom domain whole.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.route.label.as_str())
            .chain(self.domains.iter().map(|domain| domain.host.as_str()))
    }

    pub fn place(&self) -> Place {
        Place {
            workspace: self.route.workspace_id,
            org: self.org_id,
            owner: self.owner_id,
            visibility: self.route.visibility,
            identity: self.route.identity,
        }
    }
}

/// `<workspace>-<short id>` or `<app>--<workspace>-<short id>`, at most 63 characters: a long application is cut and
/// ends in a digest of its whole name, so that two long names stay different.
pub fn route_label(app: Option<&ComponentName>, workspace: &WorkspaceName, short_id: &ShortId) -> String {
    let base = format!("{workspace}-{short_id}");
    let Some(app) = app else { return base };
    let room = MAX_LABEL - base.len() - "--".len();
    if app.as_str().len() <= room {
        return format!("{app}--{base}");
    }
    const DIGEST_LEN: usize = 6;
    let digest = hex::encode(Sha256::digest(app.as_str()));
    let kept = app.as_str()[..room - DIGEST_LEN - 1].trim_end_matches('-');
    format!("{kept}-{}--{base}", &digest[..DIGEST_LEN])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn labels_fit_and_stay_apart(
            workspace in "[a-z]([a-z0-9]{0,30}[a-z0-9])?",
            one in "[a-z]([a-z0-9]{0,38}[a-z0-9])?",
            two in "[a-z]([a-z0-9]{0,38}[a-z0-9])?",
            bits: u128,
        ) {
            let short = ShortId::of(uuid::Uuid::from_u128(bits).into());
            let workspace: WorkspaceName = workspace.parse().unwrap();
            let (one, two): (ComponentName, ComponentName) = (one.parse().unwrap(), two.parse().unwrap());
            let labels = [None, Some(&one), Some(&two)].map(|app| route_label(app, &workspace, &short));
            for label in &labels {
                prop_assert!(label.len() <= MAX_LABEL, "{label}");
                prop_assert!(!label.starts_with('-') && !label.ends_with('-'));
            }
            prop_assert_ne!(&labels[0], &labels[1]);
            prop_assert_eq!(one == two, labels[1] == labels[2]);
        }
    }

    #[test]
    fn short_names_read_as_written() {
        let short = "abcdefgh".parse().unwrap();
        let workspace = "shop".parse().unwrap();
        assert_eq!(route_label(None, &workspace, &short), "shop-abcdefgh");
        assert_eq!(route_label(Some(&"api".parse().unwrap()), &workspace, &short), "api--shop-abcdefgh");
    }
}
