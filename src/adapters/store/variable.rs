use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

use super::{
    column::Word,
    repository::{Record, Repository},
};
use crate::{
    domain::{
        names::VariableName,
        secret::Sealed,
        variable::{Variable, VariableScope},
    },
    ports::repository::{StoreError, StoreResult, VariableRepository},
};

#[derive(FromRow)]
struct VariableRow {
    id: Uuid,
    org_id: Option<Uuid>,
    template_id: Option<Uuid>,
    user_id: Option<Uuid>,
    workspace_id: Option<Uuid>,
    name: Word<VariableName>,
    secret: bool,
    sealed: Vec<u8>,
    updated_at: DateTime<Utc>,
}

impl Record for VariableRow {
    const TABLE: &'static str = "variables";
}

impl TryFrom<VariableRow> for Variable {
    type Error = StoreError;

    fn try_from(row: VariableRow) -> StoreResult<Self> {
        let scope = match (row.org_id, row.template_id, row.user_id, row.workspace_id) {
            (Some(id), None, None, None) => VariableScope::Org(id.into()),
            (None, Some(id), None, None) => VariableScope::Template(id.into()),
            (None, None, Some(id), None) => VariableScope::User(id.into()),
            (None, None, None, Some(id)) => VariableScope::Workspace(id.into()),
            _ => {
                return Err(StoreError::Corrupt {
                    table: VariableRow::TABLE,
                    id: row.id.to_string(),
                    reason: "it must belong to exactly one scope".into(),
                });
            }
        };
        Ok(Self {
            id: row.id.into(),
            scope,
            name: row.name.0,
            secret: row.secret,
            sealed: Sealed::from_bytes(row.sealed),
            updated_at: row.updated_at,
        })
    }
}

/// The column that names the scope, and what it holds.
fn column(scope: VariableScope) -> (&'static str, Uuid) {
    match scope {
        VariableScope::Org(id) => ("org_id", id.as_uuid()),
        VariableScope::Template(id) => ("template_id", id.as_uuid()),
        VariableScope::User(id) => ("user_id", id.as_uuid()),
        VariableScope::Workspace(id) => ("workspace_id", id.as_uuid()),
    }
}

macro_rules! implement {
    ($Db:ty) => {
        #[async_trait]
        impl VariableRepository for Repository<'_, $Db> {
            async fn list(&mut self, scopes: &[VariableScope]) -> StoreResult<Vec<Variable>> {
                let mut query = QueryBuilder::<$Db>::new(
                    "SELECT id, org_id, template_id, user_id, workspace_id, name, secret, sealed, updated_at
                     FROM variables WHERE ",
                );
                let mut any = query.separated(" OR ");
                any.push("FALSE");
                for (column, id) in scopes.iter().copied().map(column) {
                    any.push(column).push_unseparated(" = ").push_bind_unseparated(id);
                }
                query.push(" ORDER BY name, id");
                let rows = self.rows::<VariableRow>(query.build()).await?;
                rows.into_iter().map(Variable::try_from).collect()
            }

            async fn put(&mut self, variable: &Variable) -> StoreResult<()> {
                let (column, id) = column(variable.scope);
                let mut query = QueryBuilder::<$Db>::new("INSERT INTO variables (id, name, secret, sealed, ");
                query.push("updated_at, ").push(column).push(") ");
                query.push_values([variable], |mut row, variable| {
                    row.push_bind(variable.id.as_uuid())
                        .push_bind(variable.name.as_str())
                        .push_bind(variable.secret)
                        .push_bind(variable.sealed.as_bytes())
                        .push_bind(variable.updated_at)
                        .push_bind(id);
                });
                query.push(" ON CONFLICT (").push(column).push(
                    ", name) DO UPDATE
                     SET secret = excluded.secret, sealed = excluded.sealed, updated_at = excluded.updated_at",
                );
                self.execute(query.build()).await.map(drop)
            }

            async fn remove(&mut self, scope: VariableScope, name: &VariableName) -> StoreResult<bool> {
                let (column, id) = column(scope);
                let mut query = QueryBuilder::<$Db>::new("DELETE FROM variables WHERE ");
                query.push(column).push(" = ").push_bind(id);
                query.push(" AND name = ").push_bind(name.as_str());
                Ok(self.execute(query.build()).await? > 0)
            }

            async fn clear(&mut self, scope: VariableScope) -> StoreResult<u64> {
                let (column, id) = column(scope);
                let mut query = QueryBuilder::<$Db>::new("DELETE FROM variables WHERE ");
                query.push(column).push(" = ").push_bind(id);
                self.execute(query.build()).await
            }
        }
    };
}

for_each_engine!(implement);
