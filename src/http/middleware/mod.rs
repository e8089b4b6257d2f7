//! What happens to every request, from the outside in: see [`super::router`] for the order.

pub mod access;
pub mod rate_limit;
pub mod request_id;
pub mod security_headers;
