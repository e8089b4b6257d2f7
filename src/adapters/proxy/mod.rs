//! The data plane: inside this process, or (`traefik`) outside of it with this one behind.
//!
//! ```text
//! label ──▶ table ──▶ live? ──▶ headers ──▶ pool ──▶ upstream ──▶ headers ──▶ client
//!                       └── no ──▶ pages                └── 101 ──▶ upgrade
//! ```

mod body;
mod cookies;
mod embedded;
mod forward;
mod headers;
mod metrics;
mod pages;
mod pool;
mod table;
pub mod traefik;
mod upgrade;
mod upstream;

pub use self::{
    body::EdgeBody,
    embedded::{EdgeSettings, EmbeddedProxy},
    headers::Client,
    metrics::{EdgeCounts, EdgeMetrics},
};
