//! The store on SQLite and on PostgreSQL.
//!
//! Each method has one body, written in the file that carries the name of its port and stamped for both engines by
//! `for_each_engine!`. Bodies stay dumb: SQL, binds, a row turned into a domain type. What differs between the engines is
//! in `dialect`; whatever must be decided is decided in plain functions.
//!
//! The SQL is what both understand: `$n` placeholders, `RETURNING`, `ON CONFLICT`, row values, booleans bound. No SQL
//! clock, no JSON operators, no arrays.

/// Stamps a noun's bodies for each engine.
macro_rules! for_each_engine {
    ($body:ident) => {
        $body!(sqlx::Sqlite);
        $body!(sqlx::Postgres);
    };
}

mod account_token;
mod api_token;
mod attempt;
mod audit;
pub mod backup;
mod changes;
mod column;
mod deployment;
mod device_grant;
mod dialect;
mod event;
mod handshake;
mod host;
mod idempotency;
mod identity;
mod installation;
mod invitation;
mod open;
mod org;
mod page;
mod quota;
mod refusal;
mod replica;
mod repository;
mod route;
mod route_domain;
mod second_factor;
mod session;
mod signing_key;
mod ssh_key;
mod template;
mod transaction;
mod unit_of_work;
mod user;
mod variable;
mod workspace;

pub use self::open::{file_of, open, open_file};
