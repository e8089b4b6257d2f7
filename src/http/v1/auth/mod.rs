//! Signing in and staying signed in.
//!
//! The access token is in the body and lives in memory; the refresh token is in a cookie that scripts cannot read and
//! that browsers send to these paths only.

pub mod device;
pub mod login;
pub mod logout;
pub mod methods;
pub mod oauth;
pub mod password;
pub mod refresh;
pub mod register;
pub mod setup;
pub mod wire;
