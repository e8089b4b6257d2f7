//! What is wrong with a manifest, told so that a person can put it right without a second try.

use std::fmt;

use serde::Serialize;

/// One thing wrong, or worth knowing, at one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// JSON pointer (RFC 6901) of the value in question.
    pub pointer: String,
    /// In the text it was read from, from 1; `None` where there was no text.
    pub line: Option<u32>,
    /// Stable snake_case word for programs.
    pub code: &'static str,
    /// What was found and what would be right.
    pub message: String,
}

impl Problem {
    /// One without a line: about a value that was not read from a text.
    pub fn at(pointer: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), line: None, code, message: message.into() }
    }

    pub fn on_line(mut self, line: u32) -> Self {
        self.line = Some(line);
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        f.write_str(&self.message)
    }
}

/// Appends one step to a JSON pointer.
pub(super) fn join(pointer: &str, step: &str) -> String {
    format!("{pointer}/{}", step.replace('~', "~0").replace('/', "~1"))
}

/// Longest excerpt of a wrong value that a message repeats, in characters.
const EXCERPT: usize = 60;

/// The text in quotes, cut to what a message can bear.
pub(super) fn quoted(text: &str) -> String {
    let mut excerpt: String = text.chars().take(EXCERPT).collect();
    if excerpt.len() < text.len() {
        excerpt.push('…');
    }
    format!("{excerpt:?}")
}

/// `; did you mean "…"?` when one of the candidates is close to what was written.
pub(super) fn did_you_mean<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    /// Similarity (Jaro–Winkler, 0 to 1) below which a guess confuses more than it helps.
    const CLOSE: f64 = 0.8;
    if written.len() > EXCERPT {
        return String::new();
    }
    let written = written.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&written, &candidate.to_lowercase()), candidate))
        .filter(|(similarity, _)| *similarity >= CLOSE)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, candidate)| format!("; did you mean {candidate:?}?"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_suggested_and_far_ones_are_not() {
        let keys = ["image", "depends_on", "command"];
        assert_eq!(did_you_mean("imgae", keys), "; did you mean \"image\"?");
        assert_eq!(did_you_mean("dependsOn", keys), "; did you mean \"depends_on\"?");
        assert_eq!(did_you_mean("banana", keys), "");
    }

    #[test]
    fn pointers_are_escaped() {
        assert_eq!(join("/env", "a/b~c"), "/env/a~1b~0c");
    }
}
