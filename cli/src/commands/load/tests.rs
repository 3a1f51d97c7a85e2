use std::path::Path;

use shared::embedded::EmbeddedDynamo;

use super::*;

/// A portfolio with two tables, of which one has a file, and a night with other rows.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let example = shared::portfolio::EXAMPLE;
    write("portfolio.toml", example);
    let table = example
        .split("table = \"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    assert_eq!(table, Some("jada-calendar"), "the example's first table");
    let lines: String = (0..60)
        .map(|n| format!("{{\"id\":\"b{n}\",\"gross\":{n}}}\n"))
        .collect();
    write("tables/jada-calendar.ndjson", &lines);
    write(
        "nights/2026-11-19/tables/jada-calendar.ndjson",
        "{\"id\":\"b0\",\"gross\":7}\n",
    );
    folder
}

fn args(folder: &Path, date: Option<&str>, keep_others: bool) -> LoadArgs {
    LoadArgs {
        portfolio: folder.to_owned(),
        date: date.map(|date| date.parse().unwrap()),
        yes_into_aws: false,
        keep_others,
    }
}

async fn ids(client: &Client) -> usize {
    scan(client, "jada-calendar", &[]).await.unwrap().len()
}

#[tokio::test]
async fn tables_are_made_and_filled_and_again_is_no_harm() {
    let (folder, target) = (folder(), EmbeddedDynamo::memory().unwrap().client());
    for created in [true, false] {
        let loaded = load_into(&target, &args(folder.path(), None, false), true)
            .await
            .unwrap();
        let expected = Loaded {
            table: "jada-calendar".to_owned(),
            created,
            items: 60,
        };
        assert_eq!(loaded, [expected], "a table without a file is not made");
        assert_eq!(ids(&target).await, 60);
    }
}

#[tokio::test]
async fn a_table_with_other_items_is_left_alone_unless_they_may_stay() {
    let (folder, target) = (folder(), EmbeddedDynamo::memory().unwrap().client());
    load_into(&target, &args(folder.path(), None, false), true)
        .await
        .unwrap();
    let night = |keep| args(folder.path(), Some("2026-11-19"), keep);
    let refused = load_into(&target, &night(false), true)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("59 items") && refused.contains("--keep-others"),
        "{refused}"
    );
    load_into(&target, &night(true), true).await.unwrap();
    assert_eq!(ids(&target).await, 60);
    let all = scan(&target, "jada-calendar", &[]).await.unwrap();
    let b0 = all
        .iter()
        .find(|item| item["id"] == AttributeValue::S("b0".to_owned()));
    assert_eq!(
        b0.unwrap()["gross"],
        AttributeValue::N("7".to_owned()),
        "the night's"
    );
}

#[tokio::test]
async fn a_table_of_another_key_is_refused() {
    let (folder, target) = (folder(), EmbeddedDynamo::memory().unwrap());
    target
        .read_ndjson("jada-calendar", "{\"PK\":\"a\",\"SK\":\"b\"}".as_bytes())
        .unwrap();
    let loaded = load_into(&target.client(), &args(folder.path(), None, true), true).await;
    let refused = loaded.unwrap_err().to_string();
    assert!(
        refused.contains("key PK, SK there, and id in the file"),
        "{refused}"
    );
}

#[test]
fn only_an_endpoint_on_this_machine_is_local() {
    let endpoint = |url: &'static str| is_local(|name| (name == "AWS_ENDPOINT_URL").then(|| url.to_owned()));
    for local in [
        "http://127.0.0.1:4566",
        "http://localhost:8000/",
        "http://[::1]:80",
    ] {
        assert!(endpoint(local), "{local}");
    }
    for other in [
        "",
        "https://dynamodb.us-east-1.amazonaws.com",
        "http://127.0.0.1.example.com:80",
        "http://localhost@example.com",
    ] {
        assert!(!endpoint(other), "{other}");
    }
    assert!(!is_local(|_| None));
    let both = |name: &str| match name {
        "AWS_ENDPOINT_URL" => Some("http://127.0.0.1:4566".to_owned()),
        _ => Some("https://dynamodb.us-east-1.amazonaws.com".to_owned()),
    };
    assert!(
        !is_local(both),
        "the service's own endpoint is the one that counts"
    );
}
