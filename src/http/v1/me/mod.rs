//! The caller's own account.

pub mod email;
pub mod identities;
pub mod password;
pub mod rename;
pub mod sessions;
pub mod show;
pub mod ssh_keys;
pub mod tokens;
pub mod totp;
pub mod variables;
pub mod wire;
