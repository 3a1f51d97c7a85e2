//! docs/SEMANTICS.md names a test for every claim: a name that no test has is a promise that nobody keeps.

use std::{collections::BTreeSet, fs, path::Path};

fn sources(folder: &Path, text: &mut String) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries.map(Result::unwrap) {
        let (path, kind) = (entry.path(), entry.file_type().unwrap());
        if kind.is_dir() && entry.file_name() != "target" {
            sources(&path, text);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn every_test_that_the_semantics_page_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let page = fs::read_to_string(root.join("docs/SEMANTICS.md")).unwrap();
    let sentence = |word: &&str| {
        word.matches('_').count() >= 4 && word.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())
    };
    let named = page.split('`').filter(sentence).collect::<BTreeSet<_>>();
    assert!(
        named.len() > 40,
        "only {} names were found on the page",
        named.len()
    );
    let mut text = String::new();
    for folder in ["shared/src", "services", "tests", "cli"] {
        sources(&root.join(folder), &mut text);
    }
    let missing = named
        .iter()
        .filter(|name| !text.contains(&format!("fn {name}(")))
        .collect::<Vec<_>>();
    assert!(
        missing.is_empty(),
        "docs/SEMANTICS.md names tests that are not there: {missing:?}"
    );
}
