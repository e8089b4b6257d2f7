//! What every store keeps to: SQLite, PostgreSQL and the one in memory. A test is written once, for a `dyn Store`, and
//! `contract!` runs it on each.

/// Makes of each `async fn(Arc<dyn Store>)` one test on every engine.
macro_rules! contract {
    ($($test:ident),* $(,)?) => {
        contract!(@engine sqlite: $($test),*);
        contract!(@engine postgres: $($test),*);
        contract!(@engine memory: $($test),*);
    };
    (@engine $engine:ident: $($test:ident),*) => {
        mod $engine {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    crate::contract::store::engine::$engine(super::$test).await;
                }
            )*
        }
    };
}

mod account_token;
mod api_token;
mod attempt;
mod audit;
mod changes;
mod coverage;
mod deployment;
mod device_grant;
pub mod engine;
mod event;
pub mod fixture;
mod handshake;
mod host;
mod idempotency;
mod identity;
mod installation;
mod invitation;
mod lease;
mod opening;
mod org;
mod page;
mod quota;
mod replica;
mod round_trip;
mod route;
mod route_domain;
mod schema;
mod second_factor;
mod seen;
mod session;
mod signing_key;
mod ssh_key;
mod template;
mod unit_of_work;
mod user;
mod variable;
mod workspace;
