//! A method without a test is a method that may differ between engines.

use std::{fs, path::Path};

#[test]
fn every_method_of_every_port_is_called_by_the_suite() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let suite = read_all(&root.join("tests/integration/contract/store"));
    let ports = root.join("src/ports/repository");
    let mut untested = vec![];
    let mut count = 0;
    for port in fs::read_dir(ports).unwrap() {
        let path = port.unwrap().path();
        let noun = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let source = fs::read_to_string(&path).unwrap();
        for method in source.split("async fn ").skip(1).map(|rest| rest.split('(').next().unwrap()) {
            count += 1;
            let accessors = [noun.clone(), format!("{noun}s"), format!("{}ies", noun.trim_end_matches('y'))];
            let is_called = |accessor: &String| suite.contains(&format!(".{accessor}().{method}("));
            if !accessors.iter().any(is_called) {
                untested.push(format!("{noun}::{method}"));
            }
        }
    }
    assert!(count > 70, "only {count} methods were found: is this the right folder?");
    assert!(untested.is_empty(), "no contract test calls {untested:?}");
}

/// Without white space, so that a call broken over lines still reads as one.
fn read_all(folder: &Path) -> String {
    let files = fs::read_dir(folder).unwrap().map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    files.flat_map(|text| text.split_whitespace().map(ToOwned::to_owned).collect::<Vec<_>>()).collect()
}
