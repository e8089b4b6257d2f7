//! Images for tests, made on the spot: no registry is needed.

use std::{collections::BTreeMap, fs, io::Write, path::Path};

use bytes::Bytes;
use devsanctum::ports::image_builder::{BuildRequest, ImageBuilder};
use flate2::{Compression, write::GzEncoder};
use tokio::sync::mpsc;

/// Debian's package `busybox-static` puts it here.
const BUSYBOX: &str = "/bin/busybox";

/// Kept between test runs: its Dockerfile and its only file are the same each time.
pub const BUSYBOX_IMAGE: &str = "devsanctum-test-busybox:1";

const DOCKERFILE: &str = r#"FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
CMD ["sh"]
"#;

/// A small image with a shell, built through our own adapter.
pub async fn busybox(images: &dyn ImageBuilder) -> String {
    if !images.has_image(BUSYBOX_IMAGE).await.unwrap() {
        assert!(
            Path::new(BUSYBOX).exists(),
            "these tests need {BUSYBOX}: install the package busybox-static"
        );
        let files = [("Dockerfile", DOCKERFILE.as_bytes().to_vec()), ("busybox", fs::read(BUSYBOX).unwrap())];
        build(images, BUSYBOX_IMAGE, &files).await;
    }
    BUSYBOX_IMAGE.to_owned()
}

pub async fn build(images: &dyn ImageBuilder, image: &str, files: &[(&str, Vec<u8>)]) {
    let (progress, _lines) = mpsc::channel(1);
    images.build(request(image, files), progress).await.unwrap();
}

pub fn request(image: &str, files: &[(&str, Vec<u8>)]) -> BuildRequest {
    BuildRequest {
        image: image.to_owned(),
        archive: archive(files),
        context: ".".into(),
        dockerfile: "Dockerfile".into(),
        target: None,
        args: BTreeMap::new(),
    }
}

/// A tar.gz as the store keeps it.
pub fn archive(files: &[(&str, Vec<u8>)]) -> Bytes {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o755);
        archive.append_data(&mut header, name, content.as_slice()).unwrap();
    }
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(&archive.into_inner().unwrap()).unwrap();
    gzip.finish().unwrap().into()
}
