//! The files of a template version as one tar.gz. The same files always give the same bytes, so that a digest tells
//! whether anything changed.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Read, Write},
};

use flate2::{Compression, GzBuilder, read::GzDecoder};
use sha2::{Digest, Sha256};
use tar::{Archive, Builder, EntryType, Header};

use super::{files::Files, path};

/// Most bytes of all files together.
pub const MAX_BYTES: usize = 20 * 1024 * 1024;
/// Most files.
pub const MAX_FILES: usize = 2_000;
/// tar rounds every file up to a block and has a header before it.
const MAX_TAR: u64 = (MAX_BYTES + MAX_FILES * 2048) as u64;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum File {
    Regular {
        bytes: Vec<u8>,
        executable: bool,
    },
    /// To a place inside the directory, relative to where the link is.
    Link {
        target: String,
    },
}

/// Relative path → file.
pub type Tree = BTreeMap<String, File>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    pub bytes: Vec<u8>,
    pub files: Files,
}

#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error("the files have more than {MAX_BYTES} bytes together")]
    TooLarge,
    #[error("there are more than {MAX_FILES} files")]
    TooMany,
    #[error("{path}: the path {reason}")]
    Path { path: String, reason: &'static str },
    #[error("{path}: the link leads to {target}, outside the directory")]
    Escapes { path: String, target: String },
    #[error("the archive cannot be read: {0}")]
    Unreadable(#[from] io::Error),
}

pub fn pack(tree: &Tree) -> Result<Packed, ArchiveError> {
    check(tree)?;
    // Neither time nor system is written into the header.
    let gzip = GzBuilder::new().operating_system(255).write(Vec::new(), Compression::default());
    let mut builder = Builder::new(gzip);
    for (path, file) in tree {
        let mut header = Header::new_gnu();
        header.set_mtime(0);
        match file {
            File::Regular { bytes, executable } => {
                header.set_entry_type(EntryType::Regular);
                header.set_mode(if *executable { 0o755 } else { 0o644 });
                header.set_size(bytes.len() as u64);
                builder.append_data(&mut header, path, bytes.as_slice())?;
            }
            File::Link { target } => {
                header.set_entry_type(EntryType::Symlink);
                header.set_mode(0o777);
                header.set_size(0);
                builder.append_link(&mut header, path, target)?;
            }
        }
    }
    let mut gzip = builder.into_inner()?;
    gzip.flush()?;
    let bytes = gzip.finish()?;
    let digest = hex::encode(Sha256::digest(&bytes));
    Ok(Packed { bytes, files: Files { digest, paths: tree.keys().cloned().collect() } })
}

fn check(tree: &Tree) -> Result<(), ArchiveError> {
    if tree.len() > MAX_FILES {
        return Err(ArchiveError::TooMany);
    }
    let mut total = 0;
    for (path, file) in tree {
        if let Err(reason) = path::relative(path) {
            return Err(ArchiveError::Path { path: path.clone(), reason });
        }
        match file {
            File::Regular { bytes, .. } => total += bytes.len(),
            File::Link { target } if !stays_inside(path, target) => {
                return Err(ArchiveError::Escapes { path: path.clone(), target: target.clone() });
            }
            File::Link { .. } => {}
        }
    }
    if total > MAX_BYTES { Err(ArchiveError::TooLarge) } else { Ok(()) }
}

/// Whether a link climbs no further than to the root, and then only descends: behind a name that is itself a link,
/// `..` would lead anywhere.
fn stays_inside(link: &str, target: &str) -> bool {
    if target.starts_with('/') || target.contains('\\') {
        return false;
    }
    let parents = link.split('/').count() - 1;
    let parts = || target.split('/').filter(|part| !matches!(*part, "" | "."));
    let climbs = parts().take_while(|part| *part == "..").count();
    climbs <= parents && parts().skip(climbs).all(|part| part != "..")
}

/// Which files an archive holds, without unpacking it anywhere.
pub fn paths(bytes: &[u8]) -> Result<BTreeSet<String>, ArchiveError> {
    let mut archive = Archive::new(GzDecoder::new(bytes).take(MAX_TAR));
    let mut paths = BTreeSet::new();
    for (count, entry) in archive.entries()?.enumerate() {
        if count == MAX_FILES {
            return Err(ArchiveError::TooMany);
        }
        let entry = entry?;
        let written = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if let (EntryType::Regular | EntryType::Symlink, Ok(path)) =
            (entry.header().entry_type(), path::relative(&written))
        {
            paths.insert(path);
        }
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(text: &str) -> File {
        File::Regular { bytes: text.as_bytes().to_vec(), executable: false }
    }

    fn link(target: &str) -> File {
        File::Link { target: target.to_owned() }
    }

    fn tree<const N: usize>(files: [(&str, File); N]) -> Tree {
        files.map(|(path, file)| (path.to_owned(), file)).into()
    }

    #[test]
    fn the_same_files_give_the_same_bytes() {
        let long = "d/".repeat(80) + "deep";
        let files =
            tree([("Dockerfile", text("FROM scratch")), (&long, text("x")), ("l", link("Dockerfile"))]);
        let packed = pack(&files).unwrap();
        assert_eq!(pack(&files).unwrap(), packed);
        assert_eq!(paths(&packed.bytes).unwrap(), packed.files.paths);
        assert_eq!(packed.files.dockerfile(".", None).as_deref(), Some("Dockerfile"));

        let mut other = files;
        other.insert("Dockerfile".into(), File::Regular { bytes: b"FROM scratch".into(), executable: true });
        assert_ne!(pack(&other).unwrap().files.digest, packed.files.digest);
    }

    #[test]
    fn what_leads_out_or_is_too_much_is_refused() {
        for (path, target) in [("a", "/etc/passwd"), ("a", "../x"), ("d/a", "../../x"), ("a", "b/..")] {
            assert!(
                matches!(pack(&tree([(path, link(target))])), Err(ArchiveError::Escapes { .. })),
                "{target}"
            );
        }
        assert!(pack(&tree([("d/a", link("../x"))])).is_ok());
        for path in ["/x", "../x", "a/../b"] {
            assert!(matches!(pack(&tree([(path, text(""))])), Err(ArchiveError::Path { .. })), "{path}");
        }
        let large = File::Regular { bytes: vec![0; MAX_BYTES + 1], executable: false };
        assert!(matches!(pack(&tree([("x", large)])), Err(ArchiveError::TooLarge)));
        let many: Tree = (0..=MAX_FILES).map(|number| (number.to_string(), text(""))).collect();
        assert!(matches!(pack(&many), Err(ArchiveError::TooMany)));
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let mut gzip = GzBuilder::new().write(Vec::new(), Compression::best());
        let mut header = Header::new_gnu();
        header.set_path("bomb").unwrap();
        header.set_size(1 << 40);
        header.set_cksum();
        gzip.write_all(header.as_bytes()).unwrap();
        for _ in 0..64 {
            gzip.write_all(&vec![0; 1 << 20]).unwrap();
        }
        // What lies beyond the limit is not read: the archive ends early, and says so.
        assert!(paths(&gzip.finish().unwrap()).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_listing_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            let _ = paths(&bytes);
            let mut gzip = GzBuilder::new().write(Vec::new(), Compression::fast());
            gzip.write_all(&bytes).unwrap();
            let _ = paths(&gzip.finish().unwrap());
        }
    }
}
