//! Routes of a workspace.

pub mod create;
pub mod domains;
pub mod list;
pub mod patch;
pub mod remove;
