//! The binary from outside, on a real Docker engine.

mod bad_input;
mod crash;
mod replicas;
mod restore;
mod reuse;
mod rolling;
mod terminals;
mod traefik;
mod variables;
mod workspace;
