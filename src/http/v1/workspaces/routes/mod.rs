//! Routes of a workspace.

pub mod create;
pub mod list;
pub mod patch;
pub mod remove;
