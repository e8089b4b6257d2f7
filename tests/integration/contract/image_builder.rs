//! The suite of the `ImageBuilder` port, on the engine in memory and on a real one.

use devsanctum::ports::provisioner::EngineError;
use tokio::sync::mpsc;

use super::provisioner::{contract, world::World};
use crate::support::{docker::fresh_uuid, images};

contract!(
    the_placeholder_is_made_once,
    a_build_makes_the_image,
    an_image_that_nobody_has_is_unavailable,
    nobody_needs_to_watch,
);

fn image_name() -> String {
    format!("devsanctum-test:{}", fresh_uuid().simple())
}

/// Needs no other image; the word makes it differ from those of other tests.
fn files(word: &str) -> [(&str, Vec<u8>); 2] {
    [("Dockerfile", b"FROM scratch\nCOPY word /\n".to_vec()), ("word", word.as_bytes().to_vec())]
}

async fn the_placeholder_is_made_once(world: World) {
    let image = world.images.placeholder().await.unwrap();
    assert!(world.images.has_image(&image).await.unwrap());
    assert_eq!(world.images.placeholder().await.unwrap(), image);
}

async fn a_build_makes_the_image(world: World) {
    let image = image_name();
    assert!(!world.images.has_image(&image).await.unwrap());
    let (progress, mut lines) = mpsc::channel(100);
    world.images.build(images::request(&image, &files(&image)), progress).await.unwrap();
    assert!(world.images.has_image(&image).await.unwrap());
    assert!(lines.recv().await.is_some(), "it says what it does");
    world.forget_image(&image).await;
}

async fn an_image_that_nobody_has_is_unavailable(world: World) {
    // Nothing listens on port 1.
    let image = format!("127.0.0.1:1/{}", image_name());
    assert!(!world.images.has_image(&image).await.unwrap());
    let (progress, _lines) = mpsc::channel(1);
    let error = world.images.pull(&image, progress).await.unwrap_err();
    assert!(
        matches!(&error, EngineError::ImageUnavailable { image: named, .. } if *named == image),
        "{error:?}"
    );
    assert!(!error.is_transient());
}

async fn nobody_needs_to_watch(world: World) {
    let image = image_name();
    let (full, _unread) = mpsc::channel(1);
    let (closed, lines) = mpsc::channel(1);
    drop(lines);
    for progress in [full, closed] {
        world.images.build(images::request(&image, &files(&image)), progress).await.unwrap();
    }
    world.forget_image(&image).await;
}
