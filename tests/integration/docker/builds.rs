//! Builds and pulls on a real engine.

use std::time::Duration;

use bollard::query_parameters::RemoveImageOptionsBuilder;
use devsanctum::{
    adapters::docker::{BuildLimits, DockerSettings},
    domain::deployment::LogStream,
    ports::{
        image_builder::{BuildRequest, ImageBuilder},
        provisioner::EngineError,
    },
};
use tokio::sync::mpsc;

use crate::support::{
    docker::{TestDocker, fresh_uuid, with_docker, with_settings},
    images,
};

fn image_name() -> String {
    format!("devsanctum-test:{}", fresh_uuid().simple())
}

/// On top of an image with a shell.
async fn request(docker: &TestDocker, image: &str, dockerfile: &str) -> BuildRequest {
    let base = images::busybox(&*docker.engine).await;
    images::request(image, &[("Dockerfile", format!("FROM {base}\n{dockerfile}\n").into_bytes())])
}

async fn forget(docker: &TestDocker, image: &str) {
    let options = RemoveImageOptionsBuilder::new().force(true).build();
    docker.bare.remove_image(image, Some(options), None).await.unwrap();
}

async fn drain(mut lines: mpsc::Receiver<(LogStream, String)>) -> Vec<String> {
    let mut texts = Vec::new();
    while let Some((_, text)) = lines.recv().await {
        texts.push(text);
    }
    texts
}

#[tokio::test]
async fn a_build_says_what_it_does() {
    with_docker(async |docker| {
        let image = image_name();
        let mut build = request(&docker, &image, "ARG WORD\nRUN echo \"it says $WORD\"").await;
        build.args.insert("WORD".into(), image.clone());
        let (progress, lines) = mpsc::channel(100);
        ImageBuilder::build(&*docker.engine, build, progress).await.unwrap();
        let lines = drain(lines).await;
        assert!(lines.contains(&format!("it says {image}")), "{lines:#?}");
        assert!(ImageBuilder::has_image(&*docker.engine, &image).await.unwrap());
        let labels = docker.bare.inspect_image(&image).await.unwrap().config.unwrap().labels.unwrap();
        assert_eq!(labels["dev.devsanctum.image"], "build");
        forget(&docker, &image).await;
    })
    .await;
}

#[tokio::test]
async fn a_build_that_fails_says_why() {
    with_docker(async |docker| {
        for (dockerfile, why) in
            [("RUN exit 7", "non-zero code: 7"), ("NONSENSE", "NONSENSE"), ("COPY nothing /", "nothing")]
        {
            let image = image_name();
            let build = request(&docker, &image, dockerfile).await;
            let (progress, _lines) = mpsc::channel(1);
            let error = ImageBuilder::build(&*docker.engine, build, progress).await.unwrap_err();
            assert!(
                matches!(&error, EngineError::Build(text) if text.contains(why)),
                "{dockerfile}: {error:?}"
            );
            assert!(!ImageBuilder::has_image(&*docker.engine, &image).await.unwrap());
        }
    })
    .await;
}

#[tokio::test]
async fn builds_wait_their_turn_and_end_when_nobody_wants_them() {
    let one_at_a_time = |settings: DockerSettings| DockerSettings {
        builds: BuildLimits { slots: 1, ..BuildLimits::default() },
        ..settings
    };
    with_settings(one_at_a_time, async |docker| {
        let (slow_image, image) = (image_name(), image_name());
        let slow = request(&docker, &slow_image, &format!("RUN echo started {slow_image}; sleep 600")).await;
        let (progress, mut lines) = mpsc::channel(100);
        let engine = docker.engine.clone();
        let slow = tokio::spawn(async move { ImageBuilder::build(&*engine, slow, progress).await });
        while lines.recv().await.unwrap().1 != format!("started {slow_image}") {}

        let quick = request(&docker, &image, "RUN true").await;
        let (progress, mut lines) = mpsc::channel(100);
        let engine = docker.engine.clone();
        let quick = tokio::spawn(async move { ImageBuilder::build(&*engine, quick, progress).await });
        assert_eq!(lines.recv().await.unwrap().1, "Waiting for other builds to end: number 1 in the queue");

        slow.abort();
        quick.await.unwrap().unwrap();
        forget(&docker, &image).await;
        assert!(!ImageBuilder::has_image(&*docker.engine, &slow_image).await.unwrap());
        // The engine ends the step whose build nobody waits for, and removes its container.
        for attempt in 0.. {
            let running = docker.bare.list_containers(None).await.unwrap();
            if !running
                .iter()
                .any(|found| found.command.as_deref().is_some_and(|line| line.contains(&slow_image)))
            {
                break;
            }
            assert!(attempt < 250, "the build goes on: {running:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_registry_that_cannot_be_asked_is_named() {
    with_docker(async |docker| {
        let image = "127.0.0.1:1/devsanctum/nothing:1";
        let (progress, _lines) = mpsc::channel(1);
        let error = ImageBuilder::pull(&*docker.engine, image, progress).await.unwrap_err();
        let EngineError::ImageUnavailable { image: named, reason } = &error else { panic!("{error:?}") };
        assert_eq!(named, image);
        assert!(reason.contains("127.0.0.1:1"), "{reason}");
    })
    .await;
}
