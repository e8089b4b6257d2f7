//! `.dockerignore`, as Docker's documentation has it: Go's filepath.Match, `**` for any number of directories, `!` for
//! exceptions, the last rule that matches decides, and what is below an excluded directory is excluded.

use std::path::Path;

use regex::Regex;

#[derive(Debug, Default)]
pub(super) struct Ignore(Vec<Rule>);

#[derive(Debug)]
struct Rule {
    pattern: Regex,
    excludes: bool,
}

impl Ignore {
    /// A line that is no pattern is passed over.
    pub(super) fn parse(text: &str) -> Self {
        let text = text.trim_start_matches('\u{feff}');
        Self(text.lines().filter(|line| !line.starts_with('#')).filter_map(Rule::parse).collect())
    }

    pub(super) fn excludes(&self, path: &Path) -> bool {
        let names: Vec<String> = path
            .ancestors()
            .map(|ancestor| ancestor.to_string_lossy().into_owned())
            .filter(|name| !name.is_empty())
            .collect();
        self.0.iter().fold(false, |excluded, rule| {
            let decides = rule.excludes != excluded && names.iter().any(|name| rule.pattern.is_match(name));
            if decides { rule.excludes } else { excluded }
        })
    }
}

impl Rule {
    fn parse(line: &str) -> Option<Self> {
        let line = line.trim();
        let (excludes, pattern) = match line.strip_prefix('!') {
            Some(pattern) => (false, pattern.trim()),
            None => (true, line),
        };
        let parts: Vec<_> = pattern.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        if parts.is_empty() {
            return None;
        }
        Some(Self { pattern: Regex::new(&to_regex(&parts.join("/"))).ok()?, excludes })
    }
}

fn to_regex(pattern: &str) -> String {
    let mut regex = String::from("^(?s:");
    let mut rest = pattern.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '*' if rest.next_if_eq(&'*').is_some() => {
                // `**/` may stand for nothing; at the end `**` stands for everything.
                regex.push_str(if rest.next_if_eq(&'/').is_some() { "(?:.*/)?" } else { ".*" });
            }
            '*' => regex.push_str("[^/]*"),
            '?' => regex.push_str("[^/]"),
            '[' => {
                regex.push('[');
                for c in rest.by_ref() {
                    regex.push(c);
                    if c == ']' {
                        break;
                    }
                }
            }
            '\\' => regex.push_str(&regex::escape(&rest.next().unwrap_or('\\').to_string())),
            c => regex.push_str(&regex::escape(&c.to_string())),
        }
    }
    regex + ")$"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excluded<'a>(rules: &str, paths: &[&'a str]) -> Vec<&'a str> {
        let ignore = Ignore::parse(rules);
        paths.iter().copied().filter(|path| ignore.excludes(Path::new(path))).collect()
    }

    #[test]
    fn follows_the_documentation() {
        let cases: [(&str, &[&str], &[&str]); 9] = [
            ("# comment\n*/temp*\n", &["a/temporary.txt", "temp", "a/b/temp"], &["a/temporary.txt"]),
            ("*/*/temp*", &["a/b/temporary.txt", "a/temp"], &["a/b/temporary.txt"]),
            ("temp?", &["tempa", "tempab", "x/tempa"], &["tempa"]),
            ("**/*.go", &["a.go", "x/y/b.go", "c.rs"], &["a.go", "x/y/b.go"]),
            ("*.md\n!README.md", &["a.md", "README.md"], &["a.md"]),
            (
                "*.md\n!README*.md\nREADME-secret.md",
                &["README-secret.md", "README-x.md"],
                &["README-secret.md"],
            ),
            (
                "node_modules",
                &["node_modules", "node_modules/a/b", "x/node_modules"],
                &["node_modules", "node_modules/a/b"],
            ),
            ("/a/./b/\n", &["a/b", "a/b/c", "b"], &["a/b", "a/b/c"]),
            ("*\n!src/**\nsrc/[ab]", &["x", "src/a", "src/c", "src/d/e"], &["x", "src/a"]),
        ];
        for (rules, paths, expected) in cases {
            assert_eq!(excluded(rules, paths), expected, "{rules:?}");
        }
    }

    #[test]
    fn no_rules_exclude_nothing() {
        for rules in ["", "\n\n", "#x", "[", "!", "/", "."] {
            assert!(excluded(rules, &["a", "b/c"]).is_empty(), "{rules:?}");
        }
    }
}
