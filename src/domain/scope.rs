//! What an API token may do of all that its owner may. A scope only narrows: the policy decides about the person first.

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{names::NameError, policy::Action};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// See everything the person may see.
    Read,
    /// Create, operate and destroy workspaces, and change their variables.
    Workspaces,
    /// Create and change templates and their variables.
    Templates,
    /// Organizations: members, invitations, variables, settings.
    Orgs,
    /// The person's own account: password, sessions, tokens, variables, second factor.
    Account,
    /// What stands above organizations.
    Platform,
}

impl Scope {
    pub const ALL: [Scope; 6] =
        [Scope::Read, Scope::Workspaces, Scope::Templates, Scope::Orgs, Scope::Account, Scope::Platform];

    pub const fn as_str(self) -> &'static str {
        match self {
            Scope::Read => "read",
            Scope::Workspaces => "workspaces",
            Scope::Templates => "templates",
            Scope::Orgs => "orgs",
            Scope::Account => "account",
            Scope::Platform => "platform",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text).ok_or_else(|| {
            NameError::new("must be one of read, workspaces, templates, orgs, account, platform")
        })
    }
}

/// At least one, and every one of them lets read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    /// `None` when there is none.
    pub fn new(scopes: impl IntoIterator<Item = Scope>) -> Option<Self> {
        let scopes: BTreeSet<_> = scopes.into_iter().collect();
        (!scopes.is_empty()).then_some(Self(scopes))
    }

    pub fn has(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    pub fn iter(&self) -> impl Iterator<Item = Scope> + '_ {
        self.0.iter().copied()
    }
}

/// What an action asks of a token. Reading is in every scope.
pub fn needed(action: Action) -> Scope {
    match action {
        Action::ReadOrg
        | Action::ReadTemplates
        | Action::ReadWorkspace
        | Action::ReadOrgVariables
        | Action::ReadWorkspaceVariables
        | Action::ReadAudit
        | Action::ReadPlatformAudit => Scope::Read,
        Action::CreateWorkspace
        | Action::OperateWorkspace
        | Action::EnterWorkspace
        | Action::DestroyWorkspace
        | Action::DestroyAllWorkspaces => Scope::Workspaces,
        Action::WriteTemplates => Scope::Templates,
        Action::WriteOrgVariables
        | Action::RemoveMember
        | Action::SetMember
        | Action::Invite
        | Action::ChangeOrg
        | Action::ChangeSlug
        | Action::DeleteOrg => Scope::Orgs,
        Action::WriteQuota | Action::ManageUsers | Action::AdministerPlatform => Scope::Platform,
    }
}

/// Whether a token with these scopes may do it, if its owner may.
pub fn permits(scopes: &Scopes, action: Action) -> bool {
    match needed(action) {
        Scope::Read => true,
        scope => scopes.has(scope),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(scope: Scope) -> Scopes {
        Scopes::new([scope]).unwrap()
    }

    #[test]
    fn every_scope_reads_and_writes_nothing_but_its_own() {
        for scope in Scope::ALL {
            for action in Action::ALL {
                let own = needed(*action) == scope || needed(*action) == Scope::Read;
                assert_eq!(permits(&only(scope), *action), own, "{scope} {action:?}");
            }
        }
        assert!(Action::ALL.iter().filter(|action| permits(&only(Scope::Read), **action)).count() >= 5);
        assert!(!permits(&only(Scope::Read), Action::OperateWorkspace));
        assert!(!permits(&only(Scope::Account), Action::ManageUsers));
    }

    #[test]
    fn nothing_is_no_scope() {
        assert_eq!(Scopes::new([]), None);
        assert!("admin".parse::<Scope>().is_err());
        for scope in Scope::ALL {
            assert_eq!(scope.as_str().parse(), Ok(scope));
        }
    }
}
