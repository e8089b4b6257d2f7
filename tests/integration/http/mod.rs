//! The API over real sockets.

mod access_tokens;
mod api_tokens;
mod authorization;
mod bodies;
mod catalog;
mod device;
mod domains;
mod events;
mod idempotency;
mod mail;
mod me;
mod oauth;
mod operations;
mod orgs;
mod passwords;
mod people;
mod rate_limits;
mod second_factors;
mod sessions;
mod setup;
mod ssh_keys;
mod templates;
mod timing;
mod variables;
