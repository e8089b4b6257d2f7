//! DevSanctum: one binary that turns machines with Docker into a developer platform.
//!
//! # The law
//!
//! ```text
//! cli, http, ssh, reconcile ──▶ app ──▶ ports + domain ◀── adapters
//! ```
//!
//! Data flows one way. Only [`bootstrap`] names an adapter. `tests/architecture.rs` reads the `use` lines and fails when
//! an arrow runs the other way.
//!
//! Where does a line of code go? True with the power off → [`domain`]. Decides, using ports → [`app`]. Repeats until
//! true → [`reconcile`]. Names a vendor → [`adapters`]. Knows HTTP → [`http`]. Wires → [`bootstrap`].

pub mod adapters;
pub mod app;
pub mod bootstrap;
pub mod cli;
pub mod config;
pub mod domain;
pub mod http;
pub mod lifecycle;
pub mod ports;
pub mod reconcile;
pub mod telemetry;
pub mod testing;
