//! Who may open a workspace's address, and how they come in.

mod browsers;
mod domains;
mod forward_auth;
mod matrix;
mod revocation;
mod world;
