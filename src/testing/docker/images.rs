use async_trait::async_trait;

use super::{Call, FakeEngine};
use crate::{
    domain::deployment::LogStream,
    ports::{
        image_builder::{BuildRequest, ImageBuilder, Progress},
        provisioner::{EngineError, EngineResult},
    },
};

const PLACEHOLDER: &str = "devsanctum-helper:000000000000";

#[async_trait]
impl ImageBuilder for FakeEngine {
    async fn has_image(&self, image: &str) -> EngineResult<bool> {
        self.call(Call::HasImage, image, async || Ok(self.lock().images.contains(image))).await
    }

    async fn pull(&self, image: &str, progress: Progress) -> EngineResult<()> {
        let effect = async || {
            if !self.lock().registry.contains(image) {
                let reason = "the registry does not have it".to_owned();
                return Err(EngineError::ImageUnavailable { image: image.to_owned(), reason });
            }
            let _ = progress.try_send((LogStream::System, format!("Pulled {image}")));
            self.lock().images.insert(image.to_owned());
            Ok(())
        };
        self.call(Call::Pull, image, effect).await
    }

    /// Whatever the files say, the image is there afterwards.
    async fn build(&self, request: BuildRequest, progress: Progress) -> EngineResult<()> {
        let effect = async || {
            let _ = progress.try_send((LogStream::Stdout, format!("Built {}", request.image)));
            self.lock().images.insert(request.image.clone());
            Ok(())
        };
        self.call(Call::Build, &request.image, effect).await
    }

    async fn placeholder(&self) -> EngineResult<String> {
        let effect = async || {
            self.lock().images.insert(PLACEHOLDER.to_owned());
            Ok(PLACEHOLDER.to_owned())
        };
        self.call(Call::Placeholder, "", effect).await
    }
}
