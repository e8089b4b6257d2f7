//! What obeys the ports and names a vendor. Only `bootstrap` looks in here.

pub mod argon2;
pub mod catalog;
pub mod docker;
pub mod domain_proofs;
pub mod identity_jwt;
pub mod jwt;
pub mod master_key;
pub mod oauth;
pub mod probe;
pub mod proxy;
pub mod sealer;
pub mod smtp;
pub mod store;
pub mod system;
