//! A transaction, seen as repositories.

use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::BoxStream;
use sqlx::Pool;

use super::{
    changes::{Changes, Hints, payload},
    dialect::Dialect,
    refusal::refusal,
    repository::{Repository, broken},
    transaction::{Standing, Transaction, answer},
};
use crate::ports::repository::{
    AccountTokenRepository, ApiTokenRepository, AttemptRepository, AuditRepository, DeploymentRepository,
    DeviceGrantRepository, EventRepository, HandshakeRepository, Hint, HostRepository, IdempotencyRepository,
    IdentityRepository, InstallationRepository, InvitationRepository, OrgRepository, QuotaRepository,
    ReplicaRepository, RouteDomainRepository, RouteRepository, SecondFactorRepository, SessionRepository,
    SigningKeyRepository, SshKeyRepository, Store, StoreResult, TemplateRepository, UnitOfWork,
    UserRepository, VariableRepository, WorkspaceRepository,
};

/// Two pools, because SQLite has one writer and many readers. On PostgreSQL both are the same one.
pub(super) struct SqlStore<DB: Dialect> {
    pub(super) writers: Pool<DB>,
    pub(super) readers: Pool<DB>,
    pub(super) changes: Arc<Changes>,
}

struct Work<DB: Dialect> {
    transaction: Transaction<DB>,
    hints: Hints,
    changes: Arc<Changes>,
}

macro_rules! implement {
    ($Db:ty) => {
        impl SqlStore<$Db> {
            async fn begin_on(&self, pool: &Pool<$Db>, statement: &'static str) -> StoreResult<Work<$Db>> {
                let begun = async {
                    let mut transaction = Transaction::on(pool).await?;
                    let (connection, standing) = transaction.parts();
                    answer(sqlx::query(statement).execute(connection), standing).await?;
                    Ok(transaction)
                };
                let transaction = begun.await.map_err(|error| refusal(&error, "unit of work"))?;
                Ok(Work { transaction, hints: Hints::new(), changes: self.changes.clone() })
            }
        }

        impl Work<$Db> {
            fn repository(&mut self, noun: &'static str) -> Repository<'_, $Db> {
                let Self { transaction, hints, .. } = self;
                let (connection, standing) = transaction.parts();
                Repository { connection, standing, hints, noun }
            }
        }

        #[async_trait]
        impl Store for SqlStore<$Db> {
            async fn begin(&self) -> StoreResult<Box<dyn UnitOfWork>> {
                Ok(Box::new(self.begin_on(&self.writers, <$Db>::BEGIN_WRITE).await?))
            }

            async fn read(&self) -> StoreResult<Box<dyn UnitOfWork>> {
                Ok(Box::new(self.begin_on(&self.readers, <$Db>::BEGIN_READ).await?))
            }

            async fn check(&self) -> StoreResult<()> {
                sqlx::query("SELECT 1")
                    .execute(&self.readers)
                    .await
                    .map(drop)
                    .map_err(|error| refusal(&error, "readiness"))
            }

            fn changes(&self) -> BoxStream<'static, Hint> {
                self.changes.follow()
            }

            fn is_shared(&self) -> bool {
                <$Db>::IS_SHARED
            }
        }

        #[async_trait]
        impl UnitOfWork for Work<$Db> {
            fn installation(&mut self) -> Box<dyn InstallationRepository + '_> {
                Box::new(self.repository("installation"))
            }

            fn users(&mut self) -> Box<dyn UserRepository + '_> {
                Box::new(self.repository("user"))
            }

            fn orgs(&mut self) -> Box<dyn OrgRepository + '_> {
                Box::new(self.repository("organization"))
            }

            fn invitations(&mut self) -> Box<dyn InvitationRepository + '_> {
                Box::new(self.repository("invitation"))
            }

            fn quotas(&mut self) -> Box<dyn QuotaRepository + '_> {
                Box::new(self.repository("quota"))
            }

            fn sessions(&mut self) -> Box<dyn SessionRepository + '_> {
                Box::new(self.repository("session"))
            }

            fn identities(&mut self) -> Box<dyn IdentityRepository + '_> {
                Box::new(self.repository("identity"))
            }

            fn handshakes(&mut self) -> Box<dyn HandshakeRepository + '_> {
                Box::new(self.repository("handshake"))
            }

            fn device_grants(&mut self) -> Box<dyn DeviceGrantRepository + '_> {
                Box::new(self.repository("device grant"))
            }

            fn account_tokens(&mut self) -> Box<dyn AccountTokenRepository + '_> {
                Box::new(self.repository("account token"))
            }

            fn second_factors(&mut self) -> Box<dyn SecondFactorRepository + '_> {
                Box::new(self.repository("second factor"))
            }

            fn api_tokens(&mut self) -> Box<dyn ApiTokenRepository + '_> {
                Box::new(self.repository("API token"))
            }

            fn ssh_keys(&mut self) -> Box<dyn SshKeyRepository + '_> {
                Box::new(self.repository("SSH key"))
            }

            fn signing_keys(&mut self) -> Box<dyn SigningKeyRepository + '_> {
                Box::new(self.repository("signing key"))
            }

            fn templates(&mut self) -> Box<dyn TemplateRepository + '_> {
                Box::new(self.repository("template"))
            }

            fn variables(&mut self) -> Box<dyn VariableRepository + '_> {
                Box::new(self.repository("variable"))
            }

            fn workspaces(&mut self) -> Box<dyn WorkspaceRepository + '_> {
                Box::new(self.repository("workspace"))
            }

            fn deployments(&mut self) -> Box<dyn DeploymentRepository + '_> {
                Box::new(self.repository("deployment"))
            }

            fn routes(&mut self) -> Box<dyn RouteRepository + '_> {
                Box::new(self.repository("route"))
            }

            fn route_domains(&mut self) -> Box<dyn RouteDomainRepository + '_> {
                Box::new(self.repository("domain"))
            }

            fn hosts(&mut self) -> Box<dyn HostRepository + '_> {
                Box::new(self.repository("host"))
            }

            fn events(&mut self) -> Box<dyn EventRepository + '_> {
                Box::new(self.repository("event"))
            }

            fn audit(&mut self) -> Box<dyn AuditRepository + '_> {
                Box::new(self.repository("audit entry"))
            }

            fn idempotency(&mut self) -> Box<dyn IdempotencyRepository + '_> {
                Box::new(self.repository("idempotency key"))
            }

            fn attempts(&mut self) -> Box<dyn AttemptRepository + '_> {
                Box::new(self.repository("attempt"))
            }

            fn replicas(&mut self) -> Box<dyn ReplicaRepository + '_> {
                Box::new(self.repository("replica"))
            }

            async fn commit(mut self: Box<Self>) -> StoreResult<()> {
                let failed = |error: sqlx::Error| refusal(&error, "unit of work");
                let (connection, standing) = self.transaction.parts();
                if *standing != Standing::Good {
                    return Err(broken());
                }
                if let (Some(notify), Some(payload)) = (<$Db>::NOTIFY, payload(&self.hints)) {
                    let told = sqlx::query(notify).bind(payload).execute(&mut *connection);
                    answer(told, standing).await.map_err(failed)?;
                }
                answer(sqlx::query("COMMIT").execute(connection), standing).await.map_err(failed)?;
                let Self { transaction, hints, changes } = *self;
                transaction.over();
                changes.committed(&hints);
                Ok(())
            }
        }
    };
}

for_each_engine!(implement);
