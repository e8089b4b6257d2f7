use proptest::prelude::*;
use serde_json::json;

use super::*;

fn parameter(definition: Value) -> Parameter {
    serde_json::from_value(definition).unwrap()
}

fn given(value: Value) -> BTreeMap<String, Value> {
    serde_json::from_value(value).unwrap()
}

fn codes(result: Result<BTreeMap<String, ParameterValue>, Vec<Problem>>) -> Vec<(String, &'static str)> {
    result.unwrap_err().into_iter().map(|problem| (problem.pointer, problem.code)).collect()
}

fn questions() -> Vec<Parameter> {
    [
        json!({"name": "size", "type": "string", "default": "small", "options": ["small", "large"], "mutable": true}),
        json!({"name": "cpus", "type": "number", "min": 1, "max": 8}),
        json!({"name": "debug", "type": "bool", "required": false}),
        json!({"name": "tags", "type": "list(string)", "default": [], "regex": "^[a-z]+$"}),
    ]
    .map(parameter)
    .into()
}

#[test]
fn defaults_fill_what_is_not_given() {
    let resolved = resolve(&questions(), &given(json!({"cpus": 2}))).unwrap();
    assert_eq!(serde_json::to_value(resolved).unwrap(), json!({"cpus": 2.0, "size": "small", "tags": []}));
}

#[test]
fn every_wrong_answer_is_reported_at_once() {
    let wrong = given(json!({"size": "larg", "cpus": 9, "debug": "yes", "tags": ["ok", "No"], "sise": 1}));
    let expected = [
        ("/sise", "unknown_parameter"),
        ("/size", "not_an_option"),
        ("/cpus", "out_of_range"),
        ("/debug", "wrong_type"),
        ("/tags", "pattern_mismatch"),
    ];
    assert_eq!(
        codes(resolve(&questions(), &wrong)),
        expected.map(|(pointer, code)| (pointer.to_owned(), code))
    );
    assert_eq!(codes(resolve(&questions(), &given(json!({})))), [("/cpus".to_owned(), "required")]);
    let problems = resolve(&questions(), &wrong).unwrap_err();
    assert_eq!(
        problems[1].message,
        "the parameter \"size\" is \"larg\"; it must be one of small, large; did you mean \"large\"?"
    );
}

#[test]
fn an_update_keeps_answers_and_changes_only_mutable_ones() {
    let current = resolve(&questions(), &given(json!({"cpus": 2}))).unwrap();
    let changed = resolve_update(&questions(), &given(json!({"size": "large"})), &current).unwrap();
    assert_eq!(changed["size"], ParameterValue::String("large".into()));
    assert_eq!(changed["cpus"], ParameterValue::Number(2.0));
    assert_eq!(
        codes(resolve_update(&questions(), &given(json!({"cpus": 3})), &current)),
        [("/cpus".to_owned(), "immutable")]
    );
    assert!(resolve_update(&questions(), &given(json!({"cpus": 2})), &current).is_ok());
}

#[test]
fn an_update_asks_again_when_the_old_answer_no_longer_holds() {
    let current = resolve(&questions(), &given(json!({"cpus": 8}))).unwrap();
    let narrower = [parameter(json!({"name": "cpus", "type": "number", "max": 4}))];
    assert_eq!(
        codes(resolve_update(&narrower, &BTreeMap::new(), &current)),
        [("/cpus".to_owned(), "required")]
    );
    // And drops answers nobody asks for any more.
    assert_eq!(resolve_update(&[], &BTreeMap::new(), &current).unwrap(), BTreeMap::new());
}

#[test]
fn broken_questions_say_where() {
    for (definition, field, code) in [
        (json!({"name": "a", "regex": "("}), "regex", "invalid_regex"),
        (json!({"name": "a", "regex": "(a{1000}){1000}"}), "regex", "invalid_regex"),
        (json!({"name": "a", "regex": "(?=x)"}), "regex", "invalid_regex"),
        (json!({"name": "a", "type": "number", "regex": "1"}), "regex", "not_applicable"),
        (json!({"name": "a", "min": 1}), "min", "not_applicable"),
        (json!({"name": "a", "type": "number", "min": 2, "max": 1}), "min", "invalid_range"),
        (json!({"name": "a", "options": ["x"], "default": "y"}), "default", "invalid_default"),
        (json!({"name": "a", "type": "number", "default": "y"}), "default", "invalid_default"),
        (json!({"name": "a", "type": "number", "max": 2, "options": [1, 3]}), "options", "invalid_option"),
        (json!({"name": "a", "type": "bool", "options": [true]}), "options", "not_applicable"),
    ] {
        let faults: Vec<_> = parameter(definition.clone())
            .faults()
            .into_iter()
            .map(|(field, (code, _))| (field, code))
            .collect();
        assert_eq!(faults, [(field, code)], "{definition}");
    }
    let list = json!({"name": "a", "type": "list", "options": ["x", "y"], "default": ["y"]});
    assert_eq!(parameter(list).faults(), []);
}

#[test]
fn values_print_as_people_typed_them() {
    for (value, text) in
        [(json!(3), "3"), (json!(0.5), "0.5"), (json!(true), "true"), (json!(["a", "b"]), "a,b")]
    {
        assert_eq!(serde_json::from_value::<ParameterValue>(value).unwrap().to_string(), text);
    }
}

proptest! {
    #[test]
    fn resolving_never_panics(name in "[a-z]{1,3}", text in "\\PC{0,20}", number: f64, regex in "\\PC{0,20}") {
        let parameters = [Parameter { name: "a".into(), regex: Some(regex), max: Some(number), ..Parameter::default() }];
        let _ = parameters[0].faults();
        let _ = resolve(&parameters, &[(name, json!(text))].into());
    }
}
