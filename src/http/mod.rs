//! The listener, and behind it the REST API, the documentation pages and the web UI.
//!
//! `router.rs` lists every route. A handler lives in `v1/<noun>/<verb>.rs` and takes about ten lines: extract, call a
//! use-case, map the answer. What is the same for many of them lives in `extract` (what comes in), `error` (what goes
//! wrong) and `stream` (what does not end).

pub mod cookie;
pub mod edge;
pub mod error;
pub mod extract;
pub mod front;
pub mod middleware;
pub mod openapi;
pub mod operations;
pub mod router;
pub mod spa;
pub mod state;
pub mod stream;
pub mod traefik;
pub mod v1;
pub mod well_known;
pub mod wire;
