//! One letter in two forms: plain text, and HTML with its styles inside, since mail programs take no others.

use crate::domain::secret::Secret;

/// Longest name or value that a letter repeats, in characters.
const MAX: usize = 120;

const PAGE: &str = "margin:0;padding:24px;background:#f4f5f7;font:16px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif;color:#1c2024";
const CARD: &str = "max-width:520px;margin:0 auto;padding:32px;background:#ffffff;border:1px solid #e0e3e8;border-radius:8px";
const TITLE: &str = "margin:0 0 16px;font-size:20px;line-height:1.3;font-weight:600";
const TEXT: &str = "margin:0 0 16px";
const BUTTON: &str = "display:inline-block;padding:10px 18px;background:#1f5fd0;color:#ffffff;border-radius:6px;text-decoration:none;font-weight:600";
const ADDRESS: &str = "margin:0 0 16px;font-size:13px;color:#5b6470;word-break:break-all";
const NAME: &str = "padding:2px 16px 2px 0;color:#5b6470;vertical-align:top";
const VALUE: &str = "padding:2px 0;word-break:break-word";
const SMALL: &str =
    "margin:24px 0 0;padding-top:16px;border-top:1px solid #e0e3e8;font-size:13px;color:#5b6470";

pub(super) struct Letter {
    subject: String,
    parts: Vec<Part>,
}

enum Part {
    Sentence(String),
    Link { label: &'static str, url: Secret },
    Facts(Vec<(&'static str, String)>),
    Small(&'static str),
}

impl Letter {
    pub(super) fn new(subject: impl Into<String>) -> Self {
        Self { subject: subject.into(), parts: Vec::new() }
    }

    pub(super) fn say(mut self, sentence: String) -> Self {
        self.parts.push(Part::Sentence(cleaned(&sentence, 4 * MAX)));
        self
    }

    pub(super) fn link(mut self, label: &'static str, url: &Secret) -> Self {
        self.parts.push(Part::Link { label, url: url.clone() });
        self
    }

    pub(super) fn fact(mut self, name: &'static str, value: impl AsRef<str>) -> Self {
        let fact = (name, one_line(value.as_ref()));
        match self.parts.last_mut() {
            Some(Part::Facts(facts)) => facts.push(fact),
            _ => self.parts.push(Part::Facts(vec![fact])),
        }
        self
    }

    pub(super) fn small(mut self, text: &'static str) -> Self {
        self.parts.push(Part::Small(text));
        self
    }

    pub(super) fn subject(&self) -> String {
        one_line(&self.subject)
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Sentence(sentence) => text.push_str(&format!("{sentence}\n\n")),
                Part::Link { label, url } => text.push_str(&format!("{label}:\n{}\n\n", url.expose())),
                Part::Facts(facts) => {
                    for (name, value) in facts {
                        text.push_str(&format!("{name}: {value}\n"));
                    }
                    text.push('\n');
                }
                Part::Small(small) => text.push_str(&format!("{small}\n\n")),
            }
        }
        text.push_str("-- \nDevSanctum\n");
        text
    }

    pub(super) fn html(&self) -> String {
        let subject = escaped(&self.subject());
        let mut body = format!("<h1 style=\"{TITLE}\">{subject}</h1>\n");
        for part in &self.parts {
            match part {
                Part::Sentence(sentence) => {
                    body.push_str(&format!("<p style=\"{TEXT}\">{}</p>\n", escaped(sentence)));
                }
                Part::Link { label, url } => {
                    let url = escaped(url.expose());
                    body.push_str(&format!(
                        "<p style=\"{TEXT}\"><a href=\"{url}\" style=\"{BUTTON}\">{label}</a></p>\n\
                         <p style=\"{ADDRESS}\">{url}</p>\n"
                    ));
                }
                Part::Facts(facts) => {
                    let rows = facts.iter().map(|(name, value)| {
                        let value = escaped(value);
                        format!(
                            "<tr><td style=\"{NAME}\">{name}</td><td style=\"{VALUE}\">{value}</td></tr>\n"
                        )
                    });
                    let rows: String = rows.collect();
                    body.push_str(&format!(
                        "<table role=\"presentation\" style=\"{TEXT}\">\n{rows}</table>\n"
                    ));
                }
                Part::Small(small) => {
                    body.push_str(&format!("<p style=\"{SMALL}\">{}</p>\n", escaped(small)));
                }
            }
        }
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>{subject}</title></head>\n\
             <body style=\"{PAGE}\">\n<div style=\"{CARD}\">\n{body}</div>\n</body>\n</html>\n"
        )
    }
}

/// A name on one line: no control characters, nothing that turns the direction of what follows, and an end.
pub(super) fn one_line(text: &str) -> String {
    cleaned(text, MAX)
}

fn cleaned(text: &str, max: usize) -> String {
    let breaks = |c: char| {
        c.is_control()
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let text: String = text.chars().map(|c| if breaks(c) { ' ' } else { c }).collect();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(max) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}
