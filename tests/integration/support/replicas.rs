//! Several servers of one installation: the real binary, one PostgreSQL database, one Docker engine.

use std::panic::AssertUnwindSafe;

use futures::FutureExt;

use super::server::{Server, Shared};
use crate::contract::store::engine::with_database;

pub struct Replicas {
    pub servers: Vec<Server>,
    pub shared: Shared,
}

/// Runs the test against so many servers, started at the same moment on an empty database; whatever they made on Docker
/// is removed afterwards, and what the test should have removed itself is a failure.
pub async fn with_replicas(count: usize, test: impl AsyncFnOnce(&mut Replicas)) {
    with_database(async |database_url| {
        let shared = Shared { database_url, master_key: "07".repeat(32) };
        let servers = (0..count).map(|_| Server::spawn(Some(shared.clone()))).collect();
        let mut replicas = Replicas { servers, shared };
        let body = async {
            for server in &mut replicas.servers {
                server.until_up().await;
            }
            test(&mut replicas).await;
        };
        let outcome = AssertUnwindSafe(body).catch_unwind().await;
        for server in &mut replicas.servers {
            server.kill();
        }
        let left = replicas.servers[0].clean_up().await;
        if let Err(panic) = outcome {
            std::panic::resume_unwind(panic);
        }
        assert_eq!(left, Vec::<String>::new(), "objects of workspaces are left on the engine");
    })
    .await;
}
