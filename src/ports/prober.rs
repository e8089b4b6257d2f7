//! Asking a component whether it is ready, from outside.

use std::{net::SocketAddr, time::Duration};

use async_trait::async_trait;

#[async_trait]
pub trait Prober: Send + Sync {
    /// `Ok` when a connection is accepted within `timeout`; else why not, for people.
    async fn tcp(&self, address: SocketAddr, timeout: Duration) -> Result<(), String>;

    /// `Ok` when `GET path` answers with a status below 400 within `timeout`; redirects are not followed.
    async fn http(&self, address: SocketAddr, path: &str, timeout: Duration) -> Result<(), String>;
}
