//! What we write to people, and how it leaves.

mod letter;
mod post;

use chrono::{DateTime, Utc};

use self::letter::Letter;
pub use self::post::{Post, Stops};
use crate::{
    app::Settings,
    domain::{names::Email, role::Role, secret::Secret},
    ports::mailer::Message,
};

/// Every mail there is. Names in it were chosen by people: whatever they hold, they stay one line of text.
#[derive(Debug, Clone)]
pub enum Mail {
    Invitation {
        org: String,
        inviter: Option<String>,
        role: Role,
        url: Secret,
        expires: DateTime<Utc>,
    },
    PasswordReset {
        username: String,
        url: Secret,
        expires: DateTime<Utc>,
    },
    PasswordChanged {
        username: String,
        address: String,
        when: DateTime<Utc>,
    },
    NewSignIn {
        username: String,
        device: String,
        address: String,
        when: DateTime<Utc>,
    },
    /// To the new address: whoever opens the link shows that it is theirs.
    ConfirmAddress {
        username: String,
        url: Secret,
        expires: DateTime<Utc>,
    },
    /// To the old address.
    AddressChange {
        username: String,
        new: Email,
        when: DateTime<Utc>,
    },
    SecondFactor {
        username: String,
        on: bool,
        when: DateTime<Utc>,
    },
}

impl Mail {
    /// For logs, which hold neither addresses nor links.
    pub fn kind(&self) -> &'static str {
        match self {
            Mail::Invitation { .. } => "invitation",
            Mail::PasswordReset { .. } => "password_reset",
            Mail::PasswordChanged { .. } => "password_changed",
            Mail::NewSignIn { .. } => "new_sign_in",
            Mail::ConfirmAddress { .. } => "confirm_address",
            Mail::AddressChange { .. } => "address_change",
            Mail::SecondFactor { .. } => "second_factor",
        }
    }

    pub fn to(&self, to: &Email) -> Message {
        let letter = self.letter();
        Message { to: to.clone(), subject: letter.subject(), text: letter.text(), html: letter.html() }
    }

    fn letter(&self) -> Letter {
        match self {
            Mail::Invitation { org, inviter, role, url, expires } => {
                let who = inviter.as_deref().unwrap_or("An administrator");
                Letter::new(format!("Join {} on DevSanctum", letter::one_line(org)))
                    .say(format!("{who} invites you to the organization {org} as {role}."))
                    .link("Accept the invitation", url)
                    .say(valid_until(*expires))
                    .small("If you did not expect this, ignore it: nothing happens without you.")
            }
            Mail::PasswordReset { username, url, expires } => Letter::new("Choose a new password")
                .say(format!(
                    "Somebody, most likely you, asked for a new password for the account {username}."
                ))
                .link("Choose a new password", url)
                .say(valid_until(*expires))
                .small("If it was not you, ignore this: your password stays as it is."),
            Mail::PasswordChanged { username, address, when } => Letter::new("Your password was changed")
                .say(format!("The password of your account {username} was changed."))
                .fact("When", time(*when))
                .fact("From", address)
                .small(NOT_YOU),
            Mail::NewSignIn { username, device, address, when } => Letter::new("New sign-in to your account")
                .say(format!(
                    "Your account {username} was signed in to from a device or network not seen before."
                ))
                .fact("Device", device)
                .fact("From", address)
                .fact("When", time(*when))
                .small(NOT_YOU),
            Mail::ConfirmAddress { username, url, expires } => Letter::new("Confirm your mail address")
                .say(format!("This address is to become the one of the account {username}."))
                .link("Confirm the address", url)
                .say(valid_until(*expires))
                .small("If you know nothing of this, ignore it: nothing happens without you."),
            Mail::AddressChange { username, new, when } => {
                Letter::new("Your mail address is about to change")
                    .say(format!(
                        "The mail address of your account {username} changes once the new one is confirmed."
                    ))
                    .fact("New address", new.as_str())
                    .fact("Asked for", time(*when))
                    .small(NOT_YOU)
            }
            Mail::SecondFactor { username, on, when } => {
                let word = if *on { "on" } else { "off" };
                Letter::new(format!("Two-factor authentication was turned {word}"))
                    .say(format!(
                        "Signing in to your account {username} {} a code from your authenticator.",
                        if *on { "now takes" } else { "no longer takes" }
                    ))
                    .fact("When", time(*when))
                    .small(NOT_YOU)
            }
        }
    }
}

const NOT_YOU: &str = "If this was not you, choose a new password at once, end all sessions in your account, and tell \
                       your administrator.";

fn valid_until(expires: DateTime<Utc>) -> String {
    format!("The link works once, until {}.", time(expires))
}

fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// A page that takes a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    Invitation,
    ResetPassword,
    ConfirmEmail,
}

impl Settings {
    /// The token is in the fragment, which browsers keep to themselves: no server, proxy or referrer sees it.
    pub fn link(&self, page: Page, token: &Secret) -> Secret {
        let path = match page {
            Page::Invitation => "invitations",
            Page::ResetPassword => "reset-password",
            Page::ConfirmEmail => "confirm-email",
        };
        Secret::new(format!("{}/{path}#token={}", self.access_url, token.expose()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    /// One of each.
    fn all(name: &str) -> Vec<Mail> {
        let (url, when) = (Secret::new("https://dev.example.org/x#token=abc"), at("2026-11-21T14:03:59Z"));
        let name = || name.to_owned();
        vec![
            Mail::Invitation {
                org: name(),
                inviter: Some(name()),
                role: Role::Developer,
                url: url.clone(),
                expires: when,
            },
            Mail::PasswordReset { username: name(), url: url.clone(), expires: when },
            Mail::PasswordChanged { username: name(), address: "198.51.100.7".into(), when },
            Mail::NewSignIn { username: name(), device: name(), address: name(), when },
            Mail::ConfirmAddress { username: name(), url, expires: when },
            Mail::AddressChange { username: name(), new: "new@example.org".parse().unwrap(), when },
            Mail::SecondFactor { username: name(), on: true, when },
        ]
    }

    fn to() -> Email {
        "ada@example.org".parse().unwrap()
    }

    #[test]
    fn mails_read_like_this() {
        let mails = all("Acme Ltd").into_iter().map(|mail| {
            let message = mail.to(&to());
            format!("=== {} === {}\n\n{}", mail.kind(), message.subject, message.text)
        });
        insta::assert_snapshot!("texts", mails.collect::<Vec<_>>().join("\n"));
        insta::assert_snapshot!("invitation_html", all("Acme Ltd")[0].to(&to()).html);
    }

    #[test]
    fn names_stay_text_whatever_they_hold() {
        let evil = "<script>x()</script>\r\nBcc: victim@example.org\n\n\"><a href='https://evil.example'>\u{202e}\u{2028}";
        for mail in all(evil) {
            let message = mail.to(&to());
            assert!(!message.subject.chars().any(char::is_control), "{:?}", message.subject);
            assert!(message.subject.chars().count() < 160);
            for forbidden in ["<script", "<a href='", "<a href=\"https://evil", "\u{202e}", "\u{2028}", "\r"]
            {
                assert!(!message.html.contains(forbidden), "{forbidden:?} in {}", message.html);
            }
            assert!(message.text.lines().all(|line| !line.starts_with("Bcc:")), "{}", message.text);
            assert!(!message.text.contains(['\r', '\u{202e}', '\u{2028}']));
        }
    }

    #[test]
    fn both_forms_hold_the_link_and_nothing_is_loaded_from_elsewhere() {
        let message = all("Acme")[0].to(&to());
        assert!(message.text.contains("\nhttps://dev.example.org/x#token=abc\n"));
        assert!(message.html.contains("href=\"https://dev.example.org/x#token=abc\""));
        for loaded in ["<img", "<link", "<style", "url(", "src="] {
            assert!(!message.html.contains(loaded));
        }
    }
}
