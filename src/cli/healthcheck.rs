//! `devsanctum healthcheck`: asks a server on this machine whether it is ready. For container platforms, in images
//! that have no curl.

use std::{net::SocketAddr, time::Duration};

use clap::Args;

use super::Exit;

const LIMIT: Duration = Duration::from_secs(5);

#[derive(Debug, Args)]
pub(super) struct Healthcheck {
    /// Where the server listens
    #[arg(long, env = "DEVSANCTUM_LISTEN", value_name = "ADDRESS:PORT", default_value = "127.0.0.1:7080")]
    listen: SocketAddr,
}

pub(super) fn run(options: &Healthcheck) -> Exit {
    let asked = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(ask(options.listen)));
    match asked {
        Ok((true, text)) => {
            println!("{text}");
            Exit::Ok
        }
        Ok((false, text)) => {
            eprintln!("{text}");
            Exit::Failed
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            Exit::Unreachable
        }
    }
}

async fn ask(listen: SocketAddr) -> anyhow::Result<(bool, String)> {
    let client = reqwest::Client::builder().timeout(LIMIT).no_proxy().build()?;
    let answer = client.get(format!("http://{}/readyz", reachable(listen))).send().await?;
    let ready = answer.status().is_success();
    Ok((ready, answer.text().await?))
}

/// A server that listens on every address is asked on this machine's own.
fn reachable(mut listen: SocketAddr) -> SocketAddr {
    if listen.ip().is_unspecified() {
        listen.set_ip(match listen {
            SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    listen
}
