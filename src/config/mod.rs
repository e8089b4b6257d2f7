//! Settings: one struct for each section, each field with its variable. Flags, environment and files say the same
//! things; all of it is read and checked here, once, before anything else happens.

mod admin;
mod docker;
mod domains;
mod error;
#[cfg(debug_assertions)]
mod faults;
mod logs;
mod mail;
mod people;
mod providers;
mod proxy;
pub mod reference;
mod secret;
mod server;
mod storage;

use clap::Args;

pub use self::{
    admin::Admin,
    docker::{Docker, Workspaces},
    domains::Domains,
    error::ConfigError,
    logs::{LogFormat, Logs},
    mail::Mail,
    people::People,
    providers::Providers,
    proxy::{Proxy, ProxyMode},
    server::Server,
    storage::Storage,
};

/// Every setting of `devsanctum serve`.
#[derive(Debug, Clone, Args)]
pub struct Config {
    #[command(flatten)]
    pub server: Server,
    #[command(flatten)]
    pub storage: Storage,
    #[command(flatten)]
    pub docker: Docker,
    #[command(flatten)]
    pub workspaces: Workspaces,
    #[command(flatten)]
    pub proxy: Proxy,
    #[command(flatten)]
    pub domains: Domains,
    #[command(flatten)]
    pub admin: Admin,
    #[command(flatten)]
    pub people: People,
    #[command(flatten)]
    pub mail: Mail,
    #[command(flatten)]
    pub providers: Providers,
    #[command(flatten)]
    pub logs: Logs,
    #[cfg(debug_assertions)]
    #[command(flatten)]
    pub faults: faults::Faults,
}

impl Config {
    /// Reads the files that secrets are in, and checks what no single value shows.
    pub fn checked(self) -> Result<Self, ConfigError> {
        self.docker.check()?;
        Ok(Self {
            storage: self.storage.checked()?,
            admin: self.admin.checked()?,
            proxy: self.proxy.checked()?,
            mail: self.mail.checked()?,
            providers: self.providers.checked()?,
            ..self
        })
    }
}

/// Prefix of our variables.
pub const PREFIX: &str = "DEVSANCTUM_";

/// Variables that look like settings of ours and are none: most likely misspelt.
pub fn unknown_variables(
    known: impl Fn(&str) -> bool,
    environment: impl IntoIterator<Item = String>,
) -> Vec<String> {
    environment.into_iter().filter(|name| name.starts_with(PREFIX) && !known(name)).collect()
}

/// Names of all variables of this process.
pub fn environment() -> impl Iterator<Item = String> {
    std::env::vars_os().filter_map(|(name, _)| name.into_string().ok())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Command {
        #[command(flatten)]
        config: Config,
    }

    fn config(args: &[&str]) -> Result<Config, String> {
        let args = std::iter::once("devsanctum").chain(args.iter().copied());
        let command = Command::try_parse_from(args).map_err(|error| error.to_string())?;
        command.config.checked().map_err(|error| error.to_string())
    }

    #[test]
    fn without_a_setting_everything_has_a_sensible_value() {
        let config = config(&[]).unwrap();
        assert_eq!(config.server.listen.to_string(), "127.0.0.1:7080");
        assert_eq!(config.server.access_url(7080), "http://localhost:7080");
        assert_eq!(config.storage.data_dir.to_str(), Some("./.devsanctum"));
        assert_eq!(config.docker.network_pool.to_string(), "10.201.0.0/16");
    }

    #[test]
    fn wrong_values_are_refused_by_the_name_of_their_variable() {
        for (args, named) in [
            (&["--listen", "7080"][..], "--listen"),
            (&["--access-url", "localhost:7080"], "--access-url"),
            (&["--access-url", "https://example.org/path"], "--access-url"),
            (&["--workspace-domain", "UPPER.example"], "--workspace-domain"),
            (&["--workspace-domain", "x-.example"], "--workspace-domain"),
            (&["--trusted-proxies", "10.0.0.0/33"], "--trusted-proxies"),
            (&["--network-pool", "10.0.0.0/8", "--network-prefix", "30"], "--network-prefix"),
            (&["--network-pool", "10.0.0.0/24", "--network-prefix", "24"], "DEVSANCTUM_NETWORK_PREFIX"),
            (&["--max-concurrent-deployments", "0"], "--max-concurrent-deployments"),
            (&["--proxy", "nginx"], "--proxy"),
            (&["--proxy", "traefik-rest"], "DEVSANCTUM_TRAEFIK_URL"),
            (&["--proxy", "traefik-file"], "DEVSANCTUM_TRAEFIK_FILE"),
            (&["--proxy", "traefik-file", "--traefik-file", "routes.json"], "DEVSANCTUM_TRAEFIK_FILE"),
            (&["--traefik-url", "http://x", "--traefik-url-file", "y"], "DEVSANCTUM_TRAEFIK_URL"),
            (&["--traefik-entrypoints", "web,`"], "--traefik-entrypoints"),
            (&["--traefik-cert-resolver", "le`) || Host(`x"], "--traefik-cert-resolver"),
            (&["--traefik-domain-cert-resolver", "le`"], "--traefik-domain-cert-resolver"),
            (&["--dns-servers", "dns.example.org"], "--dns-servers"),
            (&["--outbound-networks", "10.0.0.0/33"], "--outbound-networks"),
            (&["--internal-url", "devsanctum:7080"], "--internal-url"),
            (&["--github-client-id", "x"], "DEVSANCTUM_GITHUB_CLIENT_SECRET"),
            (&["--google-client-secret", "x"], "DEVSANCTUM_GOOGLE_CLIENT_ID"),
            (&["--oidc-issuer", "https://id.example.org"], "DEVSANCTUM_OIDC_CLIENT_ID"),
            (&["--github-url", "http://github.example.org"], "DEVSANCTUM_GITHUB_URL"),
            (&["--google-issuer", "accounts"], "DEVSANCTUM_GOOGLE_ISSUER"),
            (&["--admin-email", "nobody"], "--admin-email"),
            (&["--admin-email", "ada@example.org"], "DEVSANCTUM_ADMIN_PASSWORD"),
            (&["--admin-password", "x"], "DEVSANCTUM_ADMIN_EMAIL"),
            (&["--smtp-url", "smtp://localhost"], "DEVSANCTUM_MAIL_FROM"),
            (&["--mail-from", "ds@example.org"], "DEVSANCTUM_SMTP_URL"),
            (&["--master-key-file", "/nowhere/at/all"], "DEVSANCTUM_MASTER_KEY_FILE"),
            (&["--master-key", "x", "--master-key-file", "y"], "DEVSANCTUM_MASTER_KEY"),
            (&["--database-url", "mysql://localhost"], "DEVSANCTUM_DATABASE_URL"),
            (&["--log", "devsanctum=loud"], "--log"),
            (&["--log-format", "xml"], "--log-format"),
            (&["--registration", "closed"], "--registration"),
            (&["--audit-retention", "0"], "--audit-retention"),
        ] {
            let refused = config(args).unwrap_err();
            assert!(refused.contains(named), "{args:?} said: {refused}");
        }
    }

    #[test]
    fn secrets_come_from_files_and_never_show() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "postgres://ds:hunter2@localhost/ds\n").unwrap();
        let config = config(&["--database-url-file", file.path().to_str().unwrap()]).unwrap();
        let url = config.storage.database_url.as_ref().unwrap();
        assert_eq!(url.expose(), "postgres://ds:hunter2@localhost/ds");
        assert!(!format!("{config:?}").contains("hunter2"));
    }

    #[test]
    fn the_access_url_follows_the_port() {
        let config = config(&["--listen", "0.0.0.0:8080"]).unwrap();
        assert_eq!(config.server.access_url(8080), "http://localhost:8080");
    }

    #[test]
    fn misspelt_variables_are_noticed() {
        let environment = ["DEVSANCTUM_LISTEN", "DEVSANCTUM_LISTN", "PATH"].map(String::from);
        assert_eq!(unknown_variables(|name| name == "DEVSANCTUM_LISTEN", environment), ["DEVSANCTUM_LISTN"]);
    }
}
