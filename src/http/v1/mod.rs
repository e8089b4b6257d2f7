//! `/api/v1`: one folder per noun, one file per verb. A handler extracts, calls its use-case and maps the answer.

pub mod audit;
pub mod auth;
pub mod catalog;
pub mod deployments;
pub mod events;
pub mod hosts;
pub mod invitations;
pub mod me;
pub mod orgs;
pub mod schema;
pub mod templates;
pub mod tickets;
pub mod users;
pub mod variables;
pub mod version;
pub mod workspaces;
