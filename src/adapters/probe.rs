//! Asking components whether they are ready, over the network.

use std::{net::SocketAddr, pin::pin, time::Duration};

use async_trait::async_trait;
use futures::future::{Either, select};
use http_body_util::Empty;
use hyper::{Request, body::Bytes, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::ports::prober::Prober;

/// Probes from this process, each on a connection of its own.
#[derive(Debug, Clone, Copy, Default)]
pub struct NetworkProber;

#[async_trait]
impl Prober for NetworkProber {
    async fn tcp(&self, address: SocketAddr, timeout: Duration) -> Result<(), String> {
        within(timeout, connect(address)).await.map(drop)
    }

    async fn http(&self, address: SocketAddr, path: &str, timeout: Duration) -> Result<(), String> {
        within(timeout, get(address, path)).await
    }
}

async fn within<T>(limit: Duration, attempt: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    match tokio::time::timeout(limit, attempt).await {
        Ok(result) => result,
        Err(_) => Err(format!("no answer within {limit:?}")),
    }
}

async fn connect(address: SocketAddr) -> Result<TcpStream, String> {
    TcpStream::connect(address)
        .await
        .map_err(|error| format!("cannot connect to port {}: {error}", address.port()))
}

async fn get(address: SocketAddr, path: &str) -> Result<(), String> {
    let request = Request::get(path)
        .header(header::HOST, address.to_string())
        .header(header::USER_AGENT, "devsanctum-probe")
        .header(header::CONNECTION, "close")
        .body(Empty::<Bytes>::new())
        .map_err(|error| format!("{path:?} is no path: {error}"))?;
    let io = TokioIo::new(connect(address).await?);
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(io).await.map_err(|error| format!("GET {path}: {error}"))?;
    // The connection ends with this future: a body without end does not keep it open.
    let answer = match select(pin!(sender.send_request(request)), pin!(connection)).await {
        Either::Left((answer, _)) => answer,
        // What the connection brought before it ended is waiting.
        Either::Right((_, answer)) => answer.await,
    };
    let status = answer.map_err(|error| format!("GET {path} on port {}: {error}", address.port()))?.status();
    match status.as_u16() {
        ..400 => Ok(()),
        code => Err(format!("GET {path} answered {code}")),
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    /// A server that answers every request with these bytes and closes at once.
    async fn server(answer: &'static str) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let mut request = [0; 1024];
                let _ = socket.read(&mut request).await;
                let _ = socket.write_all(answer.as_bytes()).await;
            }
        });
        address
    }

    #[tokio::test]
    async fn an_answer_counts_even_when_the_connection_is_closed_right_behind_it() {
        let address = server("HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").await;
        for _ in 0..50 {
            assert_eq!(NetworkProber.http(address, "/", Duration::from_secs(5)).await, Ok(()));
        }
    }

    #[tokio::test]
    async fn errors_and_silence_are_not_ready() {
        for answer in ["HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n", "", "garbage\r\n\r\n"] {
            let address = server(answer).await;
            assert!(NetworkProber.http(address, "/", Duration::from_secs(5)).await.is_err(), "{answer:?}");
        }
    }
}
