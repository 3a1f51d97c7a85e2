use super::*;

async fn scan(
    dynamo: &EmbeddedDynamo,
    table: &str,
) -> Vec<std::collections::HashMap<String, aws_sdk_dynamodb::types::AttributeValue>> {
    let pages = dynamo
        .client()
        .scan()
        .table_name(table)
        .into_paginator()
        .items()
        .send();
    pages.try_collect().await.unwrap()
}

fn dynamo() -> EmbeddedDynamo {
    EmbeddedDynamo::memory().unwrap()
}

#[tokio::test]
async fn items_keyed_by_id_come_back_through_the_client_in_pages() {
    let dynamo = dynamo();
    let note = "x".repeat(1_000);
    let lines: String = (0..3_000)
        .map(|n| format!("{{\"id\":\"r{n}\",\"note\":\"{note}\"}}\n"))
        .collect();
    assert_eq!(dynamo.read_ndjson("bookings", lines.as_bytes()).unwrap(), 3_000);
    let page = dynamo
        .client()
        .scan()
        .table_name("bookings")
        .send()
        .await
        .unwrap();
    assert!(page.last_evaluated_key().is_some(), "3 MB do not fit one page");
    assert_eq!(scan(&dynamo, "bookings").await.len(), 3_000);
}

#[tokio::test]
async fn a_single_table_design_is_keyed_by_pk_and_sk() {
    let dynamo = dynamo();
    let lines = "{\"PK\":\"GUEST#1\",\"SK\":\"PROFILE\",\"id\":\"1\"}\n\n{\"PK\":\"GUEST#1\",\"SK\":\"STAY#1\",\"id\":\"1\"}\n";
    assert_eq!(dynamo.read_ndjson("guests", lines.as_bytes()).unwrap(), 2);
    assert_eq!(scan(&dynamo, "guests").await.len(), 2);
}

#[tokio::test]
async fn csv_rows_are_strings_as_they_stand_under_a_made_up_key() {
    let dynamo = dynamo();
    let csv = "id,adr,note\n1,0098.50,\"a, b\"\n1,,\n";
    assert_eq!(dynamo.read_csv("stays", csv.as_bytes()).unwrap(), 2);
    let mut rows = scan(&dynamo, "stays").await;
    rows.sort_by_key(|row| row[ROW].as_s().unwrap().clone());
    assert_eq!(rows[0][ROW].as_s().unwrap(), "000000001");
    assert_eq!(rows[0]["adr"].as_s().unwrap(), "0098.50");
    assert_eq!(rows[0]["note"].as_s().unwrap(), "a, b");
    assert_eq!(rows[1]["adr"].as_s().unwrap(), "");
}

#[test]
fn an_item_that_the_table_cannot_hold_is_named_with_its_line() {
    let cases = [
        (
            "{\"id\":\"a\"}\n{\"id\":\"a\"}\n",
            "table jobs, line 2: the key \"a\" was used by an earlier line",
        ),
        (
            "{\"id\":\"a\"}\n\n{\"no\":1}\n",
            "table jobs, line 3: the item has no id, which is the table's key",
        ),
        (
            "{\"id\":\"a\"}\n{\"id\":7}\n",
            "table jobs, line 2: id is the table's key and must be a non-empty S",
        ),
        (
            "{\"id\":\"a\"}\n{oops\n",
            "table jobs, line 2: no JSON: key must be a string at line 1 column 2",
        ),
    ];
    for (lines, expected) in cases {
        assert_eq!(
            dynamo()
                .read_ndjson("jobs", lines.as_bytes())
                .unwrap_err()
                .to_string(),
            expected
        );
    }
    let ragged = dynamo().read_csv("jobs", "a,b\n1,2\n1\n".as_bytes()).unwrap_err();
    assert!(ragged.to_string().starts_with("table jobs, line 3: "), "{ragged}");
}

#[tokio::test]
async fn an_empty_file_is_an_empty_table_and_loading_again_replaces() {
    let dynamo = dynamo();
    assert_eq!(
        dynamo
            .read_ndjson("leads", "{\"id\":\"a\"}\n".as_bytes())
            .unwrap(),
        1
    );
    assert_eq!(dynamo.read_ndjson("leads", "".as_bytes()).unwrap(), 0);
    assert!(scan(&dynamo, "leads").await.is_empty());
}

#[tokio::test]
async fn a_missing_table_is_the_sdks_own_error() {
    let error = dynamo()
        .client()
        .scan()
        .table_name("nowhere")
        .send()
        .await
        .unwrap_err();
    assert!(
        error
            .as_service_error()
            .unwrap()
            .is_resource_not_found_exception()
    );
}

#[tokio::test]
async fn a_failed_condition_carries_the_old_item() {
    use aws_sdk_dynamodb::types::{AttributeValue as Sdk, ReturnValuesOnConditionCheckFailure};
    let dynamo = dynamo();
    dynamo
        .read_ndjson("jobs", "{\"id\":\"a\",\"state\":\"QUEUED\"}\n".as_bytes())
        .unwrap();
    let error = dynamo
        .client()
        .update_item()
        .table_name("jobs")
        .key("id", Sdk::S("a".into()))
        .update_expression("SET #s = :sending")
        .condition_expression("#s = :sending")
        .expression_attribute_names("#s", "state")
        .expression_attribute_values(":sending", Sdk::S("SENDING".into()))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .send()
        .await
        .unwrap_err();
    use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
    let Some(UpdateItemError::ConditionalCheckFailedException(failed)) = error.as_service_error() else {
        panic!("{error:?}")
    };
    assert_eq!(failed.item().unwrap()["state"].as_s().unwrap(), "QUEUED");
}

#[tokio::test]
async fn a_file_keeps_its_items_between_processes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    EmbeddedDynamo::file(&path)
        .unwrap()
        .read_ndjson("jobs", "{\"id\":\"a\"}\n".as_bytes())
        .unwrap();
    assert_eq!(scan(&EmbeddedDynamo::file(&path).unwrap(), "jobs").await.len(), 1);
}

#[tokio::test]
async fn tables_spread_over_databases_are_found_and_what_asks_for_several_is_refused() {
    let dynamo = EmbeddedDynamo::memory_for_tables(4).unwrap();
    let names: Vec<String> = (0..12).map(|n| format!("table-{n}")).collect();
    for (n, name) in names.iter().enumerate() {
        let lines: String = (0..=n).map(|item| format!("{{\"id\":\"{item}\"}}\n")).collect();
        dynamo.read_ndjson(name, lines.as_bytes()).unwrap();
    }
    for (n, name) in names.iter().enumerate() {
        assert_eq!(scan(&dynamo, name).await.len(), n + 1, "{name}");
    }
    let missing = dynamo.client().describe_table().table_name("none").send().await;
    assert!(
        missing
            .unwrap_err()
            .into_service_error()
            .is_resource_not_found_exception()
    );
    // A part of the tables would pass for all of them.
    let all = dynamo.client().list_tables().send().await.unwrap_err();
    assert_eq!(all.raw_response().unwrap().status().as_u16(), 501);
    assert!(self::dynamo().client().list_tables().send().await.is_ok());
}
