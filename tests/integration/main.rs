//! Every test that needs more than one module, in one binary: it links once. One `mod` line for each area.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod access;
mod architecture;
mod backup;
mod cli;
mod contract;
mod docker;
mod faults;
mod flow;
mod front;
mod generated;
mod helper;
mod http;
mod mail;
mod reconcile;
mod support;
mod tenancy;
