//! Our own program on the host: as an image, for components that have none, and as a volume that is mounted read-only
//! into every container. Neither needs a registry.

use std::{
    sync::{
        LazyLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bollard::{
    body_full,
    models::{ContainerInspectResponse, ContainerStateStatusEnum},
    query_parameters::{
        ContainerArchiveInfoOptionsBuilder, CreateContainerOptionsBuilder, ImportImageOptions,
        ListVolumesOptionsBuilder, RemoveContainerOptionsBuilder, UploadToContainerOptionsBuilder,
    },
};
use futures::TryStreamExt;
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::sync::{Mutex, OnceCell};

use super::{
    Engine,
    client::{CHANGE, LOOK},
    container::labels_of,
    host_config::{self, HELPER, HELPER_DIRECTORY, HostTraits},
};
use crate::ports::provisioner::{EngineError, EngineResult};

/// The static program that goes into every container, compiled by the build script.
pub static HELPER_PROGRAM: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/helper"));

/// Twelve hexadecimal digits that stand for this version of the program.
static VERSION: LazyLock<String> = LazyLock::new(|| hex::encode(&Sha256::digest(HELPER_PROGRAM)[..6]));

/// Marks images that we made; they belong to the host and to all installations on it.
pub(super) const IMAGE_LABEL: &str = "dev.devsanctum.image";

/// `nobody` where there is a user database, and a user without rights where there is none.
const NOBODY: &str = "65534:65534";

/// Between looks at a volume that another process fills.
const FILL_POLL: Duration = Duration::from_millis(20);

/// What was found out about the host. Forgetting it costs time only.
#[derive(Default)]
pub(super) struct HostMemory {
    cpus: OnceCell<u32>,
    refuses_disk_limits: AtomicBool,
    /// Whether this process has seen the helper's volume filled.
    volume_filled: AtomicBool,
    filling: Mutex<()>,
    loading: Mutex<()>,
}

impl Engine {
    pub(super) async fn host_traits(&self) -> EngineResult<HostTraits> {
        let (cpus, helper_volume) = tokio::try_join!(self.cpus(), self.helper_volume())?;
        let limits_disk = !self.host.refuses_disk_limits.load(Ordering::Relaxed);
        Ok(HostTraits { cpus, helper_volume, limits_disk })
    }

    pub(super) fn forget_disk_limits(&self) {
        self.host.refuses_disk_limits.store(true, Ordering::Relaxed);
    }

    async fn cpus(&self) -> EngineResult<u32> {
        let ask = async || {
            let facts = self.facts().await?;
            if facts.architecture == std::env::consts::ARCH {
                return Ok(facts.cpus.max(1));
            }
            let ours = std::env::consts::ARCH;
            Err(EngineError::Refused(format!(
                "its machines are {}, and this server's program is {ours}",
                facts.architecture
            )))
        };
        self.host.cpus.get_or_try_init(ask).await.copied()
    }

    /// The name of the image, made if the host does not have it.
    pub(super) async fn placeholder(&self) -> EngineResult<String> {
        let image = format!("devsanctum-helper:{}", *VERSION);
        if self.has_image(&image).await? {
            return Ok(image);
        }
        let _loading = self.host.loading.lock().await;
        // Whoever else loads it meanwhile loads the same bytes, and gets the same image.
        let archive = image_archive(&image)
            .map_err(|error| EngineError::Engine(format!("packing our program: {error}")))?;
        let loaded =
            self.docker().import_image(ImportImageOptions::default(), body_full(archive.into()), None);
        self.client.call("loading our image", CHANGE, loaded.try_for_each(async |_| Ok(()))).await?;
        if self.has_image(&image).await? {
            return Ok(image);
        }
        Err(EngineError::Engine(format!("image {image} is not there right after it was loaded")))
    }

    fn helper_volume_name(&self) -> String {
        format!("ds-helper-{}-{}", self.labels.short_installation(), *VERSION)
    }

    /// The name of the volume, made and filled if need be. One quick look when this process has filled it before: a
    /// volume that somebody removed would be made again by Docker, empty.
    async fn helper_volume(&self) -> EngineResult<String> {
        let name = self.helper_volume_name();
        if self.host.volume_filled.load(Ordering::Relaxed) && self.has_helper_volume(&name).await? {
            return Ok(name);
        }
        let _filling = self.host.filling.lock().await;
        if !(self.host.volume_filled.load(Ordering::Relaxed) && self.has_helper_volume(&name).await?) {
            self.fill_volume(&name).await?;
            self.host.volume_filled.store(true, Ordering::Relaxed);
        }
        Ok(name)
    }

    async fn has_helper_volume(&self, name: &str) -> EngineResult<bool> {
        match self.client.call("inspecting a volume", LOOK, self.docker().inspect_volume(name)).await {
            Ok(volume) if self.labels.is_our_helper(Some(&volume.labels)) => Ok(true),
            Ok(_) => Err(EngineError::Foreign { kind: "volume", name: name.to_owned() }),
            Err(failed) if failed.is_missing() => Ok(false),
            Err(failed) => Err(failed.into()),
        }
    }

    /// Docker copies what an image has at a mount point into a volume that is empty, when a container is made. The
    /// container's name is the lock between processes: whoever gets it fills the volume, the others wait until it is
    /// gone or done.
    async fn fill_volume(&self, name: &str) -> EngineResult<()> {
        let image = self.placeholder().await?;
        let filled = async {
            loop {
                if let Some(container) = self.filler(name, &image).await?
                    && self.is_filled(&container).await?
                {
                    return Ok(());
                }
                tokio::time::sleep(FILL_POLL).await;
            }
        };
        let result = match tokio::time::timeout(CHANGE, filled).await {
            Ok(result) => result,
            Err(_) => Err(EngineError::Timeout { call: "filling the helper's volume", limit: CHANGE }),
        };
        self.remove_filler(name).await?;
        result
    }

    /// The id of the container; `None`: another process is making or removing it.
    async fn filler(&self, name: &str, image: &str) -> EngineResult<Option<String>> {
        let options = CreateContainerOptionsBuilder::new().name(name).build();
        let body = host_config::filler_body(image, name, self.labels);
        let call = self.docker().create_container(Some(options), body);
        match self.client.call("creating a container", CHANGE, call).await {
            Ok(created) => Ok(Some(created.id)),
            // A container can be looked at once its volumes are filled.
            Err(failed) if failed.is(409) => match self.look(name).await? {
                Some(found) if self.labels.is_our_helper(labels_of(&found)) => Ok(found.id),
                Some(_) => Err(EngineError::Foreign { kind: "container", name: name.to_owned() }),
                None => Ok(None),
            },
            Err(failed) => Err(failed.into()),
        }
    }

    /// `false`: the container is gone, or the volume had to be repaired.
    async fn is_filled(&self, container: &str) -> EngineResult<bool> {
        let options = ContainerArchiveInfoOptionsBuilder::new().path(HELPER).build();
        let call = self.docker().get_container_archive_info(container, Some(options));
        let answer = self.client.call("looking into a volume", LOOK, call).await;
        if let Ok(file) = &answer
            && usize::try_from(file.size).is_ok_and(|size| size == HELPER_PROGRAM.len())
        {
            return Ok(true);
        }
        // The answer to a HEAD has no words, so whether it speaks of the container or of the file must be found out.
        match (self.look(container).await?, answer) {
            (None, _) => Ok(false),
            (Some(found), _) if is_going(&found) => Ok(false),
            (Some(_), Err(failed)) if !failed.is_missing() => Err(failed.into()),
            _ => self.repair_volume(container).await.map(|()| false),
        }
    }

    /// The engine was killed while it copied, or a container was made when the volume was gone.
    async fn repair_volume(&self, container: &str) -> EngineResult<()> {
        let layer = layer().map_err(|error| EngineError::Engine(format!("packing our program: {error}")))?;
        let options = UploadToContainerOptionsBuilder::new().path("/").build();
        let call = self.docker().upload_to_container(container, Some(options), body_full(layer.into()));
        match self.client.call("copying into a volume", CHANGE, call).await {
            Err(failed) if failed.is_missing() => Ok(()),
            result => Ok(result?),
        }
    }

    async fn remove_filler(&self, name: &str) -> EngineResult<()> {
        let options = RemoveContainerOptionsBuilder::new().force(true).build();
        match self
            .client
            .call("removing a container", CHANGE, self.docker().remove_container(name, Some(options)))
            .await
        {
            // Gone, or about to be.
            Err(failed) if failed.is_missing() || failed.is(409) => Ok(()),
            result => Ok(result?),
        }
    }

    /// Removes the helper's volumes of this installation: those of older versions that nothing uses any more, or, when
    /// the installation leaves the host, all.
    pub async fn remove_helper_volumes(&self, keep_current: bool) -> EngineResult<()> {
        let current = self.helper_volume_name();
        let options = ListVolumesOptionsBuilder::new().filters(&self.labels.helper_filter()).build();
        let listed =
            self.client.call("listing volumes", LOOK, self.docker().list_volumes(Some(options))).await?;
        for volume in listed.volumes.unwrap_or_default() {
            if keep_current && volume.name == current {
                continue;
            }
            match self.delete_volume(&volume.name).await {
                Err(EngineError::Engine(_)) if keep_current => {}
                result => result?,
            }
        }
        if !keep_current {
            self.host.volume_filled.store(false, Ordering::Relaxed);
        }
        Ok(())
    }
}

fn is_going(found: &ContainerInspectResponse) -> bool {
    let status = found.state.as_ref().and_then(|state| state.status);
    matches!(status, Some(ContainerStateStatusEnum::REMOVING | ContainerStateStatusEnum::DEAD))
}

/// What `docker save` would write. Nothing in it depends on time or place, so the image's id does not either.
fn image_archive(image: &str) -> std::io::Result<Vec<u8>> {
    let layer = layer()?;
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    let created = "1970-01-01T00:00:00Z";
    let config = json!({
        "architecture": architecture,
        "os": "linux",
        "created": created,
        "config": {
            "Entrypoint": [HELPER],
            "Cmd": ["placeholder"],
            "User": NOBODY,
            "Labels": {IMAGE_LABEL: "helper"},
        },
        "rootfs": {"type": "layers", "diff_ids": [format!("sha256:{}", hex::encode(Sha256::digest(&layer)))]},
        "history": [{"created": created, "created_by": "devsanctum"}],
    })
    .to_string();
    let config_name = format!("{}.json", hex::encode(Sha256::digest(&config)));
    let manifest = json!([{"Config": config_name, "RepoTags": [image], "Layers": ["layer.tar"]}]).to_string();

    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes) in [
        (config_name.as_str(), config.as_bytes()),
        ("layer.tar", layer.as_slice()),
        ("manifest.json", manifest.as_bytes()),
    ] {
        append(&mut archive, name, 0o644, tar::EntryType::Regular, bytes)?;
    }
    archive.into_inner()
}

fn layer() -> std::io::Result<Vec<u8>> {
    let mut layer = tar::Builder::new(Vec::new());
    let directory = HELPER_DIRECTORY.trim_start_matches('/');
    append(&mut layer, directory, 0o755, tar::EntryType::Directory, &[])?;
    append(&mut layer, HELPER.trim_start_matches('/'), 0o755, tar::EntryType::Regular, HELPER_PROGRAM)?;
    layer.into_inner()
}

fn append(
    archive: &mut tar::Builder<Vec<u8>>,
    name: &str,
    mode: u32,
    kind: tar::EntryType,
    bytes: &[u8],
) -> std::io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(bytes.len() as u64);
    archive.append_data(&mut header, name, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_image_is_the_same_each_time() {
        assert_eq!(image_archive("a:1").unwrap(), image_archive("a:1").unwrap());
    }

    #[test]
    fn the_program_is_static() {
        assert_eq!(&HELPER_PROGRAM[..4], b"\x7fELF");
        let interpreter = b"/lib64/ld-linux";
        assert!(!HELPER_PROGRAM.windows(interpreter.len()).any(|window| window == interpreter));
    }
}
