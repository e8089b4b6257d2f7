//! Images by name: whether they are there, pulling them, and what they run.

use std::{collections::HashMap, time::Duration};

use bollard::{models::ProgressDetail, query_parameters::CreateImageOptionsBuilder};
use futures::StreamExt;

use super::{Engine, client::LOOK, error::Failed, host_config::ImageProgram};
use crate::{
    domain::deployment::LogStream,
    ports::{
        image_builder::Progress,
        provisioner::{EngineError, EngineResult},
    },
};

/// A pull that says nothing this long has hung: layers under way report several times a second.
const PULL_SILENCE: Duration = Duration::from_secs(120);
const PULL_LIMIT: Duration = Duration::from_secs(60 * 60);

const CALL: &str = "pulling an image";

impl Engine {
    pub(super) async fn has_image(&self, image: &str) -> EngineResult<bool> {
        Reference::parse(image)?;
        match self.client.call("inspecting an image", LOOK, self.docker().inspect_image(image)).await {
            Ok(_) => Ok(true),
            Err(failed) if failed.is_missing() => Ok(false),
            Err(failed) => Err(failed.into()),
        }
    }

    pub(super) async fn image_program(&self, image: &str) -> EngineResult<ImageProgram> {
        Reference::parse(image)?;
        match self.client.call("inspecting an image", LOOK, self.docker().inspect_image(image)).await {
            Ok(found) => {
                let config = found.config.unwrap_or_default();
                Ok(ImageProgram {
                    entrypoint: config.entrypoint.unwrap_or_default(),
                    command: config.cmd.unwrap_or_default(),
                })
            }
            Err(failed) if failed.is_missing() => {
                let reason = "it is not on the host".to_owned();
                Err(EngineError::ImageUnavailable { image: image.to_owned(), reason })
            }
            Err(failed) => Err(failed.into()),
        }
    }

    pub(super) async fn pull(&self, image: &str, progress: Progress) -> EngineResult<()> {
        let reference = Reference::parse(image)?;
        let options = CreateImageOptionsBuilder::new().from_image(reference.name).tag(reference.tag).build();
        let pull = async {
            let mut stream = self.docker().create_image(Some(options), None, None);
            let mut layers = LayerProgress::default();
            loop {
                match tokio::time::timeout(PULL_SILENCE, stream.next()).await {
                    Err(_) => return Err(EngineError::Timeout { call: CALL, limit: PULL_SILENCE }),
                    Ok(None) => return Ok(()),
                    Ok(Some(Ok(info))) => {
                        layers.report(&progress, info.id, info.status, info.progress_detail);
                    }
                    Ok(Some(Err(error))) => return Err(explain_pull(image, error.into())),
                }
            }
        };
        match tokio::time::timeout(PULL_LIMIT, pull).await {
            Ok(result) => result,
            Err(_) => Err(EngineError::Timeout { call: CALL, limit: PULL_LIMIT }),
        }
    }
}

/// Whatever the engine answers to a pull, it passes on what the registry said, or why it could not ask.
fn explain_pull(image: &str, failed: Failed) -> EngineError {
    match EngineError::from(failed) {
        EngineError::Refused(reason) | EngineError::Engine(reason) => {
            EngineError::ImageUnavailable { image: image.to_owned(), reason }
        }
        other => other,
    }
}

/// The name of an image as Docker wants it for a pull: a name without a tag would mean all its tags.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reference<'a> {
    name: &'a str,
    /// Empty when the name holds a digest.
    tag: &'a str,
}

impl<'a> Reference<'a> {
    const MAX: usize = 500;

    /// Checks no more than that the text cannot lead a call elsewhere; the engine knows the rest of the grammar.
    pub(super) fn parse(image: &'a str) -> EngineResult<Self> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | ':' | '@');
        let parts_are_fine =
            image.split('/').all(|part| part.starts_with(|c: char| c.is_ascii_alphanumeric()));
        if image.len() > Self::MAX || !image.chars().all(allowed) || !parts_are_fine {
            return Err(EngineError::Refused(format!("{image:?} is no name of an image")));
        }
        if image.contains('@') {
            return Ok(Self { name: image, tag: "" });
        }
        match image.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => Ok(Self { name, tag }),
            _ => Ok(Self { name: image, tag: "latest" }),
        }
    }
}

/// Turns ticks of layers into lines: one for each state a layer enters.
#[derive(Default)]
pub(super) struct LayerProgress(HashMap<String, String>);

impl LayerProgress {
    pub(super) fn report(
        &mut self,
        progress: &Progress,
        layer: Option<String>,
        status: Option<String>,
        detail: Option<ProgressDetail>,
    ) {
        let Some(status) = status.filter(|status| !status.is_empty()) else { return };
        let line = match layer {
            None => status,
            Some(layer) if self.0.get(&layer) == Some(&status) => return,
            Some(layer) => {
                let size = match detail.and_then(|detail| detail.total).filter(|total| *total > 0) {
                    Some(total) => format!(" ({:.1} MB)", total as f64 / 1e6),
                    None => String::new(),
                };
                let line = format!("{layer}: {status}{size}");
                self.0.insert(layer, status);
                line
            }
        };
        // Nobody watching, or nobody watching fast enough, is no reason to wait.
        let _ = progress.try_send((LogStream::System, line));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_a_tag_means_the_latest() {
        for (image, name, tag) in [
            ("debian", "debian", "latest"),
            ("debian:12", "debian", "12"),
            ("localhost:5000/app", "localhost:5000/app", "latest"),
            ("localhost:5000/app:1", "localhost:5000/app", "1"),
            ("app@sha256:00", "app@sha256:00", ""),
        ] {
            assert_eq!(Reference::parse(image).unwrap(), Reference { name, tag }, "{image}");
        }
    }

    #[test]
    fn a_name_cannot_lead_elsewhere() {
        for image in
            ["", "../containers", "a/../../volumes/x", "a//b", "a?b=c", "a b", "a#b", "a%2f..", "./a", "a/.."]
        {
            assert!(Reference::parse(image).is_err(), "{image}");
        }
    }

    #[tokio::test]
    async fn a_layer_is_reported_when_its_state_changes() {
        let (sender, mut receiver) = tokio::sync::mpsc::channel(10);
        let mut layers = LayerProgress::default();
        let mut tick = |status: &str, current: i64| {
            let detail = ProgressDetail { current: Some(current), total: Some(2_500_000) };
            layers.report(&sender, Some("a1".into()), Some(status.into()), Some(detail));
        };
        tick("Downloading", 1);
        tick("Downloading", 2);
        tick("Extracting", 1);
        layers.report(&sender, None, Some("Status: Downloaded".into()), None);
        drop(sender);
        let mut lines = Vec::new();
        while let Some((_, line)) = receiver.recv().await {
            lines.push(line);
        }
        assert_eq!(lines, ["a1: Downloading (2.5 MB)", "a1: Extracting (2.5 MB)", "Status: Downloaded"]);
    }
}
