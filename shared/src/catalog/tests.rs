use super::*;

fn bundle(path: &str, text: &str) -> Bundle {
    Bundle([(path.to_owned(), text.to_owned())].into())
}

#[test]
fn the_built_in_catalog_is_embedded() {
    let files = CatalogFiles::of(&Bundle::default());
    assert!(files.get("catalog/schema.toml").unwrap().contains("[bookings]"));
}

#[test]
fn a_portfolios_file_replaces_the_built_in_one_of_its_path_only_where_files_are_one_thing() {
    let base = [("catalog/views/a.x.sql".to_owned(), "old".to_owned())].into();
    let files = CatalogFiles::layered(base, &bundle("catalog/views/a.x.sql", "new"));
    assert_eq!(files.get("catalog/views/a.x.sql"), Some("new"));
    let merged = files.merged("catalog/views/", ".sql");
    assert_eq!(
        (merged.len(), merged[0].text, merged[0].stem()),
        (1, "new", "a.x")
    );
    assert_eq!(files.layers("catalog/views/", ".sql").count(), 2);
}

#[test]
fn the_digest_moves_with_any_text_and_with_where_texts_end() {
    let of = |path, text| CatalogFiles::layered(BTreeMap::new(), &bundle(path, text)).digest();
    assert_ne!(of("catalog/a", "bc"), of("catalog/ab", "c"));
    assert_ne!(of("catalog/a", "b"), of("catalog/a", "c"));
}
