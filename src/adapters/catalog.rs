//! The catalog: the one in this binary, or a directory an operator keeps.

use std::{
    collections::BTreeSet,
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use rust_embed::RustEmbed;

use crate::{
    domain::template::archive::{File, MAX_BYTES, MAX_FILES, Tree},
    ports::catalog::{Catalog, CatalogError},
};

/// The templates of this release.
pub struct BundledCatalog;

#[derive(RustEmbed)]
#[folder = "catalog/"]
struct Bundle;

#[async_trait]
impl Catalog for BundledCatalog {
    async fn entries(&self) -> Result<Vec<String>, CatalogError> {
        let entries: BTreeSet<String> = Bundle::iter()
            .filter_map(|path| path.split_once('/').map(|(entry, _)| entry.to_owned()))
            .collect();
        Ok(entries.into_iter().collect())
    }

    async fn read(&self, entry: &str) -> Result<Tree, CatalogError> {
        let prefix = format!("{entry}/");
        let files = Bundle::iter().filter_map(|path| {
            let below = path.strip_prefix(&prefix)?.to_owned();
            let bytes = Bundle::get(&path)?.data.into_owned();
            // A binary keeps contents, not modes.
            let executable = bytes.starts_with(b"#!");
            Some((below, File::Regular { bytes, executable }))
        });
        Ok(files.collect())
    }
}

/// A directory with one directory for each template.
pub struct DirectoryCatalog {
    root: PathBuf,
}

/// Deepest directory below a template.
const MAX_DEPTH: usize = 32;
/// What version control keeps for itself.
const SKIPPED: [&str; 3] = [".git", ".hg", ".svn"];

impl DirectoryCatalog {
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    fn unreadable(&self, error: &io::Error) -> CatalogError {
        CatalogError::Unreadable { location: self.root.display().to_string(), reason: error.to_string() }
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(&self.root)? {
            let entry = entry?;
            if let Ok(name) = entry.file_name().into_string()
                && entry.file_type()?.is_dir()
                && !name.starts_with('.')
            {
                entries.push(name);
            }
        }
        entries.sort();
        Ok(entries)
    }
}

#[async_trait]
impl Catalog for DirectoryCatalog {
    async fn entries(&self) -> Result<Vec<String>, CatalogError> {
        let catalog = Self::new(&self.root);
        blocking(move || catalog.list().map_err(|error| catalog.unreadable(&error))).await
    }

    async fn read(&self, entry: &str) -> Result<Tree, CatalogError> {
        let directory = self.root.join(entry);
        blocking(move || {
            let mut walk = Walk { tree: Tree::new(), bytes: 0 };
            walk.directory(&directory, "", 0).map(|()| walk.tree).map_err(CatalogError::Entry)
        })
        .await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CatalogError> + Send + 'static,
) -> Result<T, CatalogError> {
    let stopped =
        |error: tokio::task::JoinError| CatalogError::Entry(format!("reading was interrupted: {error}"));
    tokio::task::spawn_blocking(work).await.map_err(stopped)?
}

struct Walk {
    tree: Tree,
    bytes: usize,
}

impl Walk {
    /// `below` is the path from the template's directory, empty or ending in a slash.
    fn directory(&mut self, directory: &Path, below: &str, depth: usize) -> Result<(), String> {
        if depth > MAX_DEPTH {
            return Err(format!("{below}: directories are nested more than {MAX_DEPTH} deep"));
        }
        let failed = |error: io::Error| format!("{}: {error}", directory.display());
        for entry in fs::read_dir(directory).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry
                .file_name()
                .into_string()
                .map_err(|name| format!("{below}{}: the name is not UTF-8", name.display()))?;
            if SKIPPED.contains(&name.as_str()) {
                continue;
            }
            let path = format!("{below}{name}");
            let kind = entry.file_type().map_err(failed)?;
            if kind.is_dir() {
                self.directory(&entry.path(), &format!("{path}/"), depth + 1)?;
            } else if kind.is_symlink() {
                let target = fs::read_link(entry.path()).map_err(failed)?;
                let target = target.into_os_string().into_string();
                let target = target.map_err(|_| format!("{path}: the link's target is not UTF-8"))?;
                self.tree.insert(path, File::Link { target });
            } else if kind.is_file() {
                let file = self.file(&entry.path()).map_err(|error| format!("{path}: {error}"))?;
                self.tree.insert(path, file);
            } else {
                return Err(format!("{path}: neither a file nor a directory nor a link"));
            }
            if self.tree.len() > MAX_FILES || self.bytes > MAX_BYTES {
                return Err(format!("a template has at most {MAX_FILES} files and {MAX_BYTES} bytes"));
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path) -> io::Result<File> {
        let file = fs::File::open(path)?;
        let executable = is_executable(&file.metadata()?);
        let mut bytes = Vec::new();
        // One byte more than fits says that it does not.
        let room = (MAX_BYTES - self.bytes.min(MAX_BYTES)) as u64 + 1;
        self.bytes += file.take(room).read_to_end(&mut bytes)?;
        Ok(File::Regular { bytes, executable })
    }
}

#[cfg(unix)]
fn is_executable(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &fs::Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::template::{archive, check, document::Format};

    fn regular(bytes: &[u8], executable: bool) -> File {
        File::Regular { bytes: bytes.into(), executable }
    }

    #[tokio::test]
    async fn a_directory_gives_its_files_without_version_control() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let root = tempfile::tempdir().unwrap();
        let shop = root.path().join("shop");
        for directory in ["shop/web", "shop/.git", ".hidden"] {
            fs::create_dir_all(root.path().join(directory)).unwrap();
        }
        fs::write(root.path().join("README.md"), "of the catalog").unwrap();
        fs::write(shop.join(".git/config"), "secret").unwrap();
        fs::write(shop.join(".dockerignore"), "x").unwrap();
        fs::write(shop.join("web/run.sh"), "#!/bin/sh").unwrap();
        fs::set_permissions(shop.join("web/run.sh"), fs::Permissions::from_mode(0o755)).unwrap();
        symlink("web/run.sh", shop.join("run")).unwrap();

        let catalog = DirectoryCatalog::new(root.path());
        assert_eq!(catalog.entries().await.unwrap(), ["shop"]);
        let expected: Tree = [
            (".dockerignore", regular(b"x", false)),
            ("run", File::Link { target: "web/run.sh".into() }),
            ("web/run.sh", regular(b"#!/bin/sh", true)),
        ]
        .map(|(path, file)| (path.to_owned(), file))
        .into();
        assert_eq!(catalog.read("shop").await.unwrap(), expected);
    }

    #[tokio::test]
    async fn what_is_too_much_or_too_odd_is_an_error_of_its_entry() {
        let root = tempfile::tempdir().unwrap();
        for entry in ["large", "odd"] {
            fs::create_dir(root.path().join(entry)).unwrap();
        }
        fs::File::create(root.path().join("large/a")).unwrap().set_len(MAX_BYTES as u64 + 1).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(root.path().join("odd/socket")).unwrap();
        let catalog = DirectoryCatalog::new(root.path());
        for entry in ["large", "odd", "absent"] {
            assert!(matches!(catalog.read(entry).await, Err(CatalogError::Entry(_))), "{entry}");
        }
        let absent = DirectoryCatalog::new(root.path().join("absent"));
        assert!(matches!(absent.entries().await, Err(CatalogError::Unreadable { .. })));
    }

    #[tokio::test]
    async fn every_bundled_template_is_a_template() {
        let entries = BundledCatalog.entries().await.unwrap();
        assert!(entries.contains(&"hello".to_owned()), "{entries:?}");
        for entry in entries {
            let tree = BundledCatalog.read(&entry).await.unwrap();
            let packed = archive::pack(&tree).unwrap();
            let File::Regular { bytes, .. } = &tree["devsanctum.yaml"] else {
                panic!("{entry} has no manifest")
            };
            let text = std::str::from_utf8(bytes).unwrap();
            let checked = check(text, Format::Yaml, &packed.files).unwrap();
            assert_eq!(checked.manifest.slug.unwrap().as_str(), entry);
            assert_eq!(checked.warnings, [], "{entry}");
        }
    }
}
