use std::{net::SocketAddr, time::Duration};

use async_trait::async_trait;

use super::FakeEngine;
use crate::ports::prober::Prober;

/// Finds the components at the addresses that their containers have on this engine.
#[async_trait]
impl Prober for FakeEngine {
    async fn tcp(&self, address: SocketAddr, _: Duration) -> Result<(), String> {
        self.probe(address)
    }

    async fn http(&self, address: SocketAddr, _: &str, _: Duration) -> Result<(), String> {
        self.probe(address)
    }
}

impl FakeEngine {
    fn probe(&self, address: SocketAddr) -> Result<(), String> {
        let state = self.lock();
        let found = state.objects.running_at(address.ip());
        let found =
            found.ok_or_else(|| format!("cannot connect to port {}: no route to host", address.port()))?;
        match state.behaviour(&found.identity.component).unhealthy {
            Some(reason) => Err(reason),
            None => Ok(()),
        }
    }
}
