use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::Repository;
use crate::{
    domain::ids::InstallationId,
    ports::repository::{InstallationRepository, StoreResult, installation::Installation},
};

#[async_trait]
impl InstallationRepository for Repository<'_> {
    async fn establish(&mut self, id: InstallationId, now: DateTime<Utc>) -> StoreResult<Installation> {
        let installation = &mut self.writing()?.installation;
        Ok(installation
            .get_or_insert(Installation { id, created_at: now, setup_at: None, restore_id: None })
            .clone())
    }

    async fn find(&mut self) -> StoreResult<Option<Installation>> {
        Ok(self.reading()?.installation.clone())
    }

    async fn check_key(&mut self, derived: &[u8; 32]) -> StoreResult<[u8; 32]> {
        let stale = self.stale();
        let tables = self.writing()?;
        if tables.installation.is_none() {
            return Err(stale);
        }
        Ok(*tables.key_check.get_or_insert(*derived))
    }

    async fn complete_setup(&mut self, now: DateTime<Utc>) -> StoreResult<bool> {
        match &mut self.writing()?.installation {
            Some(Installation { setup_at: setup @ None, .. }) => {
                *setup = Some(now);
                Ok(true)
            }
            _ => Ok(false),
        }
    }
}
