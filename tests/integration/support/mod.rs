//! What tests of several areas share.

pub mod client;
pub mod dns;
pub mod docker;
pub mod gate;
pub mod images;
pub mod in_process;
pub mod issuer;
pub mod postgres;
pub mod python;
pub mod replicas;
pub mod server;
pub mod socket;
pub mod traefik;
