use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{Repository, page::page, tables::UserRow};
use crate::{
    domain::{
        ids::UserId,
        names::Username,
        user::{PasswordHash, User},
    },
    ports::repository::{Hint, PageRequest, StoreResult, UserRepository, text::storable, user::UserSummary},
};

impl Repository<'_> {
    fn user(&mut self, id: UserId) -> StoreResult<&mut UserRow> {
        let stale = self.stale();
        self.writing()?.users.get_mut(&id).ok_or(stale)
    }
}

#[async_trait]
impl UserRepository for Repository<'_> {
    async fn add(&mut self, user: &User, password: Option<&PasswordHash>) -> StoreResult<()> {
        let users = &mut self.writing()?.users;
        if users.contains_key(&user.id) {
            return self.taken("id");
        }
        if users.values().any(|row| row.user.username == user.username) {
            return self.taken("username");
        }
        if users.values().any(|row| row.user.email == user.email) {
            return self.taken("email");
        }
        let user = User { display_name: storable(&user.display_name).into_owned(), ..user.clone() };
        users.insert(user.id, UserRow { user, password: password.cloned() });
        Ok(())
    }

    async fn find(&mut self, id: UserId) -> StoreResult<Option<User>> {
        Ok(self.reading()?.users.get(&id).map(|row| row.user.clone()))
    }

    async fn find_by_login(&mut self, login: &str) -> StoreResult<Option<(User, Option<PasswordHash>)>> {
        let mut users = self.reading()?.users.values();
        let row = users.find(|row| row.user.username.as_str() == login || row.user.email.as_str() == login);
        Ok(row.map(|row| (row.user.clone(), row.password.clone())))
    }

    async fn set_password(
        &mut self,
        id: UserId,
        password: &PasswordHash,
        now: DateTime<Utc>,
    ) -> StoreResult<()> {
        let row = self.user(id)?;
        row.password = Some(password.clone());
        row.user.updated_at = now;
        Ok(())
    }

    async fn rename(&mut self, id: UserId, display_name: &str, now: DateTime<Utc>) -> StoreResult<()> {
        let row = self.user(id)?;
        row.user.display_name = storable(display_name).into_owned();
        row.user.updated_at = now;
        Ok(())
    }

    async fn usernames(&mut self, ids: &[UserId]) -> StoreResult<Vec<(UserId, Username)>> {
        let users = &self.reading()?.users;
        let names = ids.iter().filter_map(|id| Some((*id, users.get(id)?.user.username.clone())));
        Ok(names.collect())
    }

    async fn change(&mut self, user: &User) -> StoreResult<()> {
        let stale = self.stale();
        let users = &mut self.writing()?.users;
        if users.values().any(|row| row.user.id != user.id && row.user.email == user.email) {
            return self.taken("email");
        }
        let row = users.get_mut(&user.id).ok_or(stale)?;
        row.user = User {
            display_name: storable(&user.display_name).into_owned(),
            username: row.user.username.clone(),
            created_at: row.user.created_at,
            ..user.clone()
        };
        self.tell(Hint::User(user.id));
        Ok(())
    }

    async fn remove(&mut self, id: UserId) -> StoreResult<()> {
        let stale = self.stale();
        let tables = self.writing()?;
        if tables.workspaces.values().any(|row| row.workspace.owner_id == id) {
            return self.dangling();
        }
        tables.users.remove(&id).ok_or(stale)?;
        tables.members.retain(|(_, user), _| *user != id);
        let sessions: Vec<_> =
            tables.sessions.values().filter(|it| it.user_id == id).map(|it| it.id).collect();
        tables.sessions.retain(|session, _| !sessions.contains(session));
        tables.tokens.retain(|_, token| !sessions.contains(&token.session_id));
        tables.account_tokens.retain(|_, token| token.user_id != id);
        tables.second_factors.remove(&id);
        tables.recovery_codes.retain(|(user, _), ()| *user != id);
        tables.api_tokens.retain(|_, token| token.user_id != id);
        tables.ssh_keys.retain(|_, key| key.user_id != id);
        tables.known_sign_ins.retain(|(user, _), _| *user != id);
        tables.keys.retain(|(user, _), _| *user != id);
        tables.drop_variables();
        for (invitation, _) in tables.invitations.values_mut() {
            invitation.invited_by = invitation.invited_by.filter(|user| *user != id);
        }
        for version in tables.versions.values_mut() {
            version.created_by = version.created_by.filter(|user| *user != id);
        }
        for deployment in tables.deployments.values_mut() {
            deployment.requested_by = deployment.requested_by.filter(|user| *user != id);
        }
        self.tell(Hint::User(id));
        Ok(())
    }

    async fn list(&mut self, request: &PageRequest) -> StoreResult<Vec<UserSummary>> {
        let tables = self.reading()?;
        let summaries: Vec<_> = tables
            .users
            .values()
            .map(|row| {
                let sessions = tables.sessions.values().filter(|it| it.user_id == row.user.id);
                UserSummary {
                    user: row.user.clone(),
                    has_password: row.password.is_some(),
                    has_second_factor: tables
                        .second_factors
                        .get(&row.user.id)
                        .is_some_and(|factor| factor.confirmed_at.is_some()),
                    last_seen_at: sessions.map(|session| session.last_used_at).max(),
                    orgs: tables.members.keys().filter(|(_, user)| *user == row.user.id).count() as u64,
                }
            })
            .collect();
        let search = request.search.as_ref().map(|search| storable(search).to_ascii_lowercase());
        let found = summaries.iter().filter(|summary| {
            let User { username, email, display_name, .. } = &summary.user;
            let searched = format!("{username} {email} {display_name}").to_ascii_lowercase();
            search.as_ref().is_none_or(|search| searched.contains(search.as_str()))
        });
        let request = PageRequest { search: None, ..request.clone() };
        Ok(page(found, &request, |summary| (summary.user.username.as_str(), summary.user.id.as_uuid())))
    }

    async fn hold(&mut self, id: UserId) -> StoreResult<Option<User>> {
        Ok(self.writing()?.users.get(&id).map(|row| row.user.clone()))
    }

    async fn hold_admins(&mut self) -> StoreResult<Vec<UserId>> {
        let users = self.writing()?.users.values().map(|row| &row.user);
        let admins = users.filter(|user| user.platform_admin && user.suspended_at.is_none());
        Ok(admins.map(|user| user.id).collect())
    }
}
