//! Image references, as `docker pull` takes them.

use std::sync::LazyLock;

use regex::Regex;

/// The grammar of the distribution project: `[host[:port]/]path[:tag][@digest]`, the path in lower case.
static REFERENCE: LazyLock<Regex> = LazyLock::new(|| {
    let host = r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::[0-9]{1,5})?/)?";
    let part = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*";
    let reference = format!(
        r"\A{host}{part}(?:/{part})*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{{0,127}})?(?:@sha256:[0-9a-f]{{64}})?\z"
    );
    Regex::new(&reference).expect("the pattern is a literal and its test compiles it")
});

const MAX: usize = 255;

pub fn is_reference(text: &str) -> bool {
    text.len() <= MAX && REFERENCE.is_match(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_follow_dockers_grammar() {
        for good in [
            "postgres:15-alpine",
            "alpine",
            "library/alpine:3",
            "localhost:5000/a/b_c:Tag.1",
            "ghcr.io/owner/app@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        ] {
            assert!(is_reference(good), "{good}");
        }
        for bad in [
            "",
            "Alpine",
            "a b",
            "alpine:",
            "alpine:a b",
            "../x",
            "-x",
            "a//b",
            "alpine\n",
            "a@sha256:12",
            "http://x/y",
        ] {
            assert!(!is_reference(bad), "{bad:?}");
        }
    }
}
