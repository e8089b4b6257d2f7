//! Specifications hold secrets of their workspaces, so they are stored sealed.

use crate::{
    app::error::{AppError, AppResult},
    domain::{
        ids::WorkspaceId,
        secret::{Sealed, Secret},
        workspace::spec::SealedSpec,
    },
    ports::sealer::Sealer,
};

fn context(id: WorkspaceId) -> String {
    format!("workspaces.spec:{id}")
}

pub fn seal(sealer: &dyn Sealer, id: WorkspaceId, spec: &SealedSpec) -> AppResult<Sealed> {
    let json = serde_json::to_string(spec).map_err(|error| AppError::Internal(error.into()))?;
    Ok(sealer.seal(&context(id), &Secret::new(json))?)
}

pub fn open(sealer: &dyn Sealer, id: WorkspaceId, sealed: &Sealed) -> AppResult<SealedSpec> {
    let json = sealer.open(&context(id), sealed)?;
    serde_json::from_str(json.expose()).map_err(|error| AppError::Internal(error.into()))
}
