use async_trait::async_trait;

use super::StoreResult;
use crate::domain::{
    names::VariableName,
    variable::{Variable, VariableScope},
};

#[async_trait]
pub trait VariableRepository: Send {
    /// Those of all these scopes, by name.
    async fn list(&mut self, scopes: &[VariableScope]) -> StoreResult<Vec<Variable>>;

    /// Adds it, or puts its value in the place of the one its scope has under this name, which keeps its id.
    /// `Reference("variable")` when its scope is gone.
    async fn put(&mut self, variable: &Variable) -> StoreResult<()>;

    /// Returns whether there was one.
    async fn remove(&mut self, scope: VariableScope, name: &VariableName) -> StoreResult<bool>;

    /// Removes all of a scope. Returns how many.
    async fn clear(&mut self, scope: VariableScope) -> StoreResult<u64>;
}
