//! Mail to people.

use async_trait::async_trait;

use crate::domain::names::Email;

/// One mail to one person, in both forms that mail programs show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub to: Email,
    /// One line.
    pub subject: String,
    pub text: String,
    pub html: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// It may succeed later.
    #[error("{0}")]
    Unavailable(String),
    /// It will not, however often it is tried: the address or the message was refused.
    #[error("{0}")]
    Refused(String),
}

/// Takes as long as the server on the other side does; whoever answers requests does not wait for it.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Success means that a mail server took the responsibility, not that it arrived.
    async fn send(&self, message: &Message) -> Result<(), MailError>;
}
