use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{Repository, tables::MemberRow};
use crate::{
    domain::{
        ids::{OrgId, UserId},
        names::OrgSlug,
        org::Org,
        role::Role,
        route::Visibility,
        user::{Member, Membership},
        workspace::Status,
    },
    ports::repository::{Hint, OrgRepository, StoreError, StoreResult, text::storable},
};

#[async_trait]
impl OrgRepository for Repository<'_> {
    async fn add(&mut self, org: &Org) -> StoreResult<()> {
        let orgs = &mut self.writing()?.orgs;
        if orgs.contains_key(&org.id) {
            return self.taken("id");
        }
        if orgs.values().any(|other| other.slug == org.slug) {
            return self.taken("slug");
        }
        orgs.insert(org.id, Org { name: storable(&org.name).into_owned(), ..org.clone() });
        Ok(())
    }

    async fn find(&mut self, id: OrgId) -> StoreResult<Option<Org>> {
        Ok(self.reading()?.orgs.get(&id).cloned())
    }

    async fn find_by_slug(&mut self, slug: &OrgSlug) -> StoreResult<Option<Org>> {
        Ok(self.reading()?.orgs.values().find(|org| org.slug == *slug).cloned())
    }

    async fn list(&mut self) -> StoreResult<Vec<Org>> {
        let mut orgs: Vec<_> = self.reading()?.orgs.values().cloned().collect();
        orgs.sort_by(|a, b| a.slug.cmp(&b.slug));
        Ok(orgs)
    }

    async fn set_member(
        &mut self,
        org: OrgId,
        user: UserId,
        role: Role,
        now: DateTime<Utc>,
    ) -> StoreResult<()> {
        let tables = self.writing()?;
        if !tables.orgs.contains_key(&org) || !tables.users.contains_key(&user) {
            return self.dangling();
        }
        let joined_at = tables.members.get(&(org, user)).map_or(now, |row| row.joined_at);
        tables.members.insert((org, user), MemberRow { role, joined_at });
        self.tell(Hint::User(user));
        Ok(())
    }

    async fn memberships(&mut self, user: UserId) -> StoreResult<Vec<Membership>> {
        let tables = self.reading()?;
        let of_user = tables.members.iter().filter(|((_, member), _)| *member == user);
        let mut memberships: Vec<_> = of_user
            .filter_map(|((org, _), row)| {
                let org = tables.orgs.get(org)?;
                Some(Membership {
                    org_id: org.id,
                    slug: org.slug.clone(),
                    name: org.name.clone(),
                    role: row.role,
                })
            })
            .collect();
        memberships.sort_by(|a, b| a.slug.cmp(&b.slug));
        Ok(memberships)
    }

    async fn hold(&mut self, id: OrgId) -> StoreResult<Option<Org>> {
        // One writer at a time holds everything.
        Ok(self.writing()?.orgs.get(&id).cloned())
    }

    async fn rename(&mut self, id: OrgId, slug: &OrgSlug, name: &str, now: DateTime<Utc>) -> StoreResult<()> {
        let stale = self.stale();
        let orgs = &mut self.writing()?.orgs;
        if orgs.values().any(|other| other.id != id && other.slug == *slug) {
            return self.taken("slug");
        }
        let org = orgs.get_mut(&id).ok_or(stale)?;
        org.slug = slug.clone();
        org.name = storable(name).into_owned();
        org.updated_at = now;
        Ok(())
    }

    async fn cap_visibility(&mut self, id: OrgId, widest: Visibility, now: DateTime<Utc>) -> StoreResult<()> {
        let stale = self.stale();
        let org = self.writing()?.orgs.get_mut(&id).ok_or(stale)?;
        (org.max_visibility, org.updated_at) = (widest, now);
        Ok(())
    }

    async fn begin_deleting(&mut self, id: OrgId, now: DateTime<Utc>) -> StoreResult<()> {
        let stale = self.stale();
        let org = self.writing()?.orgs.get_mut(&id).ok_or(stale)?;
        org.deleting_since.get_or_insert(now);
        org.updated_at = now;
        Ok(())
    }

    async fn deleting(&mut self) -> StoreResult<Vec<OrgId>> {
        let orgs = self.reading()?.orgs.values();
        Ok(orgs.filter(|org| org.deleting_since.is_some()).map(|org| org.id).collect())
    }

    async fn bury(&mut self, id: OrgId, _now: DateTime<Utc>) -> StoreResult<()> {
        let (stale, noun) = (self.stale(), self.noun);
        let tables = self.writing()?;
        let mut workspaces = tables.workspaces.values().map(|row| &row.workspace);
        if workspaces.any(|it| it.org_id == id && it.state.status() != Status::Destroyed) {
            return Err(StoreError::Reference(noun));
        }
        tables.orgs.remove(&id).ok_or(stale)?;
        tables.buried_orgs.insert(id, ());
        tables.members.retain(|(org, _), _| *org != id);
        tables.quotas.remove(&id);
        tables.invitations.retain(|_, (invitation, _)| invitation.org_id != id);
        let gone: Vec<_> =
            tables.templates.values().filter(|it| it.org_id == Some(id)).map(|it| it.id).collect();
        tables.templates.retain(|template, _| !gone.contains(template));
        tables.versions.retain(|(template, _), _| !gone.contains(template));
        tables.drop_variables();
        Ok(())
    }

    async fn purge(&mut self) -> StoreResult<u64> {
        let tables = self.writing()?;
        let count = tables.buried_orgs.len();
        let workspaces = &tables.workspaces;
        tables.buried_orgs.retain(|id, ()| workspaces.values().any(|row| row.workspace.org_id == *id));
        Ok((count - tables.buried_orgs.len()) as u64)
    }

    async fn remove_member(&mut self, org: OrgId, user: UserId) -> StoreResult<()> {
        let stale = self.stale();
        self.writing()?.members.remove(&(org, user)).ok_or(stale)?;
        self.tell(Hint::User(user));
        Ok(())
    }

    async fn members(&mut self, org: OrgId) -> StoreResult<Vec<Member>> {
        let tables = self.reading()?;
        let rows = tables.members.iter().filter(|((of, _), _)| *of == org);
        let mut members: Vec<_> = rows
            .filter_map(|((_, id), row)| {
                let user = &tables.users.get(id)?.user;
                Some(Member {
                    user_id: user.id,
                    username: user.username.clone(),
                    email: user.email.clone(),
                    display_name: user.display_name.clone(),
                    role: row.role,
                    joined_at: row.joined_at,
                })
            })
            .collect();
        members.sort_by(|a, b| a.username.cmp(&b.username));
        Ok(members)
    }

    async fn role_of(&mut self, org: OrgId, user: UserId) -> StoreResult<Option<Role>> {
        Ok(self.reading()?.members.get(&(org, user)).map(|row| row.role))
    }

    async fn count_owners(&mut self, org: OrgId) -> StoreResult<u64> {
        let members = self.reading()?.members.iter();
        Ok(members.filter(|((of, _), row)| *of == org && row.role == Role::Owner).count() as u64)
    }

    async fn count_members(&mut self) -> StoreResult<Vec<(OrgId, u64)>> {
        let mut counts = BTreeMap::new();
        for (org, _) in self.reading()?.members.keys() {
            *counts.entry(*org).or_default() += 1;
        }
        Ok(counts.into_iter().collect())
    }
}
