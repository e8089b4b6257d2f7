use async_trait::async_trait;

use super::{Repository, tables::Tables};
use crate::{
    domain::{
        names::VariableName,
        variable::{Variable, VariableScope},
    },
    ports::repository::{StoreResult, VariableRepository},
};

fn exists(tables: &Tables, scope: VariableScope) -> bool {
    match scope {
        VariableScope::Org(id) => tables.orgs.contains_key(&id),
        VariableScope::Template(id) => tables.templates.contains_key(&id),
        VariableScope::User(id) => tables.users.contains_key(&id),
        VariableScope::Workspace(id) => tables.workspaces.contains_key(&id),
    }
}

impl Tables {
    /// Variables go with what they belong to.
    pub(super) fn drop_variables(&mut self) {
        let orphans: Vec<_> =
            self.variables.keys().filter(|(scope, _)| !exists(self, *scope)).cloned().collect();
        for orphan in orphans {
            self.variables.remove(&orphan);
        }
    }
}

#[async_trait]
impl VariableRepository for Repository<'_> {
    async fn list(&mut self, scopes: &[VariableScope]) -> StoreResult<Vec<Variable>> {
        let variables = self.reading()?.variables.values();
        let mut found: Vec<_> = variables.filter(|it| scopes.contains(&it.scope)).cloned().collect();
        found.sort_by(|one, other| (&one.name, one.id).cmp(&(&other.name, other.id)));
        Ok(found)
    }

    async fn put(&mut self, variable: &Variable) -> StoreResult<()> {
        let tables = self.writing()?;
        if !exists(tables, variable.scope) {
            return self.dangling();
        }
        let key = (variable.scope, variable.name.clone());
        let id = tables.variables.get(&key).map_or(variable.id, |before| before.id);
        tables.variables.insert(key, Variable { id, ..variable.clone() });
        Ok(())
    }

    async fn remove(&mut self, scope: VariableScope, name: &VariableName) -> StoreResult<bool> {
        Ok(self.writing()?.variables.remove(&(scope, name.clone())).is_some())
    }

    async fn clear(&mut self, scope: VariableScope) -> StoreResult<u64> {
        let variables = &mut self.writing()?.variables;
        let before = variables.len();
        variables.retain(|(of, _), _| *of != scope);
        Ok((before - variables.len()) as u64)
    }
}
