//! Accepting connections.

use std::{
    io,
    net::{self, IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::Router;
use ipnet::IpNet;
use tokio::{net::TcpListener, runtime::Handle, sync::Semaphore};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    connection::{self, Lasting},
    gate::Gate,
    host::Hosts,
    workers::Workers,
};
use crate::ports::proxy::Edge;

#[derive(Debug, Clone)]
pub struct Limits {
    pub connections: usize,
    /// For the head of a request from its first awaited byte, so also for how long a connection may idle.
    pub header_read: Duration,
    pub headers: usize,
    pub head_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 16_384,
            header_read: Duration::from_secs(60),
            headers: 200,
            head_bytes: 128 * 1024,
        }
    }
}

pub struct Front<E> {
    pub control_plane: Router,
    pub workspaces: Arc<E>,
    pub gate: Arc<dyn Gate>,
    pub hosts: Hosts,
    /// Where workspaces live: nobody there may talk to the control plane.
    pub workspace_networks: Vec<IpNet>,
    pub limits: Limits,
    pub workers: Workers,
}

impl<E: Edge> Front<E> {
    /// Serves until `soft` is cancelled, then lets connections finish what they are at; `hard` ends them. The control
    /// plane runs on the runtime of the caller.
    pub async fn serve(self, listener: TcpListener, soft: CancellationToken, hard: CancellationToken) {
        let places = Arc::new(Semaphore::new(self.limits.connections));
        let front = Arc::new(self);
        let control_plane = Handle::current();
        let connections = TaskTracker::new();
        loop {
            let place = tokio::select! {
                biased;
                () = soft.cancelled() => break,
                place = places.clone().acquire_owned() => place.expect("the semaphore is never closed"),
            };
            let (stream, peer) = tokio::select! {
                biased;
                () = soft.cancelled() => break,
                accepted = accept(&listener) => accepted,
            };
            if front.is_workspace(peer.ip()) {
                tracing::warn!(%peer, "refused a connection from a workspace");
                continue;
            }
            let lasting = Lasting(connections.token());
            let connection =
                connection::serve(front.clone(), control_plane.clone(), stream, peer, soft.clone(), lasting);
            let hard = hard.clone();
            front.workers.spawn(connections.track_future(async move {
                if let Some(Err(error)) = hard.run_until_cancelled(connection).await {
                    tracing::debug!(%error, %peer, "a connection ended early");
                }
                drop(place);
            }));
        }
        drop(listener);
        connections.close();
        connections.wait().await;
    }

    fn is_workspace(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.workspace_networks.iter().any(|network| network.contains(&peer))
    }
}

/// The next connection, free of this runtime. What goes wrong with one of them concerns nobody else; out of descriptors,
/// the next try waits.
async fn accept(listener: &TcpListener) -> (net::TcpStream, SocketAddr) {
    const PAUSE: Duration = Duration::from_millis(100);
    loop {
        let accepted = listener.accept().await;
        match accepted.and_then(|(stream, peer)| Ok((stream.into_std()?, peer))) {
            Ok(accepted) => return accepted,
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, "cannot accept connections");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}
