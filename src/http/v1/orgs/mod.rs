//! Organizations.

pub mod change;
pub mod create;
pub mod invitations;
pub mod list;
pub mod members;
pub mod quota;
pub mod remove;
pub mod show;
pub mod variables;
pub mod wire;
