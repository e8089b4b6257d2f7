//! The rows.

use std::{
    collections::BTreeMap,
    ops::{Deref, DerefMut},
    sync::Arc,
};

use bytes::Bytes;
use chrono::{DateTime, Utc};

use crate::{
    domain::{
        account::AccountToken,
        api_token::ApiToken,
        audit::AuditEntry,
        custom_domain::RouteDomain,
        deployment::{Deployment, NumberedLogLine, Step},
        device::DeviceGrant,
        event::NewEvent,
        host::Host,
        identity::{Handshake, Identity},
        ids::{
            ApiTokenId, AuditId, DeploymentId, DomainId, HostId, IdentityId, InvitationId, OrgId, ReplicaId,
            RouteId, SessionId, SshKeyId, TemplateId, UserId, VolumeId, WorkspaceId,
        },
        invitation::{Invitation, InvitationHash},
        names::VariableName,
        org::Org,
        quota::Quota,
        role::Role,
        route::Route,
        second_factor::{RecoveryHash, SecondFactor},
        secret::Sealed,
        session::{RefreshToken, Session, SignInMark, TokenHash},
        signing_key::{KeyFamily, SigningKey},
        ssh_key::SshKey,
        template::{Template, TemplateVersion},
        user::{PasswordHash, User},
        variable::{Variable, VariableScope},
        workspace::{Volume, Workspace},
    },
    ports::repository::{
        attempt::AttemptKey, idempotency::IdempotencyRecord, installation::Installation, replica::Replica,
    },
};

/// Copied when it is written while another copy of the tables still looks at it.
#[derive(Clone)]
pub(super) struct Table<K, V>(Arc<BTreeMap<K, V>>);

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K, V> Deref for Table<K, V> {
    type Target = BTreeMap<K, V>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<K: Clone, V: Clone> DerefMut for Table<K, V> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        Arc::make_mut(&mut self.0)
    }
}

#[derive(Clone, Default)]
pub(super) struct Tables {
    pub(super) installation: Option<Installation>,
    pub(super) users: Table<UserId, UserRow>,
    pub(super) orgs: Table<OrgId, Org>,
    pub(super) members: Table<(OrgId, UserId), MemberRow>,
    pub(super) quotas: Table<OrgId, Quota>,
    pub(super) buried_orgs: Table<OrgId, ()>,
    pub(super) invitations: Table<InvitationId, (Invitation, InvitationHash)>,
    pub(super) account_tokens: Table<TokenHash, AccountToken>,
    pub(super) second_factors: Table<UserId, SecondFactor>,
    pub(super) recovery_codes: Table<(UserId, RecoveryHash), ()>,
    pub(super) api_tokens: Table<ApiTokenId, ApiToken>,
    pub(super) ssh_keys: Table<SshKeyId, SshKey>,
    pub(super) signing_keys: Table<(KeyFamily, String), SigningKey>,
    pub(super) known_sign_ins: Table<(UserId, SignInMark), DateTime<Utc>>,
    pub(super) sessions: Table<SessionId, Session>,
    pub(super) tokens: Table<TokenHash, RefreshToken>,
    pub(super) identities: Table<IdentityId, Identity>,
    pub(super) handshakes: Table<TokenHash, Handshake>,
    pub(super) device_grants: Table<TokenHash, DeviceGrant>,
    pub(super) templates: Table<TemplateId, Template>,
    pub(super) versions: Table<(TemplateId, i32), TemplateVersion>,
    pub(super) archives: Table<String, Bytes>,
    pub(super) hosts: Table<HostId, Host>,
    pub(super) workspaces: Table<WorkspaceId, WorkspaceRow>,
    pub(super) variables: Table<(VariableScope, VariableName), Variable>,
    pub(super) volumes: Table<VolumeId, Volume>,
    pub(super) deployments: Table<DeploymentId, Deployment>,
    pub(super) steps: Table<(DeploymentId, i32), Step>,
    pub(super) logs: Table<(DeploymentId, i64), NumberedLogLine>,
    pub(super) routes: Table<RouteId, Route>,
    pub(super) route_domains: Table<DomainId, RouteDomain>,
    pub(super) events: Table<i64, NewEvent>,
    pub(super) last_event: i64,
    pub(super) audit: Table<AuditId, AuditEntry>,
    pub(super) keys: Table<(UserId, String), IdempotencyRecord>,
    pub(super) key_check: Option<[u8; 32]>,
    pub(super) route_revisions: Table<i64, WorkspaceId>,
    pub(super) last_route_revision: i64,
    pub(super) replicas: Table<ReplicaId, Replica>,
    pub(super) attempts: Table<AttemptKey, i64>,
}

#[derive(Clone)]
pub(super) struct MemberRow {
    pub(super) role: Role,
    pub(super) joined_at: DateTime<Utc>,
}

#[derive(Clone)]
pub(super) struct UserRow {
    pub(super) user: User,
    pub(super) password: Option<PasswordHash>,
}

#[derive(Clone)]
pub(super) struct WorkspaceRow {
    pub(super) workspace: Workspace,
    pub(super) spec: Sealed,
    pub(super) due: Option<DateTime<Utc>>,
    /// Until when somebody holds it.
    pub(super) leased_until: Option<DateTime<Utc>>,
    pub(super) token: i64,
}
