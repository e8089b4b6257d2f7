//! Mail over SMTP, with lettre.

use std::{net::IpAddr, time::Duration};

use async_trait::async_trait;
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message as Envelope, Tokio1Executor,
    message::{Mailbox, MultiPart, header},
};
use reqwest::Url;

use crate::{
    domain::secret::Secret,
    ports::mailer::{MailError, Mailer, Message},
};

/// Of one command and its reply.
const PATIENCE: Duration = Duration::from_secs(15);

pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// What is wrong with a setting; never repeats it, the URL holds a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct WrongSetting(String);

impl SmtpMailer {
    pub fn new(url: &SmtpUrl, from: MailFrom) -> Result<Self, WrongSetting> {
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.0.expose())
            .map_err(|error| WrongSetting(format!("cannot be used: {error}")))?;
        Ok(Self { transport: builder.timeout(Some(PATIENCE)).build(), from: from.0 })
    }
}

/// `smtps://` speaks TLS from the first byte. `smtp://` insists on STARTTLS unless the URL says otherwise.
pub struct SmtpUrl(Secret);

impl SmtpUrl {
    pub fn parse(text: &Secret) -> Result<Self, WrongSetting> {
        let wrong = |message: &str| Err(WrongSetting(message.to_owned()));
        let Ok(mut url) = Url::parse(text.expose()) else {
            return wrong("must be like smtp://user:password@mail.example.org:587");
        };
        let Some(host) = url.host_str().filter(|host| !host.is_empty()).map(ToOwned::to_owned) else {
            return wrong("names no host");
        };
        if url.password().is_some() == url.username().is_empty() {
            return wrong("needs both a user and a password, or neither");
        }
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return wrong("must end after the host and port, or with ?tls=");
        }
        let parameters: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let tls = match (url.scheme(), parameters.as_slice()) {
            ("smtps", []) => None,
            ("smtp", []) => Some("required"),
            ("smtp", [(name, value)]) if name == "tls" => match value.as_str() {
                "required" => Some("required"),
                "opportunistic" => Some("opportunistic"),
                "none" if url.password().is_some() && !is_this_machine(&host) => {
                    return wrong("would send its password in clear text; use tls=required");
                }
                "none" => None,
                _ => return wrong("has a tls that is not one of required, opportunistic, none"),
            },
            ("smtp" | "smtps", _) => {
                return wrong("has parameters other than tls (which smtps:// does not need)");
            }
            _ => return wrong("must begin with smtp:// or smtps://"),
        };
        url.set_query(tls.map(|tls| format!("tls={tls}")).as_deref());
        Ok(Self(Secret::new(url.as_str())))
    }
}

fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// `DevSanctum <devsanctum@example.org>`, or the address alone.
pub struct MailFrom(Mailbox);

impl MailFrom {
    pub fn parse(text: &str) -> Result<Self, WrongSetting> {
        text.parse().map(Self).map_err(|_| {
            WrongSetting("must be like devsanctum@example.org or DevSanctum <devsanctum@example.org>".into())
        })
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, message: &Message) -> Result<(), MailError> {
        let envelope = envelope(&self.from, message)?;
        match self.transport.send(envelope).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(MailError::Refused(chain(&error))),
            Err(error) => Err(MailError::Unavailable(chain(&error))),
        }
    }
}

fn envelope(from: &Mailbox, message: &Message) -> Result<Envelope, MailError> {
    let refused = |error: &dyn std::error::Error| MailError::Refused(chain(error));
    let to: Address = message.to.as_str().parse().map_err(|error| refused(&error))?;
    let builder = Envelope::builder()
        .from(from.clone())
        .to(to.into())
        .subject(&message.subject)
        // RFC 3834: nobody's holiday notice needs to answer this.
        .header(AutoSubmitted);
    builder
        .message_id(None)
        .multipart(MultiPart::alternative_plain_html(message.text.clone(), message.html.clone()))
        .map_err(|error| refused(&error))
}

#[derive(Clone)]
struct AutoSubmitted;

impl header::Header for AutoSubmitted {
    fn name() -> header::HeaderName {
        header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> header::HeaderValue {
        header::HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<String, String> {
        let url = SmtpUrl::parse(&Secret::new(text)).map_err(|error| error.to_string())?;
        Ok(url.0.expose().to_owned())
    }

    #[test]
    fn a_connection_is_encrypted_unless_the_url_says_otherwise() {
        assert_eq!(parsed("smtp://mail.example.org").unwrap(), "smtp://mail.example.org?tls=required");
        assert_eq!(
            parsed("smtps://ada:x@mail.example.org:465").unwrap(),
            "smtps://ada:x@mail.example.org:465"
        );
        assert_eq!(parsed("smtp://127.0.0.1:25?tls=none").unwrap(), "smtp://127.0.0.1:25");
        assert_eq!(parsed("smtp://a:b@localhost?tls=none").unwrap(), "smtp://a:b@localhost");
        assert_eq!(parsed("smtp://relay?tls=opportunistic").unwrap(), "smtp://relay?tls=opportunistic");
    }

    #[test]
    fn wrong_urls_are_refused_without_repeating_them() {
        for wrong in [
            "mail.example.org",
            "http://mail.example.org",
            "smtp://",
            "smtp://ada:hunter2@mail.example.org?tls=none",
            "smtp://ada:hunter2@mail.example.org?tls=maybe",
            "smtp://ada:hunter2@mail.example.org?tsl=required",
            "smtps://ada:hunter2@mail.example.org?tls=none",
            "smtp://ada:hunter2@mail.example.org/path",
            "smtp://ada@mail.example.org",
            "smtp://:hunter2@mail.example.org",
        ] {
            let told = parsed(wrong).expect_err(wrong);
            assert!(!told.contains("hunter2"), "{told}");
        }
    }

    #[tokio::test]
    async fn whatever_is_valid_makes_a_transport() {
        for url in ["smtp://mail.example.org", "smtps://a:b%40c@mail.example.org", "smtp://[::1]:25?tls=none"]
        {
            let url = SmtpUrl::parse(&Secret::new(url)).unwrap();
            SmtpMailer::new(&url, MailFrom::parse("DevSanctum <ds@example.org>").unwrap()).unwrap();
        }
        for wrong in ["", "nobody", "a@example.org, b@example.org", "A\r\nBcc: x@example.org <a@example.org>"]
        {
            assert!(MailFrom::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn nothing_in_a_message_becomes_a_header() {
        let evil = "Hello\r\nBcc: victim@example.org\r\n\r\nbody";
        let message = Message {
            to: "ada@example.org".parse().unwrap(),
            subject: evil.into(),
            text: "text\r\n.\r\nMAIL FROM:<x>".into(),
            html: "<p>html</p>".into(),
        };
        let from: Mailbox = "DevSanctum <ds@example.org>".parse().unwrap();
        let raw = String::from_utf8(envelope(&from, &message).unwrap().formatted()).unwrap();
        let head = raw.split("\r\n\r\n").next().unwrap();
        assert!(head.lines().all(|line| !line.to_lowercase().starts_with("bcc")), "{head}");
        assert_eq!(head.lines().filter(|line| line.starts_with("To: ")).count(), 1);
        for name in ["From: ", "Subject: ", "Date: ", "Message-ID: ", "Auto-Submitted: auto-generated"] {
            assert!(head.lines().any(|line| line.starts_with(name)), "{name} in {head}");
        }
        assert!(raw.contains("Content-Type: text/plain; charset=utf-8"));
        assert!(raw.contains("Content-Type: text/html; charset=utf-8"));
    }
}
