//! Where the templates that ship with the installation come from.

use async_trait::async_trait;

use crate::domain::template::archive::Tree;

#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// The whole catalog: nothing is known of any entry.
    #[error("the catalog {location} cannot be read: {reason}")]
    Unreadable { location: String, reason: String },
    /// One entry; the others are not affected.
    #[error("{0}")]
    Entry(String),
}

/// Directories, each of which may be a template. Version control's own files are left out, links are not followed.
#[async_trait]
pub trait Catalog: Send + Sync {
    /// Names of the directories, sorted.
    async fn entries(&self) -> Result<Vec<String>, CatalogError>;

    /// All files of one, within the limits of [`crate::domain::template::archive`].
    async fn read(&self, entry: &str) -> Result<Tree, CatalogError>;
}
