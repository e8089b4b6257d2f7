//! Traefik as the data plane.
//!
//! ```text
//! routes ──▶ render ──▶ rest | http | file ──▶ Traefik ──▶ api: is it in force?
//!    └─────▶ our own edge: pages for what is not live, and whatever has no router
//! ```
//!
//! What Traefik says about a document is that it could be read. So each one carries a mark, and nothing is taken for
//! published or withdrawn before Traefik's API shows that mark.

mod api;
pub mod document;
mod file;
mod http;
mod mark;
mod provider;
pub mod render;
mod rest;
mod settings;
mod wildcard;

pub use self::{
    file::ConfigurationFile,
    http::ServedConfiguration,
    provider::{Delivery, Shape, TraefikProxy},
    settings::{TraefikSettings, TraefikUrl, WrongUrl},
    wildcard::one_for_all,
};
