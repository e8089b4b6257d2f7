//! Who may open a workspace's address, and how they come in.

mod browsers;
mod figures;
mod forward_auth;
mod identity;
mod matrix;
mod revocation;
mod world;
