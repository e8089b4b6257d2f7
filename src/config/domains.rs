//! How custom domains are looked up.

use std::net::{IpAddr, SocketAddr};

use clap::Args;
use ipnet::IpNet;

use super::server::{Networks, networks};

const DNS_PORT: u16 = 53;

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Custom domains")]
pub struct Domains {
    /// DNS servers that are asked for proofs of custom domains, separated by commas, with :PORT unless it is 53 [default: the system's]
    #[arg(long, env = "DEVSANCTUM_DNS_SERVERS", value_name = "ADDRESSES", default_value = "",
          hide_default_value = true, value_parser = servers)]
    dns_servers: Servers,

    /// Private networks that host names given by users may lead this server to, separated by commas [default: none]
    #[arg(long, env = "DEVSANCTUM_OUTBOUND_NETWORKS", value_name = "NETWORKS", default_value = "",
          hide_default_value = true, value_parser = networks)]
    outbound_networks: Networks,
}

#[derive(Debug, Clone)]
struct Servers(Vec<SocketAddr>);

impl Domains {
    /// Empty: those of the system.
    pub fn dns_servers(&self) -> &[SocketAddr] {
        &self.dns_servers.0
    }

    pub fn outbound_networks(&self) -> Vec<IpNet> {
        self.outbound_networks.0.clone()
    }
}

fn servers(text: &str) -> Result<Servers, String> {
    let server = |text: &str| {
        let alone = || text.parse::<IpAddr>().map(|address| SocketAddr::new(address, DNS_PORT));
        text.parse::<SocketAddr>()
            .or_else(|_| alone())
            .map_err(|_| format!("{text} is no address like 192.0.2.53 or [2001:db8::53]:5353"))
    };
    let texts = text.split(',').map(str::trim).filter(|text| !text.is_empty());
    texts.map(server).collect::<Result<_, _>>().map(Servers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_an_address_with_or_without_a_port() {
        let read =
            |text: &str| servers(text).map(|servers| servers.0.iter().map(ToString::to_string).collect());
        let expected = ["192.0.2.53:53", "[2001:db8::53]:5353", "[::1]:53"].map(str::to_owned);
        assert_eq!(read(" 192.0.2.53, [2001:db8::53]:5353 ,::1,"), Ok(Vec::from(expected)));
        assert_eq!(read(""), Ok(Vec::new()));
        for wrong in ["dns.example.org", "192.0.2.53:x", "[::1]", "192.0.2.53 192.0.2.54"] {
            assert!(read(wrong).is_err_and(|error: String| error.contains(wrong)), "{wrong}");
        }
    }
}
