//! Versions of a template.

pub mod activate;
pub mod create;
pub mod list;
