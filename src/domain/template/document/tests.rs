use proptest::prelude::*;
use serde_json::json;

use super::*;

fn yaml(text: &str) -> Value {
    parse(text, Format::Yaml).unwrap().to_json()
}

fn refused(text: &str, format: Format) -> (&'static str, Option<u32>) {
    let problem = parse(text, format).unwrap_err();
    (problem.code, problem.line)
}

#[test]
fn both_formats_give_the_same_tree() {
    let value = json!({"a": [1, 2.5, true, "x"], "b": {"c": "ü \"quoted\""}});
    assert_eq!(parse(&value.to_string(), Format::Json).unwrap().to_json(), value);
    assert_eq!(yaml("a: [1, 2.5, true, x]\nb:\n  c: 'ü \"quoted\"'\n"), value);
}

#[test]
fn every_value_knows_its_line() {
    let text = "name: x\nitems:\n  - a\n  - b:\n      c: 1\n";
    let node = parse(text, Format::Yaml).unwrap();
    let lines = ["", "/name", "/items", "/items/1", "/items/1/b/c", "/items/7", "/nothing/here"]
        .map(|pointer| node.line_of(pointer));
    assert_eq!(lines, [1, 1, 2, 4, 5, 2, 1]);

    let node = parse("{\n  \"a\": 1,\n  \"b\": [\n    true\n  ]\n}", Format::Json).unwrap();
    assert_eq!(["/a", "/b", "/b/0"].map(|pointer| node.line_of(pointer)), [2, 3, 4]);
}

#[test]
fn yaml_1_2_words_are_texts() {
    assert_eq!(yaml("restart: no\ncountry: yes\n"), json!({"restart": "no", "country": "yes"}));
}

#[test]
fn a_key_without_a_value_is_no_key() {
    assert_eq!(yaml("a:\nb: 1\n"), json!({"b": 1}));
}

#[test]
fn aliases_and_merge_keys_are_followed() {
    let text = "base: &base {cpu: 1, pids: 5}\nuse:\n  <<: *base\n  cpu: 2\nlist: [*base]\n";
    assert_eq!(
        yaml(text),
        json!({"base": {"cpu": 1, "pids": 5}, "use": {"cpu": 2, "pids": 5}, "list": [{"cpu": 1, "pids": 5}]})
    );
}

#[test]
fn what_cannot_be_read_is_refused_with_its_line() {
    for (text, code, line) in [
        ("", "empty", 1),
        ("a: 1\na: 2\n", "duplicate_key", 2),
        ("a: 1\n---\nb: 2\n", "several_documents", 2),
        ("a: [1,\n", "syntax", 2),
        ("a: .inf\n", "not_finite", 1),
        ("? [x]\n: y\n", "wrong_key", 1),
        ("a: &x [*x]\n", "unknown_alias", 1),
        ("a:\n  <<: 3\n", "wrong_merge", 2),
        ("a: \"x\\0y\"\n", "nul_character", 1),
        ("a: !!int x\n", "wrong_tag", 1),
    ] {
        assert_eq!(refused(text, Format::Yaml), (code, Some(line)), "{text:?}");
    }
    for (text, code, line) in [
        ("", "empty", 1),
        ("{\"a\": 1,\n \"a\": 2}", "duplicate_key", 2),
        ("{\"a\": 1\n,}", "syntax", 2),
        ("// no\n{}", "syntax", 1),
        ("{'a': 1}", "syntax", 1),
        ("{\"a\": \"\\u0000\"}", "nul_character", 1),
    ] {
        assert_eq!(refused(text, Format::Json), (code, Some(line)), "{text:?}");
    }
}

#[test]
fn editors_json_may_have_comments() {
    let text = "// why\n{\"a\": 1, /* and */ \"b\": [2,],}";
    assert_eq!(parse(text, Format::Jsonc).unwrap().to_json(), json!({"a": 1, "b": [2]}));
}

#[test]
fn bombs_are_refused() {
    let mut laughs = String::from("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for level in 1..20 {
        let previous = vec![format!("*a{}", level - 1); 9].join(", ");
        laughs += &format!("a{level}: &a{level} [{previous}]\n");
    }
    assert_eq!(refused(&laughs, Format::Yaml).0, "too_large");

    let mut merges = format!("m0: &m0 {{k: {}}}\n", "x".repeat(50_000));
    for level in 1..200 {
        merges += &format!("m{level}: &m{level}\n  <<: *m{}\n", level - 1);
    }
    assert_eq!(refused(&merges, Format::Yaml).0, "too_large");

    for opening in ["[", "{a: ", "- "] {
        assert_eq!(refused(&opening.repeat(100), Format::Yaml).0, "too_deep");
        // The scanner looks ahead, and may give up on its own before the tree has grown.
        assert!(matches!(refused(&opening.repeat(50_000), Format::Yaml).0, "too_deep" | "syntax"));
    }
    for deep in [100, 100_000] {
        let text = format!("{}{}", "[".repeat(deep), "]".repeat(deep));
        assert_eq!(refused(&text, Format::Json).0, "too_deep");
    }
    assert_eq!(refused(&"x".repeat(MAX_BYTES + 1), Format::Yaml).0, "too_large");
    assert_eq!(refused(&format!("[{}1]", "1,".repeat(120_000)), Format::Json).0, "too_large");
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "(?s).{0,400}", yamlish in "[\\[\\]{}:,&*<!|>#%@'\"\\- \n\ta-c0]{0,200}") {
        for format in [Format::Yaml, Format::Json, Format::Jsonc] {
            for text in [&text, &yamlish] {
                if let Ok(node) = parse(text, format) {
                    prop_assert!(depth(&node) <= MAX_DEPTH + 1);
                    prop_assert!(weight(&node) <= MAX_WEIGHT);
                }
            }
        }
    }

    #[test]
    fn json_is_read_as_serde_reads_it(text in "\\PC{0,40}", number: i64, float in -1e9..1e9f64) {
        let value = json!({"text": text, "list": [number, float, null, {text.clone(): false}]});
        prop_assert_eq!(parse(&value.to_string(), Format::Json).unwrap().to_json(), value);
    }
}
