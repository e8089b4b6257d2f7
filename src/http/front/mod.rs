//! The listener in front of everything: one port for the UI, the API and the workspaces, told apart by host name.

mod connection;
mod gate;
mod host;
mod listener;
mod workers;

pub use self::{
    connection::Lasting,
    gate::{Admitted, Gate},
    host::{HostError, Hosts},
    listener::{Front, Limits},
    workers::Workers,
};
