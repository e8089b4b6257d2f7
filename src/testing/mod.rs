//! Stand-ins for tests, each held to the contract suite of its port.

pub mod clock;
pub mod docker;
pub mod faults;
pub mod mailer;
pub mod proofs;
pub mod proxy;
pub mod store;
