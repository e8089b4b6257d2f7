//! A port with several implementations has one suite, which all of them pass.

mod domain_proofs;
mod image_builder;
mod prober;
pub mod provisioner;
pub mod proxy;
pub mod store;
