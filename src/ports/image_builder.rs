//! Getting images onto a host: already there, pulled, or built.

use std::collections::BTreeMap;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::mpsc;

use super::provisioner::EngineResult;
use crate::domain::deployment::LogStream;

/// Lines of a pull or build for people to watch. A full or closed channel never holds up the work.
pub type Progress = mpsc::Sender<(LogStream, String)>;

#[derive(Debug, Clone)]
pub struct BuildRequest {
    /// The name the result gets.
    pub image: String,
    /// The template's files, a tar.gz as it is kept in the store.
    pub archive: Bytes,
    /// Directory in the archive that is the build context; `.` for its root. A `.dockerignore` there is honoured.
    pub context: String,
    /// Below the context.
    pub dockerfile: String,
    pub target: Option<String>,
    pub args: BTreeMap<String, String>,
}

#[async_trait]
pub trait ImageBuilder: Send + Sync {
    /// Whether the host has the image. Never asks a registry.
    async fn has_image(&self, image: &str) -> EngineResult<bool>;

    /// Pulls from the registry the name says. Layers under way are reported as they come.
    async fn pull(&self, image: &str, progress: Progress) -> EngineResult<()>;

    /// Builds with limits on memory and time; builds beyond the host's limit wait their turn and say so.
    async fn build(&self, request: BuildRequest, progress: Progress) -> EngineResult<()>;

    /// The name of the built-in image, made on the host from our own program if it is not there yet.
    async fn placeholder(&self) -> EngineResult<String>;
}
