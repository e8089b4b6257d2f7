//! A build context from the files of a template version: one directory of a tar.gz, without what its `.dockerignore`
//! leaves out, as the tar that the engine wants.
//!
//! The archive comes from a user. It is read with limits, and nothing of it may lead outside the directory.

use std::{
    io::{self, Read},
    path::{Component, Path, PathBuf},
};

use bytes::Bytes;
use flate2::read::GzDecoder;
use tar::{Archive, Entry, EntryType, Header};

use super::ignore::Ignore;
use crate::ports::provisioner::{EngineError, EngineResult};

#[derive(Debug, Clone, Copy)]
struct Limits {
    /// Unpacked.
    bytes: u64,
    entries: usize,
}

const LIMITS: Limits = Limits { bytes: 512 << 20, entries: 50_000 };

const IGNORE_FILE: &str = ".dockerignore";

#[derive(Debug, thiserror::Error)]
enum ContextError {
    #[error("the template's files are larger than {} MiB unpacked", .0 >> 20)]
    TooLarge(u64),
    #[error("the template has more than {0} files")]
    TooMany(usize),
    #[error("{0} leads outside the build context")]
    Outside(String),
    #[error("{0} is neither a file, a directory nor a link")]
    Special(String),
    #[error("the template's files have no directory {0}")]
    NoDirectory(String),
    #[error("the build context has no {0}")]
    NoDockerfile(String),
    #[error("the template's files cannot be read: {0}")]
    Unreadable(#[from] io::Error),
}

/// `directory` and `dockerfile` as a build request has them.
pub(super) async fn of_archive(archive: Bytes, directory: String, dockerfile: String) -> EngineResult<Bytes> {
    let work = move || pack(&archive, &directory, &dockerfile, LIMITS);
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(context)) => Ok(context.into()),
        Ok(Err(error)) => Err(EngineError::Build(error.to_string())),
        Err(_) => Err(EngineError::Engine("packing the build context broke off".into())),
    }
}

fn pack(archive: &[u8], directory: &str, dockerfile: &str, limits: Limits) -> Result<Vec<u8>, ContextError> {
    let files = unpack(archive, limits.bytes)?;
    let root = clean(Path::new(directory)).ok_or_else(|| ContextError::Outside(directory.to_owned()))?;
    let dockerfile_path =
        clean(Path::new(dockerfile)).ok_or_else(|| ContextError::Outside(dockerfile.to_owned()))?;
    let ignore = read_ignore_file(&files, &root)?;

    let mut context = tar::Builder::new(Vec::new());
    let (mut has_root, mut has_dockerfile) = (root.as_os_str().is_empty(), false);
    for (index, entry) in Archive::new(files.as_slice()).entries()?.enumerate() {
        if index >= limits.entries {
            return Err(ContextError::TooMany(limits.entries));
        }
        let entry = entry?;
        let Some(path) = path_below(&entry, &root)? else { continue };
        has_root = true;
        let is_dockerfile = path == dockerfile_path;
        has_dockerfile |= is_dockerfile;
        // The engine needs the Dockerfile even when it is not for the image.
        if !path.as_os_str().is_empty() && (is_dockerfile || !ignore.excludes(&path)) {
            append(&mut context, entry, &path, &root)?;
        }
    }
    match (has_root, has_dockerfile) {
        (false, _) => Err(ContextError::NoDirectory(directory.to_owned())),
        (_, false) => Err(ContextError::NoDockerfile(dockerfile.to_owned())),
        _ => Ok(context.into_inner()?),
    }
}

fn unpack(archive: &[u8], limit: u64) -> Result<Vec<u8>, ContextError> {
    let mut files = Vec::new();
    GzDecoder::new(archive).take(limit + 1).read_to_end(&mut files)?;
    if files.len() as u64 > limit { Err(ContextError::TooLarge(limit)) } else { Ok(files) }
}

fn read_ignore_file(files: &[u8], root: &Path) -> Result<Ignore, ContextError> {
    for entry in Archive::new(files).entries()? {
        let mut entry = entry?;
        if path_below(&entry, root)?.as_deref() == Some(Path::new(IGNORE_FILE)) {
            let mut text = Vec::new();
            entry.read_to_end(&mut text)?;
            return Ok(Ignore::parse(&String::from_utf8_lossy(&text)));
        }
    }
    Ok(Ignore::default())
}

/// The entry's path below the root; `None` when it is elsewhere in the archive, or no file at all.
fn path_below(entry: &Entry<impl Read>, root: &Path) -> Result<Option<PathBuf>, ContextError> {
    if entry.header().entry_type() == EntryType::XGlobalHeader {
        return Ok(None);
    }
    let raw = entry.path()?;
    let path = clean(&raw).ok_or_else(|| ContextError::Outside(raw.display().to_string()))?;
    Ok(path.strip_prefix(root).ok().map(Path::to_owned))
}

/// Without `.`; `None` when it is absolute or has a `..` in it.
fn clean(path: &Path) -> Option<PathBuf> {
    let mut clean = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => clean.push(name),
            Component::CurDir => {}
            _ => return None,
        }
    }
    Some(clean)
}

fn append(
    context: &mut tar::Builder<Vec<u8>>,
    mut entry: Entry<impl Read>,
    path: &Path,
    root: &Path,
) -> Result<(), ContextError> {
    let outside = || ContextError::Outside(path.display().to_string());
    let kind = entry.header().entry_type();
    let mut header = Header::new_gnu();
    header.set_mode(entry.header().mode()? & 0o777);
    header.set_mtime(entry.header().mtime()?);
    header.set_entry_type(kind);
    header.set_size(0);
    match kind {
        EntryType::Regular | EntryType::Continuous => {
            header.set_entry_type(EntryType::Regular);
            header.set_size(entry.size());
            context.append_data(&mut header, path, &mut entry)?;
        }
        EntryType::Directory => context.append_data(&mut header, path, io::empty())?,
        EntryType::Symlink => {
            let target = entry.link_name()?.ok_or_else(outside)?.into_owned();
            if !stays_inside(path, &target) {
                return Err(outside());
            }
            context.append_link(&mut header, path, &target)?;
        }
        EntryType::Link => {
            let target = entry.link_name()?.ok_or_else(outside)?.into_owned();
            let target = clean(&target).ok_or_else(outside)?;
            context.append_link(&mut header, path, target.strip_prefix(root).map_err(|_| outside())?)?;
        }
        _ => return Err(ContextError::Special(path.display().to_string())),
    }
    Ok(())
}

/// Whether a symbolic link at `link` to `target` leads to somewhere below the root, links on the way not followed:
/// those were checked as well.
fn stays_inside(link: &Path, target: &Path) -> bool {
    let mut depth = link.components().count().saturating_sub(1);
    for component in target.components() {
        match component {
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::ParentDir if depth > 0 => depth -= 1,
            _ => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, io::Write};

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    enum File<'a> {
        Text(&'a str),
        Symlink(&'a str),
        Hardlink(&'a str),
        Fifo,
    }
    use File::{Fifo, Hardlink, Symlink, Text};

    /// Writes names as they are, which the tar crate refuses for those that lead elsewhere.
    fn archive(files: &[(&str, File)]) -> Vec<u8> {
        let mut tar = tar::Builder::new(Vec::new());
        for (name, file) in files {
            let mut header = Header::new_gnu();
            header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
            header.set_mode(0o644);
            let (kind, link, text) = match file {
                Text(text) => (EntryType::Regular, "", *text),
                Symlink(target) => (EntryType::Symlink, *target, ""),
                Hardlink(target) => (EntryType::Link, *target, ""),
                Fifo => (EntryType::Fifo, "", ""),
            };
            header.set_entry_type(kind);
            header.as_gnu_mut().unwrap().linkname[..link.len()].copy_from_slice(link.as_bytes());
            header.set_size(text.len() as u64);
            header.set_cksum();
            tar.append(&header, text.as_bytes()).unwrap();
        }
        gzip(&tar.into_inner().unwrap())
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
        gz.write_all(bytes).unwrap();
        gz.finish().unwrap()
    }

    fn names(context: &[u8]) -> Vec<String> {
        let mut archive = Archive::new(context);
        archive.entries().unwrap().map(|entry| entry.unwrap().path().unwrap().display().to_string()).collect()
    }

    fn packed(files: &[(&str, File)], directory: &str) -> Result<Vec<String>, String> {
        pack(&archive(files), directory, "Dockerfile", LIMITS)
            .map(|tar| names(&tar))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_directory_becomes_the_root() {
        let files = [
            ("README.md", Text("")),
            ("./app/Dockerfile", Text("FROM scratch")),
            ("app/src/main.js", Text("1")),
            ("app/link", Symlink("src/../src/main.js")),
            ("app/hard", Hardlink("app/src/main.js")),
            ("application/x", Text("")),
        ];
        assert_eq!(packed(&files, "./app").unwrap(), ["Dockerfile", "src/main.js", "link", "hard"]);
        assert_eq!(packed(&files, "nothing").unwrap_err(), "the template's files have no directory nothing");
        assert_eq!(packed(&files, ".").unwrap_err(), "the build context has no Dockerfile");
    }

    #[test]
    fn ignored_files_stay_out_but_the_dockerfile_does_not() {
        let files = [
            ("Dockerfile", Text("FROM scratch")),
            (".dockerignore", Text("*\n!src\nsrc/secret\n")),
            ("a", Text("")),
            ("src/b", Text("")),
            ("src/secret", Text("")),
        ];
        assert_eq!(packed(&files, ".").unwrap(), ["Dockerfile", "src/b"]);
    }

    #[test]
    fn nothing_leads_outside() {
        let bad: BTreeMap<&str, File> = [
            ("../up", Text("")),
            ("/etc/passwd", Text("")),
            ("a/../../b", Text("")),
            ("out", Symlink("../x")),
            ("absolute", Symlink("/etc/passwd")),
            ("deep/out", Symlink("../a/../../x")),
            ("hard", Hardlink("../x")),
            ("device", Fifo),
        ]
        .into();
        for (name, file) in bad {
            let files = [("Dockerfile", Text("FROM scratch")), (name, file)];
            let error = packed(&files, ".").expect_err(name);
            assert!(error.contains("outside") || error.contains("neither"), "{name}: {error}");
        }
        let files = [("app/Dockerfile", Text("")), ("app/hard", Hardlink("secret")), ("secret", Text(""))];
        assert!(packed(&files, "app").unwrap_err().contains("outside"));
        assert!(packed(&files, "../x").unwrap_err().contains("outside"));
    }

    #[test]
    fn limits_hold() {
        let zeros = gzip(&vec![0; 1 << 20]);
        let tight = Limits { bytes: 1 << 16, entries: 2 };
        assert!(matches!(pack(&zeros, ".", "Dockerfile", tight), Err(ContextError::TooLarge(_))));
        let many = archive(&[("a", Text("")), ("b", Text("")), ("c", Text(""))]);
        assert!(matches!(pack(&many, ".", "Dockerfile", tight), Err(ContextError::TooMany(2))));
        for garbage in [&b"not gzip"[..], &gzip(b"not a tar, though long enough to be looked at")[..]] {
            assert!(pack(garbage, ".", "Dockerfile", LIMITS).is_err());
        }
        let whole = archive(&[("Dockerfile", Text("FROM scratch"))]);
        assert!(pack(&whole[..whole.len() / 2], ".", "Dockerfile", LIMITS).is_err(), "truncated");
    }
}
