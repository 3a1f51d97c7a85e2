use super::*;

#[test]
fn a_table_that_was_not_read_leaves_no_file_and_an_empty_one_does() {
    let folder = tempfile::tempdir().unwrap();
    let stale = folder.path().join("waf_web_acl.ndjson");
    std::fs::write(&stale, "{}\n").unwrap();
    std::fs::write(folder.path().join("notes.txt"), "mine").unwrap();
    let mut inventory = Inventory::default();
    let cell = |name: &str, text: Option<&str>| (name.to_owned(), text.map(str::to_owned));
    let row = Row::from([
        cell("name", Some("jobs")),
        cell("depth", None),
        cell("dead_letter_queue", Some("")),
    ]);
    inventory.tables = [("sqs_queue", vec![row]), ("sns_topic", Vec::new())].into();
    assert_eq!(write(&inventory, folder.path()).unwrap(), [stale]);
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(
        read("sqs_queue.ndjson"),
        "{\"name\":\"jobs\",\"dead_letter_queue\":\"\"}\n"
    );
    assert_eq!(read("sns_topic.ndjson"), "");
    assert_eq!(read("notes.txt"), "mine");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3);
}
