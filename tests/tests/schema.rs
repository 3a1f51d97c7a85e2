//! `docs/analysis.schema.json`, for programs that read `analysis.json`: generated from the types, and held to them.

use std::path::Path;

use shared::facts::{Analysis, SCHEMA};

/// After a change of the types: `UPDATE_SCHEMA=1 cargo test --workspace --test schema`, and read the difference. What is
/// removed or means something else needs a new major version of [`SCHEMA`].
#[test]
fn the_published_schema_of_analysis_json_is_that_of_the_types() {
    let mut schema = serde_json::to_value(schemars::schema_for!(Analysis)).unwrap();
    schema["$id"] = format!("urn:{SCHEMA}").into();
    let current = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/analysis.schema.json");
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(&path, &current).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap();
    assert!(
        published == current,
        "docs/analysis.schema.json is not that of the types: see this test's comment"
    );
}
