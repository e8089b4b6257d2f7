//! Named volumes. Docker answers a create of a taken name with the volume that has it, so only labels tell whose it is.

use bollard::{models::VolumeCreateRequest, query_parameters::RemoveVolumeOptions};

use super::{
    Engine,
    client::{CHANGE, LOOK},
    error::check_name,
};
use crate::ports::provisioner::{EngineError, EngineResult, VolumeRequest};

impl Engine {
    pub(super) async fn ensure_volume(&self, request: &VolumeRequest) -> EngineResult<()> {
        let name = &request.docker_name;
        check_name("volume", name)?;
        let body = VolumeCreateRequest {
            name: Some(name.clone()),
            driver: Some("local".into()),
            labels: Some(self.labels.volume(request.workspace, name)),
            ..VolumeCreateRequest::default()
        };
        let foreign = || EngineError::Foreign { kind: "volume", name: name.clone() };
        let volume =
            match self.client.call("creating a volume", CHANGE, self.docker().create_volume(body)).await {
                Ok(volume) => volume,
                // The name is taken by a volume of another driver.
                Err(failed) if failed.is(409) => return Err(foreign()),
                Err(failed) => return Err(failed.into()),
            };
        match self.labels.workspace(Some(&volume.labels)) {
            Some(owner) if owner == request.workspace => Ok(()),
            _ => Err(foreign()),
        }
    }

    pub(super) async fn remove_volume(&self, name: &str) -> EngineResult<()> {
        check_name("volume", name)?;
        match self.client.call("inspecting a volume", LOOK, self.docker().inspect_volume(name)).await {
            Ok(volume) if self.labels.is_ours(Some(&volume.labels)) => self.delete_volume(name).await,
            // Ours is gone; what has its name now is none of our business.
            Ok(_) => Ok(()),
            Err(failed) if failed.is_missing() => Ok(()),
            Err(failed) => Err(failed.into()),
        }
    }

    pub(super) async fn delete_volume(&self, name: &str) -> EngineResult<()> {
        let call = self.docker().remove_volume(name, None::<RemoveVolumeOptions>);
        match self.client.call("removing a volume", CHANGE, call).await {
            Err(failed) if failed.is_missing() => Ok(()),
            // Its container is on its way out, or somebody else mounted it.
            Err(failed) if failed.is(409) => Err(failed.passing()),
            result => Ok(result?),
        }
    }
}
