//! What a source asks for: days by an index, a projection, one segment of several.

use aws_sdk_dynamodb::{
    Client,
    types::{
        AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
        Projection, ProjectionType, ScalarAttributeType,
    },
};
use collector::sources::{
    Collected,
    dynamodb::{
        live::Live,
        pages::{Pages, Split},
    },
};
use shared::{
    embedded::EmbeddedDynamo,
    facts::SourceState,
    objects::Objects,
    portfolio::{ReadFrom, TableQuery, TableSource},
};

use super::{NIGHT, column, read, rows, source};

/// Bookings by day, and of two kinds by time, under indexes with all attributes and with keys only.
pub(super) async fn bookings() -> Client {
    let client = EmbeddedDynamo::memory().unwrap().client();
    let mut request = client.create_table().table_name("bookings");
    for name in ["id", "day", "kind", "at"] {
        let attribute = AttributeDefinition::builder().attribute_name(name);
        let attribute = attribute.attribute_type(ScalarAttributeType::S).build();
        request = request.attribute_definitions(attribute.unwrap());
    }
    let key = |name: &str, kind| {
        KeySchemaElement::builder()
            .attribute_name(name)
            .key_type(kind)
            .build()
            .unwrap()
    };
    let index = |name: &str, keys: Vec<KeySchemaElement>, projection| {
        GlobalSecondaryIndex::builder()
            .index_name(name)
            .set_key_schema(Some(keys))
            .projection(Projection::builder().projection_type(projection).build())
            .build()
            .unwrap()
    };
    let by_kind = || vec![key("kind", KeyType::Hash), key("at", KeyType::Range)];
    request
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(key("id", KeyType::Hash))
        .global_secondary_indexes(index(
            "by-day",
            vec![key("day", KeyType::Hash)],
            ProjectionType::All,
        ))
        .global_secondary_indexes(index("by-kind", by_kind(), ProjectionType::All))
        .global_secondary_indexes(index("keys", by_kind(), ProjectionType::KeysOnly))
        .send()
        .await
        .unwrap();
    for (n, day) in ["17", "18", "19", "20", "21", "22"].into_iter().enumerate() {
        for kind in ["charter", "tour", "block"] {
            let text = |text: String| AttributeValue::S(text);
            let put = client.put_item().table_name("bookings");
            put.item("id", text(format!("{day}-{kind}")))
                .item("day", text(format!("2026-11-{day}")))
                .item("kind", text(kind.to_owned()))
                .item("at", text(format!("2026-11-{day}T23:59:5{n}Z")))
                .item("price", AttributeValue::N("10".into()))
                .send()
                .await
                .unwrap();
        }
    }
    client
}

async fn asked(client: &Client, query: TableQuery, project: &[&str]) -> (Objects, Collected) {
    let source = TableSource {
        from: ReadFrom::Query(query),
        project: project.iter().map(|name| (*name).to_owned()).collect(),
        ..source("bookings")
    };
    read(&source, &Live::new(client, &source, NIGHT)).await
}

fn by_day(days: i64, days_ahead: i64) -> TableQuery {
    TableQuery {
        index: "by-day".into(),
        date: "day".into(),
        partition: None,
        days,
        days_ahead,
    }
}

fn by_kind(index: &str, kinds: &[&str]) -> TableQuery {
    let kinds = kinds.iter().map(|kind| (*kind).to_owned()).collect();
    TableQuery {
        index: index.into(),
        date: "at".into(),
        partition: Some(("kind".into(), kinds)),
        days: 2,
        days_ahead: 1,
    }
}

#[tokio::test]
async fn the_items_of_some_days_are_asked_for_by_an_index_whose_key_is_the_day() {
    let (objects, collected) = asked(&bookings().await, by_day(3, 0), &[]).await;
    let ids = column(&rows(&objects, &collected).await, "id");
    let days = ["18", "19", "20"].iter();
    let expected: Vec<_> = days
        .flat_map(|d| ["block", "charter", "tour"].map(|k| Some(format!("{d}-{k}"))))
        .collect();
    assert_eq!(ids, expected);
    let (_, ahead) = asked(&bookings().await, by_day(1, 1), &[]).await;
    assert_eq!(ahead.rows(), 6, "the business date and the day after");
}

#[tokio::test]
async fn the_items_of_some_days_are_asked_for_by_kind_to_the_last_second_of_the_last_day() {
    let (objects, collected) = asked(&bookings().await, by_kind("by-kind", &["charter", "tour"]), &[]).await;
    let ids = column(&rows(&objects, &collected).await, "id");
    let expected: Vec<_> = [
        "19-charter",
        "19-tour",
        "20-charter",
        "20-tour",
        "21-charter",
        "21-tour",
    ]
    .map(|id| Some(id.to_owned()))
    .to_vec();
    assert_eq!(ids, expected);
}

#[tokio::test]
async fn a_local_run_has_no_indexes_and_brings_what_a_query_would() {
    let client = bookings().await;
    for (query, project) in [
        (by_day(3, 0), &[][..]),
        (by_kind("by-kind", &["charter", "tour"]), &[]),
        (by_kind("by-kind", &["charter"]), &["price"]),
    ] {
        let (_, asked) = asked(&client, query.clone(), project).await;
        let source = TableSource {
            from: ReadFrom::Query(query),
            project: project.iter().map(|name| (*name).to_owned()).collect(),
            ..source("bookings")
        };
        let (_, chosen) = read(&source, &Live::local(&client, &source, NIGHT)).await;
        assert_eq!(chosen, asked);
        assert!(chosen.rows() > 2);
    }
}

#[tokio::test]
async fn an_index_that_lacks_attributes_is_refused_unless_those_wanted_are_named() {
    let client = bookings().await;
    let (_, refused) = asked(&client, by_kind("keys", &["charter"]), &[]).await;
    assert_eq!(refused.state, SourceState::Failed);
    assert!(refused.failure().unwrap().contains("`project`"));
    let (_, named) = asked(&client, by_kind("keys", &["charter"]), &["at"]).await;
    assert_eq!(named.tables[0].columns, ["at", "id"]);
    let (_, missing) = asked(&client, by_kind("by-nothing", &["charter"]), &[]).await;
    assert!(missing.failure().unwrap().contains("no index \"by-nothing\""));
    let swapped = TableQuery {
        date: "kind".into(),
        ..by_day(1, 0)
    };
    let (_, swapped) = asked(&client, swapped, &[]).await;
    assert!(
        swapped
            .failure()
            .unwrap()
            .contains("\"kind\" is not the partition key")
    );
}

#[tokio::test]
async fn a_projection_brings_its_attributes_and_the_key_and_no_others() {
    let client = bookings().await;
    let source = TableSource {
        project: vec!["price".into(), "nowhere".into()],
        attributes: vec!["price".into(), "nowhere".into()],
        ..source("bookings")
    };
    let (_, collected) = read(&source, &Live::new(&client, &source, NIGHT)).await;
    assert_eq!(
        (collected.rows(), &collected.tables[0].columns[..]),
        (18, &["id", "nowhere", "price"].map(String::from)[..])
    );
}

#[tokio::test]
async fn the_segments_of_a_parallel_scan_are_the_table_each_item_once() {
    let client = bookings().await;
    let source = source("bookings");
    let live = Live::new(&client, &source, NIGHT);
    let mut ids = Vec::new();
    for number in 0..5 {
        let page = live.page(&Split::Segment { number, of: 5 }, None).await.unwrap();
        assert!(page.units.is_some(), "what a page consumes is asked for");
        ids.extend(page.items.iter().map(|item| item["id"].as_s().unwrap().clone()));
    }
    ids.sort();
    let all = ids.len();
    ids.dedup();
    assert_eq!((all, ids.len()), (18, 18));
}
