use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::StoreResult;
use crate::domain::{
    ids::{OrgId, UserId},
    names::OrgSlug,
    org::Org,
    role::Role,
    route::Visibility,
    user::{Member, Membership},
};

#[async_trait]
pub trait OrgRepository: Send {
    /// `Taken("slug")`.
    async fn add(&mut self, org: &Org) -> StoreResult<()>;

    async fn find(&mut self, id: OrgId) -> StoreResult<Option<Org>>;
    async fn find_by_slug(&mut self, slug: &OrgSlug) -> StoreResult<Option<Org>>;

    /// Holds the organization to the end of the unit of work: whoever else would hold it waits, and then sees what was
    /// committed. For what must be decided on what the organization has: its owners, its quota, its end.
    async fn hold(&mut self, id: OrgId) -> StoreResult<Option<Org>>;

    /// All, by slug.
    async fn list(&mut self) -> StoreResult<Vec<Org>>;

    /// `Taken("slug")`.
    async fn rename(&mut self, id: OrgId, slug: &OrgSlug, name: &str, now: DateTime<Utc>) -> StoreResult<()>;

    /// For addresses from now on; those that are there change with [`super::RouteRepository::narrow`].
    async fn cap_visibility(&mut self, id: OrgId, widest: Visibility, now: DateTime<Utc>) -> StoreResult<()>;

    /// From now on it is on its way out; the first time counts.
    async fn begin_deleting(&mut self, id: OrgId, now: DateTime<Utc>) -> StoreResult<()>;

    /// Those on their way out, by id.
    async fn deleting(&mut self) -> StoreResult<Vec<OrgId>>;

    /// Gone from here on, with its templates, variables, memberships, invitations and quota; its slug is free. Rows of destroyed
    /// workspaces stay: by them what turns up late on a host is known. `Reference("organization")` while it has a
    /// workspace that is not destroyed.
    async fn bury(&mut self, id: OrgId, now: DateTime<Utc>) -> StoreResult<()>;

    /// Removes what is left of buried ones that no workspace refers to any more. Returns how many.
    async fn purge(&mut self) -> StoreResult<u64>;

    /// Makes the user a member, or changes the role.
    async fn set_member(
        &mut self,
        org: OrgId,
        user: UserId,
        role: Role,
        now: DateTime<Utc>,
    ) -> StoreResult<()>;

    /// `Stale("organization")` when they are none.
    async fn remove_member(&mut self, org: OrgId, user: UserId) -> StoreResult<()>;

    /// The user's organizations, by slug.
    async fn memberships(&mut self, user: UserId) -> StoreResult<Vec<Membership>>;

    /// By username.
    async fn members(&mut self, org: OrgId) -> StoreResult<Vec<Member>>;

    async fn role_of(&mut self, org: OrgId, user: UserId) -> StoreResult<Option<Role>>;

    async fn count_owners(&mut self, org: OrgId) -> StoreResult<u64>;

    /// How many belong to each, in no order; one without members is left out.
    async fn count_members(&mut self) -> StoreResult<Vec<(OrgId, u64)>>;
}
