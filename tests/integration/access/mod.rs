//! Who may open a workspace's address, and how they come in.

mod browsers;
mod forward_auth;
mod matrix;
mod revocation;
mod terminals;
mod world;
