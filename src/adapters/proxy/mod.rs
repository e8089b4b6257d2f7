//! The data plane inside this process.
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
mod upgrade;
mod upstream;

pub use self::{
    body::EdgeBody,
    embedded::{EdgeSettings, EmbeddedProxy},
    headers::Client,
    metrics::{EdgeCounts, EdgeMetrics},
};
