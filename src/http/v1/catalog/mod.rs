//! The catalog.

pub mod list;
pub mod sync;
pub mod wire;
