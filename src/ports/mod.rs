//! What the core needs of the world, as traits. Each states its contract; each has a contract suite that runs on
//! every implementation.

pub mod access_token;
pub mod catalog;
pub mod clock;
pub mod domain_proofs;
pub mod hasher;
pub mod identity_provider;
pub mod identity_token;
pub mod image_builder;
pub mod mailer;
pub mod meter;
pub mod prober;
pub mod provisioner;
pub mod proxy;
pub mod random;
pub mod repository;
pub mod sealer;
