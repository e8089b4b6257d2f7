//! Deployments.

pub mod list;
pub mod logs;
pub mod show;
pub mod wire;
