//! Who may open a workspace's address. One function, whichever proxy asks.

use super::{
    ids::{OrgId, UserId, WorkspaceId},
    policy::{Action, Actor},
    route::Visibility,
};

/// What has to be known of an address to decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub workspace: WorkspaceId,
    pub org: OrgId,
    pub owner: UserId,
    pub visibility: Visibility,
    /// Whether what runs there is told who visits.
    pub identity: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    Admit,
    /// Nobody knows yet who this is.
    SignIn,
    /// It is known who this is, and they may not.
    Refuse,
}

/// What runs behind an address does what its visitors ask of it, so a token has to be one that may operate workspaces.
/// Administrators are no exception: who needs in changes the visibility, which is written down.
pub fn admission(place: &Place, visitor: Option<&Actor>) -> Admission {
    if place.visibility == Visibility::Public {
        return Admission::Admit;
    }
    let Some(visitor) = visitor else { return Admission::SignIn };
    let known = match place.visibility {
        Visibility::Private => visitor.user_id == place.owner,
        Visibility::Organization => visitor.platform_admin || visitor.role_in(place.org).is_some(),
        Visibility::Authenticated | Visibility::Public => true,
    };
    if known && visitor.credential.permits(Action::OperateWorkspace) {
        Admission::Admit
    } else {
        Admission::Refuse
    }
}

/// Whether a visitor who was let in is named to what runs there. A token that may not operate workspaces is nobody there:
/// a public address opens to it as it does to everybody.
pub fn is_named(place: &Place, visitor: &Actor) -> bool {
    place.identity && visitor.credential.permits(Action::OperateWorkspace)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::{
        policy::Credential,
        role::Role,
        scope::{Scope, Scopes},
        user::Membership,
    };

    const OWNER: u128 = 7;

    fn place(visibility: Visibility) -> Place {
        Place {
            workspace: Uuid::from_u128(3).into(),
            org: Uuid::from_u128(1).into(),
            owner: Uuid::from_u128(OWNER).into(),
            visibility,
            identity: false,
        }
    }

    fn person(id: u128, role: Option<Role>) -> Actor {
        let membership = |role| Membership {
            org_id: Uuid::from_u128(1).into(),
            slug: "acme".parse().unwrap(),
            name: "Acme".into(),
            role,
        };
        Actor {
            user_id: Uuid::from_u128(id).into(),
            username: "ada".parse().unwrap(),
            credential: Credential::Session(Uuid::nil().into()),
            platform_admin: false,
            memberships: role.map(membership).into_iter().collect(),
        }
    }

    fn of_all(visitor: Option<&Actor>) -> [Admission; 4] {
        Visibility::ALL.map(|visibility| admission(&place(visibility), visitor))
    }

    #[test]
    fn each_circle_is_wider_than_the_one_before() {
        use Admission::{Admit, Refuse, SignIn};
        let developer = Some(Role::Developer);
        let admin = Actor { platform_admin: true, ..person(9, None) };
        assert_eq!(of_all(None), [SignIn, SignIn, SignIn, Admit]);
        assert_eq!(of_all(Some(&person(9, None))), [Refuse, Refuse, Admit, Admit]);
        assert_eq!(of_all(Some(&person(8, developer))), [Refuse, Admit, Admit, Admit]);
        assert_eq!(of_all(Some(&person(OWNER, developer))), [Admit; 4]);
        assert_eq!(of_all(Some(&person(8, Some(Role::Owner)))), [Refuse, Admit, Admit, Admit]);
        assert_eq!(of_all(Some(&admin)), [Refuse, Admit, Admit, Admit]);
    }

    #[test]
    fn a_token_needs_the_scope_for_workspaces() {
        let with = |scope| Actor {
            credential: Credential::Token {
                id: Uuid::nil().into(),
                scopes: Scopes::new([scope]).unwrap(),
                expires_at: None,
            },
            ..person(OWNER, Some(Role::Developer))
        };
        for scope in Scope::ALL {
            let expected = if scope == Scope::Workspaces { Admission::Admit } else { Admission::Refuse };
            assert_eq!(admission(&place(Visibility::Private), Some(&with(scope))), expected, "{scope}");
            let told = Place { identity: true, ..place(Visibility::Public) };
            assert_eq!(is_named(&told, &with(scope)), scope == Scope::Workspaces, "{scope}");
        }
    }

    #[test]
    fn nobody_is_named_where_nobody_asked_for_it() {
        let owner = person(OWNER, Some(Role::Developer));
        for visibility in Visibility::ALL {
            assert!(!is_named(&place(visibility), &owner));
            assert!(is_named(&Place { identity: true, ..place(visibility) }, &owner));
        }
    }
}
