use std::cmp::Reverse;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::Repository;
use crate::{
    domain::{
        ids::{SessionId, UserId},
        session::{RefreshToken, Session, SignInMark, TokenHash},
    },
    ports::repository::{Hint, SessionRepository, StoreResult, text::storable},
};

impl Repository<'_> {
    fn add_token(&mut self, token: &RefreshToken) -> StoreResult<()> {
        let tables = self.writing()?;
        if tables.tokens.contains_key(&token.hash) {
            return self.taken("id");
        }
        if !tables.sessions.contains_key(&token.session_id) {
            return self.dangling();
        }
        tables.tokens.insert(token.hash, token.clone());
        Ok(())
    }
}

#[async_trait]
impl SessionRepository for Repository<'_> {
    async fn add(&mut self, session: &Session, token: &RefreshToken) -> StoreResult<()> {
        let tables = self.writing()?;
        if tables.sessions.contains_key(&session.id) {
            return self.taken("id");
        }
        if !tables.users.contains_key(&session.user_id) {
            return self.dangling();
        }
        let kept = Session {
            user_agent: storable(&session.user_agent).into_owned(),
            address: storable(&session.address).into_owned(),
            ..session.clone()
        };
        tables.sessions.insert(session.id, kept);
        self.add_token(token)
    }

    async fn find(&mut self, id: SessionId) -> StoreResult<Option<Session>> {
        Ok(self.reading()?.sessions.get(&id).cloned())
    }

    async fn find_by_token(&mut self, hash: &TokenHash) -> StoreResult<Option<(Session, RefreshToken)>> {
        let tables = self.reading()?;
        let Some(token) = tables.tokens.get(hash) else { return Ok(None) };
        Ok(tables.sessions.get(&token.session_id).map(|session| (session.clone(), token.clone())))
    }

    async fn rotate(
        &mut self,
        used: &TokenHash,
        successor: &RefreshToken,
        session_expires_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> StoreResult<()> {
        let stale = self.stale();
        let tables = self.writing()?;
        let session = tables.sessions.get_mut(&successor.session_id);
        let Some(session) = session.filter(|session| session.revoked_at.is_none()) else { return Err(stale) };
        session.last_used_at = now;
        session.expires_at = session_expires_at;
        let token = tables.tokens.get_mut(used);
        let Some(token) = token.filter(|token| token.session_id == successor.session_id) else {
            return Err(stale);
        };
        token.used_at.get_or_insert(now);
        self.add_token(successor)
    }

    async fn revoke(&mut self, id: SessionId, now: DateTime<Utc>) -> StoreResult<()> {
        let stale = self.stale();
        let session = self.writing()?.sessions.get_mut(&id).ok_or(stale)?;
        session.revoked_at.get_or_insert(now);
        self.tell(Hint::Session(id));
        Ok(())
    }

    async fn list_live(&mut self, user: UserId, now: DateTime<Utc>) -> StoreResult<Vec<Session>> {
        let sessions = self.reading()?.sessions.values();
        let mut live: Vec<_> =
            sessions.filter(|session| session.user_id == user && session.is_live(now)).cloned().collect();
        live.sort_by_key(|session| Reverse((session.last_used_at, session.id)));
        Ok(live)
    }

    async fn remember(&mut self, user: UserId, mark: &SignInMark, now: DateTime<Utc>) -> StoreResult<bool> {
        let tables = self.writing()?;
        if !tables.users.contains_key(&user) {
            return self.dangling();
        }
        Ok(tables.known_sign_ins.insert((user, *mark), now).is_none())
    }

    async fn is_known(&mut self, user: UserId, mark: &SignInMark) -> StoreResult<bool> {
        Ok(self.reading()?.known_sign_ins.contains_key(&(user, *mark)))
    }

    async fn forget(&mut self, seen_before: DateTime<Utc>) -> StoreResult<u64> {
        let known = &mut self.writing()?.known_sign_ins;
        let count = known.len();
        known.retain(|_, seen| *seen >= seen_before);
        Ok((count - known.len()) as u64)
    }

    async fn purge(&mut self, ended_before: DateTime<Utc>) -> StoreResult<u64> {
        let tables = self.writing()?;
        let before = tables.sessions.len();
        tables.sessions.retain(|_, session| {
            session.expires_at >= ended_before && session.revoked_at.is_none_or(|at| at >= ended_before)
        });
        let sessions = &tables.sessions;
        tables.tokens.retain(|_, token| sessions.contains_key(&token.session_id));
        Ok((before - tables.sessions.len()) as u64)
    }
}
