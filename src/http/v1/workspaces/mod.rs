//! Workspaces.

mod answer;
pub mod cancel;
pub mod create;
pub mod destroy;
pub mod destroy_all;
pub mod list;
pub mod logs;
pub mod patch;
pub mod ports;
pub mod restart;
pub mod retry;
pub mod routes;
pub mod show;
pub mod start;
pub mod stats;
pub mod stop;
pub mod terminal;
pub mod update;
pub mod variables;
pub mod wire;
