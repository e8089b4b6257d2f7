//! Who may do what: one table. Every entry point (HTTP, WebSocket, SSH, command line) comes through the use-cases, and
//! every use-case asks here.

use chrono::{DateTime, Utc};

use super::{
    ids::{ApiTokenId, OrgId, SessionId, UserId},
    names::Username,
    role::Role,
    scope::{self, Scope, Scopes},
    user::Membership,
};

/// Who is asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub user_id: UserId,
    pub username: Username,
    pub credential: Credential,
    pub platform_admin: bool,
    pub memberships: Vec<Membership>,
}

/// What somebody showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    Session(SessionId),
    /// An API token, which may narrow what its owner may do.
    Token {
        id: ApiTokenId,
        scopes: Scopes,
        expires_at: Option<DateTime<Utc>>,
    },
}

/// Which one it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CredentialId {
    Session(SessionId),
    Token(ApiTokenId),
}

impl From<SessionId> for CredentialId {
    fn from(id: SessionId) -> Self {
        Self::Session(id)
    }
}

impl From<ApiTokenId> for CredentialId {
    fn from(id: ApiTokenId) -> Self {
        Self::Token(id)
    }
}

impl Credential {
    pub fn id(&self) -> CredentialId {
        match self {
            Credential::Session(id) => CredentialId::Session(*id),
            Credential::Token { id, .. } => CredentialId::Token(*id),
        }
    }

    /// What a token narrows to, and until when; a session narrows nothing.
    pub fn limits(&self) -> Option<(&Scopes, Option<DateTime<Utc>>)> {
        match self {
            Credential::Session(_) => None,
            Credential::Token { scopes, expires_at, .. } => Some((scopes, *expires_at)),
        }
    }

    pub fn permits(&self, action: Action) -> bool {
        self.limits().is_none_or(|(scopes, _)| scope::permits(scopes, action))
    }

    /// Changing one's own account.
    pub fn permits_account(&self) -> bool {
        self.limits().is_none_or(|(scopes, _)| scopes.has(Scope::Account))
    }
}

impl Actor {
    /// `None`: it is an API token.
    pub fn session(&self) -> Option<SessionId> {
        match self.credential {
            Credential::Session(id) => Some(id),
            Credential::Token { .. } => None,
        }
    }

    pub fn role_in(&self, org: OrgId) -> Option<Role> {
        self.memberships.iter().find(|membership| membership.org_id == org).map(|membership| membership.role)
    }
}

/// The least that an action asks for. A platform admin may do everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Least {
    /// This role in the organization.
    Role(Role),
    /// The first role for what is one's own, the second for what is somebody else's.
    Own(Role, Role),
    /// What stands above organizations.
    Platform,
}

macro_rules! actions {
    ($($(#[$doc:meta])* $action:ident: $least:expr, $words:literal;)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Action {
            $($(#[$doc])* $action,)*
        }

        impl Action {
            pub const ALL: &[Action] = &[$(Action::$action,)*];

            pub const fn least(self) -> Least {
                match self {
                    $(Action::$action => $least,)*
                }
            }

            /// As the documentation calls it.
            pub const fn words(self) -> &'static str {
                match self {
                    $(Action::$action => $words,)*
                }
            }
        }
    };
}

actions! {
    ReadOrg: Least::Role(Role::Viewer), "see the organization, its members, quota and usage";
    ReadTemplates: Least::Role(Role::Viewer), "see its templates";
    ReadWorkspace: Least::Role(Role::Viewer), "see its workspaces, their logs and figures";
    CreateWorkspace: Least::Role(Role::Developer), "create a workspace";
    /// They are somebody's work, and what is not marked secret may still be private.
    ReadWorkspaceVariables: Least::Own(Role::Developer, Role::Admin),
        "see a workspace's variables (never a secret's value)";
    /// Start, stop, restart, update, cancel, retry, change routes and variables.
    OperateWorkspace: Least::Own(Role::Developer, Role::Admin), "start, stop, update and change a workspace";
    /// To see and do what its owner can inside: by a terminal, or whatever else leads in there.
    EnterWorkspace: Least::Own(Role::Developer, Role::Admin), "open a terminal in a workspace";
    DestroyWorkspace: Least::Own(Role::Developer, Role::Admin), "destroy a workspace";
    DestroyAllWorkspaces: Least::Role(Role::Admin), "destroy all workspaces";
    /// With their variables.
    WriteTemplates: Least::Role(Role::Admin), "create, change and remove templates";
    ReadOrgVariables: Least::Role(Role::Developer),
        "see its variables and those of its templates (never a secret's value)";
    WriteOrgVariables: Least::Role(Role::Admin), "change its variables";
    /// Removing a member; of oneself, it is leaving.
    RemoveMember: Least::Own(Role::Viewer, Role::Admin), "remove a member, up to one's own role (oneself: leave)";
    /// Making somebody a member, or changing a role: neither the role before nor the one after may be above one's own.
    SetMember: Least::Role(Role::Admin), "add members and change roles, up to one's own role";
    /// Inviting, and taking an invitation back.
    Invite: Least::Role(Role::Admin), "invite, up to one's own role, and see and withdraw invitations";
    ChangeOrg: Least::Role(Role::Admin), "rename the organization, and limit who sees its addresses";
    ReadAudit: Least::Role(Role::Admin), "read its audit log";
    ChangeSlug: Least::Role(Role::Owner), "change the organization's slug";
    DeleteOrg: Least::Role(Role::Owner), "delete the organization";
    WriteQuota: Least::Platform, "set an organization's quota";
    ManageUsers: Least::Platform, "create, change, suspend and remove users";
    ReadPlatformAudit: Least::Platform, "read the audit log of everything";
    /// Hosts and the catalog.
    AdministerPlatform: Least::Platform, "administer hosts and the catalog";
}

/// What the action is done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    Platform,
    Org(OrgId),
    /// A workspace, with the organization and the person it belongs to.
    Workspace {
        org: OrgId,
        owner: UserId,
    },
    /// A membership that is, was, or shall be, with the highest role in question; an invitation belongs to nobody yet.
    Membership {
        org: OrgId,
        user: Option<UserId>,
        role: Role,
    },
}

impl Resource {
    fn org(self) -> Option<OrgId> {
        match self {
            Resource::Platform => None,
            Resource::Org(org) | Resource::Workspace { org, .. } | Resource::Membership { org, .. } => {
                Some(org)
            }
        }
    }

    fn is_owned_by(self, actor: UserId) -> bool {
        match self {
            Resource::Platform | Resource::Org(_) => false,
            Resource::Workspace { owner, .. } => owner == actor,
            Resource::Membership { user, .. } => user == Some(actor),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Allow,
    /// The actor may know the resource, but not do this.
    Forbid,
    /// To this actor the resource does not exist.
    Hide,
}

/// The person's right first; an API token only narrows it.
pub fn can(actor: &Actor, action: Action, resource: Resource) -> Decision {
    match person_can(actor, action, resource) {
        Decision::Allow if !actor.credential.permits(action) => Decision::Forbid,
        decision => decision,
    }
}

fn person_can(actor: &Actor, action: Action, resource: Resource) -> Decision {
    if actor.platform_admin {
        return Decision::Allow;
    }
    let Some(org) = resource.org() else { return Decision::Forbid };
    let Some(role) = actor.role_in(org) else { return Decision::Hide };
    let least = match action.least() {
        Least::Role(least) => least,
        Least::Own(least, _) if resource.is_owned_by(actor.user_id) => least,
        Least::Own(_, least) => least,
        Least::Platform => return Decision::Forbid,
    };
    // Nobody gives, takes or touches a role above their own.
    let least = match resource {
        Resource::Membership { role: touched, .. } => least.max(touched),
        Resource::Platform | Resource::Org(_) | Resource::Workspace { .. } => least,
    };
    if role >= least { Decision::Allow } else { Decision::Forbid }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    const ME: u128 = 7;

    fn actor(role: Option<Role>) -> Actor {
        let memberships = role
            .map(|role| Membership {
                org_id: Uuid::from_u128(1).into(),
                slug: "acme".parse().unwrap(),
                name: "Acme".into(),
                role,
            })
            .into_iter()
            .collect();
        Actor {
            user_id: Uuid::from_u128(ME).into(),
            username: "ada".parse().unwrap(),
            credential: Credential::Session(Uuid::nil().into()),
            platform_admin: false,
            memberships,
        }
    }

    fn role() -> impl Strategy<Value = Role> {
        proptest::sample::select(&Role::ALL[..])
    }

    fn action() -> impl Strategy<Value = Action> {
        proptest::sample::select(Action::ALL)
    }

    /// In one of two organizations, of one of two people.
    fn resource() -> impl Strategy<Value = Resource> {
        let org = prop_oneof![4 => Just(1u128), 1 => Just(2)].prop_map(|id| OrgId::from(Uuid::from_u128(id)));
        let user = (ME..ME + 2).prop_map(|id| UserId::from(Uuid::from_u128(id)));
        (org, user, role(), 0..5).prop_map(|(org, user, role, kind)| match kind {
            0 => Resource::Platform,
            1 => Resource::Org(org),
            2 => Resource::Workspace { org, owner: user },
            3 => Resource::Membership { org, user: Some(user), role },
            _ => Resource::Membership { org, user: None, role },
        })
    }

    proptest! {
        #[test]
        fn a_higher_role_never_loses_a_right(
            one in role(), other in role(), action in action(), resource in resource()
        ) {
            let lower = can(&actor(Some(one.min(other))), action, resource);
            let higher = can(&actor(Some(one.max(other))), action, resource);
            prop_assert!(lower != Decision::Allow || higher == Decision::Allow);
        }

        #[test]
        fn to_a_stranger_nothing_exists(action in action(), resource in resource()) {
            let expected = if resource == Resource::Platform { Decision::Forbid } else { Decision::Hide };
            prop_assert_eq!(can(&actor(None), action, resource), expected);
        }

        #[test]
        fn another_organization_does_not_exist(role in role(), action in action(), resource in resource()) {
            let elsewhere = resource.org() == Some(Uuid::from_u128(2).into());
            prop_assert_eq!(can(&actor(Some(role)), action, resource) == Decision::Hide, elsewhere);
        }

        #[test]
        fn nobody_touches_a_role_above_their_own(
            mine in role(), touched in role(), action in action(), user in proptest::option::of(ME..ME + 2)
        ) {
            let user = user.map(|id| UserId::from(Uuid::from_u128(id)));
            let resource = Resource::Membership { org: Uuid::from_u128(1).into(), user, role: touched };
            let allowed = can(&actor(Some(mine)), action, resource) == Decision::Allow;
            prop_assert!(!allowed || touched <= mine);
        }

        #[test]
        fn a_platform_admin_may_do_everything(action in action(), resource in resource()) {
            let admin = Actor { platform_admin: true, ..actor(None) };
            prop_assert_eq!(can(&admin, action, resource), Decision::Allow);
        }
    }

    #[test]
    fn a_viewer_looks_and_leaves_and_nothing_else() {
        let org = Uuid::from_u128(1).into();
        let me = Some(Uuid::from_u128(ME).into());
        let mine = Resource::Membership { org, user: me, role: Role::Viewer };
        let viewer = actor(Some(Role::Viewer));
        for &action in Action::ALL {
            let reads = matches!(action, Action::ReadOrg | Action::ReadTemplates | Action::ReadWorkspace);
            let expected = |allowed: bool| if allowed { Decision::Allow } else { Decision::Forbid };
            assert_eq!(can(&viewer, action, Resource::Org(org)), expected(reads), "{action:?}");
            let leaves = action == Action::RemoveMember;
            assert_eq!(can(&viewer, action, mine), expected(reads || leaves), "{action:?}");
        }
    }

    #[test]
    fn developers_operate_their_own_workspaces_only() {
        let org = Uuid::from_u128(1).into();
        let of = |owner| Resource::Workspace { org, owner: Uuid::from_u128(owner).into() };
        let developer = actor(Some(Role::Developer));
        for action in [
            Action::ReadWorkspaceVariables,
            Action::OperateWorkspace,
            Action::EnterWorkspace,
            Action::DestroyWorkspace,
        ] {
            assert_eq!(can(&developer, action, of(ME)), Decision::Allow);
            assert_eq!(can(&developer, action, of(ME + 1)), Decision::Forbid);
            assert_eq!(can(&actor(Some(Role::Admin)), action, of(ME + 1)), Decision::Allow);
        }
    }

    #[test]
    fn a_token_never_widens_what_its_owner_may() {
        let of = |scopes: &[Scope]| Credential::Token {
            id: Uuid::nil().into(),
            scopes: Scopes::new(scopes.iter().copied()).unwrap(),
            expires_at: None,
        };
        let org = Uuid::from_u128(1).into();
        let resources = [
            Resource::Platform,
            Resource::Org(org),
            Resource::Org(Uuid::from_u128(2).into()),
            Resource::Workspace { org, owner: Uuid::from_u128(ME).into() },
        ];
        for role in Role::ALL.map(Some).into_iter().chain([None]) {
            for platform_admin in [false, true] {
                let person = Actor { platform_admin, ..actor(role) };
                let all = Actor { credential: of(&Scope::ALL), ..person.clone() };
                let reader = Actor { credential: of(&[Scope::Read]), ..person.clone() };
                for action in Action::ALL {
                    for resource in resources {
                        let allowed = can(&person, *action, resource);
                        assert_eq!(can(&all, *action, resource), allowed, "{action:?} {resource:?}");
                        let reads = scope::needed(*action) == Scope::Read;
                        let expected =
                            if allowed == Decision::Allow && !reads { Decision::Forbid } else { allowed };
                        assert_eq!(can(&reader, *action, resource), expected, "{action:?} {resource:?}");
                    }
                }
            }
        }
    }

    /// The documentation shows this very table.
    #[test]
    fn the_documented_table_is_this_one() {
        let documentation = include_str!("../../docs/security-model.md");
        let column = |allowed: bool| if allowed { "yes" } else { "" };
        let mut table = String::from(
            "| action | viewer | developer | admin | owner | platform admin |\n|---|---|---|---|---|---|\n",
        );
        for action in Action::ALL {
            let cells = Role::ALL.map(|role| match action.least() {
                Least::Role(least) => column(role >= least),
                Least::Own(own, any) if role >= own && role < any => "their own",
                Least::Own(_, any) => column(role >= any),
                Least::Platform => "",
            });
            table += &format!("| {} | {} | yes |\n", action.words(), cells.join(" | "));
        }
        assert!(documentation.contains(&table), "docs/security-model.md must hold this table:\n{table}");
    }
}
