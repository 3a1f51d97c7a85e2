use super::*;

/// The example portfolio with a handoff, in a folder of its own.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let portfolio = std::fs::read_to_string(root.join("examples/harbor/portfolio.toml")).unwrap();
    write("portfolio.toml", &portfolio);
    copy(
        &root.join("examples/harbor/catalog"),
        &folder.path().join("catalog"),
    );
    write("handoffs/jada.md", "# JADA\n");
    write("handoffs/old.md", "# Old\n");
    write("nights/2026-11-19/handoffs/jada.md", "# JADA, that night\n");
    folder
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

async fn current(objects: &Objects) -> Option<Input> {
    pointer::read(objects, &"harbor".parse().unwrap()).await.unwrap()
}

#[tokio::test]
async fn a_push_uploads_all_and_a_second_one_changes_nothing() {
    let (folder, objects) = (folder(), Objects::memory());
    let first = push_to(&objects, folder.path(), None).await.unwrap();
    assert!(first.pointer_moved && first.configuration_changed.contains(&"portfolio.toml".to_owned()));
    assert_eq!(
        first.inputs_written,
        ["inputs/harbor/handoffs/jada.md", "inputs/harbor/handoffs/old.md"]
    );
    let stored = current(&objects).await.unwrap();
    assert_eq!(stored.key, first.bundle);
    assert_eq!(
        Bundle::load(&objects, &stored).await.unwrap(),
        Bundle::read(folder.path()).unwrap()
    );

    let again = push_to(&objects, folder.path(), None).await.unwrap();
    let expected = Pushed {
        portfolio: "harbor".to_owned(),
        bundle: first.bundle,
        inputs_unchanged: 2,
        ..Pushed::default()
    };
    assert_eq!(again, expected);
}

#[tokio::test]
async fn what_is_gone_from_the_folder_is_gone_from_the_inputs_and_of_no_other_portfolio() {
    let (folder, objects) = (folder(), Objects::memory());
    let other = "inputs/harbor2/handoffs/jada.md";
    objects.replace(other, "theirs".into()).await.unwrap();
    push_to(&objects, folder.path(), None).await.unwrap();
    std::fs::remove_file(folder.path().join("handoffs/old.md")).unwrap();
    let date = Some("2026-11-19".parse().unwrap());
    let pushed = push_to(&objects, folder.path(), date).await.unwrap();
    assert_eq!(pushed.inputs_removed, ["inputs/harbor/handoffs/old.md"]);
    assert_eq!(
        pushed.inputs_written,
        ["inputs/harbor/handoffs/jada.md"],
        "the night's"
    );
    assert!(!pushed.pointer_moved, "inputs are no configuration");
    assert_eq!(
        objects.list("inputs").await.unwrap(),
        ["inputs/harbor/handoffs/jada.md", other]
    );
}

#[tokio::test]
async fn a_folder_with_errors_is_refused_and_nothing_is_uploaded() {
    let (folder, objects) = (folder(), Objects::memory());
    push_to(&objects, folder.path(), None).await.unwrap();
    let before = (current(&objects).await, objects.list("portfolios").await.unwrap());
    let path = folder.path().join("portfolio.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(
        &path,
        text.replacen("currency = \"USD\"", "currency = \"usd\"", 1),
    )
    .unwrap();
    let refused = push_to(&objects, folder.path(), None).await.unwrap_err();
    let errors = refused
        .downcast_ref::<ConfigErrors>()
        .expect("configuration errors");
    assert!(errors.problems.iter().any(|p| p.to_string().contains("USD")));
    assert_eq!(
        (current(&objects).await, objects.list("portfolios").await.unwrap()),
        before
    );
}
