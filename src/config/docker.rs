//! The Docker engine workspaces run on, and how many of them at a time.

use std::path::PathBuf;

use clap::Args;
use ipnet::Ipv4Net;

use super::ConfigError;

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Docker")]
pub struct Docker {
    /// The first host: `unix:///path` or `tcp://127.0.0.1:port`; empty for none
    #[arg(
        long,
        env = "DEVSANCTUM_DOCKER_HOST",
        value_name = "ENDPOINT",
        default_value = "unix:///var/run/docker.sock"
    )]
    docker_host: String,

    /// Private addresses that the networks of workspaces are cut from; must not overlap with networks you use
    #[arg(long, env = "DEVSANCTUM_NETWORK_POOL", value_name = "NETWORK", default_value = "10.201.0.0/16")]
    pub network_pool: Ipv4Net,

    /// Prefix length of each workspace's network; 27 leaves room for 29 components
    #[arg(long, env = "DEVSANCTUM_NETWORK_PREFIX", value_name = "BITS", default_value_t = 27,
          value_parser = clap::value_parser!(u8).range(8..=29))]
    pub network_prefix: u8,

    /// Image builds side by side on one host; others wait their turn
    #[arg(long, env = "DEVSANCTUM_BUILD_SLOTS", value_name = "COUNT", default_value_t = 2,
          value_parser = clap::value_parser!(u16).range(1..=64))]
    pub build_slots: u16,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Workspaces")]
pub struct Workspaces {
    /// Workspaces brought up side by side; others wait. Stopping and destroying never wait
    #[arg(long, env = "DEVSANCTUM_MAX_CONCURRENT_DEPLOYMENTS", value_name = "COUNT", default_value_t = 16,
          value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub max_concurrent_deployments: u16,

    /// Directory whose templates every organization can use [default: the catalog inside this binary]
    #[arg(long, env = "DEVSANCTUM_CATALOG_DIR", value_name = "DIRECTORY")]
    pub catalog_dir: Option<PathBuf>,
}

impl Docker {
    /// Where the first host is; `None` when there is to be none.
    pub fn host(&self) -> Option<&str> {
        Some(self.docker_host.as_str()).filter(|host| !host.is_empty())
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if self.network_prefix <= self.network_pool.prefix_len() {
            return Err(ConfigError::new(
                "DEVSANCTUM_NETWORK_PREFIX",
                format!(
                    "must be greater than {}, the prefix length of DEVSANCTUM_NETWORK_POOL, so that the pool holds \
                     more than one network",
                    self.network_pool.prefix_len()
                ),
            ));
        }
        Ok(())
    }
}
