//! What handlers take from a request. Each rejection is a problem that names what was wrong.

pub mod authenticated;
pub mod body;
pub mod client;
pub mod fields;
pub mod idempotency;
pub mod if_match;
pub mod paging;
pub mod path;
pub mod prefer;
pub mod query;
pub mod same_origin;

pub use self::{
    authenticated::Authenticated,
    body::Body,
    client::Client,
    fields::Fields,
    idempotency::Creating,
    if_match::{IfMatch, Tagged},
    paging::{Page, Paging},
    path::Path,
    prefer::PreferWait,
    query::Query,
    same_origin::SameOrigin,
};
