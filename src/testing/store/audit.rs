use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{
    Repository, kept,
    page::{newest, page},
};
use crate::{
    domain::audit::AuditEntry,
    ports::repository::{AuditRepository, PageRequest, StoreResult, audit::AuditFilter, text::storable},
};

#[async_trait]
impl AuditRepository for Repository<'_> {
    async fn append(&mut self, entry: &AuditEntry) -> StoreResult<()> {
        let audit = &mut self.writing()?.audit;
        if audit.contains_key(&entry.id) {
            return self.taken("id");
        }
        let row = AuditEntry {
            action: storable(&entry.action).into_owned(),
            target: storable(&entry.target).into_owned(),
            target_name: entry.target_name.as_deref().map(|name| storable(name).into_owned()),
            address: storable(&entry.address).into_owned(),
            detail: kept(&entry.detail)?,
            ..entry.clone()
        };
        audit.insert(entry.id, row);
        Ok(())
    }

    async fn list(&mut self, filter: &AuditFilter, request: &PageRequest) -> StoreResult<Vec<AuditEntry>> {
        let below = |action: &str, wanted: &str| {
            action.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let found = self.reading()?.audit.values().filter(|entry| {
            filter.org.is_none_or(|org| entry.org_id == Some(org))
                && filter.user.is_none_or(|user| entry.user_id == Some(user))
                && filter.action.as_ref().is_none_or(|action| below(&entry.action, &storable(action)))
                && filter.target.as_ref().is_none_or(|target| entry.target == storable(target))
                && filter.from.is_none_or(|from| entry.at >= from)
                && filter.to.is_none_or(|to| entry.at < to)
        });
        Ok(page(found, &newest(request), |entry| (&entry.action, entry.id.as_uuid())))
    }

    async fn purge(&mut self, made_before: DateTime<Utc>) -> StoreResult<u64> {
        let audit = &mut self.writing()?.audit;
        let count = audit.len();
        audit.retain(|_, entry| entry.at >= made_before);
        Ok((count - audit.len()) as u64)
    }
}
